//! A Lambda that only writes the transactions it is handed, by the client the functions use, and tells how long that took.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::TransactWriteItem;
use floor::transaction;
use futures_util::{StreamExt, TryStreamExt, stream};
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::{Value, json};

/// Transactions that are read together before they are written, so that reading does not count.
const TOGETHER: usize = 40;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), bootstrap::Error> {
    bootstrap::tracing();
    let client = &Client::new(&bootstrap::aws().await);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        let took = match event.payload["replay"].as_str() {
            Some(file) => replay(client, file, &event.payload).await?,
            None => write(client, vec![read(&event.payload)?], 1).await?,
        };
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        Ok::<_, bootstrap::Error>(json!({ "statusCode": 200, "micros": micros }))
    }))
    .await
}

/// Writes a file of transactions, one a line, so many at once.
async fn replay(client: &Client, file: &str, event: &Value) -> Result<Duration, bootstrap::Error> {
    let at_once = event["at_once"].as_u64().and_then(|at_once| usize::try_from(at_once).ok()).unwrap_or(1);
    let lines = std::fs::read_to_string(file)?;
    let lines: Vec<&str> = lines.lines().collect();
    let mut took = Duration::ZERO;
    for lines in lines.chunks(TOGETHER) {
        let transactions = lines.iter().map(|line| read(&serde_json::from_str(line)?));
        took += write(client, transactions.collect::<Result<_, _>>()?, at_once).await?;
    }
    Ok(took)
}

fn read(request: &Value) -> Result<Vec<TransactWriteItem>, bootstrap::Error> {
    transaction(request["TransactItems"].as_array().ok_or("no transaction")?)
}

async fn write(
    client: &Client,
    transactions: Vec<Vec<TransactWriteItem>>,
    at_once: usize,
) -> Result<Duration, bootstrap::Error> {
    let began = Instant::now();
    let sent =
        transactions.into_iter().map(|writes| client.transact_write_items().set_transact_items(Some(writes)).send());
    stream::iter(sent).buffer_unordered(at_once).try_collect::<Vec<_>>().await?;
    Ok(began.elapsed())
}
