//! Measures the functions themselves: their own binaries under a Lambda Runtime API of this crate's, beside peers.

use std::io::Write;

pub mod cloud;
pub mod cost;
pub mod events;
pub mod expression;
pub mod families;
pub mod figures;
pub mod form;
pub mod host;
pub mod http;
pub mod machine;
pub mod memory;
pub mod meter;
pub mod objects;
pub mod plot;
pub mod programs;
pub mod report;
pub mod results;
pub mod stage;
pub mod units;

/// The moment, for deadlines and for the report.
#[expect(clippy::disallowed_methods, reason = "what is measured here is real time")]
pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// Tells whoever waits how far it has come.
pub fn say(what: &str) {
    // Progress that cannot be told stops nothing.
    let _ = writeln!(std::io::stderr(), "bench: {what}");
}
