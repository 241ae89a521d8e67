//! What this function must be told by its environment.

use bootstrap::{Environment, MissingVariable};

/// Its configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Name of the table.
    pub table: String,
    /// ARN of the secret that signs the gateway's webhooks.
    pub webhook_secret: String,
}

impl Config {
    /// Reads it.
    ///
    /// # Errors
    /// Names the first variable that is missing.
    pub fn read(environment: &Environment) -> Result<Self, MissingVariable> {
        Ok(Self { table: environment.get("TABLE")?, webhook_secret: environment.get("WEBHOOK_SECRET")? })
    }
}
