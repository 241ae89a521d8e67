//! Text messages: what is handed to a carrier, and the port to one.

use std::future::Future;

use domain::{PhoneNumber, ProviderMessageId};

use crate::SendError;

/// One text message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingText {
    /// To whom.
    pub to: PhoneNumber,
    /// The registered sender number.
    pub from: PhoneNumber,
    /// What it says.
    pub body: Words,
}

/// What a message says. Prints its length only: it may be a resident's matter.
#[derive(Clone, PartialEq, Eq)]
pub struct Words(pub String);

impl std::fmt::Debug for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Words({} characters)", self.0.chars().count())
    }
}

/// Sends a text message.
pub trait SendText: Send + Sync {
    /// The name under which receipts and answers of this provider are found.
    const PROVIDER: &'static str;

    /// Hands the text to the provider, once: a second try is the caller's decision.
    fn send_text(&self, text: &OutgoingText) -> impl Future<Output = Result<ProviderMessageId, SendError>> + Send;
}
