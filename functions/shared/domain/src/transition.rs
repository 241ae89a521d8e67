//! `apply`: the one function by which a notice changes. Every pair of fact and state is written out.

use jiff::Timestamp;

use crate::clock::LOST_AFTER;
use crate::ladder::post;
use crate::{
    Channel, Conversation, DocumentRequest, Entry, Event, EventHash, Fact, Failure, Letter, Message, Notice, Paper,
    PostReason, ReplyId, Route, RunId, State, SubmissionId, SubmittedFile, UploadId, Verdict, limits, next_step,
};

/// What an event does to a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The notice after it.
    Moved(Box<Notice>),
    /// It had happened before, or no longer matters: a redelivery.
    AlreadyThere,
    /// It cannot have happened to this notice: a bug, a lie, or too late.
    Invalid(Refused),
}

/// Why an event was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Events are missing before this one.
    #[error("events are missing before this one")]
    Gap,
    /// The result is out, or on its way out.
    #[error("the result has gone out; the choice is closed")]
    ChoiceClosed,
    /// The notice has ended.
    #[error("the notice has ended")]
    Ended,
    /// Nothing of that kind was claimed.
    #[error("no such message was claimed")]
    NotClaimed,
    /// Another sender holds the message.
    #[error("another sender holds the message")]
    Leased,
    /// The letter is in a print run.
    #[error("the letter is in a print run")]
    Printing,
    /// More papers, or files, than a notice holds.
    #[error("a notice holds no more of them")]
    TooMany,
    /// The notice does not stand where this could happen.
    #[error("this cannot happen to a notice in its state")]
    OutOfPlace,
}

/// What a fact does to the state alone.
enum Step {
    To(State),
    Stay,
    AlreadyThere,
    Invalid(Refused),
}

impl Notice {
    /// The notice after `event`.
    #[must_use]
    pub fn apply(self, event: &Event) -> Outcome {
        if event.version <= self.version {
            return Outcome::AlreadyThere;
        }
        if event.version > self.version + 1 {
            return Outcome::Invalid(Refused::Gap);
        }
        let mut next = self;
        match next.step(event) {
            Step::AlreadyThere => Outcome::AlreadyThere,
            Step::Invalid(refused) => Outcome::Invalid(refused),
            step @ (Step::To(_) | Step::Stay) => {
                if let Step::To(state) = step {
                    next.state = state;
                }
                next.head = EventHash::of(&next.head, next.id, event);
                next.version = event.version;
                next.updated_at = event.at;
                // On record before anybody relays it, so that it is missed if nobody does.
                if let Some(message) = event.fact.calls_for() {
                    next.queue(event.version, &message, 0, 0, event.at);
                }
                Outcome::Moved(Box::new(next))
            }
        }
    }

