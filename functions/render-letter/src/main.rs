//! Makes the office's letters: works through the letter queue.

use bootstrap::{Environment, SettingsFeed, SystemClock, SystemEntropy};
use letters::Shelf;
use render_letter::{Config, Maker};
use store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), bootstrap::Error> {
    bootstrap::tracing();
    let config = Config::read(&Environment::of_process())?;
    let aws = bootstrap::aws().await;
    let table = Table::new(aws_sdk_dynamodb::Client::new(&aws), config.table);
    let settings = SettingsFeed::connect(&aws, &config.settings_parameter, SystemClock);
    let letters = Shelf::new(aws_sdk_s3::Client::new(&aws), config.letter_bucket);
    let maker = Maker::new(table, settings, letters, SystemClock, SystemEntropy, config.public_url);
    // Boxed: the futures of the AWS clients nest deeper than the compiler lays out in one piece.
    bootstrap::run_queue(|rendering| Box::pin(maker.make(rendering))).await
}
