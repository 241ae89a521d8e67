//! What one run did, as metrics and in its answer.

use std::ops::AddAssign;

use bootstrap::count_many;
use domain::ports::Clock;
use serde::Serialize;

/// How many notices a run dealt with, and how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Moved on.
    pub moved: u32,
    /// Of those: messages that were lost on their way or given up.
    pub stuck: u32,
    /// Not moved, for an error that is in the log.
    pub failed: u32,
    /// Known to be due and left for the next run, for want of time; there may be more.
    pub left: u32,
    /// Parts of the index that could not be read.
    pub unread: u32,
}

impl Report {
    /// Writes it where alarms look.
    pub(crate) fn count(&self, clock: &dyn Clock) {
        count_many(
            clock,
            &[
                ("DeadlinesMoved", self.moved),
                ("DeadlinesFailed", self.failed + self.unread),
                ("DeadlinesLeft", self.left),
                ("NoticesStuck", self.stuck),
            ],
        );
    }
}

impl AddAssign for Report {
    fn add_assign(&mut self, other: Self) {
        self.moved += other.moved;
        self.stuck += other.stuck;
        self.failed += other.failed;
        self.left += other.left;
        self.unread += other.unread;
    }
}
