//! Permits and their reminders over a table in memory.

mod events;
mod memory;
mod runs;