    fn step(&mut self, event: &Event) -> Step {
        let Event { version, at, fact } = event;
        match fact {
            Fact::Accepted { .. } => Step::AlreadyThere,
            Fact::Released => self.released(*version),
            Fact::SendClaimed { cause, message, attempt, lease_until, possible_duplicate: _ } => {
                self.send_claimed(*cause, message, *attempt, *lease_until, *at)
            }
            Fact::Held { cause, message, until } => self.held(*cause, message, *until, *at),
            Fact::HoldEnded { cause, message } => self.hold_ended(*cause, message, *at),
            Fact::SetGoingAgain { cause, message, round } => self.set_going_again(*cause, message, *round, *at),
            Fact::Asked { cause, remind_at, choose_by, .. } => {
                self.recorded(*cause, |notice| notice.asked(*remind_at, *choose_by))
            }
            Fact::Sent { cause, read_by, .. } => self.recorded(*cause, |notice| notice.sent(*cause, *read_by, *at)),
            Fact::MessageSent { cause, .. } => self.recorded(*cause, |_| Step::Stay),
            Fact::SendFailed { cause, reason } => self.send_failed(*cause, *reason, *version, *at),
            Fact::ReminderFellDue => self.reminder_fell_due(),
            Fact::EmailChosenWithoutAddress { choose_by, .. } => self.email_chosen_without_address(*choose_by),
            Fact::ChannelChosen { route, .. } => self.channel_chosen(*route, *version, *at),
            Fact::Delivered { channel } => self.delivered(*channel, *at),
            Fact::DeliveryFailed { channel, .. } => self.delivery_failed(*channel, *version, *at),
            Fact::Read => self.read(*at),
            Fact::ChooseByPassed => self.choose_by_passed(*at),
            Fact::UnreadPassed => self.unread_passed(*version, *at),
            Fact::ConsentRevoked { only, .. } => self.consent_revoked(*only, *version, *at),
            Fact::PostRequired { reason } => self.post_required(*reason, *at),
            Fact::PostOrdered { .. } => self.post_ordered(*at),
            Fact::LetterRendered(letter) => self.letter_rendered(letter),
            Fact::LetterOverdue { round } => self.letter_overdue(*round, *at),
            Fact::JoinedRun { run } => self.joined_run(run, *at),
            Fact::Posted { run } => self.posted(run, *at),
            Fact::Returned => self.returned(*at),
            Fact::AttentionNeeded { reason } => {
                self.attention_needed(State::NeedsAttention { reason: *reason, since: *at })
            }
            Fact::Cancelled { .. } => self.cancelled(*at),
            Fact::ReplyReceived { acknowledge, .. } => {
                if *acknowledge {
                    self.acknowledged_at = Some(*at);
                }
                self.heard(*at);
                Step::Stay
            }
            Fact::ReplyMoved { reply, .. } => {
                self.unheard(*reply);
                Step::Stay
            }
            Fact::RepliesRead { .. } => self.replies_read(*at),
            Fact::ClarificationAsked { .. } | Fact::ContactResumed { .. } if self.is_cancelled() => {
                Step::Invalid(Refused::Ended)
            }
            Fact::ClarificationAsked { .. } => {
                self.heard(*at);
                Step::Stay
            }
            Fact::ContactResumed { .. } => Step::Stay,
            Fact::DocumentsRequested { requests, .. } => self.documents_requested(requests),
            Fact::DocumentsReminderFellDue => self.documents_reminder_fell_due(*at),
            Fact::DocumentsSubmitted { submission, files, .. } => self.documents_submitted(*submission, files, *at),
            Fact::DocumentDiscarded { upload } => self.document_discarded(*upload),
            Fact::DocumentChecked { upload, verdict } => self.document_checked(*upload, verdict),
            Fact::RenewalReported { .. } => self.renewal_reported(*at),
            Fact::AnswerWritten { .. } if self.is_cancelled() => Step::Invalid(Refused::Ended),
            // Who answers has read.
            Fact::AnswerWritten { .. } => {
                self.conversation = Some(Conversation { newest_at: *at, unread: 0, read_at: Some(*at) });
                Step::Stay
            }
            Fact::LinkLocked if self.link_locked => Step::AlreadyThere,
            Fact::LinkLocked => {
                self.link_locked = true;
                Step::Stay
            }
            Fact::LinkUnlocked { .. } if !self.link_locked => Step::AlreadyThere,
            Fact::LinkUnlocked { .. } if self.is_cancelled() => Step::Invalid(Refused::Ended),
            Fact::LinkUnlocked { .. } => {
                self.link_locked = false;
                self.link_unlocks += 1;
                Step::Stay
            }
        }
    }

    fn released(&self, version: u32) -> Step {
        match self.state {
            State::Accepted { not_before: Some(_), .. } => {
                Step::To(State::Accepted { not_before: None, cause: version })
            }
            State::Accepted { not_before: None, .. }
            | State::Asking { .. }
            | State::Sending { .. }
            | State::Sent { .. }
            | State::Delivered { .. }
            | State::Read { .. }
            | State::Posting { .. }
            | State::Printing { .. }
            | State::Posted { .. }
            | State::Returned { .. }
            | State::NeedsAttention { .. }
            | State::Cancelled { .. } => Step::AlreadyThere,
        }
    }

    fn send_claimed(
        &mut self,
        cause: u32,
        message: &Message,
        attempt: u32,
        lease_until: Timestamp,
        at: Timestamp,
    ) -> Step {
        let (attempts, round) = match self.ledger.get(&cause) {
            None => (0, 0),
            Some(
                Entry::Claimed { attempt: attempts, .. }
                | Entry::Held { attempts, .. }
                | Entry::Queued { attempts, .. },
            ) if *attempts >= attempt => return Step::AlreadyThere,
            Some(Entry::Claimed { lease_until, .. }) if *lease_until > at => return Step::Invalid(Refused::Leased),
            Some(Entry::Held { until, .. }) if *until > at => return Step::Invalid(Refused::OutOfPlace),
            Some(Entry::Claimed { attempt, round, .. }) => (*attempt, *round),
            Some(Entry::Held { attempts, .. }) => (*attempts, 0),
            Some(Entry::Queued { attempts, round, .. }) => (*attempts, *round),
            Some(Entry::Done | Entry::Failed) => return Step::AlreadyThere,
        };
        if attempt != attempts + 1 || !self.wants(cause, message) {
            return Step::Invalid(Refused::OutOfPlace);
        }
        self.ledger.insert(cause, Entry::Claimed { message: message.clone(), attempt, lease_until, round });
        Step::Stay
    }

