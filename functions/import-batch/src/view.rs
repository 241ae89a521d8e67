//! A batch as the API tells it.

use std::collections::BTreeMap;

use domain::BatchId;
use jiff::Timestamp;
use letters::Upload;
use serde::Serialize;
use store::{Batch, BatchStage, Counts, Layout};

use crate::forecast::Expectation;

/// A batch.
#[derive(Debug, Serialize)]
pub(crate) struct BatchView {
    id: BatchId,
    r#type: &'static str,
    file_name: String,
    dry_run: bool,
    all_or_nothing: bool,
    /// `awaiting_upload`, `importing`, `done` or `refused`.
    state: &'static str,
    /// Why it was refused, in Korean.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// How the file is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_as: Option<Layout>,
    progress: Progress,
    counts: Counts,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expected: Option<Expectation>,
    /// The rows that were not stored, and why; lent for a quarter of an hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) report_url: Option<String>,
    opened_by: String,
    opened_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<Timestamp>,
}

/// How much of the file is read.
#[derive(Debug, Serialize)]
struct Progress {
    bytes_read: u64,
    bytes: u64,
}

impl BatchView {
    pub(crate) fn of(batch: &Batch) -> Self {
        let bytes = match &batch.layout {
            Some(Layout::Xlsx { bytes, .. }) => *bytes,
            Some(Layout::Csv { .. }) | None => batch.bytes,
        };
        Self {
            id: batch.id,
            r#type: batch.r#type.as_str(),
            file_name: batch.file_name.clone(),
            dry_run: batch.dry_run,
            all_or_nothing: batch.all_or_nothing,
            state: match batch.stage {
                BatchStage::AwaitingUpload => "awaiting_upload",
                BatchStage::Checking | BatchStage::Importing => "importing",
                BatchStage::Done => "done",
                BatchStage::Refused => "refused",
            },
            reason: batch.refused.clone(),
            read_as: batch.layout.clone(),
            progress: Progress { bytes_read: batch.position.offset, bytes },
            counts: batch.counts,
            expected: None,
            report_url: None,
            opened_by: batch.opened_by.clone(),
            opened_at: batch.opened_at,
            started_at: batch.started_at,
            finished_at: batch.finished_at,
        }
    }
}

/// The answer to a file that is announced.
#[derive(Debug, Serialize)]
pub(crate) struct Opened {
    #[serde(flatten)]
    pub(crate) batch: BatchView,
    /// The same content was uploaded before, and this is what became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) already_imported_as: Option<BatchId>,
    /// Where the file is to be put.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upload: Option<UploadView>,
}

/// Where and how a file is put.
#[derive(Debug, Serialize)]
pub(crate) struct UploadView {
    method: &'static str,
    url: String,
    headers: BTreeMap<String, String>,
}

impl From<Upload> for UploadView {
    fn from(upload: Upload) -> Self {
        Self { method: "PUT", url: upload.url, headers: upload.headers }
    }
}
