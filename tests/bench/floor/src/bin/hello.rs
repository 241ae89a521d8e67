//! A Lambda that does nothing: how fast any Rust function can start and answer here.

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let hello = |_: LambdaEvent<Value>| async { Ok::<_, lambda_runtime::Error>(json!({ "statusCode": 200 })) };
    lambda_runtime::run(service_fn(hello)).await
}