    fn held(&mut self, cause: u32, message: &Message, until: Timestamp, at: Timestamp) -> Step {
        let attempts = match self.ledger.get(&cause) {
            None => 0,
            Some(Entry::Claimed { lease_until, .. }) if *lease_until > at => return Step::Invalid(Refused::Leased),
            Some(Entry::Held { until: held, .. }) if *held >= until => return Step::AlreadyThere,
            Some(
                Entry::Claimed { attempt: attempts, .. }
                | Entry::Held { attempts, .. }
                | Entry::Queued { attempts, .. },
            ) => *attempts,
            Some(Entry::Done | Entry::Failed) => return Step::AlreadyThere,
        };
        if until <= at || !message.keeps_hours() || !self.wants(cause, message) {
            return Step::Invalid(Refused::OutOfPlace);
        }
        self.ledger.insert(cause, Entry::Held { message: message.clone(), attempts, until });
        Step::Stay
    }

    fn hold_ended(&mut self, cause: u32, message: &Message, at: Timestamp) -> Step {
        match self.ledger.get(&cause) {
            Some(Entry::Held { attempts, until, .. }) if *until <= at => {
                let attempts = *attempts;
                self.queue(cause, message, attempts, 0, at)
            }
            Some(Entry::Held { .. }) | None => Step::Invalid(Refused::OutOfPlace),
            Some(Entry::Claimed { .. } | Entry::Queued { .. } | Entry::Done | Entry::Failed) => Step::AlreadyThere,
        }
    }

    fn set_going_again(&mut self, cause: u32, message: &Message, round: u32, at: Timestamp) -> Step {
        let (attempts, before) = match self.ledger.get(&cause) {
            None => (0, 0),
            Some(Entry::Claimed { round: before, .. } | Entry::Queued { round: before, .. }) if *before >= round => {
                return Step::AlreadyThere;
            }
            Some(Entry::Claimed { lease_until, .. }) if *lease_until > at => return Step::Invalid(Refused::Leased),
            Some(Entry::Claimed { attempt, round, .. }) => (*attempt, *round),
            Some(Entry::Queued { attempts, round, .. }) => (*attempts, *round),
            Some(Entry::Held { .. }) => return Step::Invalid(Refused::OutOfPlace),
            Some(Entry::Done | Entry::Failed) => return Step::AlreadyThere,
        };
        if round != before + 1 {
            return Step::Invalid(Refused::OutOfPlace);
        }
        self.queue(cause, message, attempts, round, at)
    }

    /// Puts a wanted message on record as on its way to a sender. Each round waits twice as long as the one before it.
    fn queue(&mut self, cause: u32, message: &Message, attempts: u32, round: u32, at: Timestamp) -> Step {
        if !self.wants(cause, message) {
            return Step::Invalid(Refused::OutOfPlace);
        }
        let lost_at = at + LOST_AFTER * 2_i32.saturating_pow(round.min(8));
        self.ledger.insert(cause, Entry::Queued { message: message.clone(), attempts, round, lost_at });
        Step::Stay
    }

    /// The record that closes a claim: always kept, since the message is out, whatever became of the notice meanwhile.
    fn recorded(&mut self, cause: u32, then: impl FnOnce(&Self) -> Step) -> Step {
        match self.ledger.get(&cause) {
            // A sender may be so slow that its message was given up for lost meanwhile.
            Some(entry) if entry.may_be_out() => {
                let step = then(self);
                self.ledger.insert(cause, Entry::Done);
                step
            }
            Some(Entry::Done | Entry::Failed) => Step::AlreadyThere,
            Some(Entry::Claimed { .. } | Entry::Held { .. } | Entry::Queued { .. }) | None => {
                Step::Invalid(Refused::NotClaimed)
            }
        }
    }

    fn asked(&self, remind_at: Timestamp, choose_by: Timestamp) -> Step {
        match self.state {
            State::Accepted { .. } => {
                Step::To(State::Asking { choose_by, remind_at: Some(remind_at), awaiting_email: false })
            }
            // The resident was quicker than our record, or the notice was steered elsewhere meanwhile.
            State::Asking { .. }
            | State::Sending { .. }
            | State::Sent { .. }
            | State::Delivered { .. }
            | State::Read { .. }
            | State::Posting { .. }
            | State::Printing { .. }
            | State::Posted { .. }
            | State::Returned { .. }
            | State::NeedsAttention { .. }
            | State::Cancelled { .. } => Step::Stay,
        }
    }

