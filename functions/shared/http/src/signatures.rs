//! Webhooks signed as in Standard Webhooks: HMAC-SHA256 over id, timestamp and raw body, at most five minutes old.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use standardwebhooks::Webhook;

use crate::Problem;

/// Nothing a gateway has to tell comes near this size.
const LARGEST_BODY: usize = 64 * 1024;

/// The JSON document of a request, once its signature holds.
///
/// # Errors
/// 401 when the signature does not hold, 400 and 413 for a body that is no JSON or too large, 503 when our own secret is
/// unusable.
pub fn signed_json(secret: &str, request: &ApiGatewayV2httpRequest) -> Result<Value, Problem> {
    let body = body(request)?;
    let webhook = Webhook::new(secret).map_err(|_| {
        tracing::error!("the webhook secret is not base64");
        Problem::unavailable()
    })?;
    webhook.verify(&body, &request.headers).map_err(|error| {
        tracing::warn!(%error, "a webhook was refused");
        Problem::new(StatusCode::UNAUTHORIZED, "the signature does not hold")
            .detail("expected webhook-id, webhook-timestamp and webhook-signature as in Standard Webhooks")
    })?;
    serde_json::from_slice(&body).map_err(|_| malformed().detail("not JSON"))
}

fn body(request: &ApiGatewayV2httpRequest) -> Result<Vec<u8>, Problem> {
    let text = request.body.as_deref().unwrap_or_default();
    let body = if request.is_base64_encoded {
        STANDARD.decode(text).map_err(|_| malformed())?
    } else {
        text.as_bytes().to_vec()
    };
    if body.len() > LARGEST_BODY {
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large"));
    }
    Ok(body)
}

const fn malformed() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "the request is not well-formed")
}
