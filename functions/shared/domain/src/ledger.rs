//! The ledger of outgoing messages: claim, call, record.
//!
//! A message is named by the version of the event that caused it, so a command delivered twice names the same entry.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Channel, ConsentId, Fact, Notice, NoticeId, ReplyId, State, SubmissionId, Upload, UploadId};

/// A sender alone holds a message this long: longer than a function runs, shorter than the queue hides what it gave out.
pub const LEASE: SignedDuration = SignedDuration::from_secs(90);

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
    /// We have noted that the permit is renewed.
    RenewalConfirmation,
    /// What an officer answers.
    Answer {
        /// The officer's reply.
        reply: ReplyId,
        /// By text or e-mail.
        channel: Channel,
    },
    /// Which of your notices do you write about?
    Clarification {
        /// The question in words.
        reply: ReplyId,
    },
    /// We may ask you by text again, as you wish.
    ResumeConfirmation,
    /// Please hand these papers in.
    DocumentsRequest,
    /// These papers are still missing.
    DocumentsReminder,
    /// We have got your papers.
    SubmissionReceipt {
        /// Which.
        submission: SubmissionId,
    },
    /// We could not take this file.
    DocumentRefused {
        /// Which.
        upload: UploadId,
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
        /// How often it was set going again before.
        #[serde(default)]
        round: u32,
    },
    /// It waits for the office's sending hours.
    Held {
        /// What is to be sent.
        #[serde(flatten)]
        message: Message,
        /// How many attempts there were before.
        attempts: u32,
        /// When the hours begin.
        until: Timestamp,
    },
    /// It is on its way to a sender, and none has taken hold of it yet.
    Queued {
        /// What is to be sent.
        #[serde(flatten)]
        message: Message,
        /// How many attempts there were before.
        attempts: u32,
        /// How often it was set going again.
        round: u32,
        /// Unclaimed by then, it was lost once more.
        lost_at: Timestamp,
    },
    /// The provider took it.
    Done,
    /// The provider refused it for good.
    Failed,
}

impl Entry {
    /// A sender has or had hold of it and said nothing of how it ended.
    pub(crate) const fn may_be_out(&self) -> bool {
        match self {
            Self::Claimed { .. } => true,
            Self::Held { attempts, .. } | Self::Queued { attempts, .. } => *attempts > 0,
            Self::Done | Self::Failed => false,
        }
    }
}

impl Message {
    /// What carries it.
    #[must_use]
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Result { channel } | Self::Answer { channel, .. } => *channel,
            Self::Question
            | Self::Reminder
            | Self::EmailRequest
            | Self::Acknowledgement { .. }
            | Self::RenewalConfirmation
            | Self::Clarification { .. }
            | Self::ResumeConfirmation
            | Self::DocumentsRequest
            | Self::DocumentsReminder
            | Self::SubmissionReceipt { .. }
            | Self::DocumentRefused { .. }
            | Self::PostConfirmation
            | Self::OptOutConfirmation => Channel::Sms,
        }
    }

    /// It goes out in the office's sending hours only. What answers a resident who has just written goes at once, and an
    /// e-mail disturbs nobody at night.
    #[must_use]
    pub const fn keeps_hours(&self) -> bool {
        match self {
            Self::Question
            | Self::Reminder
            | Self::Result { channel: Channel::Sms }
            | Self::DocumentsRequest
            | Self::DocumentsReminder => true,
            Self::Result { channel: Channel::Email | Channel::Post }
            | Self::EmailRequest
            | Self::Acknowledgement { .. }
            | Self::RenewalConfirmation
            | Self::Answer { .. }
            | Self::Clarification { .. }
            | Self::ResumeConfirmation
            | Self::SubmissionReceipt { .. }
            | Self::DocumentRefused { .. }
            | Self::PostConfirmation
            | Self::OptOutConfirmation => false,
        }
    }
}

