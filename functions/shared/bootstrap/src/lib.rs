//! What every function needs before its own work begins: logs, configuration, clients, settings, secrets, a clock.

mod clients;
mod environment;
mod failure;
mod metric;
mod ports;
mod queue;
mod secret;
mod settings;

pub use aws_config::SdkConfig;
pub use clients::aws;
pub use environment::{Environment, MissingVariable};
pub use failure::chain;
pub use lambda_runtime::Error;
pub use metric::{count, count_many};
pub use ports::{SystemClock, SystemEntropy};
pub use queue::{batch, run_queue};
pub use secret::secret;
pub use settings::{ReadSettings, SettingsFeed, SettingsUnavailable};

/// Starts structured logs: JSON on Lambda, one line an event, never personal data.
pub fn tracing() {
    lambda_runtime::tracing::init_default_subscriber();
}
