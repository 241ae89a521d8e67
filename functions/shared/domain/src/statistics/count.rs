//! What each event of a notice adds to the counts of its day.
//!
//! An event is counted by itself and by the events before it, which never change: whenever it is looked at, and however
//! the notice stands by then, it counts the same.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Bucket, Counter, Counts, How};
use crate::settings::SEOUL;
use crate::{
    Billed, Channel, DepartmentCode, Entry, Event, Evidence, Fact, KindCode, Message, Notice, Opening, Outcome,
    PostReason, State, Unit,
};

/// Whose numbers: a department's, for one kind of notice, on one day in Seoul.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The department.
    pub department: DepartmentCode,
    /// The day.
    pub day: Date,
    /// The kind of notice.
    pub kind: KindCode,
}

/// What one event adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// The event.
    pub version: u32,
    /// Where.
    pub line: Line,
    /// How much.
    pub counts: Counts,
}

/// What the events of a notice add, those that add nothing left out. They are all its events up to some moment, oldest
/// first; of the notice itself only what never changes is looked at.
#[must_use]
pub fn count(notice: &Notice, events: &[Event]) -> Vec<Counted> {
    let mut course = Course::from_the_start(notice, events);
    let counted = |event: &Event| Counted {
        version: event.version,
        line: Line {
            department: notice.details.department.clone(),
            day: SEOUL.to_datetime(event.at).date(),
            kind: notice.details.kind.clone(),
        },
        counts: course.go_on(event),
    };
    events.iter().map(counted).filter(|counted| !counted.counts.is_empty()).collect()
}

/// How far a notice has come, and what of it was counted.
struct Course {
    notice: Notice,
    chosen: bool,
    reached: bool,
    letters: u32,
    /// The result that went out last gave a sign of arrival.
    arrived: bool,
}

impl Course {
    fn from_the_start(notice: &Notice, events: &[Event]) -> Self {
        let not_before = events
            .iter()
            .find_map(|event| if let Fact::Accepted { not_before } = event.fact { not_before } else { None });
        let Notice { id, details, accepted_at, has_postal_address, .. } = notice.clone();
        let (taken_in, _) = Notice::accept(id, details, &Opening::Ask, not_before, accepted_at);
        // The address itself is not kept as long.
        let notice = Notice { has_postal_address, ..taken_in };
        Self { notice, chosen: false, reached: false, letters: 0, arrived: false }
    }

    fn go_on(&mut self, event: &Event) -> Counts {
        let mut counts = Counts::default();
        let after = match self.notice.clone().apply(event) {
            Outcome::Moved(after) => *after,
            // The first event, which is where it starts; and what an earlier version took and this one would not.
            Outcome::AlreadyThere | Outcome::Invalid(_) => Notice { version: event.version, ..self.notice.clone() },
        };
        self.by_the_fact(event, &after, &mut counts);
        match (&self.notice.state, &after.state) {
            (State::Posting { .. }, State::Posting { .. })
            | (State::NeedsAttention { .. }, State::NeedsAttention { .. }) => {}
            (_, State::Posting { reason, .. }) => counts.add(Counter::ToPost(*reason), 1),
            (_, State::NeedsAttention { .. }) => counts.add(Counter::AttentionNeeded, 1),
            (_, _) => {}
        }
        self.notice = after;
        counts
    }

