//! Where a notice stands. Each state carries its own data and no personal data.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Route, RunId};

/// Why a notice goes by letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostReason {
    /// The resident wants a letter.
    Chosen,
    /// The resident wants letters for this kind, or for everything.
    StandingPreference,
    /// The resident takes no texts or e-mails from the office.
    OptedOut,
    /// No telephone number on file, so nobody could be asked.
    NoPhone,
    /// The number is a landline or a service number.
    NotAMobile,
    /// A corporation: gets letters.
    Corporation,
    /// The question could not be sent.
    QuestionFailed,
    /// The question was not answered in time.
    NoAnswer,
    /// Every channel the resident consented to failed.
    DeliveryFailed,
    /// The result was sent but not read in time.
    Unread,
    /// An officer decided so.
    OfficerOrdered,
}

impl PostReason {
    /// Every reason.
    pub const ALL: [Self; 11] = [
        Self::Chosen,
        Self::StandingPreference,
        Self::OptedOut,
        Self::NoPhone,
        Self::NotAMobile,
        Self::Corporation,
        Self::QuestionFailed,
        Self::NoAnswer,
        Self::DeliveryFailed,
        Self::Unread,
        Self::OfficerOrdered,
    ];

    /// The reason's name in JSON and in counters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chosen => "chosen",
            Self::StandingPreference => "standing_preference",
            Self::OptedOut => "opted_out",
            Self::NoPhone => "no_phone",
            Self::NotAMobile => "not_a_mobile",
            Self::Corporation => "corporation",
            Self::QuestionFailed => "question_failed",
            Self::NoAnswer => "no_answer",
            Self::DeliveryFailed => "delivery_failed",
            Self::Unread => "unread",
            Self::OfficerOrdered => "officer_ordered",
        }
    }
}

/// Why an officer must decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttentionReason {
    /// It should go by letter, and no postal address is on file.
    NoAddress,
}

/// The state of a notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum State {
    /// Taken in; the question is on its way, or waits for `not_before`.
    Accepted {
        /// Nothing goes out before this moment.
        not_before: Option<Timestamp>,
        /// The version of the event that set the question going: names the one message allowed to carry it.
        cause: u32,
    },
    /// The resident has been asked which way they want the result.
    Asking {
        /// Silence past this moment means post.
        choose_by: Timestamp,
        /// When the one reminder falls due; none once it did.
        remind_at: Option<Timestamp>,
        /// They chose e-mail, and the next text should be the address.
        awaiting_email: bool,
    },
    /// The result is on its way to the provider.
    Sending {
        /// How it goes.
        route: Route,
        /// The version of the event that set it going: names the one message allowed to carry it.
        cause: u32,
    },
    /// A provider took the result.
    Sent {
        /// How it went.
        route: Route,
        /// When.
        at: Timestamp,
        /// Unread past this moment means the next channel; none where the kind asks for no proof of reading.
        read_by: Option<Timestamp>,
    },
    /// The provider reports that it arrived.
    Delivered {
        /// How it went.
        route: Route,
        /// When it arrived.
        at: Timestamp,
        /// As in `Sent`.
        read_by: Option<Timestamp>,
    },
    /// The resident opened the result.
    Read {
        /// How it went.
        route: Route,
        /// When it was opened.
        at: Timestamp,
    },
    /// Handed to post: this state, and the pointer the store keeps to it, is the one hand-off there is.
    Posting {
        /// Why post.
        reason: PostReason,
        /// Since when.
        since: Timestamp,
    },
    /// In a print run: the letter is as good as out, and nobody steers it elsewhere any more.
    Printing {
        /// The run.
        run: RunId,
        /// Since when.
        since: Timestamp,
    },
    /// Given to the postal service.
    Posted {
        /// The print run that held it.
        run: RunId,
        /// When.
        at: Timestamp,
    },
    /// The letter came back.
    Returned {
        /// When it was scanned.
        at: Timestamp,
    },
    /// No way forward without an officer.
    NeedsAttention {
        /// Why.
        reason: AttentionReason,
        /// Since when.
        since: Timestamp,
    },
    /// Ended by a named officer; who and why stand in the event.
    Cancelled {
        /// When.
        at: Timestamp,
    },
}

impl State {
    /// Every name `name` can give, in the order of a notice's life.
    pub const NAMES: [&str; 12] = [
        "accepted",
        "asking",
        "sending",
        "sent",
        "delivered",
        "read",
        "posting",
        "printing",
        "posted",
        "returned",
        "needs_attention",
        "cancelled",
    ];

    /// The state's name in JSON, in the department index and in logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Accepted { .. } => "accepted",
            Self::Asking { .. } => "asking",
            Self::Sending { .. } => "sending",
            Self::Sent { .. } => "sent",
            Self::Delivered { .. } => "delivered",
            Self::Read { .. } => "read",
            Self::Posting { .. } => "posting",
            Self::Printing { .. } => "printing",
            Self::Posted { .. } => "posted",
            Self::Returned { .. } => "returned",
            Self::NeedsAttention { .. } => "needs_attention",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// Nothing more will happen to the result by itself, and an officer may no longer cancel it.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        matches!(
            self,
            Self::Delivered { read_by: None, .. } | Self::Read { .. } | Self::Posted { .. } | Self::Cancelled { .. }
        )
    }

    /// The moment by which the resident must choose; none where nobody is asked.
    #[must_use]
    pub const fn choose_by(&self) -> Option<Timestamp> {
        if let Self::Asking { choose_by, .. } = self { Some(*choose_by) } else { None }
    }

    /// A text from the resident may still belong to this notice, one that was posted included: they may write about the
    /// letter, or ask to be texted again.
    #[must_use]
    pub const fn hears_replies(&self) -> bool {
        !matches!(self, Self::Cancelled { .. })
    }
}
