//! Looks into the files that residents hand in: what they are, whether they are safe to open, and what follows.

mod check;
mod config;
mod content;
mod message;
mod pdf;
mod ports;

pub use check::{Checks, Unchecked};
pub use config::Config;
pub use content::look_into;
pub use message::{Message, ScanEvent};
pub use ports::KeepFiles;