    fn sent(&self, cause: u32, read_by: Option<Timestamp>, at: Timestamp) -> Step {
        match &self.state {
            State::Sending { route, cause: wanted } if *wanted == cause => {
                Step::To(State::Sent { route: *route, at, read_by })
            }
            // Cancelled between call and record: the record is kept, the end stands.
            State::Sending { .. }
            | State::Accepted { .. }
            | State::Asking { .. }
            | State::Sent { .. }
            | State::Delivered { .. }
            | State::Read { .. }
            | State::Posting { .. }
            | State::Printing { .. }
            | State::Posted { .. }
            | State::Returned { .. }
            | State::NeedsAttention { .. }
            | State::Cancelled { .. } => Step::Stay,
        }
    }

    fn send_failed(&mut self, cause: u32, reason: Failure, version: u32, at: Timestamp) -> Step {
        let message = match self.ledger.get(&cause) {
            // One that nobody ever claimed fails too, when it was set going often enough.
            Some(Entry::Claimed { message, .. } | Entry::Queued { message, .. }) => message.clone(),
            Some(Entry::Held { message, attempts, .. }) if *attempts > 0 => message.clone(),
            Some(Entry::Done | Entry::Failed) => return Step::AlreadyThere,
            Some(Entry::Held { .. }) | None => return Step::Invalid(Refused::NotClaimed),
        };
        self.ledger.insert(cause, Entry::Failed);
        match (&message, &self.state) {
            (Message::Result { channel }, State::Sending { cause: wanted, .. }) if *wanted == cause => {
                if reason == Failure::ConsentMissing {
                    self.consented.retain(|route| route.channel() != *channel);
                }
                self.note_tried(*channel);
                Step::To(next_step(self, PostReason::DeliveryFailed, version, at))
            }
            (Message::Question, State::Accepted { .. }) => Step::To(post(self, PostReason::QuestionFailed, at)),
            (
                Message::Question
                | Message::Reminder
                | Message::EmailRequest
                | Message::Result { .. }
                | Message::Acknowledgement { .. }
                | Message::RenewalConfirmation
                | Message::Answer { .. }
                | Message::Clarification { .. }
                | Message::ResumeConfirmation
                | Message::DocumentsRequest
                | Message::DocumentsReminder
                | Message::SubmissionReceipt { .. }
                | Message::DocumentRefused { .. }
                | Message::PostConfirmation
                | Message::OptOutConfirmation,
                State::Accepted { .. }
                | State::Asking { .. }
                | State::Sending { .. }
                | State::Sent { .. }
                | State::Delivered { .. }
                | State::Read { .. }
                | State::Posting { .. }
                | State::Printing { .. }
                | State::Posted { .. }
                | State::Returned { .. }
                | State::NeedsAttention { .. }
                | State::Cancelled { .. },
            ) => Step::Stay,
        }
    }

    fn reminder_fell_due(&self) -> Step {
        match &self.state {
            State::Asking { choose_by, remind_at: Some(_), awaiting_email } => {
                Step::To(State::Asking { choose_by: *choose_by, remind_at: None, awaiting_email: *awaiting_email })
            }
            State::Asking { remind_at: None, .. }
            | State::Accepted { .. }
            | State::Sending { .. }
            | State::Sent { .. }
            | State::Delivered { .. }
            | State::Read { .. }
            | State::Posting { .. }
            | State::Printing { .. }
            | State::Posted { .. }
            | State::Returned { .. }
            | State::NeedsAttention { .. }
            | State::Cancelled { .. } => Step::AlreadyThere,
        }
    }

    fn email_chosen_without_address(&self, choose_by: Timestamp) -> Step {
        match &self.state {
            State::Asking { awaiting_email: true, .. } => Step::AlreadyThere,
            State::Sending { .. } if self.is_result_claimed() => Step::Invalid(Refused::ChoiceClosed),
            State::Asking { choose_by, remind_at, .. } => {
                Step::To(State::Asking { choose_by: *choose_by, remind_at: *remind_at, awaiting_email: true })
            }
            State::Accepted { .. } | State::Sending { .. } | State::Posting { .. } | State::NeedsAttention { .. } => {
                Step::To(State::Asking { choose_by, remind_at: None, awaiting_email: true })
            }
            State::Sent { .. }
            | State::Delivered { .. }
            | State::Read { .. }
            | State::Printing { .. }
            | State::Posted { .. }
            | State::Returned { .. } => Step::Invalid(Refused::ChoiceClosed),
            State::Cancelled { .. } => Step::Invalid(Refused::Ended),
        }
    }

