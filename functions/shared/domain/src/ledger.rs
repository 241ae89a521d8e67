//! The ledger of outgoing messages: claim, call, record.
//!
//! A message is named by the version of the event that caused it, so a command delivered twice names the same entry.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Channel, ConsentId, Fact, Notice, NoticeId, ReplyId, State};

/// What a message to a resident says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "message", rename_all = "snake_case")]
pub enum Message {
    /// Which way do you want the result?
    Question,
    /// The same, once more.
    Reminder,
    /// To which e-mail address?
    EmailRequest,
    /// The result.
    Result {
        /// By text or e-mail.
        channel: Channel,
    },
    /// We have your answer.
    Acknowledgement {
        /// The reply it acknowledges.
        reply: ReplyId,
    },
    /// What an officer answers.
    Answer {
        /// The officer's reply.
        reply: ReplyId,
    },
    /// We will post it, as you wish.
    PostConfirmation,
    /// We will send nothing electronic any more.
    OptOutConfirmation,
}

/// One message to send, as it travels through a queue: names only, nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The notice it belongs to.
    pub notice: NoticeId,
    /// The version of the event that caused it.
    pub cause: u32,
    /// What to say.
    #[serde(flatten)]
    pub message: Message,
}

/// How far a message has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Entry {
    /// A sender is at it, alone until the lease ends.
    Claimed {
        /// What it sends.
        #[serde(flatten)]
        message: Message,
        /// Counts from 1.
        attempt: u32,
        /// Another sender may try from here on.
        lease_until: Timestamp,
    },
    /// The provider took it.
    Done,
    /// The provider refused it for good.
    Failed,
}

/// What a sender may do about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Send it, after recording this claim.
    Granted(Fact),
    /// Another sender holds it until then.
    Leased {
        /// The end of its lease.
        until: Timestamp,
    },
    /// It was sent, or the notice has gone another way: nothing to do.
    Over,
}

impl Notice {
    /// Asks for the right to send `message`. One claim at a time; a claim whose lease ran out may be taken over, and
    /// the new one is marked, since the first sender may have died between calling the provider and recording it.
    #[must_use]
    pub fn claim(&self, cause: u32, message: &Message, now: Timestamp, lease_until: Timestamp) -> Claim {
        let granted = |attempt, possible_duplicate| {
            Claim::Granted(Fact::SendClaimed {
                cause,
                message: message.clone(),
                attempt,
                lease_until,
                possible_duplicate,
            })
        };
        match self.ledger.get(&cause) {
            Some(Entry::Claimed { lease_until, .. }) if *lease_until > now => Claim::Leased { until: *lease_until },
            Some(Entry::Claimed { attempt, .. }) if self.wants(cause, message) => granted(attempt + 1, true),
            None if self.wants(cause, message) => granted(1, false),
            Some(Entry::Claimed { .. } | Entry::Done | Entry::Failed) | None => Claim::Over,
        }
    }

    /// The consent the result rests on, if it still stands. It may have been withdrawn while a sender held the message:
    /// whoever takes the message over then sends nothing.
    #[must_use]
    pub fn consent_for_result(&self) -> Option<ConsentId> {
        let State::Sending { route, .. } = &self.state else { return None };
        route.consent().filter(|_| self.consented.contains(route))
    }

    /// Whether the notice, as it stands, still calls for this message.
    pub(crate) fn wants(&self, cause: u32, message: &Message) -> bool {
        match message {
            Message::Question => matches!(self.state, State::Accepted { not_before: None }),
            Message::Reminder => matches!(self.state, State::Asking { .. }),
            Message::EmailRequest => matches!(self.state, State::Asking { awaiting_email: true, .. }),
            Message::Result { channel } => {
                matches!(&self.state, State::Sending { route, cause: set_by } if route.channel() == *channel && *set_by == cause)
            }
            Message::PostConfirmation => matches!(self.state, State::Posting { .. } | State::NeedsAttention { .. }),
            Message::Acknowledgement { .. } | Message::Answer { .. } | Message::OptOutConfirmation => {
                !matches!(self.state, State::Cancelled { .. })
            }
        }
    }

    /// A result is between claim and record: nobody may steer the notice elsewhere, since it may already be out.
    #[must_use]
    pub fn is_result_claimed(&self) -> bool {
        matches!(&self.state, State::Sending { cause, .. } if matches!(self.ledger.get(cause), Some(Entry::Claimed { .. })))
    }
}
