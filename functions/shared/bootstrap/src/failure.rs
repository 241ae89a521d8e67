//! Errors as they are logged: once, at the edge, with everything that led to them.

use std::error::Error;
use std::fmt::Write;

/// The error and its sources in one line, outermost first.
#[must_use]
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // Writing to a string cannot fail.
        let _ = write!(line, ": {cause}");
        source = cause.source();
    }
    line
}
