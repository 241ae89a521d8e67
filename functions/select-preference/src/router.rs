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
use crate::{ReadSettings, Residents};

/// The pages over `app`.
pub fn router<R: Residents, S: ReadSettings>(app: App<R, S>) -> Router {
    Router::new()
        .route("/c/{token}", get(show::<R, S>).post(act::<R, S>))
        .route("/c/{token}/opt-out", get(show_opt_out::<R, S>).post(opt_out::<R, S>))
        .fallback(elsewhere::<R, S>)
        .method_not_allowed_fallback(elsewhere::<R, S>)
        .layer(DefaultBodyLimit::max(LIMIT))
        .layer(map_response(secure))
        .with_state(Arc::new(app))
}

type Shared<R, S> = State<Arc<App<R, S>>>;
type Token = Result<Path<String>, PathRejection>;
type Body = Result<Bytes, BytesRejection>;

/// What cannot be read as text is no token, like any other text that is none.
fn text(token: Token) -> String {
    token.map_or_else(|_| String::new(), |Path(token)| token)
}

async fn show<R: Residents, S: ReadSettings>(State(app): Shared<R, S>, token: Token) -> Response {
    app.answer(&text(token), Visit::Show).await
}

async fn act<R: Residents, S: ReadSettings>(State(app): Shared<R, S>, token: Token, body: Body) -> Response {
    match body {
        Ok(body) => app.answer(&text(token), Visit::Act(Form::parse(&body))).await,
        Err(rejection) => app.refuse(rejection.status()).await,
    }
}

async fn show_opt_out<R: Residents, S: ReadSettings>(State(app): Shared<R, S>, token: Token) -> Response {
    app.answer(&text(token), Visit::ShowOptOut).await
}

async fn opt_out<R: Residents, S: ReadSettings>(State(app): Shared<R, S>, token: Token, body: Body) -> Response {
    match body {
        Ok(body) => app.answer(&text(token), Visit::OptOut(Form::parse(&body))).await,
        Err(rejection) => app.refuse(rejection.status()).await,
    }
}

async fn elsewhere<R: Residents, S: ReadSettings>(State(app): Shared<R, S>) -> Response {
    app.refuse(StatusCode::NOT_FOUND).await
}
