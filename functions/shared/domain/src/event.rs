//! What can happen to a notice: facts in the past tense, free of personal data, so that they can be kept for good.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    AttentionReason, Billed, Channel, DocumentRequest, Evidence, Failure, Letter, Message, NoticeId, PostReason,
    ProviderMessageId, ReplyId, Route, RunId, SubmissionId, SubmittedFile, UploadId, Verdict,
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
        /// What the provider bills for it.
        billed: Billed,
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
        /// As for the question.
        billed: Billed,
        /// Unread past this means the next channel.
        read_by: Option<Timestamp>,
    },
    /// Another message than question and result went out.
    MessageSent {
        /// As in the claim.
        cause: u32,
        /// The provider's name for the message.
        provider_id: ProviderMessageId,
        /// As for the question.
        billed: Billed,
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
    /// The resident wrote that the permit the notice is about is renewed.
    RenewalReported {
        /// Their text, kept with the notice.
        reply: ReplyId,
    },
    /// The resident wrote something, and it is not clear about which of several notices: they are asked, once. Their text
    /// stands with this notice until they answer.
    ClarificationAsked {
        /// Their text, kept with the notice.
        about: ReplyId,
        /// The question, kept with the notice.
        reply: ReplyId,
    },
    /// The resident's text turned out to be about another notice, and stands there now.
    ReplyMoved {
        /// The text.
        reply: ReplyId,
        /// The other notice.
        to: NoticeId,
    },
    /// An officer has read what the resident wrote.
    RepliesRead {
        /// The officer's name.
        officer: String,
    },
    /// An officer wrote to the resident.
    AnswerWritten {
        /// The answer, kept with the notice.
        reply: ReplyId,
        /// How it goes.
        channel: Channel,
        /// The officer's name.
        officer: String,
    },
    /// The resident, who had refused all texts and e-mails, may be asked again.
    ContactResumed {
        /// How they said so.
        #[serde(flatten)]
        evidence: Evidence,
    },
    /// An officer asks for papers.
    DocumentsRequested {
        /// Which; one that was asked for before is asked for anew.
        requests: Vec<DocumentRequest>,
        /// The officer's name.
        officer: String,
    },
    /// The last day for papers that are still missing is near.
    DocumentsReminderFellDue,
    /// The resident handed papers in.
    DocumentsSubmitted {
        /// The submission, kept with the notice.
        submission: SubmissionId,
        /// Its files.
        files: Vec<SubmittedFile>,
        /// Whether they get a receipt by text.
        confirm: bool,
    },
    /// The resident took back a file before handing it in.
    DocumentDiscarded {
        /// The file.
        upload: UploadId,
    },
    /// A file was looked into.
    DocumentChecked {
        /// The file.
        upload: UploadId,
        /// What was found.
        #[serde(flatten)]
        verdict: Verdict,
    },
    /// Too many wrong second factors.
    LinkLocked,
    /// An officer who knows the resident gave them a new chance.
    LinkUnlocked {
        /// The officer's name.
        officer: String,
    },
}

impl Fact {
    /// The message it calls for by itself, whatever the state: everything but the question and the result.
    #[must_use]
    pub fn calls_for(&self) -> Option<Message> {
        match self {
            Self::ReminderFellDue => Some(Message::Reminder),
            Self::EmailChosenWithoutAddress { .. } => Some(Message::EmailRequest),
            // Who chose post by text hears that it was understood; on the page they see it.
            Self::ChannelChosen { route: Route::Post, evidence: Evidence::Text { .. } } => {
                Some(Message::PostConfirmation)
            }
            Self::ConsentRevoked { confirm: true, .. } => Some(Message::OptOutConfirmation),
            Self::ReplyReceived { reply, acknowledge: true } => Some(Message::Acknowledgement { reply: *reply }),
            Self::AnswerWritten { reply, channel, .. } => Some(Message::Answer { reply: *reply, channel: *channel }),
            Self::ClarificationAsked { reply, .. } => Some(Message::Clarification { reply: *reply }),
            Self::ContactResumed { .. } => Some(Message::ResumeConfirmation),
            Self::DocumentsRequested { .. } => Some(Message::DocumentsRequest),
            Self::DocumentsReminderFellDue => Some(Message::DocumentsReminder),
            Self::DocumentsSubmitted { submission, confirm: true, .. } => {
                Some(Message::SubmissionReceipt { submission: *submission })
            }
            Self::DocumentChecked { upload, verdict: Verdict::Infected | Verdict::Refused { .. } } => {
                Some(Message::DocumentRefused { upload: *upload })
            }
            Self::RenewalReported { .. } => Some(Message::RenewalConfirmation),
            Self::Accepted { .. }
            | Self::Released
            | Self::SendClaimed { .. }
            | Self::Held { .. }
            | Self::HoldEnded { .. }
            | Self::SetGoingAgain { .. }
            | Self::Asked { .. }
            | Self::ChannelChosen { .. }
            | Self::Sent { .. }
            | Self::MessageSent { .. }
            | Self::SendFailed { .. }
            | Self::Delivered { .. }
            | Self::DeliveryFailed { .. }
            | Self::Read
            | Self::ChooseByPassed
            | Self::UnreadPassed
            | Self::ConsentRevoked { confirm: false, .. }
            | Self::DocumentsSubmitted { confirm: false, .. }
            | Self::PostRequired { .. }
            | Self::PostOrdered { .. }
            | Self::LetterRendered(_)
            | Self::LetterOverdue { .. }
            | Self::JoinedRun { .. }
            | Self::Posted { .. }
            | Self::Returned
            | Self::AttentionNeeded { .. }
            | Self::Cancelled { .. }
            | Self::ReplyReceived { acknowledge: false, .. }
            | Self::ReplyMoved { .. }
            | Self::RepliesRead { .. }
            | Self::DocumentDiscarded { .. }
            | Self::DocumentChecked { verdict: Verdict::Clean { .. }, .. }
            | Self::LinkLocked
            | Self::LinkUnlocked { .. } => None,
        }
    }

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
            Self::RenewalReported { .. } => "renewal_reported",
            Self::ClarificationAsked { .. } => "clarification_asked",
            Self::ReplyMoved { .. } => "reply_moved",
            Self::RepliesRead { .. } => "replies_read",
            Self::AnswerWritten { .. } => "answer_written",
            Self::ContactResumed { .. } => "contact_resumed",
            Self::DocumentsRequested { .. } => "documents_requested",
            Self::DocumentsReminderFellDue => "documents_reminder_fell_due",
            Self::DocumentsSubmitted { .. } => "documents_submitted",
            Self::DocumentDiscarded { .. } => "document_discarded",
            Self::DocumentChecked { .. } => "document_checked",
            Self::LinkLocked => "link_locked",
            Self::LinkUnlocked { .. } => "link_unlocked",
        }
    }
}
