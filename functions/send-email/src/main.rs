//! Sends the office's e-mails: works through the e-mail queue.

use bootstrap::{Environment, SettingsFeed, SystemClock, SystemEntropy};
use channels::{Dispatch, Ses};
use letters::Shelf;
use send_email::{Config, SendMails};
use store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), bootstrap::Error> {
    bootstrap::tracing();
    let config = Config::read(&Environment::of_process())?;
    let from = config.sender()?;
    let aws = bootstrap::aws().await;
    let table = Table::new(aws_sdk_dynamodb::Client::new(&aws), config.table);
    let settings = SettingsFeed::connect(&aws, &config.settings_parameter, SystemClock);
    let dispatch = Dispatch::new(table, settings, SystemClock, SystemEntropy, config.public_url);
    let letters = Shelf::new(aws_sdk_s3::Client::new(&aws), config.letter_bucket);
    let mails = SendMails::new(dispatch, letters, Ses::new(&aws, from, config.configuration_set));
    // Boxed: the futures of the AWS clients nest deeper than the compiler lays out in one piece.
    bootstrap::run_queue(|command| Box::pin(mails.send(command))).await
}
