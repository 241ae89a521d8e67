//! What the function is told from outside.

use bootstrap::{Environment, MissingVariable};

/// The function's environment.
#[derive(Debug)]
pub struct Config {
    /// `TABLE`: name of the one table.
    pub table: String,
    /// `SETTINGS_PARAMETER`: name of the parameter that holds the settings.
    pub settings_parameter: String,
    /// `LETTER_BUCKET`: where letters are kept.
    pub letter_bucket: String,
    /// `SUBMISSION_BUCKET`: where papers that residents hand in are kept.
    pub submission_bucket: String,
    /// `PUBLIC_URL`: what residents' links begin with, without a slash at the end.
    pub public_url: String,
}

impl Config {
    /// Reads it.
    ///
    /// # Errors
    /// The first variable that is missing.
    pub fn read(environment: &Environment) -> Result<Self, MissingVariable> {
        Ok(Self {
            table: environment.get("TABLE")?,
            settings_parameter: environment.get("SETTINGS_PARAMETER")?,
            letter_bucket: environment.get("LETTER_BUCKET")?,
            submission_bucket: environment.get("SUBMISSION_BUCKET")?,
            public_url: environment.get("PUBLIC_URL")?,
        })
    }
}
