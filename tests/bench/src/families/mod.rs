//! What is measured, family by family.

pub mod cold;
pub mod cost;
pub mod throughput;
pub mod warm;
pub mod year;
