//! What this function must be told by its environment.

use bootstrap::{Environment, MissingVariable};

/// Its configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Name of the table.
    pub table: String,
    /// Name of the parameter that holds the settings.
    pub settings_parameter: String,
    /// ARN of the secret that keys recipients' identities.
    pub recipient_key_secret: String,
    /// ARN of the secret that signs the gateway's webhooks.
    pub webhook_secret: String,
    /// ARN of the secret that holds Twilio's auth token.
    pub twilio_secret: String,
    /// Where the office's pages and webhooks live, without a slash at the end.
    pub public_url: String,
    /// Hosts that files are fetched from, with commas between them; none, nothing is fetched.
    pub media_hosts: Option<String>,
    /// Where handed-in files are kept.
    pub submission_bucket: String,
    /// Address of LG U+ 메시지허브; none where the office has no such gateway.
    pub message_hub_url: Option<String>,
    /// ARN of the secret that signs in there.
    pub message_hub_secret: String,
    /// ARN of the topic of inbound texts.
    pub inbound_topic: String,
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
            recipient_key_secret: environment.get("RECIPIENT_KEY_SECRET")?,
            webhook_secret: environment.get("WEBHOOK_SECRET")?,
            twilio_secret: environment.get("TWILIO_SECRET")?,
            public_url: environment.get("PUBLIC_URL")?,
            media_hosts: environment.find("MEDIA_HOSTS"),
            submission_bucket: environment.get("SUBMISSION_BUCKET")?,
            message_hub_url: environment.find("MESSAGE_HUB_URL"),
            message_hub_secret: environment.get("MESSAGE_HUB_SECRET")?,
            inbound_topic: environment.get("INBOUND_TOPIC")?,
        })
    }
}
