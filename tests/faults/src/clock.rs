//! The stack's wall clock: the emulator and every function go by it, this test does not.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::SignedDuration;

/// The clock, and by how much it is ahead of ours.
#[derive(Debug)]
pub struct Clock {
    file: File,
    lead: AtomicI64,
}

impl Clock {
    /// The clock that this file moves.
    #[must_use]
    pub fn of(file: &Path) -> Self {
        let file = OpenOptions::new().write(true).open(file).expect("the clock's file");
        Self { file, lead: AtomicI64::new(0) }
    }

    /// Moves it on, at once for everyone.
    pub fn advance(&self, by: SignedDuration) {
        let lead = self.lead.fetch_add(by.as_secs(), Ordering::SeqCst) + by.as_secs();
        self.file.write_all_at(&lead.to_ne_bytes(), 0).expect("the clock's file can be written");
    }

    /// Seconds it is ahead.
    #[must_use]
    pub fn lead(&self) -> i64 {
        self.lead.load(Ordering::SeqCst)
    }
}
