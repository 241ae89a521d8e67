//! Moves on what has waited long enough: notices whose day has come, silence, unread results, messages lost on their way.

mod config;
mod handler;
mod ports;
mod report;
mod watch;

pub use bootstrap::ReadSettings;
pub use config::Config;
pub use handler::handle;
pub use ports::{FindDue, MoveNotice, ReadPreference};
pub use report::Report;
pub use watch::{Unmoved, Watch};
