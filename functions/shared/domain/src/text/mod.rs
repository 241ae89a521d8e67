//! Text messages as carriers count them.

mod measure;

pub use measure::{Encoding, TextSize, carrier_safe, fits_one_part, fits_one_text, unsupported};
