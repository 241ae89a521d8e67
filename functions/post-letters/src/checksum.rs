//! Lists the SHA-256 of files, so that whoever receives them can tell they arrived whole.

use std::fmt::Write;

use domain::Checksum;

/// One line a file, as `sha256sum -c` reads them beside the files.
#[must_use]
pub fn checksums<'a>(files: impl IntoIterator<Item = (&'a str, &'a Checksum)>) -> String {
    files.into_iter().fold(String::new(), |mut lines, (name, sha256)| {
        // Two spaces: the second would be a star for a file read as text.
        let _ = writeln!(lines, "{sha256}  {name}");
        lines
    })
}
