//! Takes in what residents text: a choice, an opt-out, an address, or words for the officer.

mod config;
mod entry;
mod inbound;
mod ports;
mod receive;
mod webhook;

pub use config::Config;
pub use entry::handle;
pub use inbound::{Inbound, Sender};
pub use ports::KeepReplies;
pub use receive::{Received, Receiver, Unreceived};
