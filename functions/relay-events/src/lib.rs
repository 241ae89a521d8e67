//! Decides what each event causes, hands it to the queue that does it, and keeps the office's numbers.

mod config;
mod consequences;
mod queues;
mod relay;
mod tally;

pub use config::Config;
pub use consequences::{Work, consequences, may_cause};
pub use queues::{Enqueue, Queues, Unqueued};
pub use relay::{ReadNotice, Relay};
pub use tally::{KeepCounts, Uncounted, count};
