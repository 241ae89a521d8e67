//! How messages leave the office: what they say, how they travel, and the ledger's claim, call and record around each.

mod dispatch;
mod error;
#[cfg(any(test, feature = "test-util"))]
pub mod fake;
mod mail;
mod ports;
mod ses;
mod sms;
mod sns;
pub mod wording;
mod words;

pub use bootstrap::ReadSettings;
pub use dispatch::{Claimed, Dispatch, Undone, Why};
pub use error::{Fault, SendError};
pub use mail::{Attachment, OutgoingMail, SendMail};
pub use ports::Ledger;
pub use ses::Ses;
pub use sms::{OutgoingText, SendText, Taken};
pub use sns::Sns;
pub use words::Words;
