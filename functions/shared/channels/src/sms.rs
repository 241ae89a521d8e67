//! Text messages: what is handed to a carrier, and the port to one.

use std::future::Future;

use domain::{PhoneNumber, ProviderMessageId};

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

/// Sends a text message.
pub trait SendText: Send + Sync {
    /// The name under which receipts and answers of this provider are found.
    const PROVIDER: &'static str;

    /// Hands the text to the provider, once: a second try is the caller's decision.
    fn send_text(&self, text: &OutgoingText) -> impl Future<Output = Result<ProviderMessageId, SendError>> + Send;
}
