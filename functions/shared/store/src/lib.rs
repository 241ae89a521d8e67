//! The one table: where notices, their events and everything bound to them are kept.

mod bindings;
mod create;
mod due;
mod error;
mod items;
mod keys;
mod prefer;
mod read;
mod receipts;
mod recipient;
mod runs;
mod table;
mod transition;
mod withdraw;

pub use bindings::{Binding, Direction, Link, Reply, Revocation};
pub use create::{Created, NewNotice, Once};
pub use due::{DueCursor, DuePage, DueShard};
pub use error::{BoxError, Error};
pub use items::streamed_event;
pub use read::Page;
pub use receipts::{Dead, SentMessage};
pub use recipient::RecipientKey;
pub use runs::{HeldRun, Run, RunFile, Stage};
pub use table::Table;
pub use transition::{Change, Decision, Transition};
pub use withdraw::Withdrawal;
