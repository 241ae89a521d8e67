//! Shows officers what became of notices, and lets them talk with residents; shows auditors who saw what.

mod access;
mod answer;
mod config;
mod console;
mod desk;
mod inbox;
mod optout;
mod papers;
mod papers_view;
mod query;
mod request;
mod savings;
mod sheet;
mod stats;
mod thread;
mod unmatched;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use bootstrap::ReadSettings;
use tongji_http::Problem;

pub use config::Config;
pub use console::{Console, ReadNumbers};
pub use desk::{Converse, Desk};
pub use optout::ReadPreference;
pub use papers::{KeepPapers, Papers, papers};
pub use request::RememberAnswers;

/// All routes of this function.
pub fn router<N: ReadNumbers, S: ReadSettings>(console: Arc<Console<N, S>>) -> Router {
    Router::new()
        .route("/v1/stats", get(stats::serve::<N, S>))
        .route("/v1/stats/savings", get(savings::serve::<N, S>))
        .fallback(|| async { Problem::new(StatusCode::NOT_FOUND, "no such resource") })
        .with_state(console)
}

/// The routes of conversations, and of the access record.
pub fn conversations<T: Converse, S: ReadSettings + 'static>(desk: Arc<Desk<T, S>>) -> Router {
    Router::new()
        .route("/v1/notices/{id}/thread", get(thread::show::<T, S>))
        .route("/v1/notices/{id}/answers", post(answer::write::<T, S>))
        .route("/v1/notices/{id}/read", post(thread::mark_read::<T, S>))
        .route("/v1/inbox", get(inbox::list::<T, S>))
        .route("/v1/inbox/unmatched", get(unmatched::list::<T, S>))
        .route("/v1/access", get(access::list::<T, S>))
        .with_state(desk)
}
