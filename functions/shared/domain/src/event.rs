//! What can happen to a notice: facts in the past tense, free of personal data, so that they can be kept for good.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    AttentionReason, Channel, Evidence, Failure, Letter, Message, PostReason, ProviderMessageId, ReplyId, Route, RunId,
};

/// One event of one notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// The notice's version after it, counted from 1.
    pub version: u32,
    /// When it was recorded.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub fact: Fact,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Fact {
    /// The office handed the notice in.
    Accepted {
        /// Ask no earlier than this.
        not_before: Option<Timestamp>,
    },
    /// The time to wait for is over.
    Released,
    /// A sender took hold of a message.
    SendClaimed {
        /// The version of the event that caused the message.
        cause: u32,
        /// Which message.
        #[serde(flatten)]
        message: Message,
        /// Counts from 1.
        attempt: u32,
        /// Nobody else sends it before this.
        lease_until: Timestamp,
        /// An earlier attempt may have reached the resident.
        possible_duplicate: bool,
    },
    /// A text waits for the office's sending hours.
    Held {
        /// The version of the event that caused the message.
        cause: u32,
        /// Which message.
        #[serde(flatten)]
        message: Message,
        /// When the hours begin.
        until: Timestamp,
    },
    /// The sending hours began: a text that waited for them goes on its way.
    HoldEnded {
        /// As in the hold.
        cause: u32,
        /// As in the hold.
        #[serde(flatten)]
        message: Message,
    },
    /// A message was lost on its way, or nobody could carry it out: it is set going again.
    SetGoingAgain {
        /// The version of the event that caused the message.
        cause: u32,
        /// Which message.
        #[serde(flatten)]
        message: Message,
        /// Counts from 1.
        round: u32,
    },
    /// The question went out.
    Asked {
        /// As in the claim.
        cause: u32,
        /// The provider's name for the message.
        provider_id: ProviderMessageId,
        /// Silence until then is answered by one reminder.
        remind_at: Timestamp,
        /// Silence past this means post.
        choose_by: Timestamp,
    },
    /// The time for the one reminder came without a choice.
    ReminderFellDue,
    /// The resident chose e-mail and has no address on file.
    EmailChosenWithoutAddress {
        /// How they said so.
        #[serde(flatten)]
        evidence: Evidence,
        /// Silence past this means post.
        choose_by: Timestamp,
    },
    /// The resident chose, now or earlier.
    ChannelChosen {
        /// The route, with the consent that allows it.
        #[serde(flatten)]
        route: Route,
        /// How they said so.
        #[serde(flatten)]
        evidence: Evidence,
    },
    /// The result went out.
    Sent {
        /// As in the claim.
        cause: u32,
        /// The provider's name for the message.
        provider_id: ProviderMessageId,
        /// Unread past this means the next channel.
        read_by: Option<Timestamp>,
    },
    /// Another message than question and result went out.
    MessageSent {
        /// As in the claim.
        cause: u32,
        /// The provider's name for the message.
        provider_id: ProviderMessageId,
    },
    /// The provider refused a message for good.
    SendFailed {
        /// As in the claim.
        cause: u32,
        /// Why.
        reason: Failure,
    },
    /// The provider reports arrival.
    Delivered {
        /// The channel of the report.
        channel: Channel,
    },
    /// The provider reports that the result did not arrive.
    DeliveryFailed {
        /// The channel of the report.
        channel: Channel,
        /// Why.
        reason: Failure,
    },
    /// The resident opened the result.
    Read,
    /// Nobody chose in time.
    ChooseByPassed,
    /// Nobody read in time.
    UnreadPassed,
    /// The resident takes nothing by this channel any more; by none, if no channel is named.
    ConsentRevoked {
        /// One channel, or all.
        only: Option<Channel>,
        /// Answer by text that we understood. Of the notices it reaches, one does.
        confirm: bool,
        /// How they said so.
        #[serde(flatten)]
        evidence: Evidence,
    },
    /// It cannot go any other way than by letter.
    PostRequired {
        /// Why.
        reason: PostReason,
    },
    /// An officer sends it by letter.
    PostOrdered {
        /// The officer's name.
        officer: String,
    },
    /// The letter was made, and is kept.
    LetterRendered(Letter),
    /// The letter was lost on its way to being made: it is set going again.
    LetterOverdue {
        /// Counts from 1.
        round: u32,
    },
    /// The letter is part of a print run.
    JoinedRun {
        /// The print run.
        run: RunId,
    },
    /// Given to the postal service.
    Posted {
        /// The print run.
        run: RunId,
    },
    /// The letter came back.
    Returned,
    /// Only an officer can decide.
    AttentionNeeded {
        /// Why.
        reason: AttentionReason,
    },
    /// An officer ended it.
    Cancelled {
        /// The officer's name.
        officer: String,
        /// Their unit.
        unit: String,
        /// Why.
        reason: String,
    },
    /// The resident wrote something that is no choice.
    ReplyReceived {
        /// The reply, kept with the notice.
        reply: ReplyId,
        /// Answer that we have it. At most once a day, so that two machines never thank each other without end.
        acknowledge: bool,
    },
    /// An officer wrote to the resident.
    AnswerWritten {
        /// The answer, kept with the notice.
        reply: ReplyId,
        /// The officer's name.
        officer: String,
    },
    /// Too many wrong second factors.
    LinkLocked,
    /// An officer gave the resident a new chance.
    LinkReissued {
        /// The officer's name.
        officer: String,
    },
}

impl Fact {
    /// The fact's name in JSON, in the timeline and in logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Released => "released",
            Self::SendClaimed { .. } => "send_claimed",
            Self::Held { .. } => "held",
            Self::HoldEnded { .. } => "hold_ended",
            Self::SetGoingAgain { .. } => "set_going_again",
            Self::Asked { .. } => "asked",
            Self::ReminderFellDue => "reminder_fell_due",
            Self::EmailChosenWithoutAddress { .. } => "email_chosen_without_address",
            Self::ChannelChosen { .. } => "channel_chosen",
            Self::Sent { .. } => "sent",
            Self::MessageSent { .. } => "message_sent",
            Self::SendFailed { .. } => "send_failed",
            Self::Delivered { .. } => "delivered",
            Self::DeliveryFailed { .. } => "delivery_failed",
            Self::Read => "read",
            Self::ChooseByPassed => "choose_by_passed",
            Self::UnreadPassed => "unread_passed",
            Self::ConsentRevoked { .. } => "consent_revoked",
            Self::PostRequired { .. } => "post_required",
            Self::PostOrdered { .. } => "post_ordered",
            Self::LetterRendered(_) => "letter_rendered",
            Self::LetterOverdue { .. } => "letter_overdue",
            Self::JoinedRun { .. } => "joined_run",
            Self::Posted { .. } => "posted",
            Self::Returned => "returned",
            Self::AttentionNeeded { .. } => "attention_needed",
            Self::Cancelled { .. } => "cancelled",
            Self::ReplyReceived { .. } => "reply_received",
            Self::AnswerWritten { .. } => "answer_written",
            Self::LinkLocked => "link_locked",
            Self::LinkReissued { .. } => "link_reissued",
        }
    }
}
