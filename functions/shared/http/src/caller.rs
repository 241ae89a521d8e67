//! Who calls, as the API's gateway knows it: the client that the token names, and where the request came from.

use std::convert::Infallible;

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpRequestContext};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::Caller;
use lambda_http::request::RequestContext;

/// The caller of a request that comes as an event.
#[must_use]
pub fn caller(request: &ApiGatewayV2httpRequest) -> Caller {
    of(&request.request_context)
}

fn of(context: &ApiGatewayV2httpRequestContext) -> Caller {
    let claims = context.authorizer.as_ref().and_then(|authorizer| authorizer.jwt.as_ref());
    // The API lets no request through without a token, so a nameless caller can only be the office itself.
    let client = claims.and_then(|jwt| jwt.claims.get("client_id").cloned()).unwrap_or_else(|| "office".to_owned());
    let request = context.request_id.clone().unwrap_or_default();
    Caller { client, source: context.http.source_ip.clone(), request }
}

/// The caller, taken from a request's parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Called(pub Caller);

impl<S: Sync> FromRequestParts<S> for Called {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(match parts.extensions.get::<RequestContext>() {
            Some(RequestContext::ApiGatewayV2(context)) => of(context),
            Some(_) | None => of(&ApiGatewayV2httpRequestContext::default()),
        }))
    }
}
