//! E-mails: what is handed to a mail service, and the port to one.

use std::fmt;
use std::future::Future;

use domain::{EmailAddress, NoticeId, ProviderMessageId};

use crate::{SendError, Words};

/// A file that goes with an e-mail. Prints its name and length only.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name.
    pub name: &'static str,
    /// What it is, as `application/pdf`.
    pub content_type: &'static str,
    /// What stands in it.
    pub content: Vec<u8>,
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attachment({}, {} bytes)", self.name, self.content.len())
    }
}

/// One e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMail {
    /// The notice it belongs to: comes back with every report on the mail.
    pub notice: NoticeId,
    /// To whom.
    pub to: EmailAddress,
    /// Subject.
    pub subject: Words,
    /// For plain readers.
    pub text: Words,
    /// The same, in HTML.
    pub html: Words,
    /// Where a mail program's own "unsubscribe" goes, in one click.
    pub opt_out_url: Words,
    /// The letter.
    pub attachment: Attachment,
}

/// Sends an e-mail.
pub trait SendMail: Send + Sync {
    /// The name under which reports of this provider are found.
    const PROVIDER: &'static str;

    /// Hands the mail to the provider, once: a second try is the caller's decision.
    fn send_mail(&self, mail: &OutgoingMail) -> impl Future<Output = Result<ProviderMessageId, SendError>> + Send;
}
