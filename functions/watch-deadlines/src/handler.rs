//! One invocation: a run that ends in time.

use domain::ports::Clock;
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::LambdaEvent;
use serde::de::IgnoredAny;

use crate::{FindDue, MoveNotice, ReadPreference, ReadSettings, Report, Watch};

/// No notice is begun in the last seconds: a call to the table may take nine of them.
const MARGIN: SignedDuration = SignedDuration::from_secs(12);

/// Runs once. Whatever the event says, it says that it is time.
///
/// # Errors
/// Never: what a run could not do is in the log and in the metrics, and the next run does it.
pub async fn handle<T, S, C>(watch: &Watch<T, S, C>, event: LambdaEvent<IgnoredAny>) -> Result<Report, bootstrap::Error>
where
    T: FindDue + MoveNotice + ReadPreference,
    S: ReadSettings,
    C: Clock,
{
    let deadline = i64::try_from(event.context.deadline).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
    let report = watch.run(deadline.unwrap_or(Timestamp::MAX) - MARGIN).await;
    watch.count(&report);
    Ok(report)
}
