//! Chance, all of it from one seed: the same seed is the same world.

use jiff::SignedDuration;

/// A source of chance (`SplitMix64`: quick, and random enough to play with).
#[derive(Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn of(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) const fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// True so many times in ten thousand.
    pub(crate) const fn hits(&mut self, in_ten_thousand: u64) -> bool {
        self.below(10_000) < in_ten_thousand
    }

    /// One of these.
    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        let index = self.below(u64::try_from(from.len()).expect("few"));
        from[usize::try_from(index).expect("few")].clone()
    }

    /// A time between these numbers of milliseconds.
    pub(crate) fn millis(&mut self, from: u64, until: u64) -> SignedDuration {
        SignedDuration::from_millis(i64::try_from(from + self.below(until - from)).expect("a time"))
    }

    /// A time between these numbers of minutes.
    pub(crate) fn minutes(&mut self, from: u64, until: u64) -> SignedDuration {
        self.millis(from * 60_000, until * 60_000)
    }
}
