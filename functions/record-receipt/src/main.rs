//! What became of messages: SES events, SMS status logs, a gateway's webhook.

use aws_sdk_dynamodb::Client;
use bootstrap::{Environment, SystemClock};
use lambda_runtime::service_fn;
use record_receipt::{Config, Recorder, handle};
use store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), bootstrap::Error> {
    bootstrap::tracing();
    let config = Config::read(&Environment::of_process())?;
    let aws = bootstrap::aws().await;
    let recorder = Recorder { store: Table::new(Client::new(&aws), config.table), clock: SystemClock };
    let secret = bootstrap::secret(&aws, &config.webhook_secret).await?;
    let (recorder, secret) = (&recorder, &secret);
    lambda_runtime::run(service_fn(move |event| handle(recorder, secret, event))).await
}
