//! Lists the SHA-256 of files, so that whoever receives them can tell they arrived whole.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// One line a file, name and content given, as `sha256sum -c` reads them beside the files.
#[must_use]
pub fn checksums<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> String {
    files.into_iter().fold(String::new(), |mut lines, (name, content)| {
        // Two spaces: the second would be a star for a file read as text.
        let _ = writeln!(lines, "{}  {name}", hex::encode(Sha256::digest(content)));
        lines
    })
}
