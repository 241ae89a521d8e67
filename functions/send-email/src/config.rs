//! What the function is told at start.

use bootstrap::{Environment, MissingVariable};
use domain::{EmailAddress, InvalidPerson};

/// The function's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `TABLE`: the table's name.
    pub table: String,
    /// `SETTINGS_PARAMETER`: where the office's settings are.
    pub settings_parameter: String,
    /// `PUBLIC_URL`: where residents' links start, without a slash at the end.
    pub public_url: String,
    /// `LETTER_BUCKET`: where letters are kept.
    pub letter_bucket: String,
    /// `MAIL_FROM`: the sender's address; its domain is verified with SES.
    pub mail_from: String,
    /// `CONFIGURATION_SET`: the SES configuration set that reports what became of a mail.
    pub configuration_set: String,
}

/// `MAIL_FROM` is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("environment variable MAIL_FROM")]
pub struct InvalidSender(#[from] InvalidPerson);

impl Config {
    /// Reads the configuration.
    ///
    /// # Errors
    /// The name of a variable that is missing.
    pub fn read(environment: &Environment) -> Result<Self, MissingVariable> {
        Ok(Self {
            table: environment.get("TABLE")?,
            settings_parameter: environment.get("SETTINGS_PARAMETER")?,
            public_url: environment.get("PUBLIC_URL")?,
            letter_bucket: environment.get("LETTER_BUCKET")?,
            mail_from: environment.get("MAIL_FROM")?,
            configuration_set: environment.get("CONFIGURATION_SET")?,
        })
    }

    /// The sender's address.
    ///
    /// # Errors
    /// When it is none: better to stop at start than to blame each resident's address for it.
    pub fn sender(&self) -> Result<EmailAddress, InvalidSender> {
        Ok(EmailAddress::parse(&self.mail_from)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_that_is_no_address_stops_the_start() {
        let config = Config::read(&Environment::recording()).expect("sample values");
        let error = config.sender().expect_err("\"sample\" is no address");
        assert_eq!(error.to_string(), "environment variable MAIL_FROM");
    }
}
