//! Paths and methods.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{DefaultBodyLimit, Extension, Path, State};
use axum::http::StatusCode;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::get;
use lambda_http::request::RequestContext;

use crate::app::{App, Visit};
use crate::form::{Form, LIMIT};
use crate::headers::secure;
use crate::{CheckTexts, Files, ReadSettings, Residents};

/// The pages over `app`.
pub fn router<R: Residents + CheckTexts, S: ReadSettings, L: Files>(app: App<R, S, L>) -> Router {
    Router::new()
        .route("/c/{token}", get(show::<R, S, L>).post(act::<R, S, L>))
        .route("/c/{token}/opt-out", get(show_opt_out::<R, S, L>).post(opt_out::<R, S, L>))
        .route("/c/{token}/next", get(show_next::<R, S, L>).post(next::<R, S, L>))
        .route("/c/{token}/documents", get(show_documents::<R, S, L>).post(documents::<R, S, L>))
        .route("/verify", get(show_verify::<R, S, L>).post(verify::<R, S, L>))
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

async fn show<R: Residents, S: ReadSettings, L: Files>(State(app): Shared<R, S, L>, token: Token) -> Response {
    app.answer(&text(token), Visit::Show).await
}

async fn act<R: Residents, S: ReadSettings, L: Files>(
    State(app): Shared<R, S, L>,
    token: Token,
    body: Body,
) -> Response {
    match body {
        Ok(body) => app.answer(&text(token), Visit::Act(Form::parse(&body))).await,
        Err(rejection) => app.refuse(rejection.status()).await,
    }
}

async fn show_opt_out<R: Residents, S: ReadSettings, L: Files>(State(app): Shared<R, S, L>, token: Token) -> Response {
    app.answer(&text(token), Visit::ShowOptOut).await
}

async fn opt_out<R: Residents, S: ReadSettings, L: Files>(
    State(app): Shared<R, S, L>,
    token: Token,
    body: Body,
) -> Response {
    match body {
        Ok(body) => app.answer(&text(token), Visit::OptOut(Form::parse(&body))).await,
        Err(rejection) => app.refuse(rejection.status()).await,
    }
}

async fn show_next<R: Residents, S: ReadSettings, L: Files>(State(app): Shared<R, S, L>, token: Token) -> Response {
    app.answer(&text(token), Visit::ShowNext).await
}

async fn next<R: Residents, S: ReadSettings, L: Files>(
    State(app): Shared<R, S, L>,
    token: Token,
    body: Body,
) -> Response {
    match body {
        Ok(body) => app.answer(&text(token), Visit::Next(Form::parse(&body))).await,
        Err(rejection) => app.refuse(rejection.status()).await,
    }
}

async fn show_documents<R: Residents, S: ReadSettings, L: Files>(
    State(app): Shared<R, S, L>,
    token: Token,
) -> Response {
    app.answer(&text(token), Visit::ShowDocuments).await
}

async fn documents<R: Residents, S: ReadSettings, L: Files>(
    State(app): Shared<R, S, L>,
    token: Token,
    body: Body,
) -> Response {
    match body {
        Ok(body) => app.answer(&text(token), Visit::Documents(Form::parse(&body))).await,
        Err(rejection) => app.refuse(rejection.status()).await,
    }
}

async fn show_verify<R: CheckTexts, S: ReadSettings, L: Files>(State(app): Shared<R, S, L>) -> Response {
    app.show_verify().await
}

async fn verify<R: Residents + CheckTexts, S: ReadSettings, L: Files>(
    State(app): Shared<R, S, L>,
    context: Option<Extension<RequestContext>>,
    body: Body,
) -> Response {
    let source = context.as_ref().and_then(|Extension(context)| source(context));
    match body {
        Ok(body) => app.verify(source, &Form::parse(&body)).await,
        Err(rejection) => app.refuse(rejection.status()).await,
    }
}

/// The address a request came from, as API Gateway saw it.
fn source(context: &RequestContext) -> Option<&str> {
    if let RequestContext::ApiGatewayV2(context) = context { context.http.source_ip.as_deref() } else { None }
}

async fn elsewhere<R: Residents, S: ReadSettings, L: Files>(State(app): Shared<R, S, L>) -> Response {
    app.refuse(StatusCode::NOT_FOUND).await
}
