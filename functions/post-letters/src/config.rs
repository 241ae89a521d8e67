//! What this function must be told by its environment.

use bootstrap::{Environment, MissingVariable};

/// Its configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Name of the table.
    pub table: String,
    /// Bucket of letters and print runs.
    pub letter_bucket: String,
    /// Queue of runs to print.
    pub print_queue_url: String,
}

impl Config {
    /// Reads it.
    ///
    /// # Errors
    /// Names the first variable that is missing.
    pub fn read(environment: &Environment) -> Result<Self, MissingVariable> {
        Ok(Self {
            table: environment.get("TABLE")?,
            letter_bucket: environment.get("LETTER_BUCKET")?,
            print_queue_url: environment.get("PRINT_QUEUE_URL")?,
        })
    }
}
