//! The doors: the queue of runs to print, the schedule that opens the day's run, and HTTP requests.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::sqs::SqsEvent;
use bootstrap::chain;
use domain::ports::Clock;
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::LambdaEvent;
use letters::{FetchLetter, KeepFile, ShareFile};
use serde_json::Value;

use crate::{OrderRun, Printer, Runs, api};

/// Nothing is begun in the last seconds: a batch of calls to the table may take nine of them.
const MARGIN: SignedDuration = SignedDuration::from_secs(15);

/// Handles whatever event comes.
///
/// # Errors
/// When the day's run could not be opened, and the schedule must come again; a request always gets an answer, and what
/// is left of a batch goes back to the queue.
pub async fn handle<R, F, O, C>(
    printer: &Printer<R, F, O, C>,
    event: LambdaEvent<Value>,
) -> Result<Value, bootstrap::Error>
where
    R: Runs,
    F: FetchLetter + KeepFile + ShareFile,
    O: OrderRun,
    C: Clock,
{
    let payload = event.payload;
    if payload.get("Records").is_some() {
        let deadline = i64::try_from(event.context.deadline).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
        let stop = deadline.unwrap_or(Timestamp::MAX) - MARGIN;
        let batch: SqsEvent = serde_json::from_value(payload)?;
        return Ok(serde_json::to_value(bootstrap::batch(batch, |order| printer.print(order, stop)).await)?);
    }
    if payload.get("open_run").is_some() {
        let opened = printer.open("schedule").await;
        opened.inspect_err(|error| tracing::error!(error = chain(error), "the day's run was not opened"))?;
        return Ok(Value::Null);
    }
    let request: ApiGatewayV2httpRequest = serde_json::from_value(payload)?;
    Ok(serde_json::to_value(api::respond(printer, &request).await)?)
}
