//! Sends results and officers' answers by e-mail, each at most once as far as the mail service lets us, and only to the address that the
//! resident's consent designates.

mod config;

use channels::wording::{Mail, mail};
use channels::{Attachment, Claimed, Dispatch, Fault, Ledger, OutgoingMail, ReadSettings, SendError, SendMail, Undone};
use domain::{Command, EmailAddress, Failure, Given, Message};
use letters::{FetchLetter, LETTER_NAME};

pub use config::{Config, InvalidSender};

/// Sends e-mails.
#[derive(Debug)]
pub struct SendMails<L, S, F, M> {
    dispatch: Dispatch<L, S>,
    letters: F,
    carrier: M,
}

impl<L: Ledger, S: ReadSettings, F: FetchLetter, M: SendMail> SendMails<L, S, F, M> {
    /// Sends by this mail service, with letters from there.
    pub const fn new(dispatch: Dispatch<L, S>, letters: F, carrier: M) -> Self {
        Self { dispatch, letters, carrier }
    }

    /// Sends one e-mail: claims it, calls the mail service once, records what it answered.
    ///
    /// # Errors
    /// When it is not done; the queue brings it again.
    pub async fn send(&self, command: Command) -> Result<(), Undone> {
        let Some(claimed) = self.dispatch.claim(&command, mail).await? else { return Ok(()) };
        let Some(to) = self.address(&claimed).await? else {
            return self.dispatch.record_failed(&claimed, Failure::ConsentMissing).await;
        };
        let (result_under, attachment) = if matches!(command.message, Message::Result { .. }) {
            match self.letter(&claimed).await {
                Ok(letter) => (claimed.notice.consent_for_result(), Some(letter)),
                Err(error) => return Err(self.dispatch.retry(&claimed, error)),
            }
        } else {
            (None, None)
        };
        let Mail { subject, text, html, opt_out_url } = claimed.words.clone();
        let Command { notice, cause, .. } = command;
        let mail = OutgoingMail { notice, cause, result_under, to, subject, text, html, opt_out_url, attachment };
        match self.carrier.send_mail(&mail).await {
            Ok(taken) => self.dispatch.record_sent(&claimed, M::PROVIDER, taken).await,
            Err(SendError::Permanent { reason, source }) => {
                tracing::warn!(notice.id = %command.notice, %source, "refused");
                self.dispatch.record_failed(&claimed, reason).await
            }
            Err(error @ SendError::Retryable { .. }) => Err(self.dispatch.retry(&claimed, error)),
        }
    }

    /// The address that the consent designates: no other.
    async fn address(&self, claimed: &Claimed<Mail>) -> Result<Option<EmailAddress>, Undone> {
        Ok(match self.dispatch.designated(claimed).await? {
            Some(Given::Email(address)) => Some(address),
            Some(Given::Sms(_)) | None => None,
        })
    }

    /// The letter, as it was made before anything went out.
    async fn letter(&self, claimed: &Claimed<Mail>) -> Result<Attachment, SendError> {
        let missing =
            |code: String| SendError::Retryable { source: Fault { provider: "s3", code, request: "-".to_owned() } };
        let notice = &claimed.notice;
        let letter = notice.paper.letter().ok_or_else(|| missing("nothing: no letter was made".to_owned()))?;
        let content = self.letters.fetch(notice.id, letter).await.map_err(|error| missing(error.to_string()))?;
        Ok(Attachment { name: LETTER_NAME, content_type: "application/pdf", content })
    }
}
