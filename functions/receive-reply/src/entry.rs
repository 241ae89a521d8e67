//! The two doors: an HTTP request, or a notification of the inbound topic.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::sns::SnsEvent;
use bootstrap::{ReadSettings, chain};
use domain::ports::{Clock, Entropy};
use lambda_runtime::LambdaEvent;
use serde_json::Value;

use crate::inbound::TwoWay;
use crate::webhook::receive_webhook;
use crate::{KeepReplies, Receiver, Unreceived};

/// A notification that could not be taken in: the topic delivers it again, and keeps it after its last attempt.
#[derive(Debug, thiserror::Error)]
enum NotTakenIn {
    // The sources' own texts could quote the resident.
    #[error("the notification has an unknown shape at column {0}")]
    UnknownShape(usize),
    #[error("the inbound message has no usable id")]
    Nameless(#[from] domain::InvalidId),
    #[error("the text could not be kept")]
    Unreceived(#[from] Unreceived),
}

/// Handles whatever event comes.
///
/// # Errors
/// When a notification could not be taken in; a request always gets an answer.
pub async fn handle<T: KeepReplies, S: ReadSettings, C: Clock, E: Entropy>(
    receiver: &Receiver<T, S, C, E>,
    secret: &str,
    event: LambdaEvent<Value>,
) -> Result<Value, bootstrap::Error> {
    if event.payload.get("Records").is_some() {
        let taken_in = receive_notification(receiver, event.payload).await;
        taken_in.inspect_err(|error| tracing::error!(error = chain(error), "a notification was not taken in"))?;
        return Ok(Value::Null);
    }
    let request: ApiGatewayV2httpRequest = serde_json::from_value(event.payload)?;
    Ok(serde_json::to_value(receive_webhook(receiver, secret, request).await)?)
}

async fn receive_notification<T: KeepReplies, S: ReadSettings, C: Clock, E: Entropy>(
    receiver: &Receiver<T, S, C, E>,
    event: Value,
) -> Result<(), NotTakenIn> {
    let unknown = |error: serde_json::Error| NotTakenIn::UnknownShape(error.column());
    let event: SnsEvent = serde_json::from_value(event).map_err(unknown)?;
    for record in event.records {
        let text: TwoWay = serde_json::from_str(&record.sns.message).map_err(unknown)?;
        receiver.receive(text.into_inbound()?).await?;
    }
    Ok(())
}
