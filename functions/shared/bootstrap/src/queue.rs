//! Runs a handler over a queue's batches: what fails goes back to the queue, alone.

use std::future::Future;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{LambdaEvent, service_fn};
use serde::de::DeserializeOwned;

use crate::chain;

/// Serves the queue until the process ends.
///
/// # Errors
/// When the runtime itself fails.
pub async fn run_queue<C, F, Fut, E>(work: F) -> Result<(), lambda_runtime::Error>
where
    C: DeserializeOwned,
    F: Fn(C) -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: std::error::Error + 'static,
{
    let work = &work;
    lambda_runtime::run(service_fn(move |event: LambdaEvent<SqsEvent>| async move {
        Ok::<_, lambda_runtime::Error>(batch(event.payload, work).await)
    }))
    .await
}

/// Works through one batch and names the messages that must come again. After the queue's last attempt they lie in its
/// dead-letter queue, so nothing is dropped here, whatever the error.
pub async fn batch<C, F, Fut, E>(event: SqsEvent, work: F) -> SqsBatchResponse
where
    C: DeserializeOwned,
    F: Fn(C) -> Fut,
    Fut: Future<Output = Result<(), E>>,
    E: std::error::Error + 'static,
{
    let mut response = SqsBatchResponse::default();
    for record in event.records {
        let id = record.message_id.unwrap_or_default();
        let failure = match serde_json::from_str(&record.body.unwrap_or_default()) {
            Ok(command) => work(command).await.err().map(|error| chain(&error)),
            // The text of the error would quote the message.
            Err(error) => {
                Some(format!("the message is no command: {:?} at column {}", error.classify(), error.column()))
            }
        };
        if let Some(error) = failure {
            tracing::error!(message.id = id, error, "message goes back to the queue");
            response.add_failure(id);
        }
    }
    response
}
