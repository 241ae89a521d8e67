//! A world that misbehaves, a town that lives in it, and the account of what came of it.

// Everything here runs in a test, where a broken precondition should stop the test at once.
#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a harness for tests")]

mod account;
mod clock;
mod kills;
mod numbers;
mod outbox;
mod printing;
mod queues;
mod settle;
mod storm;
mod town;

pub use account::Account;
pub use clock::Clock;
pub use kills::{Killer, Kills};
pub use numbers::Numbers;
pub use outbox::{Kind, Outbox, Outboxes};
pub use printing::{is_over, order, print};
pub use queues::Queues;
pub use settle::Settle;
pub use storm::{Fired, Storm};
pub use town::{Habit, Person, Town};
