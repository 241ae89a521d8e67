//! What becomes of residents' texts, over a store in memory.

mod clarification;
mod memory;
mod properties;
mod quiet;
