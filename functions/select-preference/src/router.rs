//! Paths and methods.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;

use crate::app::{App, Visit};
use crate::form::{Form, LIMIT};
use crate::headers::secure;
use crate::{ReadSettings, Residents, ShareFile};

/// The pages over `app`.
pub fn router<R: Residents, S: ReadSettings, L: ShareFile + 'static>(app: App<R, S, L>) -> Router {
    Router::new()
        .route("/c/{token}", get(show::<R, S, L>).post(act::<R, S, L>))
        .route("/c/{token}/opt-out", get(show_opt_out::<R, S, L>).post(opt_out::<R, S, L>))
        .route("/c/{token}/next", get(show_next::<R, S, L>).post(next::<R, S, L>))
        .fallback(elsewhere::<R, S, L>)
        .method_not_allowed_fallback(elsewhere::<R, S, L>)
        .layer(DefaultBodyLimit::max(LIMIT))
        .layer(map_response(secure))
        .with_state(Arc::new(app))
}

type Shared<R, S, L> = State<Arc<App<R, S, L>>>;
type Token = Result<Path<String>, PathRejection>;
type Body = Result<Bytes, BytesRejection>;

/// What cannot be read as text is no token, like any other text that is none.
fn text(token: Token) -> String {
    token.map_or_else(|_| String::new(), |Path(token)| token)
}

async fn show<R: Residents, S: ReadSettings, L: ShareFile + 'static>(
    State(app): Shared<R, S, L>,
    token: Token,
) -> Response {
    app.answer(&text(token), Visit::Show).await
}

async fn act<R: Residents, S: ReadSettings, L: ShareFile + 'static>(
    State(app): Shared<R, S, L>,
    token: Token,
    body: Body,
) -> Response {
    match body {
        Ok(body) => app.answer(&text(token), Visit::Act(Form::parse(&body))).await,
        Err(rejection) => app.refuse(rejection.status()).await,
    }
}

async fn show_opt_out<R: Residents, S: ReadSettings, L: ShareFile + 'static>(
    State(app): Shared<R, S, L>,
    token: Token,
) -> Response {
    app.answer(&text(token), Visit::ShowOptOut).await
}

async fn opt_out<R: Residents, S: ReadSettings, L: ShareFile + 'static>(
    State(app): Shared<R, S, L>,
    token: Token,
    body: Body,
) -> Response {
    match body {
        Ok(body) => app.answer(&text(token), Visit::OptOut(Form::parse(&body))).await,
        Err(rejection) => app.refuse(rejection.status()).await,
    }
}

async fn show_next<R: Residents, S: ReadSettings, L: ShareFile + 'static>(
    State(app): Shared<R, S, L>,
    token: Token,
) -> Response {
    app.answer(&text(token), Visit::ShowNext).await
}

async fn next<R: Residents, S: ReadSettings, L: ShareFile + 'static>(
    State(app): Shared<R, S, L>,
    token: Token,
    body: Body,
) -> Response {
    match body {
        Ok(body) => app.answer(&text(token), Visit::Next(Form::parse(&body))).await,
        Err(rejection) => app.refuse(rejection.status()).await,
    }
}

async fn elsewhere<R: Residents, S: ReadSettings, L: ShareFile + 'static>(State(app): Shared<R, S, L>) -> Response {
    app.refuse(StatusCode::NOT_FOUND).await
}
