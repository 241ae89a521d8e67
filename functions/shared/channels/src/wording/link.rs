//! Addresses of the resident's pages.

use domain::LinkToken;

/// The page a token opens.
pub(super) fn to_page(public_url: &str, token: &LinkToken) -> String {
    format!("{}/c/{}", public_url.trim_end_matches('/'), token.expose())
}

/// The page that ends electronic notices.
pub(super) fn to_opt_out(public_url: &str, token: &LinkToken) -> String {
    format!("{}/opt-out", to_page(public_url, token))
}
