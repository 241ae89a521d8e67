//! The print run: opened by schedule or on order, printed by way of a queue, told and fetched over HTTP.

use std::time::Duration;

use bootstrap::{Environment, SystemClock};
use lambda_runtime::service_fn;
use letters::Shelf;
use post_letters::{Config, LETTERS_PER_RUN, Orders, Printer, handle};
use store::Table;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), bootstrap::Error> {
    bootstrap::tracing();
    let config = Config::read(&Environment::of_process())?;
    let aws = bootstrap::aws().await;
    let printer = Printer {
        runs: Table::new(aws_sdk_dynamodb::Client::new(&aws), config.table),
        files: Shelf::for_large_files(&aws, config.letter_bucket, Duration::from_mins(1)),
        orders: Orders { client: aws_sdk_sqs::Client::new(&aws), queue: config.print_queue_url },
        clock: SystemClock,
        letters_per_run: LETTERS_PER_RUN,
    };
    let printer = &printer;
    // Boxed: the futures of the AWS clients nest deeper than the compiler lays out in one piece.
    lambda_runtime::run(service_fn(move |event| Box::pin(handle(printer, event)))).await
}
