//! The doors: the queue that tells of uploads and of work that is left, and HTTP requests.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::sqs::SqsEvent;
use bootstrap::ReadSettings;
use domain::BatchId;
use domain::ports::{Clock, Entropy};
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::LambdaEvent;
use letters::{JoinFiles, KeepFile, ReadFile, ShareFile, TakeFile, batch_of_upload};
use serde::Deserialize;
use serde_json::Value;

use crate::notices::TakeIn;
use crate::permits::KeepPermit;
use crate::{Batches, ImportOrder, Importer, OrderImport, Unimported, api};

/// Nothing is begun in the last seconds: a chunk takes some calls to the table and the bucket.
const MARGIN: SignedDuration = SignedDuration::from_secs(45);

/// What comes through the queue.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Message {
    /// Work that is left.
    Order(ImportOrder),
    /// Files that were uploaded, as S3 tells it.
    Uploaded {
        #[serde(rename = "Records")]
        records: Vec<Record>,
    },
    /// What S3 sends once, to try the queue out.
    Trial {
        #[serde(rename = "Event")]
        _event: Trial,
    },
}

#[derive(Debug, Deserialize)]
enum Trial {
    #[serde(rename = "s3:TestEvent")]
    TestEvent,
}

#[derive(Debug, Deserialize)]
struct Record {
    s3: Upload,
}

#[derive(Debug, Deserialize)]
struct Upload {
    object: Object,
}

#[derive(Debug, Deserialize)]
struct Object {
    key: String,
}

impl Message {
    fn batches(self) -> Vec<BatchId> {
        match self {
            Self::Order(order) => vec![order.batch],
            // S3 escapes a slash; nothing else in our keys needs it.
            Self::Uploaded { records } => {
                let keys = records.into_iter().map(|record| record.s3.object.key.replace("%2F", "/"));
                keys.filter_map(|key| batch_of_upload(&key)).collect()
            }
            Self::Trial { .. } => Vec::new(),
        }
    }
}

/// Handles whatever event comes.
///
/// # Errors
/// When the event is none of those known; a request always gets an answer, and what is left of a batch goes back to the
/// queue.
pub async fn handle<T, F, O, S, C, E>(
    importer: &Importer<T, F, O, S, C, E>,
    event: LambdaEvent<Value>,
) -> Result<Value, bootstrap::Error>
where
    T: Batches + TakeIn + KeepPermit,
    F: ReadFile + KeepFile + JoinFiles + ShareFile + TakeFile,
    O: OrderImport,
    S: ReadSettings,
    C: Clock,
    E: Entropy,
{
    let payload = event.payload;
    if payload.get("Records").is_some() {
        let deadline = i64::try_from(event.context.deadline).ok().and_then(|at| Timestamp::from_millisecond(at).ok());
        let stop = deadline.unwrap_or(Timestamp::MAX) - MARGIN;
        let queued: SqsEvent = serde_json::from_value(payload)?;
        let import = async |message: Message| {
            for batch in message.batches() {
                importer.import(ImportOrder { batch }, stop).await?;
            }
            Ok::<_, Unimported>(())
        };
        return Ok(serde_json::to_value(bootstrap::batch(queued, import).await)?);
    }
    let request: ApiGatewayV2httpRequest = serde_json::from_value(payload)?;
    Ok(serde_json::to_value(api::respond(importer, &request).await)?)
}
