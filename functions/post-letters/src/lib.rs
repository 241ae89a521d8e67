//! Turns a day's letters into what a printer and the postal contractor take: print files, their list and their checksums.

mod bundle;
mod checksum;
mod letter;
mod manifest;

pub use bundle::{Bundle, LETTERS_PER_PART, Pages, Sides};
pub use checksum::checksums;
pub use letter::Unreadable;
pub use manifest::{Manifest, Replaced, Row};
