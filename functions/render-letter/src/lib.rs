//! Prints a notice as the office's letter: an A4 PDF that e-mail, link and post share.

mod glyphs;
mod letter;
mod press;
mod qr;

pub use letter::Letter;
pub use press::{Press, Printed, Unprintable};