/// What a sender may do about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Send it, after recording this claim.
    Granted(Fact),
    /// Record this and send nothing: the office's sending hours are over.
    Held(Fact),
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
    /// `closed_until` is when the office's sending hours begin again; none within them.
    #[must_use]
    pub fn claim(
        &self,
        cause: u32,
        message: &Message,
        now: Timestamp,
        lease_until: Timestamp,
        closed_until: Option<Timestamp>,
    ) -> Claim {
        if !self.wants(cause, message) {
            return match self.ledger.get(&cause) {
                Some(Entry::Claimed { lease_until, .. }) if *lease_until > now => Claim::Leased { until: *lease_until },
                Some(
                    Entry::Claimed { .. } | Entry::Held { .. } | Entry::Queued { .. } | Entry::Done | Entry::Failed,
                )
                | None => Claim::Over,
            };
        }
        let attempts = match self.ledger.get(&cause) {
            None => 0,
            Some(Entry::Claimed { lease_until, .. }) if *lease_until > now => {
                return Claim::Leased { until: *lease_until };
            }
            // The clock brings it again.
            Some(Entry::Held { until, .. }) if *until > now => return Claim::Over,
            Some(
                Entry::Claimed { attempt: attempts, .. }
                | Entry::Held { attempts, .. }
                | Entry::Queued { attempts, .. },
            ) => *attempts,
            Some(Entry::Done | Entry::Failed) => return Claim::Over,
        };
        let message = message.clone();
        match closed_until {
            Some(until) if message.keeps_hours() => Claim::Held(Fact::Held { cause, message, until }),
            Some(_) | None => Claim::Granted(Fact::SendClaimed {
                cause,
                message,
                attempt: attempts + 1,
                lease_until,
                possible_duplicate: attempts > 0,
            }),
        }
    }

    /// The consent the result rests on, if it still stands. It may have been withdrawn while a sender held the message:
    /// whoever takes the message over then sends nothing.
    #[must_use]
    pub fn consent_for_result(&self) -> Option<ConsentId> {
        let State::Sending { route, .. } = &self.state else { return None };
        route.consent().filter(|_| self.consented.contains(route))
    }

    /// The consent an answer by this channel rests on: the newest that was given for the notice, and still stands.
    #[must_use]
    pub fn consent_for_answer(&self, channel: Channel) -> Option<ConsentId> {
        self.consented.iter().rev().find(|route| route.channel() == channel)?.consent()
    }

    /// How an answer reaches the resident: by e-mail where their result goes that way and they consented to it, else by
    /// text. None where neither is possible.
    #[must_use]
    pub fn answered_by(&self) -> Option<Channel> {
        let route = match &self.state {
            State::Sending { route, .. }
            | State::Sent { route, .. }
            | State::Delivered { route, .. }
            | State::Read { route, .. } => Some(route.channel()),
            State::Accepted { .. }
            | State::Asking { .. }
            | State::Posting { .. }
            | State::Printing { .. }
            | State::Posted { .. }
            | State::Returned { .. }
            | State::NeedsAttention { .. }
            | State::Cancelled { .. } => None,
        };
        if route == Some(Channel::Email) && self.consent_for_answer(Channel::Email).is_some() {
            return Some(Channel::Email);
        }
        self.details.recipient.takes_texts().then_some(Channel::Sms)
    }

    /// Whether the notice, as it stands, still calls for this message.
    #[must_use]
    pub fn wants(&self, cause: u32, message: &Message) -> bool {
        match message {
            Message::Question => {
                matches!(self.state, State::Accepted { not_before: None, cause: set_by } if set_by == cause)
            }
            Message::Reminder => matches!(self.state, State::Asking { .. }),
            Message::EmailRequest => matches!(self.state, State::Asking { awaiting_email: true, .. }),
            Message::Result { channel } => {
                let sends = matches!(&self.state, State::Sending { route, cause: set_by } if route.channel() == *channel && *set_by == cause);
                sends && self.paper.letter().is_some()
            }
            Message::PostConfirmation => {
                matches!(self.state, State::Posting { .. } | State::Printing { .. } | State::NeedsAttention { .. })
            }
            Message::DocumentsRequest => !self.is_cancelled() && self.documents.missing().next().is_some(),
            Message::DocumentsReminder => {
                !self.is_cancelled() && self.documents.missing().any(|request| request.required)
            }
            // Handed in or not: whoever has left the page hears of it all the same.
            Message::DocumentRefused { upload } => {
                !self.is_cancelled() && self.documents.uploads.get(upload).is_some_and(Upload::is_bad)
            }
            Message::Acknowledgement { .. }
            | Message::RenewalConfirmation
            | Message::Answer { .. }
            | Message::Clarification { .. }
            | Message::ResumeConfirmation
            | Message::SubmissionReceipt { .. }
            | Message::OptOutConfirmation => !self.is_cancelled(),
        }
    }

    /// A result is between claim and record: nobody may steer the notice elsewhere, since it may already be out.
    #[must_use]
    pub fn is_result_claimed(&self) -> bool {
        matches!(&self.state, State::Sending { cause, .. } if self.ledger.get(cause).is_some_and(Entry::may_be_out))
    }
}
