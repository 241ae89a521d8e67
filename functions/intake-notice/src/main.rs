//! `/v1/notices`: the office hands notices in, reads them and cancels them.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use bootstrap::{Environment, SettingsFeed, SystemClock, SystemEntropy};
use intake_notice::{Config, Intake, router};
use store::{RecipientKey, Table};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), bootstrap::Error> {
    bootstrap::tracing();
    let config = Config::read(&Environment::of_process())?;
    let aws = bootstrap::aws().await;
    let intake = Intake {
        table: Table::new(Client::new(&aws), config.table),
        settings: SettingsFeed::connect(&aws, &config.settings_parameter, SystemClock),
        recipient_key: RecipientKey::new(&bootstrap::secret(&aws, &config.recipient_key_secret).await?),
        clock: SystemClock,
        entropy: SystemEntropy,
    };
    lambda_http::run(router(Arc::new(intake))).await
}
