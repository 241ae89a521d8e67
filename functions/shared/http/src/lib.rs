//! HTTP as every JSON endpoint speaks it: bodies read field by field, errors as problem details.

mod answer;
mod body;
mod caller;
mod fields;
mod idempotency;
pub mod papers;
pub mod people;
mod problem;
pub mod signatures;
mod twilio;
pub mod webhooks;

pub use answer::answer;
pub use body::json;
pub use caller::{Called, caller};
pub use fields::Fields;
pub use idempotency::idempotency_key;
pub use problem::{Fault, Problem};
pub use twilio::SignedForm;
