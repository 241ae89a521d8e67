//! Files that residents hand in are looked into, and searched for malicious code, before anybody gets them.

use bootstrap::{Environment, SettingsFeed, SystemClock};
use check_submission::{Checks, Config, Message};
use store::Table;
use uploads::Submissions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), bootstrap::Error> {
    bootstrap::tracing();
    let config = Config::read(&Environment::of_process())?;
    let aws = bootstrap::aws().await;
    let checks = Checks {
        table: Table::new(aws_sdk_dynamodb::Client::new(&aws), config.table),
        files: Submissions::new(&aws, config.submission_bucket),
        settings: SettingsFeed::connect(&aws, &config.settings_parameter, SystemClock),
        clock: SystemClock,
    };
    let checks = &checks;
    bootstrap::run_queue(|message: Message| checks.take(message)).await
}
