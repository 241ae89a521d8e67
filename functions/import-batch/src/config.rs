//! What this function must be told by its environment.

use bootstrap::{Environment, MissingVariable};

/// Its configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Name of the table.
    pub table: String,
    /// Bucket of uploads and reports.
    pub batch_bucket: String,
    /// Queue of batches to import.
    pub import_queue_url: String,
    /// Name of the parameter that holds the settings.
    pub settings_parameter: String,
    /// ARN of the secret that keys recipients' identities.
    pub recipient_key_secret: String,
    /// Where the office's pages live, without a slash at the end.
    pub public_url: String,
}

impl Config {
    /// Reads it.
    ///
    /// # Errors
    /// Names the first variable that is missing.
    pub fn read(environment: &Environment) -> Result<Self, MissingVariable> {
        Ok(Self {
            table: environment.get("TABLE")?,
            batch_bucket: environment.get("BATCH_BUCKET")?,
            import_queue_url: environment.get("IMPORT_QUEUE_URL")?,
            settings_parameter: environment.get("SETTINGS_PARAMETER")?,
            recipient_key_secret: environment.get("RECIPIENT_KEY_SECRET")?,
            public_url: environment.get("PUBLIC_URL")?,
        })
    }
}
