//! A district in memory: thousands of residents, carriers, officers and a print run around the real domain, relay,
//! senders, receiver, recorder and watch. Workers die between any two of their calls, queues repeat and reorder, and a
//! clock that jumps from one happening to the next lets weeks pass in seconds. The same seed is the same world.

// Everything here runs in tests, where a broken precondition should stop the test at once.
#![expect(clippy::missing_panics_doc, reason = "a harness for tests")]

mod carriers;
mod cast;
mod chance;
mod cloud;
mod engine;
mod jobs;
mod print;
mod reconcile;
mod residents;
mod store;
mod world;

pub use engine::simulate;
pub use reconcile::Broken;
pub use world::Tally;
