//! What this function must be told by its environment.

use bootstrap::{Environment, MissingVariable};

/// Its configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Name of the table.
    pub table: String,
    /// Bucket of what residents hand in.
    pub submission_bucket: String,
    /// Name of the parameter that holds the settings.
    pub settings_parameter: String,
}

impl Config {
    /// Reads it.
    ///
    /// # Errors
    /// Names the first variable that is missing.
    pub fn read(environment: &Environment) -> Result<Self, MissingVariable> {
        Ok(Self {
            table: environment.get("TABLE")?,
            submission_bucket: environment.get("SUBMISSION_BUCKET")?,
            settings_parameter: environment.get("SETTINGS_PARAMETER")?,
        })
    }
}
