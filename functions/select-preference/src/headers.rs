//! The headers of every answer: nothing is kept, framed, indexed, referred to or fetched from elsewhere.

use std::sync::LazyLock;

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderValue, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The pages' one style sheet, inside every page.
pub(crate) const STYLE: &str = include_str!("../templates/page.css");

/// The script of the one page that has one, inside it.
pub(crate) const SCRIPT: &str = include_str!("../templates/documents.js");

const X_ROBOTS_TAG: HeaderName = HeaderName::from_static("x-robots-tag");

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = sha256(STYLE);
    let policy = format!(
        "default-src 'none'; style-src {style}; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or_else(|_| unreachable!("base64 is plain ASCII"))
});

/// The policy of the page whose forms, and script, bring files to this origin.
pub(crate) fn with_uploads(origin: &str) -> HeaderValue {
    let (style, script) = (sha256(STYLE), sha256(SCRIPT));
    let policy = format!(
        "default-src 'none'; style-src {style}; script-src {script}; connect-src 'self' {origin}; img-src 'self' data:; form-action 'self' {origin}; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or_else(|_| POLICY.clone())
}

fn sha256(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// Sets them.
pub(crate) async fn secure<B>(mut response: Response<B>) -> Response<B> {
    let headers = response.headers_mut();
    headers.entry(CONTENT_SECURITY_POLICY).or_insert_with(|| POLICY.clone());
    for (name, value) in [
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (STRICT_TRANSPORT_SECURITY, "max-age=63072000"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (X_ROBOTS_TAG, "noindex, nofollow"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
