//! Sends the office's texts: works through the SMS queue.

use bootstrap::{Environment, SettingsFeed, SystemClock, SystemEntropy};
use channels::{Dispatch, Sns};
use send_sms::{Config, SendTexts};
use store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), bootstrap::Error> {
    bootstrap::tracing();
    let config = Config::read(&Environment::of_process())?;
    let aws = bootstrap::aws().await;
    let table = Table::new(aws_sdk_dynamodb::Client::new(&aws), config.table);
    let settings = SettingsFeed::connect(&aws, &config.settings_parameter, SystemClock);
    let dispatch = Dispatch::new(table, settings, SystemClock, SystemEntropy, config.public_url);
    let texts = SendTexts::new(dispatch, Sns::new(&aws));
    // Boxed: the futures of the AWS clients nest deeper than the compiler lays out in one piece.
    bootstrap::run_queue(|command| Box::pin(texts.send(command))).await
}
