//! What an office counts: which numbers there are, and what each event adds to them.

mod count;
mod counter;
mod duration;

pub use count::{Counted, Line, count};
pub use counter::{Counter, Counts, How};
pub use duration::{Bucket, median_hours};
