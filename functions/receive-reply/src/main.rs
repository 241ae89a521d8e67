//! Texts from residents, by a gateway's webhook or by AWS two-way SMS.

use aws_sdk_dynamodb::Client;
use bootstrap::{Environment, SettingsFeed, SystemClock, SystemEntropy};
use lambda_runtime::service_fn;
use receive_reply::{Config, Receiver, handle};
use store::{RecipientKey, Table};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), bootstrap::Error> {
    bootstrap::tracing();
    let config = Config::read(&Environment::of_process())?;
    let aws = bootstrap::aws().await;
    let receiver = Receiver {
        table: Table::new(Client::new(&aws), config.table),
        settings: SettingsFeed::connect(&aws, &config.settings_parameter, SystemClock),
        recipient_key: RecipientKey::new(&bootstrap::secret(&aws, &config.recipient_key_secret).await?),
        clock: SystemClock,
        entropy: SystemEntropy,
    };
    let secret = bootstrap::secret(&aws, &config.webhook_secret).await?;
    let (receiver, secret) = (&receiver, &secret);
    lambda_runtime::run(service_fn(move |event| handle(receiver, secret, event))).await
}
