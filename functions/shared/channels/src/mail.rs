//! E-mails: what is handed to a mail service, and the port to one.

use std::fmt;
use std::future::Future;

use domain::{ConsentId, EmailAddress, NoticeId};

use crate::{SendError, Taken, Words};

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
    /// The notice it belongs to. This and the next two come back with every report on a result.
    pub notice: NoticeId,
    /// The version of the event that caused it.
    pub cause: u32,
    /// The consent a result rests on; none for other mails.
    pub result_under: Option<ConsentId>,
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
    /// The letter, with a result.
    pub attachment: Option<Attachment>,
}

/// Sends an e-mail.
pub trait SendMail: Send + Sync {
    /// The name under which reports of this provider are found.
    const PROVIDER: &'static str;

    /// Hands the mail to the provider, once: a second try is the caller's decision.
    fn send_mail(&self, mail: &OutgoingMail) -> impl Future<Output = Result<Taken, SendError>> + Send;
}
