//! `/v1/stats`: the office sees what became of its notices, and what that saved; and the papers residents handed in.

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use bootstrap::{Environment, SettingsFeed, SystemClock, SystemEntropy};
use letters::Shelf;
use staff_console::{Config, Console, Desk, Papers, conversations, papers, router};
use store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), bootstrap::Error> {
    bootstrap::tracing();
    let config = Config::read(&Environment::of_process())?;
    let aws = bootstrap::aws().await;
    let table = Table::new(Client::new(&aws), config.table);
    let submitted = Papers {
        table: table.clone(),
        files: Shelf::new(aws_sdk_s3::Client::new(&aws), config.submission_bucket),
        clock: Box::new(SystemClock),
    };
    let desk = Desk {
        table: table.clone(),
        settings: SettingsFeed::connect(&aws, &config.settings_parameter, SystemClock),
        clock: Box::new(SystemClock),
        entropy: Box::new(SystemEntropy),
    };
    let console = Console {
        numbers: table,
        settings: SettingsFeed::connect(&aws, &config.settings_parameter, SystemClock),
        clock: Box::new(SystemClock),
    };
    let routes = router(Arc::new(console)).merge(papers(Arc::new(submitted)));
    lambda_http::run(routes.merge(conversations(Arc::new(desk)))).await
}
