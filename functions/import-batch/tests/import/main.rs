//! Files of every sort imported in a world in memory.

mod crash;
mod events;
mod files;
mod rows;
mod split;
mod workbook;
mod world;
