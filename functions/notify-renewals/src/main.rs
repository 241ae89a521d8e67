//! Permits that run out: kept over HTTP, and looked through every morning for holders to remind.

use bootstrap::{Environment, SettingsFeed, SystemClock};
use lambda_runtime::service_fn;
use notify_renewals::{Config, Renewals, handle};
use store::{RecipientKey, Table};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), bootstrap::Error> {
    bootstrap::tracing();
    let config = Config::read(&Environment::of_process())?;
    let aws = bootstrap::aws().await;
    let renewals = &Renewals {
        table: Table::new(aws_sdk_dynamodb::Client::new(&aws), config.table),
        settings: SettingsFeed::connect(&aws, &config.settings_parameter, SystemClock),
        recipient_key: RecipientKey::new(&bootstrap::secret(&aws, &config.recipient_key_secret).await?),
        clock: SystemClock,
    };
    // Boxed: the futures of the AWS clients nest deeper than the compiler lays out in one piece.
    lambda_runtime::run(service_fn(move |event| Box::pin(handle(renewals, event)))).await
}
