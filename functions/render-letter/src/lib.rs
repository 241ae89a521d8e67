//! Prints a notice as the office's letter: an A4 PDF that e-mail, link and post share, made once before any of them.

mod config;
mod glyphs;
mod letter;
mod maker;
mod ports;
mod press;
mod qr;

pub use config::Config;
pub use letter::Letter;
pub use maker::{Maker, Unmade};
pub use ports::Notices;
pub use press::{Press, Printed, Unprintable};
