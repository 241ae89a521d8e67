//! The resident's page: choose a way, read the notice, refuse electronic mail.

use bootstrap::{Environment, Error, SettingsFeed, SystemClock, SystemEntropy};
use select_preference::{App, Config, router};
use store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    bootstrap::tracing();
    let config = Config::read(&Environment::of_process())?;
    let aws = bootstrap::aws().await;
    let residents = Table::new(aws_sdk_dynamodb::Client::new(&aws), config.table);
    let settings = SettingsFeed::connect(&aws, &config.settings_parameter, SystemClock);
    lambda_http::run(router(App::new(residents, settings, SystemClock, SystemEntropy))).await
}
