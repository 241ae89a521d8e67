//! Takes notices in over HTTP: validates, stores once, answers; reads and lists them, and records what officers decide.

mod config;
mod decide;
mod intake;
mod openapi;
mod openapi_conversations;
mod openapi_numbers;
mod openapi_papers;
mod permits;
mod query;
mod request;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::{get, post};
use tongji_http::Problem;

pub use config::Config;
pub use intake::Intake;
pub use openapi::openapi;

/// The largest body a notice may have; a larger one is answered 413.
const LARGEST_BODY: usize = 256 * 1024;

/// All routes of this function.
pub fn router(intake: Arc<Intake>) -> Router {
    Router::new()
        .route("/v1/notices", post(intake::create).get(query::list))
        .route("/v1/notices/{id}", get(query::read))
        .route("/v1/notices/{id}/cancel", post(decide::cancel))
        .route("/v1/notices/{id}/post", post(decide::order_post))
        .route("/v1/notices/{id}/unlock", post(decide::unlock))
        .route("/v1/openapi.json", get(openapi::serve))
        .fallback(|| async { Problem::new(StatusCode::NOT_FOUND, "no such resource") })
        // Bodies are measured by hand, to answer with a problem.
        .layer(DefaultBodyLimit::disable())
        .with_state(intake)
}
