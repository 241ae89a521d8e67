//! Takes in what residents text: a choice, an opt-out, an address, or words for the officer.

mod config;
mod entry;
mod inbound;
mod receive;
mod webhook;

pub use config::Config;
pub use entry::handle;
pub use inbound::Inbound;
pub use receive::{Received, Receiver, Unreceived};