    fn channel_chosen(&mut self, route: Route, version: u32, at: Timestamp) -> Step {
        match &self.state {
            State::Posting { reason: PostReason::Chosen, .. } if route == Route::Post => Step::AlreadyThere,
            State::Sending { .. } if self.is_result_claimed() => Step::Invalid(Refused::ChoiceClosed),
            State::Sending { route: chosen, .. } if *chosen == route => Step::AlreadyThere,
            State::Accepted { .. }
            | State::Asking { .. }
            | State::Sending { .. }
            | State::Posting { .. }
            | State::NeedsAttention { .. } => {
                if route == Route::Post {
                    // Choosing post takes back what was chosen for this notice before.
                    self.consented.clear();
                    return Step::To(post(self, PostReason::Chosen, at));
                }
                self.consented.retain(|held| held.channel() != route.channel());
                self.consented.push(route);
                // A new consent names an address anew: what failed before may be tried again.
                self.tried.retain(|tried| *tried != route.channel());
                Step::To(State::Sending { route, cause: version })
            }
            State::Sent { .. }
            | State::Delivered { .. }
            | State::Read { .. }
            | State::Printing { .. }
            | State::Posted { .. }
            | State::Returned { .. } => Step::Invalid(Refused::ChoiceClosed),
            State::Cancelled { .. } => Step::Invalid(Refused::Ended),
        }
    }

    fn delivered(&self, channel: Channel, at: Timestamp) -> Step {
        match &self.state {
            State::Sent { route, read_by, .. } if route.channel() == channel => {
                Step::To(State::Delivered { route: *route, at, read_by: *read_by })
            }
            // The report overtook our own record: it comes again.
            State::Sending { route, .. } if route.channel() == channel => Step::Invalid(Refused::OutOfPlace),
            // It arrived after all, but the ladder has moved on: the later way stands.
            State::Sent { .. }
            | State::Sending { .. }
            | State::Delivered { .. }
            | State::Read { .. }
            | State::Posting { .. }
            | State::Printing { .. }
            | State::Posted { .. }
            | State::Returned { .. }
            | State::NeedsAttention { .. }
            | State::Cancelled { .. } => Step::AlreadyThere,
            State::Accepted { .. } | State::Asking { .. } => Step::Invalid(Refused::OutOfPlace),
        }
    }

    fn delivery_failed(&mut self, channel: Channel, version: u32, at: Timestamp) -> Step {
        match &self.state {
            State::Sent { route, .. } | State::Delivered { route, .. } if route.channel() == channel => {
                self.note_tried(channel);
                Step::To(next_step(self, PostReason::DeliveryFailed, version, at))
            }
            State::Sending { route, .. } if route.channel() == channel => Step::Invalid(Refused::OutOfPlace),
            // Read is proof of arrival, whatever a report says later.
            State::Sent { .. }
            | State::Delivered { .. }
            | State::Sending { .. }
            | State::Read { .. }
            | State::Posting { .. }
            | State::Printing { .. }
            | State::Posted { .. }
            | State::Returned { .. }
            | State::NeedsAttention { .. }
            | State::Cancelled { .. } => Step::AlreadyThere,
            State::Accepted { .. } | State::Asking { .. } => Step::Invalid(Refused::OutOfPlace),
        }
    }

    fn read(&self, at: Timestamp) -> Step {
        match &self.state {
            State::Sent { route, .. } | State::Delivered { route, .. } => Step::To(State::Read { route: *route, at }),
            // Opened late, but before the letter was printed: the letter is not needed.
            State::Posting { reason: PostReason::Unread, .. } => match self.consented.last() {
                Some(route) => Step::To(State::Read { route: *route, at }),
                None => Step::Invalid(Refused::OutOfPlace),
            },
            State::Read { .. } => Step::AlreadyThere,
            State::Accepted { .. }
            | State::Asking { .. }
            | State::Sending { .. }
            | State::Posting { .. }
            | State::Printing { .. }
            | State::Posted { .. }
            | State::Returned { .. }
            | State::NeedsAttention { .. } => Step::Invalid(Refused::OutOfPlace),
            State::Cancelled { .. } => Step::Invalid(Refused::Ended),
        }
    }

