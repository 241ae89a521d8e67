//! Answers of functions that have other doors besides HTTP, and so speak it event by event.

use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use aws_lambda_events::encodings::Body;
use axum::http::{HeaderValue, StatusCode};
use serde::Serialize;

use crate::Problem;

/// A document, or the problem.
#[must_use]
pub fn answer<T: Serialize>(outcome: Result<(StatusCode, T), Problem>) -> ApiGatewayV2httpResponse {
    let (status, content_type, body) = match outcome {
        Ok((status, document)) => (status, "application/json", serde_json::to_string(&document)),
        Err(problem) => (problem.status(), "application/problem+json", serde_json::to_string(&problem)),
    };
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = i64::from(status.as_u16());
    response.headers.insert("content-type", HeaderValue::from_static(content_type));
    response.body = Some(Body::Text(body.unwrap_or_default()));
    response
}
