//! The print run: every letter that waits, as what a printer and the postal contractor take, and each of them posted once.

mod api;
mod bundle;
mod checksum;
mod config;
mod entry;
mod letter;
mod manifest;
mod ports;
mod printer;

pub use bundle::{Bundle, LETTERS_PER_PART, Pages, Sides};
pub use checksum::checksums;
pub use config::Config;
pub use entry::handle;
pub use letter::Unreadable;
pub use manifest::{Manifest, Replaced, Row};
pub use ports::{OrderRun, Orders, RunOrder, Runs};
pub use printer::{HELD_FOR, LETTERS_PER_RUN, Printer, Unprinted};
