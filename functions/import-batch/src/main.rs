//! `/v1/batches`: files of many notices, uploaded to a bucket and imported by way of a queue.

use std::time::Duration;

use bootstrap::{Environment, SettingsFeed, SystemClock, SystemEntropy};
use import_batch::{Config, Importer, Orders, handle};
use lambda_runtime::service_fn;
use letters::Shelf;
use store::{RecipientKey, Table};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), bootstrap::Error> {
    bootstrap::tracing();
    let config = Config::read(&Environment::of_process())?;
    let aws = bootstrap::aws().await;
    let importer = Importer {
        table: Table::new(aws_sdk_dynamodb::Client::new(&aws), config.table),
        files: Shelf::for_large_files(&aws, config.batch_bucket, Duration::from_mins(1)),
        orders: Orders { client: aws_sdk_sqs::Client::new(&aws), queue: config.import_queue_url },
        settings: SettingsFeed::connect(&aws, &config.settings_parameter, SystemClock),
        recipient_key: RecipientKey::new(&bootstrap::secret(&aws, &config.recipient_key_secret).await?),
        public_url: config.public_url,
        clock: SystemClock,
        entropy: SystemEntropy,
    };
    let importer = &importer;
    // Boxed: the futures of the AWS clients nest deeper than the compiler lays out in one piece.
    lambda_runtime::run(service_fn(move |event| Box::pin(handle(importer, event)))).await
}
