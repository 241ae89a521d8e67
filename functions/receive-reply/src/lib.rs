//! Takes in what residents text: a choice, an opt-out, an address, words for the officer, or pictures of papers.

mod act;
mod addresses;
mod binding;
mod bound;
mod clarify;
mod config;
mod entry;
mod gateways;
mod inbound;
mod media;
mod message_hub;
mod poll;
mod ports;
mod receive;
mod standard;
mod twilio;
mod web;
mod webhook;

pub use addresses::{InvalidHost, MediaHosts};
pub use binding::{Belongs, bind};
pub use config::Config;
pub use gateways::Gateways;
pub use inbound::{Awaited, Inbound, Media, Provider, Sender};
pub use media::{Fetcher, Gallery, TakeMedia, Untaken};
pub use message_hub::{Credentials, HubError, MessageHub};
pub use poll::{HandOn, InboundTopic, Polled};
pub use ports::KeepReplies;
pub use receive::{Received, Receiver, Unreceived};
pub use web::Unanswered;
pub use webhook::Secrets;
