//! What this function must be told by its environment.

use bootstrap::{Environment, MissingVariable};

/// Its configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Name of the table.
    pub table: String,
    /// Name of the parameter that holds the settings.
    pub settings_parameter: String,
    /// Where residents' links start, without a slash at the end.
    pub public_url: String,
    /// Bucket of letters.
    pub letter_bucket: String,
}

impl Config {
    /// Reads it.
    ///
    /// # Errors
    /// Names the first variable that is missing.
    pub fn read(environment: &Environment) -> Result<Self, MissingVariable> {
        Ok(Self {
            table: environment.get("TABLE")?,
            settings_parameter: environment.get("SETTINGS_PARAMETER")?,
            public_url: environment.get("PUBLIC_URL")?,
            letter_bucket: environment.get("LETTER_BUCKET")?,
        })
    }
}
