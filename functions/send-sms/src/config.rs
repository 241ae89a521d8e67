//! What the function is told at start.

use bootstrap::{Environment, MissingVariable};

/// The function's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `TABLE`: the table's name.
    pub table: String,
    /// `SETTINGS_PARAMETER`: where the office's settings are.
    pub settings_parameter: String,
    /// `PUBLIC_URL`: where residents' links start, without a slash at the end.
    pub public_url: String,
}

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
        })
    }
}
