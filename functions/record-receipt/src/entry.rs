//! The doors: a notification of the mail events' topic, a batch of status logs, an HTTP request, and the schedule that
//! looks again at what was kept apart.

use std::io::Read;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::sns::SnsEvent;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bootstrap::chain;
use domain::ports::Clock;
use flate2::read::GzDecoder;
use jiff::Timestamp;
use lambda_runtime::LambdaEvent;
use serde::Deserialize;
use serde_json::Value;

use crate::webhook::receive_webhook;
use crate::{KeepReceipts, Recorder, SesEvent, StatusLog, Unrecorded};

/// SES says this in plain words when it is told of a topic.
const TOPIC_VALIDATED: &str = "Successfully validated SNS topic";
/// Far above what CloudWatch Logs puts into one batch.
const LARGEST_BATCH: u64 = 16 * 1024 * 1024;

/// Reports that were not taken in: Lambda delivers the event again, and keeps it after its last attempt.
#[derive(Debug, thiserror::Error)]
enum NotTakenIn {
    // The sources' own texts could quote the resident.
    #[error("the report has an unknown shape at line {0} column {1}")]
    UnknownShape(usize, usize),
    #[error("the batch of logs cannot be unpacked")]
    Unpacked,
    #[error("the report was not recorded")]
    Unrecorded(#[from] Unrecorded),
}

impl NotTakenIn {
    #[expect(clippy::needless_pass_by_value, reason = "maps errors")]
    fn unknown_shape(error: serde_json::Error) -> Self {
        Self::UnknownShape(error.line(), error.column())
    }
}

/// Handles whatever event comes.
///
/// # Errors
/// When a report must come again; a request always gets an answer.
pub async fn handle<S: KeepReceipts, C: Clock>(
    recorder: &Recorder<S, C>,
    secret: &str,
    event: LambdaEvent<Value>,
) -> Result<Value, bootstrap::Error> {
    let payload = event.payload;
    let taken_in = if payload.get("Records").is_some() {
        receive_notification(recorder, payload).await
    } else if payload.get("awslogs").is_some() {
        receive_logs(recorder, &payload).await
    } else if payload.get("match_again").is_some() {
        recorder.match_again().await.map_err(NotTakenIn::from)
    } else {
        let request: ApiGatewayV2httpRequest = serde_json::from_value(payload)?;
        return Ok(serde_json::to_value(receive_webhook(recorder, secret, request).await)?);
    };
    taken_in.inspect_err(|error| tracing::error!(error = chain(error), "a report was not taken in"))?;
    Ok(Value::Null)
}

async fn receive_notification<S: KeepReceipts, C: Clock>(
    recorder: &Recorder<S, C>,
    payload: Value,
) -> Result<(), NotTakenIn> {
    let event: SnsEvent = serde_json::from_value(payload).map_err(NotTakenIn::unknown_shape)?;
    for record in event.records.into_iter().filter(|record| !record.sns.message.starts_with(TOPIC_VALIDATED)) {
        let event: SesEvent = serde_json::from_str(&record.sns.message).map_err(NotTakenIn::unknown_shape)?;
        let since = Timestamp::from_millisecond(record.sns.timestamp.timestamp_millis()).ok();
        recorder.take(event.report(), since).await?;
    }
    Ok(())
}

/// What CloudWatch Logs hands to a subscription.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogBatch {
    message_type: String,
    #[serde(default)]
    log_events: Vec<LogLine>,
}

#[derive(Deserialize)]
struct LogLine {
    /// Milliseconds since 1970.
    timestamp: i64,
    message: String,
}

/// Takes every line in that can be taken in; the batch comes again when one could not.
async fn receive_logs<S: KeepReceipts, C: Clock>(recorder: &Recorder<S, C>, payload: &Value) -> Result<(), NotTakenIn> {
    let batch = unpacked(payload)?;
    if batch.message_type != "DATA_MESSAGE" {
        return Ok(());
    }
    let mut outcome = Ok(());
    for line in batch.log_events {
        if let Err(error) = receive_line(recorder, &line).await {
            outcome = outcome.and(Err(error));
        }
    }
    outcome
}

async fn receive_line<S: KeepReceipts, C: Clock>(recorder: &Recorder<S, C>, line: &LogLine) -> Result<(), NotTakenIn> {
    let status: StatusLog = serde_json::from_str(&line.message).map_err(NotTakenIn::unknown_shape)?;
    let logged = Timestamp::from_millisecond(line.timestamp).map_err(|_| NotTakenIn::Unpacked)?;
    recorder.take(status.report(logged), Some(logged)).await?;
    Ok(())
}

fn unpacked(payload: &Value) -> Result<LogBatch, NotTakenIn> {
    let data = payload["awslogs"]["data"].as_str().ok_or(NotTakenIn::Unpacked)?;
    let packed = STANDARD.decode(data).map_err(|_| NotTakenIn::Unpacked)?;
    let mut document = Vec::new();
    GzDecoder::new(&*packed).take(LARGEST_BATCH).read_to_end(&mut document).map_err(|_| NotTakenIn::Unpacked)?;
    serde_json::from_slice(&document).map_err(NotTakenIn::unknown_shape)
}
