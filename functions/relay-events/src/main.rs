//! The table's stream of events, turned into work for the senders.

use bootstrap::Environment;
use lambda_runtime::service_fn;
use relay_events::{Config, Queues, Relay};
use store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), bootstrap::Error> {
    bootstrap::tracing();
    let config = Config::read(&Environment::of_process())?;
    let aws = bootstrap::aws().await;
    let table = Table::new(aws_sdk_dynamodb::Client::new(&aws), config.table);
    let queues = Queues {
        client: aws_sdk_sqs::Client::new(&aws),
        sms: config.sms_queue_url,
        email: config.email_queue_url,
        letter: config.letter_queue_url,
    };
    let relay = &Relay::new(table, queues);
    lambda_runtime::run(service_fn(move |event| async move { Ok::<_, bootstrap::Error>(relay.batch(event).await) }))
        .await
}
