//! Where letters, print runs and batches are kept as files, and the one way to each of them.

mod error;
#[cfg(any(test, feature = "test-util"))]
pub mod fake;
mod keys;
mod shelf;

pub use error::{Error, is_missing};
pub use keys::{LETTER_NAME, batch_of_upload, letter_key, report_key, report_part_key, run_key, sheet_key, upload_key};
pub use shelf::{FetchLetter, JoinFiles, KeepFile, ReadFile, ShareFile, Shelf, TakeFile, Upload};
