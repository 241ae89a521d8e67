//! Webhooks signed as in Standard Webhooks: HMAC-SHA256 over id, timestamp and raw body, at most five minutes old.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use axum::http::StatusCode;
use serde_json::Value;
use standardwebhooks::Webhook;

use crate::Problem;
use crate::body::{bytes, parsed};

/// The JSON document of a request, once its signature holds.
///
/// # Errors
/// 401 when the signature does not hold, 400 and 413 for a body that is no JSON or too large, 503 when our own secret is
/// unusable.
pub fn signed_json(secret: &str, request: &ApiGatewayV2httpRequest) -> Result<Value, Problem> {
    let body = bytes(request)?;
    let webhook = Webhook::new(secret).map_err(|_| {
        tracing::error!("the webhook secret is not base64");
        Problem::unavailable()
    })?;
    webhook.verify(&body, &request.headers).map_err(|error| {
        tracing::warn!(%error, "a webhook was refused");
        Problem::new(StatusCode::UNAUTHORIZED, "the signature does not hold")
            .detail("expected webhook-id, webhook-timestamp and webhook-signature as in Standard Webhooks")
    })?;
    parsed(&body)
}