    fn choose_by_passed(&self, at: Timestamp) -> Step {
        match &self.state {
            State::Asking { choose_by, .. } if *choose_by <= at => Step::To(post(self, PostReason::NoAnswer, at)),
            State::Asking { .. } => Step::Invalid(Refused::OutOfPlace),
            State::Accepted { .. }
            | State::Sending { .. }
            | State::Sent { .. }
            | State::Delivered { .. }
            | State::Read { .. }
            | State::Posting { .. }
            | State::Printing { .. }
            | State::Posted { .. }
            | State::Returned { .. }
            | State::NeedsAttention { .. }
            | State::Cancelled { .. } => Step::AlreadyThere,
        }
    }

    fn unread_passed(&mut self, version: u32, at: Timestamp) -> Step {
        match &self.state {
            State::Sent { route, read_by: Some(read_by), .. }
            | State::Delivered { route, read_by: Some(read_by), .. } => {
                if *read_by > at {
                    return Step::Invalid(Refused::OutOfPlace);
                }
                self.note_tried(route.channel());
                Step::To(next_step(self, PostReason::Unread, version, at))
            }
            State::Sent { read_by: None, .. } | State::Delivered { read_by: None, .. } => {
                Step::Invalid(Refused::OutOfPlace)
            }
            State::Accepted { .. }
            | State::Asking { .. }
            | State::Sending { .. }
            | State::Read { .. }
            | State::Posting { .. }
            | State::Printing { .. }
            | State::Posted { .. }
            | State::Returned { .. }
            | State::NeedsAttention { .. }
            | State::Cancelled { .. } => Step::AlreadyThere,
        }
    }

    fn consent_revoked(&mut self, only: Option<Channel>, version: u32, at: Timestamp) -> Step {
        let is_revoked = |route: &Route| only.is_none_or(|channel| channel == route.channel());
        let claimed = self.is_result_claimed();
        self.consented.retain(|route| !is_revoked(route));
        if only.is_none() {
            self.documents.silence();
        }
        match &self.state {
            // One that waits for its day is posted on that day.
            State::Accepted { not_before: None, .. } | State::Asking { .. } if only.is_none() => {
                Step::To(post(self, PostReason::OptedOut, at))
            }
            State::Sending { route, .. } if is_revoked(route) && !claimed => {
                Step::To(next_step(self, PostReason::OptedOut, version, at))
            }
            // What is out is out; the consent is gone for whatever would follow.
            State::Accepted { .. }
            | State::Asking { .. }
            | State::Sending { .. }
            | State::Sent { .. }
            | State::Delivered { .. }
            | State::Read { .. }
            | State::Posting { .. }
            | State::Printing { .. }
            | State::Posted { .. }
            | State::Returned { .. }
            | State::NeedsAttention { .. }
            | State::Cancelled { .. } => Step::Stay,
        }
    }

    fn post_required(&mut self, reason: PostReason, at: Timestamp) -> Step {
        match &self.state {
            State::Accepted { .. } | State::Asking { .. } => {
                if reason == PostReason::OptedOut {
                    self.documents.silence();
                }
                Step::To(post(self, reason, at))
            }
            State::Posting { .. } | State::Printing { .. } | State::Posted { .. } | State::NeedsAttention { .. } => {
                Step::AlreadyThere
            }
            State::Sending { .. } | State::Sent { .. } | State::Delivered { .. } | State::Read { .. } => {
                Step::Invalid(Refused::ChoiceClosed)
            }
            State::Returned { .. } => Step::Invalid(Refused::OutOfPlace),
            State::Cancelled { .. } => Step::Invalid(Refused::Ended),
        }
    }

    fn post_ordered(&self, at: Timestamp) -> Step {
        match &self.state {
            State::Posting { .. } | State::Printing { .. } => Step::AlreadyThere,
            State::Sending { .. } if self.is_result_claimed() => Step::Invalid(Refused::ChoiceClosed),
            // The text arrived, but nobody can open what it leads to any more.
            State::Delivered { .. } if self.link_locked => Step::To(post(self, PostReason::OfficerOrdered, at)),
            State::Accepted { .. }
            | State::Asking { .. }
            | State::Sending { .. }
            | State::Sent { .. }
            | State::Returned { .. }
            | State::NeedsAttention { .. } => Step::To(post(self, PostReason::OfficerOrdered, at)),
            State::Delivered { .. } | State::Read { .. } | State::Posted { .. } | State::Cancelled { .. } => {
                Step::Invalid(Refused::Ended)
            }
        }
    }