    fn by_the_fact(&mut self, event: &Event, after: &Notice, counts: &mut Counts) {
        match &event.fact {
            Fact::Accepted { .. } => counts.add(Counter::Accepted, 1),
            Fact::Asked { billed, .. } => {
                counts.add(Counter::Asked, 1);
                bill(*billed, counts);
            }
            Fact::Sent { billed, .. } => {
                self.arrived = false;
                counts.add(Counter::Sent(carries(billed.unit)), 1);
                bill(*billed, counts);
            }
            Fact::MessageSent { billed, .. } => bill(*billed, counts),
            Fact::SendFailed { cause, .. } => {
                if let Some(channel) = self.result_under_way(*cause) {
                    counts.add(Counter::SendFailed(channel), 1);
                }
            }
            Fact::ChannelChosen { route, evidence } => self.choose(route.channel(), evidence, event.at, counts),
            Fact::PostRequired { reason: PostReason::StandingPreference } => {
                self.choose(Channel::Post, &Evidence::StandingPreference, event.at, counts);
            }
            Fact::Delivered { channel } => self.arrive(*channel, event.at, counts),
            Fact::Read => {
                if let State::Read { route, .. } = &after.state {
                    counts.add(Counter::Read(route.channel()), 1);
                    self.arrive(route.channel(), event.at, counts);
                }
            }
            Fact::DeliveryFailed { channel, .. } => counts.add(Counter::DeliveryFailed(*channel), 1),
            Fact::Posted { .. } => {
                counts.add(Counter::Posted, 1);
                if self.letters > 0 {
                    counts.add(Counter::PostedAgain, 1);
                } else if self.reached {
                    counts.add(Counter::PostedThoughReached, 1);
                }
                self.letters += 1;
            }
            Fact::Returned => counts.add(Counter::Returned, 1),
            Fact::Cancelled { .. } => counts.add(Counter::Cancelled, 1),
            Fact::Released
            | Fact::SendClaimed { .. }
            | Fact::Held { .. }
            | Fact::HoldEnded { .. }
            | Fact::SetGoingAgain { .. }
            | Fact::ReminderFellDue
            | Fact::EmailChosenWithoutAddress { .. }
            | Fact::ChooseByPassed
            | Fact::UnreadPassed
            | Fact::ConsentRevoked { .. }
            | Fact::PostRequired { .. }
            | Fact::PostOrdered { .. }
            | Fact::LetterRendered(_)
            | Fact::LetterOverdue { .. }
            | Fact::JoinedRun { .. }
            | Fact::AttentionNeeded { .. }
            | Fact::ReplyReceived { .. }
            | Fact::RenewalReported { .. }
            | Fact::ClarificationAsked { .. }
            | Fact::ReplyMoved { .. }
            | Fact::RepliesRead { .. }
            | Fact::AnswerWritten { .. }
            | Fact::ContactResumed { .. }
            | Fact::DocumentsRequested { .. }
            | Fact::DocumentsReminderFellDue
            | Fact::DocumentsSubmitted { .. }
            | Fact::DocumentDiscarded { .. }
            | Fact::DocumentChecked { .. }
            | Fact::LinkLocked
            | Fact::LinkUnlocked { .. } => {}
        }
    }

    fn choose(&mut self, channel: Channel, evidence: &Evidence, at: Timestamp, counts: &mut Counts) {
        let how = How::of(evidence);
        counts.add(Counter::Chosen(channel, how), 1);
        if !self.chosen && how != How::StandingPreference {
            counts.add(Counter::ChosenAfter(self.since_acceptance(at)), 1);
        }
        self.chosen = true;
    }

    fn arrive(&mut self, channel: Channel, at: Timestamp, counts: &mut Counts) {
        if !self.arrived {
            counts.add(Counter::Delivered(channel), 1);
        }
        if !self.reached {
            counts.add(Counter::Reached, 1);
            counts.add(Counter::ReachedAfter(self.since_acceptance(at)), 1);
        }
        (self.arrived, self.reached) = (true, true);
    }

    fn since_acceptance(&self, at: Timestamp) -> Bucket {
        Bucket::of(at.duration_since(self.notice.accepted_at))
    }

    fn result_under_way(&self, cause: u32) -> Option<Channel> {
        match self.notice.ledger.get(&cause)? {
            Entry::Claimed { message: Message::Result { channel }, .. }
            | Entry::Held { message: Message::Result { channel }, .. }
            | Entry::Queued { message: Message::Result { channel }, .. } => Some(*channel),
            Entry::Claimed { .. } | Entry::Held { .. } | Entry::Queued { .. } | Entry::Done | Entry::Failed => None,
        }
    }
}

fn bill(billed: Billed, counts: &mut Counts) {
    counts.add(Counter::Messages(billed.unit), 1);
    counts.add(Counter::Billed(billed.unit), billed.count.into());
}

const fn carries(unit: Unit) -> Channel {
    match unit {
        Unit::Sms | Unit::Lms => Channel::Sms,
        Unit::Email => Channel::Email,
    }
}
