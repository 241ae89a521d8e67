//! The resident's page `/c/{token}`: server-rendered, no login, no script, nothing personal before the second factor.

mod answer;
mod app;
mod choose;
mod config;
mod form;
mod headers;
mod next;
mod opt_out;
mod ports;
mod prove;
mod router;
mod standing;
mod view;

pub use app::App;
pub use bootstrap::ReadSettings;
pub use config::Config;
pub use letters::ShareFile;
pub use ports::Residents;
pub use router::router;
