//! What a notice waits for, and what becomes of it when the moment has come.

use jiff::{SignedDuration, Timestamp};

use crate::{Channel, Entry, Fact, Failure, FileFault, LEASE, Message, Notice, Paper, Route, State, Verdict};

/// A queue brings a message again for about sixteen minutes; then it lies among the dead letters and nobody works on it.
/// Before that it may wait its turn: at twenty texts a second those of a year's file take half an hour.
pub(crate) const LOST_AFTER: SignedDuration = SignedDuration::from_hours(1);
/// A message is set going again so many times, each after twice the wait of the one before, over fifteen hours in all.
const ROUNDS: u32 = 3;

/// What the clock asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Due {
    /// The day it waited for has come: how it sets out is decided by what the resident wants now.
    SetOut,
    /// This happened, by time alone.
    Passed(Fact),
}

impl Notice {
    /// The moment at which something must be done about it if nothing happens before; none while it waits for no clock.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        self.waits().into_iter().map(|(moment, _)| moment).min()
    }

    /// What fell due by `now`: of several things the one that leaves the least to do.
    #[must_use]
    pub fn fell_due(&self, now: Timestamp) -> Option<Due> {
        self.waits().into_iter().find(|(moment, _)| *moment <= now).map(|(_, due)| due)
    }

    /// All it waits for. A later line is not needed once an earlier one has happened.
    fn waits(&self) -> Vec<(Timestamp, Due)> {
        let passed = |moment: Timestamp, fact| Some((moment, Due::Passed(fact)));
        let (first, second) = match &self.state {
            State::Accepted { not_before: Some(moment), .. } => (Some((*moment, Due::SetOut)), None),
            State::Accepted { not_before: None, cause } => (self.unclaimed(*cause, Message::Question), None),
            State::Sending { route: Route::Sms { .. }, cause } => {
                (self.unclaimed(*cause, Message::Result { channel: Channel::Sms }), None)
            }
            State::Sending { route: Route::Email { .. }, cause } => {
                (self.unclaimed(*cause, Message::Result { channel: Channel::Email }), None)
            }
            State::Asking { remind_at, choose_by, .. } => {
                (passed(*choose_by, Fact::ChooseByPassed), remind_at.and_then(|at| passed(at, Fact::ReminderFellDue)))
            }
            State::Sent { read_by, .. } | State::Delivered { read_by, .. } => {
                (read_by.and_then(|at| passed(at, Fact::UnreadPassed)), None)
            }
            State::Sending { route: Route::Post, .. }
            | State::Read { .. }
            | State::Posting { .. }
            | State::Printing { .. }
            | State::Posted { .. }
            | State::Returned { .. }
            | State::NeedsAttention { .. }
            | State::Cancelled { .. } => (None, None),
        };
        let paper = match (&self.paper, &self.state) {
            (Paper::Awaited { .. }, State::Cancelled { .. }) | (Paper::Ready(_), _) => None,
            (Paper::Awaited { round, overdue_at }, _) => passed(*overdue_at, Fact::LetterOverdue { round: round + 1 }),
        };
        // Nobody is reminded of what has not been asked for yet.
        let is_asked = !self.is_cancelled() && !matches!(self.state, State::Accepted { .. });
        let papers = self.documents.remind_at().filter(|_| is_asked);
        let papers = papers.and_then(|at| passed(at, Fact::DocumentsReminderFellDue));
        let unsearched = self.documents.unsearched().filter(|_| !self.is_cancelled()).filter_map(|(at, upload)| {
            let verdict = Verdict::Refused { reason: FileFault::NotChecked };
            passed(at, Fact::DocumentChecked { upload, verdict })
        });
        let messages = self.ledger.iter().filter_map(|(cause, entry)| self.message_waits(*cause, entry));
        first.into_iter().chain(second).chain(paper).chain(papers).chain(unsearched).chain(messages).collect()
    }

    /// The one message the state is there for, while no sender and no hold has put it into the ledger.
    fn unclaimed(&self, cause: u32, message: Message) -> Option<(Timestamp, Due)> {
        let moment = self.updated_at + LOST_AFTER;
        let wanted = self.wants(cause, &message) && !self.ledger.contains_key(&cause);
        wanted.then(|| (moment, set_going_again(cause, message, 0)))
    }

    /// A message under way that the notice still wants.
    fn message_waits(&self, cause: u32, entry: &Entry) -> Option<(Timestamp, Due)> {
        let (moment, message, due) = match entry {
            Entry::Held { message, until, .. } => {
                (*until, message, Due::Passed(Fact::HoldEnded { cause, message: message.clone() }))
            }
            // As long after the claim as after the queue: a claim soon after leaves the moment where it was.
            Entry::Claimed { message, lease_until, round, .. } => {
                (*lease_until - LEASE + LOST_AFTER, message, set_going_again(cause, message.clone(), *round))
            }
            Entry::Queued { message, round, lost_at, .. } => {
                (*lost_at, message, set_going_again(cause, message.clone(), *round))
            }
            Entry::Done | Entry::Failed => return None,
        };
        self.wants(cause, message).then_some((moment, due))
    }
}

/// Once more, or, when that was tried often enough, the end of this way: the ladder then finds another.
fn set_going_again(cause: u32, message: Message, round: u32) -> Due {
    Due::Passed(if round < ROUNDS {
        Fact::SetGoingAgain { cause, message, round: round + 1 }
    } else {
        Fact::SendFailed { cause, reason: Failure::GaveUp }
    })
}
