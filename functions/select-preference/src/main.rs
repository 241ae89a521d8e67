//! The resident's page: choose a way, read the notice, choose for those to come, refuse electronic mail.

use bootstrap::{Environment, Error, SettingsFeed, SystemClock, SystemEntropy};
use letters::Shelf;
use select_preference::{App, Buckets, Config, router};
use store::Table;
use uploads::Submissions;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    bootstrap::tracing();
    let config = Config::read(&Environment::of_process())?;
    let aws = bootstrap::aws().await;
    let residents = Table::new(aws_sdk_dynamodb::Client::new(&aws), config.table);
    let settings = SettingsFeed::connect(&aws, &config.settings_parameter, SystemClock);
    let files = Buckets {
        letters: Shelf::new(aws_sdk_s3::Client::new(&aws), config.letter_bucket),
        submissions: Submissions::new(&aws, config.submission_bucket),
    };
    lambda_http::run(router(App::new(residents, settings, files, config.public_url, SystemClock, SystemEntropy))).await
}
