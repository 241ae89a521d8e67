//! Every key of the bucket: the only file that joins strings into keys. Nothing personal stands in them.

use domain::{BatchId, Checksum, NoticeId, RunId};

/// What a letter is called where a resident keeps it.
pub const LETTER_NAME: &str = "통지서.pdf";

/// A letter, named by its content: two that were made at once stand side by side, and the notice names one of them.
#[must_use]
pub fn letter_key(notice: NoticeId, sha256: &Checksum) -> String {
    format!("letters/{notice}/{sha256}.pdf")
}

/// A file of a print run.
#[must_use]
pub fn run_key(run: &RunId, name: &str) -> String {
    format!("runs/{run}/{name}")
}

/// What all uploaded files begin with.
const UPLOADS: &str = "uploads/";

/// A batch's file as it was uploaded.
#[must_use]
pub fn upload_key(batch: BatchId) -> String {
    format!("{UPLOADS}{batch}")
}

/// The batch whose file stands under this key.
#[must_use]
pub fn batch_of_upload(key: &str) -> Option<BatchId> {
    BatchId::parse(key.strip_prefix(UPLOADS)?).ok()
}

/// The sheet of a batch's workbook, as text.
#[must_use]
pub fn sheet_key(batch: BatchId) -> String {
    format!("sheets/{batch}.csv")
}

/// A part of the report on a batch.
#[must_use]
pub fn report_part_key(batch: BatchId, number: u32) -> String {
    format!("reports/{batch}/{number:06}.csv")
}

/// The report on a batch.
#[must_use]
pub fn report_key(batch: BatchId) -> String {
    format!("reports/{batch}.csv")
}
