//! The two things the domain never takes for itself: the time and chance.

use jiff::Timestamp;

/// Tells the time. Production reads the system's clock, tests set their own.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// Supplies unpredictable bytes, fit for tokens.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with random data.
    fn fill(&self, bytes: &mut [u8]);
}
