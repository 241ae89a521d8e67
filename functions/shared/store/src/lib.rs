//! The one table: where notices, their events and everything bound to them are kept.

mod access;
mod attempts;
mod batches;
mod bindings;
mod bulk;
mod conversation;
mod counts;
mod create;
mod due;
mod error;
mod inbox;
mod items;
mod keys;
mod permits;
mod prefer;
mod read;
mod receipts;
mod recipient;
mod runs;
mod table;
mod texts;
mod transition;
mod unmatched;
mod uploads;
mod withdraw;

pub use access::{AccessPage, RecordAccess, Wanted};
pub use batches::{
    Batch, BatchFile, BatchStage, BatchType, Counts, FileEncoding, Forecast, HeldBatch, Layout, Position,
};
pub use bindings::{Binding, Direction, Link, Reply, Resumption, Revocation};
pub use bulk::Looked;
pub use conversation::{Clarifying, Heard};
pub use counts::{Entered, Tally};
pub use create::{Arrival, Created, NewNotice, Once};
pub use due::{DueCursor, DuePage, DueShard};
pub use error::{BoxError, Error};
pub use inbox::{Answered, Inbox, Talk};
pub use items::streamed_event;
pub use permits::{PutPermit, RenewalCursor, RenewalPage};
pub use read::Page;
pub use receipts::{Dead, SentMessage};
pub use recipient::RecipientKey;
pub use runs::{HeldRun, Run, RunFile, Stage};
pub use table::Table;
pub use texts::IssuedText;
pub use transition::{Change, Decision, Transition};
pub use unmatched::UnmatchedText;
pub use uploads::{FileRecord, Finding, Inspection, Scan, ScanResult, Submission};
pub use withdraw::Withdrawal;
