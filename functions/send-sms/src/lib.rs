//! Sends texts: question, reminder, result, answer and confirmations, each at most once as far as the carrier lets us.

mod config;

use std::sync::{Arc, Mutex, PoisonError};

use channels::wording::{Text, question_faults, text};
use channels::{Claimed, Dispatch, Ledger, OutgoingText, ReadSettings, SendError, SendText, Undone};
use domain::settings::Settings;
use domain::{Command, Failure, Given, Message, PhoneNumber};

pub use config::Config;

/// Sends texts.
#[derive(Debug)]
pub struct SendTexts<L, S, T> {
    dispatch: Dispatch<L, S>,
    carrier: T,
    /// The settings whose questions were measured last.
    measured: Mutex<Option<Arc<Settings>>>,
}

impl<L: Ledger, S: ReadSettings, T: SendText> SendTexts<L, S, T> {
    /// Sends by this carrier.
    pub fn new(dispatch: Dispatch<L, S>, carrier: T) -> Self {
        Self { dispatch, carrier, measured: Mutex::default() }
    }

    /// Sends one text: claims it, calls the carrier once, records what it answered.
    ///
    /// # Errors
    /// When it is not done; the queue brings it again.
    pub async fn send(&self, command: Command) -> Result<(), Undone> {
        self.measure_questions(self.dispatch.settings(&command).await?);
        let Some(claimed) = self.dispatch.claim(&command, text).await? else { return Ok(()) };
        let to = match self.address(&claimed, &command.message).await? {
            Ok(to) => to,
            Err(reason) => return self.dispatch.record_failed(&claimed, reason).await,
        };
        let text = OutgoingText { to, from: claimed.sender.clone(), body: claimed.words.words.clone() };
        match self.carrier.send_text(&text).await {
            Ok(taken) => self.dispatch.record_sent(&claimed, T::PROVIDER, taken).await,
            Err(SendError::Permanent { reason, source }) => {
                tracing::warn!(notice.id = %command.notice, %source, "refused");
                self.dispatch.record_failed(&claimed, reason).await
            }
            Err(error @ SendError::Retryable { .. }) => Err(self.dispatch.retry(&claimed, error)),
        }
    }

    /// A result goes to the number its consent designates and nowhere else; all other texts to the number on file.
    async fn address(
        &self,
        claimed: &Claimed<Text>,
        message: &Message,
    ) -> Result<Result<PhoneNumber, Failure>, Undone> {
        let phone = match message {
            Message::Result { .. } => match self.dispatch.designated(claimed).await? {
                Some(Given::Sms(phone)) => Some(phone),
                Some(Given::Email(_)) | None => return Ok(Err(Failure::ConsentMissing)),
            },
            Message::Question
            | Message::Reminder
            | Message::EmailRequest
            | Message::Acknowledgement { .. }
            | Message::RenewalConfirmation
            | Message::Answer { .. }
            | Message::Clarification { .. }
            | Message::ResumeConfirmation
            | Message::DocumentsRequest
            | Message::DocumentsReminder
            | Message::SubmissionReceipt { .. }
            | Message::DocumentRefused { .. }
            | Message::PostConfirmation
            | Message::OptOutConfirmation => claimed.notice.details.recipient.phone.clone(),
        };
        Ok(phone.filter(PhoneNumber::is_mobile).ok_or(Failure::UnreachableAddress))
    }

    /// Tells operators, once for each new settings, of questions that do not fit one part.
    fn measure_questions(&self, settings: Arc<Settings>) {
        let mut measured = self.measured.lock().unwrap_or_else(PoisonError::into_inner);
        if measured.as_ref().is_some_and(|measured| Arc::ptr_eq(measured, &settings)) {
            return;
        }
        for fault in question_faults(&settings, self.dispatch.public_url()) {
            tracing::warn!(fault, "settings: a question does not fit");
        }
        *measured = Some(settings);
    }
}
