//! Looks every five minutes for what has waited long enough.

use bootstrap::{Environment, SettingsFeed, SystemClock};
use lambda_runtime::service_fn;
use store::Table;
use watch_deadlines::{Config, Watch, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), bootstrap::Error> {
    bootstrap::tracing();
    let config = Config::read(&Environment::of_process())?;
    let aws = bootstrap::aws().await;
    let table = Table::new(aws_sdk_dynamodb::Client::new(&aws), config.table);
    let settings = SettingsFeed::connect(&aws, &config.settings_parameter, SystemClock);
    let watch = &Watch::new(table, settings, SystemClock);
    // Boxed: the futures of the AWS clients nest deeper than the compiler lays out in one piece.
    lambda_runtime::run(service_fn(move |event| Box::pin(handle(watch, event)))).await
}
