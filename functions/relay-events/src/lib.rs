//! Decides what each event causes, and hands it to the queue that does it.

mod config;
mod consequences;
mod queues;
mod relay;

pub use config::Config;
pub use consequences::{Work, consequences};
pub use queues::{Enqueue, Queues, Unqueued};
pub use relay::{ReadNotice, Relay};
