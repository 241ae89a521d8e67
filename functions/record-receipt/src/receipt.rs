//! A receipt in our words, whoever brought it. Names only, nothing personal: it may be kept as it is.

use domain::{Channel, ConsentId, Failure, Message, NoticeId, ProviderMessageId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::SentMessage;

/// What a provider reports of one message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The provider under whose name the message was recorded.
    pub provider: String,
    /// What the provider calls the message.
    pub message: ProviderMessageId,
    /// What became of it.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// When, by the provider's clock.
    pub at: Timestamp,
    /// What the message carries of where it belongs, with providers that give it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
}

/// Where an e-mail belongs, as it says itself: its sender may have died before it recorded the provider's name of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tags {
    /// The notice.
    pub notice: NoticeId,
    /// The version of the event that caused it.
    pub cause: u32,
    /// The consent it rests on.
    pub consent: ConsentId,
}

impl Tags {
    /// The message, as its sender would have recorded it. What goes by e-mail is a result.
    #[must_use]
    pub const fn message(self) -> (NoticeId, SentMessage) {
        let Self { notice, cause, consent } = self;
        (notice, SentMessage { cause, message: Message::Result { channel: Channel::Email }, consent: Some(consent) })
    }
}

/// What became of a message; each provider has one table from its words to these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It arrived.
    Arrived,
    /// It will never arrive.
    Failed {
        /// Why.
        reason: Failure,
    },
    /// It will never arrive, for a setting of ours that an operator must mend.
    Misconfigured,
    /// It could not be handed over this time: the clock decides.
    Unreachable,
    /// The provider goes on trying.
    Delayed,
}

impl Verdict {
    /// The verdict's name in keys and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            // Comes beside another report of the same message, and says more than that it failed.
            Self::Failed { reason: Failure::Complaint } => "complained",
            Self::Failed { .. } => "failed",
            Self::Misconfigured => "misconfigured",
            Self::Unreachable => "unreachable",
            Self::Delayed => "delayed",
        }
    }

    /// Whether the address itself is at fault, so that nothing may go there until a new consent names it.
    #[must_use]
    pub const fn condemns_address(self) -> bool {
        match self {
            Self::Failed { reason } => match reason {
                Failure::UnreachableAddress | Failure::BlockedByRecipient | Failure::Complaint => true,
                Failure::BlockedByCarrier
                | Failure::MessageRefused
                | Failure::GaveUp
                | Failure::Unread
                | Failure::ConsentMissing => false,
            },
            Self::Arrived | Self::Misconfigured | Self::Unreachable | Self::Delayed => false,
        }
    }
}

impl Receipt {
    /// The same report of the same message has the same name, however often it comes.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}#{}#{}", self.provider, self.message, self.verdict.as_str())
    }
}

/// A report as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// A receipt.
    Receipt(Receipt),
    /// A report that asks nothing of us: the mail was handed over, opened, clicked.
    Nothing,
    /// A report whose words are in no table of ours. Never guessed.
    Unknown(UnknownWord),
}

/// Words of a provider that we do not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnknownWord {
    /// Whose.
    pub provider: &'static str,
    /// Of which message.
    pub message: ProviderMessageId,
    /// The words.
    pub word: String,
}

impl UnknownWord {
    /// Words are short; what is longer is cut.
    #[must_use]
    pub fn new(provider: &'static str, message: ProviderMessageId, word: &str) -> Self {
        Self { provider, message, word: word.chars().take(100).collect() }
    }
}
