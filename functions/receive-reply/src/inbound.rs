//! A text from a resident, whoever brought it.

use domain::{PhoneNumber, ProviderMessageId};
use serde::Deserialize;

/// A text as every provider's adapter hands it over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// Who brought it.
    pub provider: &'static str,
    /// The provider's name for it.
    pub id: ProviderMessageId,
    /// Who sent it.
    pub from: Sender,
    /// What it says.
    pub text: String,
    /// The message of ours that it answers, if the provider knows.
    pub in_reply_to: Option<String>,
}

/// The sender of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// A Korean telephone.
    Phone(PhoneNumber),
    /// Anything else, kept as it came.
    Unknown(String),
}

impl Sender {
    pub(crate) fn of(text: &str) -> Self {
        PhoneNumber::parse(text).map_or_else(|_| Self::Unknown(text.to_owned()), Self::Phone)
    }
}

/// AWS two-way SMS: the `Message` inside an SNS notification
/// (docs.aws.amazon.com/sms-voice, "Two-way SMS messaging").
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TwoWay {
    origination_number: String,
    message_body: String,
    inbound_message_id: String,
    previous_published_message_id: Option<String>,
}

impl TwoWay {
    pub(crate) fn into_inbound(self) -> Result<Inbound, domain::InvalidId> {
        Ok(Inbound {
            provider: "sns",
            id: ProviderMessageId::parse(&self.inbound_message_id)?,
            from: Sender::of(&self.origination_number),
            text: self.message_body,
            in_reply_to: self.previous_published_message_id,
        })
    }
}
