//! Pages, redirects and failures as HTTP answers.

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{Html, IntoResponse, Response};
use bootstrap::{SettingsUnavailable, chain};

use crate::view::{Office, Unavailable};

/// Why no page can be shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the settings are not to be had")]
    Settings(#[from] SettingsUnavailable),
    #[error("the table did not serve")]
    Store(#[from] store::Error),
    #[error("the bucket of papers did not serve")]
    Files(#[from] uploads::Error),
    #[error("a page cannot be rendered")]
    Render(#[from] askama::Error),
}

/// A page.
pub(crate) fn page(status: StatusCode, view: &impl Template) -> Result<Response, Failure> {
    Ok((status, Html(view.render()?)).into_response())
}

/// Sends the reader on, by an address relative to where they are: only the browser knows under which name it got here.
pub(crate) fn see(relative: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, relative.to_owned())]).into_response()
}

/// The page for what failed on our side; the one place that logs it.
pub(crate) fn unavailable(office: Option<Office>, failure: &Failure) -> Response {
    tracing::error!(error = chain(failure), "no page could be shown");
    let body = Unavailable { office }.render().unwrap_or_default();
    (StatusCode::SERVICE_UNAVAILABLE, Html(body)).into_response()
}
