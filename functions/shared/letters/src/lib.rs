//! Where letters and print runs are kept as files, and the one way to each of them.

mod error;
#[cfg(any(test, feature = "test-util"))]
pub mod fake;
mod keys;
mod shelf;

pub use error::Error;
pub use keys::{LETTER_NAME, letter_key, run_key};
pub use shelf::{FetchLetter, KeepFile, ShareFile, Shelf};
