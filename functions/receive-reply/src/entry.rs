//! The three doors: an HTTP request, a notification of the inbound topic, or the schedule that has a gateway asked.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::sns::SnsEvent;
use bootstrap::{ReadSettings, chain};
use domain::ports::{Clock, Entropy};
use lambda_runtime::LambdaEvent;
use serde_json::Value;

use crate::inbound::Carried;
use crate::{Gateways, HandOn, KeepReplies, TakeMedia, Unreceived};

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

impl<T: KeepReplies, S: ReadSettings, C: Clock, E: Entropy, M: TakeMedia, H: HandOn> Gateways<T, S, C, E, M, H> {
    /// Handles whatever event comes.
    ///
    /// # Errors
    /// When a notification could not be taken in; a request always gets an answer, and the schedule's next run makes up
    /// for what this one could not do.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, bootstrap::Error> {
        if event.payload.get("Records").is_some() {
            let taken_in = self.notified(event.payload).await;
            taken_in.inspect_err(|error| tracing::error!(error = chain(error), "a notification was not taken in"))?;
            return Ok(Value::Null);
        }
        if event.payload.get("poll") == Some(&Value::Bool(true)) {
            return Ok(serde_json::to_value(self.poll().await)?);
        }
        let request: ApiGatewayV2httpRequest = serde_json::from_value(event.payload)?;
        Ok(serde_json::to_value(self.webhook(request).await)?)
    }

    async fn notified(&self, event: Value) -> Result<(), NotTakenIn> {
        let unknown = |error: serde_json::Error| NotTakenIn::UnknownShape(error.column());
        let event: SnsEvent = serde_json::from_value(event).map_err(unknown)?;
        for record in event.records {
            match serde_json::from_str(&record.sns.message).map_err(unknown)? {
                Carried::TwoWay(text) => drop(self.take_in(text.into_inbound()?).await?),
                Carried::Fetched(text) => drop(self.take_in(text).await?),
                Carried::Awaited(files) => self.take_awaited(files).await?,
            }
        }
        Ok(())
    }
}
