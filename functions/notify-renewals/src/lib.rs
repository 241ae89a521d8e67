//! Reminds holders of permits that run out, by a notice like any other, and keeps the permits.

mod api;
mod config;
mod entry;
mod ports;
mod renewals;
mod report;
mod request;
mod view;
mod words;

pub use bootstrap::ReadSettings;
pub use config::Config;
pub use entry::{Incomplete, handle};
pub use ports::{FindRenewals, KeepPermits, TakeIn};
pub use renewals::{Renewals, Undone};
pub use report::Report;
pub use words::{Words, words};
