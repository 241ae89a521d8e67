//! Texts as carriers count them, as spreadsheets take them, and as people may be shown them.

mod cell;
mod measure;
mod shown;

pub use cell::plain_cell;
pub use measure::{Encoding, TextSize, carrier_safe, fits_one_part, fits_one_text, unsupported};
pub use shown::shown;
