//! The resident's page `/c/{token}`, and the public page `/verify`: server-rendered, no login, nothing that needs a script,
//! nothing personal before the second factor.

mod answer;
mod app;
mod choose;
mod config;
mod documents;
mod form;
mod headers;
mod next;
mod opt_out;
mod papers;
mod ports;
mod prove;
mod router;
mod standing;
mod verify;
mod view;

pub use app::App;
pub use bootstrap::ReadSettings;
pub use config::Config;
pub use letters::ShareFile;
pub use ports::{Buckets, Files, Residents};
pub use router::router;
pub use verify::CheckTexts;
