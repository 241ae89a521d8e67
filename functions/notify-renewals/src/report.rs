//! What one run did, as metrics and in its answer.

use std::ops::AddAssign;

use bootstrap::count_many;
use domain::StageOutcome;
use domain::ports::Clock;
use serde::Serialize;

/// How many permits a run dealt with, and how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Their holders are reminded.
    pub sent: u32,
    /// Their holders said that they are renewed.
    pub held: u32,
    /// They had run out.
    pub expired: u32,
    /// Not dealt with, for an error that is in the log.
    pub failed: u32,
    /// Known to be due and left for the next run, for want of time; there may be more.
    pub left: u32,
    /// Parts of the index that could not be read.
    pub unread: u32,
}

impl Report {
    pub(crate) fn of(outcome: &StageOutcome) -> Self {
        match outcome {
            StageOutcome::Sent { .. } => Self { sent: 1, ..Self::default() },
            StageOutcome::Held => Self { held: 1, ..Self::default() },
            StageOutcome::Expired => Self { expired: 1, ..Self::default() },
            // Goes along with a later stage that was sent.
            StageOutcome::Skipped => Self::default(),
        }
    }

    /// Nothing that was due is left to do.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.failed == 0 && self.left == 0 && self.unread == 0
    }

    /// Writes it where alarms look.
    pub(crate) fn count(&self, clock: &dyn Clock) {
        count_many(
            clock,
            &[
                ("RenewalsSent", self.sent),
                ("RenewalsHeld", self.held),
                ("RenewalsExpired", self.expired),
                ("RenewalsFailed", self.failed + self.unread),
                ("RenewalsLeft", self.left),
            ],
        );
    }
}

impl AddAssign for Report {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.held += other.held;
        self.expired += other.expired;
        self.failed += other.failed;
        self.left += other.left;
        self.unread += other.unread;
    }
}
