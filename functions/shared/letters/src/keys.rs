//! Every key of the bucket: the only file that joins strings into keys. Nothing personal stands in them.

use domain::{Checksum, NoticeId, RunId};

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