    fn letter_rendered(&mut self, letter: &Letter) -> Step {
        match (&self.paper, &self.state) {
            // Two were at it: the first one counts, and the other's file is nobody's.
            (Paper::Ready(_), _) => Step::AlreadyThere,
            (Paper::Awaited { .. }, State::Cancelled { .. }) => Step::Invalid(Refused::Ended),
            (Paper::Awaited { .. }, _) => {
                self.paper = Paper::Ready(letter.clone());
                Step::Stay
            }
        }
    }

    fn letter_overdue(&mut self, round: u32, at: Timestamp) -> Step {
        match (&self.paper, &self.state) {
            (Paper::Ready(_), _) | (Paper::Awaited { .. }, State::Cancelled { .. }) => Step::AlreadyThere,
            (Paper::Awaited { round: before, .. }, _) if *before >= round => Step::AlreadyThere,
            (Paper::Awaited { round: before, overdue_at }, _) if *overdue_at > at || before + 1 != round => {
                Step::Invalid(Refused::OutOfPlace)
            }
            (Paper::Awaited { .. }, _) => {
                self.paper = Paper::awaited(round, at);
                Step::Stay
            }
        }
    }

    fn joined_run(&self, run: &RunId, at: Timestamp) -> Step {
        match &self.state {
            State::Posting { .. } if self.paper.letter().is_some() => {
                Step::To(State::Printing { run: run.clone(), since: at })
            }
            State::Printing { run: joined, .. } | State::Posted { run: joined, .. } if joined == run => {
                Step::AlreadyThere
            }
            State::Accepted { .. }
            | State::Asking { .. }
            | State::Sending { .. }
            | State::Sent { .. }
            | State::Delivered { .. }
            | State::Read { .. }
            | State::Posting { .. }
            | State::Printing { .. }
            | State::Posted { .. }
            | State::Returned { .. }
            | State::NeedsAttention { .. } => Step::Invalid(Refused::OutOfPlace),
            State::Cancelled { .. } => Step::Invalid(Refused::Ended),
        }
    }

    fn posted(&self, run: &RunId, at: Timestamp) -> Step {
        match &self.state {
            State::Printing { run: joined, .. } if joined == run => Step::To(State::Posted { run: run.clone(), at }),
            State::Posted { .. } | State::Returned { .. } => Step::AlreadyThere,
            State::Accepted { .. }
            | State::Asking { .. }
            | State::Sending { .. }
            | State::Sent { .. }
            | State::Delivered { .. }
            | State::Read { .. }
            | State::Posting { .. }
            | State::Printing { .. }
            | State::NeedsAttention { .. } => Step::Invalid(Refused::OutOfPlace),
            State::Cancelled { .. } => Step::Invalid(Refused::Ended),
        }
    }

    fn returned(&self, at: Timestamp) -> Step {
        match &self.state {
            State::Posted { .. } => Step::To(State::Returned { at }),
            State::Returned { .. } => Step::AlreadyThere,
            State::Accepted { .. }
            | State::Asking { .. }
            | State::Sending { .. }
            | State::Sent { .. }
            | State::Delivered { .. }
            | State::Read { .. }
            | State::Posting { .. }
            | State::Printing { .. }
            | State::NeedsAttention { .. } => Step::Invalid(Refused::OutOfPlace),
            State::Cancelled { .. } => Step::Invalid(Refused::Ended),
        }
    }

    fn attention_needed(&self, attention: State) -> Step {
        match &self.state {
            State::Accepted { .. } | State::Asking { .. } | State::Posting { .. } | State::Returned { .. } => {
                Step::To(attention)
            }
            State::NeedsAttention { .. } => Step::AlreadyThere,
            State::Sending { .. } | State::Sent { .. } | State::Printing { .. } => Step::Invalid(Refused::OutOfPlace),
            State::Delivered { .. } | State::Read { .. } | State::Posted { .. } | State::Cancelled { .. } => {
                Step::Invalid(Refused::Ended)
            }
        }
    }

    fn cancelled(&self, at: Timestamp) -> Step {
        match &self.state {
            State::Cancelled { .. } => Step::AlreadyThere,
            // Nobody fetches one letter out of a printed run.
            State::Printing { .. } => Step::Invalid(Refused::Printing),
            State::Accepted { .. }
            | State::Asking { .. }
            | State::Sending { .. }
            | State::Sent { .. }
            | State::Posting { .. }
            | State::Returned { .. }
            | State::NeedsAttention { .. }
            | State::Delivered { read_by: Some(_), .. } => Step::To(State::Cancelled { at }),
            State::Delivered { read_by: None, .. } | State::Read { .. } | State::Posted { .. } => {
                Step::Invalid(Refused::Ended)
            }
        }
    }

