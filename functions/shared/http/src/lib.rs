//! HTTP as every JSON endpoint speaks it: bodies read field by field, errors as problem details.

mod fields;
mod problem;
pub mod signatures;
pub mod webhooks;

pub use fields::Fields;
pub use problem::{Fault, Problem};
