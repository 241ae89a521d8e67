//! HTTP as every JSON endpoint speaks it: bodies read field by field, errors as problem details.

mod answer;
mod fields;
mod problem;
pub mod signatures;
pub mod webhooks;

pub use answer::answer;
pub use fields::Fields;
pub use problem::{Fault, Problem};