    /// Whatever has become of the notice, the word is kept. The notice goes its way all the same: the office decides about
    /// the permit.
    fn renewal_reported(&mut self, at: Timestamp) -> Step {
        if self.details.permit.is_none() {
            return Step::Invalid(Refused::OutOfPlace);
        }
        if self.renewal_reported_at.is_some() {
            return Step::AlreadyThere;
        }
        self.renewal_reported_at = Some(at);
        self.heard(at);
        Step::Stay
    }

    /// The resident wrote or handed in something that an officer should see.
    fn heard(&mut self, at: Timestamp) {
        let before = self.conversation;
        let unread = before.map_or(0, |before| before.unread).saturating_add(1);
        self.conversation = Some(Conversation { newest_at: at, unread, read_at: before.and_then(|it| it.read_at) });
    }

    /// What was read before it moved is not among the unread.
    fn unheard(&mut self, reply: ReplyId) {
        if let Some(conversation) = &mut self.conversation
            && conversation.read_at.is_none_or(|read_at| reply.made_at() > read_at)
        {
            conversation.unread = conversation.unread.saturating_sub(1);
        }
    }

    fn replies_read(&mut self, at: Timestamp) -> Step {
        match &mut self.conversation {
            Some(conversation) if conversation.unread > 0 => {
                conversation.unread = 0;
                conversation.read_at = Some(at);
                Step::Stay
            }
            Some(_) | None => Step::AlreadyThere,
        }
    }

    fn documents_requested(&mut self, requests: &[DocumentRequest]) -> Step {
        if self.is_cancelled() {
            return Step::Invalid(Refused::Ended);
        }
        let held = &mut self.documents.requests;
        for request in requests {
            held.retain(|before| before.code != request.code);
            // What was handed in before was not enough, or it would not be asked for anew.
            for upload in
                self.documents.uploads.values_mut().filter(|upload| upload.request.as_ref() == Some(&request.code))
            {
                upload.request = None;
            }
            self.documents.reminded.remove(&request.code);
        }
        held.extend(requests.iter().cloned());
        if held.len() > limits::REQUESTS {
            return Step::Invalid(Refused::TooMany);
        }
        Step::Stay
    }

    fn documents_reminder_fell_due(&mut self, at: Timestamp) -> Step {
        match self.documents.remind_at() {
            Some(due) if due <= at && !self.is_cancelled() => {
                self.documents.remind(at);
                Step::Stay
            }
            Some(_) => Step::Invalid(Refused::OutOfPlace),
            None => Step::AlreadyThere,
        }
    }

    /// Whatever has become of the notice, what was handed in is kept.
    fn documents_submitted(&mut self, submission: SubmissionId, files: &[SubmittedFile], at: Timestamp) -> Step {
        let uploads = &mut self.documents.uploads;
        let is_new = |file: &&SubmittedFile| uploads.get(&file.upload).is_none_or(|upload| upload.submission.is_none());
        if !files.iter().any(|file| is_new(&file)) {
            return Step::AlreadyThere;
        }
        for file in files {
            let upload = uploads.entry(file.upload).or_default();
            if upload.submission.is_none() {
                upload.submission = Some(submission);
                upload.request.clone_from(&file.request);
            }
        }
        if uploads.len() > limits::UPLOADS {
            return Step::Invalid(Refused::TooMany);
        }
        self.heard(at);
        Step::Stay
    }

    fn document_discarded(&mut self, upload: UploadId) -> Step {
        match self.documents.uploads.get(&upload) {
            None => Step::AlreadyThere,
            // What was refused counts on: each costs a text.
            Some(known) if known.submission.is_some() || known.is_bad() => Step::Invalid(Refused::OutOfPlace),
            Some(_) => {
                self.documents.uploads.remove(&upload);
                Step::Stay
            }
        }
    }

    fn document_checked(&mut self, upload: UploadId, verdict: &Verdict) -> Step {
        let uploads = &mut self.documents.uploads;
        if !uploads.contains_key(&upload) && uploads.len() >= limits::UPLOADS {
            return Step::Invalid(Refused::TooMany);
        }
        let upload = uploads.entry(upload).or_default();
        if upload.verdict.is_some() {
            return Step::AlreadyThere;
        }
        upload.verdict = Some(verdict.clone());
        Step::Stay
    }
}
