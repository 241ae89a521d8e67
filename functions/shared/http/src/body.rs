//! Bodies of requests that come as events: decoded, measured, and read as JSON.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::Problem;

/// Nothing that is told this way comes near this size.
const LARGEST_BODY: usize = 64 * 1024;

/// The JSON document of a request.
///
/// # Errors
/// 400 and 413 for a body that is no JSON or too large.
pub fn json(request: &ApiGatewayV2httpRequest) -> Result<Value, Problem> {
    parsed(&bytes(request)?)
}

pub(crate) fn bytes(request: &ApiGatewayV2httpRequest) -> Result<Vec<u8>, Problem> {
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

pub(crate) fn parsed(body: &[u8]) -> Result<Value, Problem> {
    serde_json::from_slice(body).map_err(|_| malformed().detail("not JSON"))
}

const fn malformed() -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "the request is not well-formed")
}
