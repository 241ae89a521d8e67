//! What this function must be told by its environment.

use bootstrap::{Environment, MissingVariable};

/// Its configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Name of the table.
    pub table: String,
    /// Queue of texts to send.
    pub sms_queue_url: String,
    /// Queue of e-mails to send.
    pub email_queue_url: String,
    /// Queue of letters to make.
    pub letter_queue_url: String,
}

impl Config {
    /// Reads it.
    ///
    /// # Errors
    /// Names the first variable that is missing.
    pub fn read(environment: &Environment) -> Result<Self, MissingVariable> {
        Ok(Self {
            table: environment.get("TABLE")?,
            sms_queue_url: environment.get("SMS_QUEUE_URL")?,
            email_queue_url: environment.get("EMAIL_QUEUE_URL")?,
            letter_queue_url: environment.get("LETTER_QUEUE_URL")?,
        })
    }
}
