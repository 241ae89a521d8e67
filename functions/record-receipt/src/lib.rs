//! Takes in what providers report of our messages, and moves the notices whose result arrived or will never arrive.

mod config;
mod entry;
mod gateway;
mod ports;
mod receipt;
mod record;
mod ses;
mod sns;
mod webhook;
mod weigh;

pub use config::Config;
pub use entry::handle;
pub use ports::KeepReceipts;
pub use receipt::{Receipt, Report, Tags, UnknownWord, Verdict};
pub use record::{PATIENCE, Recorded, Recorder, Unrecorded};
pub use ses::SesEvent;
pub use sns::StatusLog;
pub use weigh::weigh;
