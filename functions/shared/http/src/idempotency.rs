//! The caller's own name for a request: the same one again gets the first answer again.

use axum::http::{HeaderMap, HeaderName, StatusCode};

use crate::{Fault, Problem};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The key of a request that must have one.
///
/// # Errors
/// 400 where it is missing or has another shape.
pub fn idempotency_key(headers: &HeaderMap) -> Result<String, Problem> {
    let key = headers.get(IDEMPOTENCY_KEY).and_then(|value| value.to_str().ok()).map(str::trim);
    key.filter(|key| (1..=200).contains(&key.len())).map(str::to_owned).ok_or_else(|| {
        let fault = Fault::header("Idempotency-Key", "expected 1 to 200 visible ASCII characters");
        Problem::new(StatusCode::BAD_REQUEST, "the request is not well-formed").errors(vec![fault])
    })
}
