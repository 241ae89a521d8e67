//! Files that residents hand in: where they lie until they are checked and after, and the one way to each of them.

mod bucket;
#[cfg(any(test, feature = "test-util"))]
pub mod fake;
mod form;
mod keys;
mod kind;
mod name;
mod ports;

pub use bucket::Submissions;
pub use form::{LENT_FOR, Return, Ticket, UploadForm};
pub use keys::{clean_key, quarantine_key, quarantined};
pub use kind::FileType;
pub use letters::Error;
pub use name::FileName;
pub use ports::{Arrived, Described, KeepUploads, Kept, LookInto};
