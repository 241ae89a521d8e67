//! The officers' routes, over numbers and conversations in memory.

mod conversations;
mod desk;
mod events;
