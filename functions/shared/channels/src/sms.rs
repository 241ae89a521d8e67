//! Text messages: what is handed to a carrier, what comes back, and the port to one.

use std::future::Future;

use domain::{Billed, PhoneNumber, ProviderMessageId};

use crate::{SendError, Words};

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

/// A message that a provider took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The provider's name for it.
    pub id: ProviderMessageId,
    /// What the provider bills for it.
    pub billed: Billed,
}

/// Sends a text message.
pub trait SendText: Send + Sync {
    /// The name under which receipts and answers of this provider are found.
    const PROVIDER: &'static str;

    /// Hands the text to the provider, once: a second try is the caller's decision.
    fn send_text(&self, text: &OutgoingText) -> impl Future<Output = Result<Taken, SendError>> + Send;
}
