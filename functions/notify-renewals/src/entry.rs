//! The doors: the schedule that says it is morning, and HTTP requests.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use domain::ports::Clock;
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::LambdaEvent;
use serde_json::Value;

use crate::{FindRenewals, KeepPermits, ReadSettings, Renewals, Report, TakeIn, api};

/// No permit is begun in the last seconds: what one takes are three or four calls to the table.
const MARGIN: SignedDuration = SignedDuration::from_secs(20);

/// A run that left something undone: it must come again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("something that was due is left: {0:?}")]
pub struct Incomplete(pub Report);

/// Handles whatever event comes.
///
/// # Errors
/// When a run left something undone: Lambda starts it again within minutes, and the next morning it is due still. A
/// request always gets an answer.
pub async fn handle<T, S, C>(renewals: &Renewals<T, S, C>, event: LambdaEvent<Value>) -> Result<Value, bootstrap::Error>
where
    T: FindRenewals + KeepPermits + TakeIn,
    S: ReadSettings,
    C: Clock,
{
    let payload = event.payload;
    if payload.get("remind").is_some() {
        let deadline = i64::try_from(event.context.deadline).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
        let report = renewals.run(deadline.unwrap_or(Timestamp::MAX) - MARGIN).await;
        report.count(&renewals.clock);
        return if report.is_complete() { Ok(serde_json::to_value(report)?) } else { Err(Incomplete(report).into()) };
    }
    let request: ApiGatewayV2httpRequest = serde_json::from_value(payload)?;
    Ok(serde_json::to_value(api::respond(renewals, &request).await)?)
}
