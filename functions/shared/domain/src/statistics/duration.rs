//! Durations in logarithmic buckets: counters that add up over days and departments, and from which a median is read.
//!
//! Each bucket reaches a fifth further than the one before it, the first from one minute on. A duration is told by the
//! geometric middle of its bucket, so with an error of ten per cent at most, from a minute to a year and a half. What
//! is shorter counts as a minute, what is longer stands in the last bucket.

use std::iter;

use jiff::SignedDuration;

const MINUTE: u32 = 60;
const LAST: u8 = 75;

/// A bucket of durations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bucket(u8);

/// The seconds from which each bucket reaches on. Whole numbers: every machine finds the same bucket.
fn bounds() -> impl Iterator<Item = u32> {
    iter::successors(Some(MINUTE), |bound| Some(bound + bound / 5))
}

impl Bucket {
    /// The bucket of a duration.
    #[must_use]
    pub fn of(duration: SignedDuration) -> Self {
        let passed = bounds().skip(1).zip(1..=LAST).take_while(|(bound, _)| duration.as_secs() >= i64::from(*bound));
        Self(passed.last().map_or(0, |(_, number)| number))
    }

    /// Every bucket, shortest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=LAST).map(Self)
    }

    /// Its number, from 0.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The hours it stands for.
    fn hours(self) -> f64 {
        let mut from = bounds().skip(usize::from(self.0)).map(f64::from);
        let (low, high) = (from.next().unwrap_or_default(), from.next().unwrap_or_default());
        (low * high).sqrt() / 3600.0
    }
}

/// The median of so many durations in each bucket, in hours: of an even number the lower of the two in the middle. None
/// of no durations.
#[must_use]
pub fn median_hours(in_bucket: impl Fn(Bucket) -> u64) -> Option<f64> {
    let total: u64 = Bucket::all().map(&in_bucket).sum();
    let mut up_to = 0;
    Bucket::all()
        .find(|bucket| {
            up_to += in_bucket(*bucket);
            total > 0 && up_to >= total.div_ceil(2)
        })
        .map(Bucket::hours)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bucket(seconds: i64) -> Bucket {
        Bucket::of(SignedDuration::from_secs(seconds))
    }

    #[test]
    fn short_and_long_durations_have_their_place() {
        assert_eq!([-1, 0, 59, 60, 71].map(|seconds| bucket(seconds).number()), [0; 5]);
        assert_eq!(bucket(72).number(), 1);
        assert_eq!(bucket(i64::MAX).number(), LAST);
        assert!(bucket(365 * 24 * 3600).number() < LAST, "a year is told from more");
        assert_eq!(Bucket::all().count(), usize::from(LAST) + 1);
    }

    #[test]
    fn the_median_of_nothing_is_none_and_of_one_is_itself() {
        assert_eq!(median_hours(|_| 0), None);
        let day = bucket(24 * 3600);
        let hours = median_hours(|bucket| u64::from(bucket == day)).expect("a median");
        assert!((21.6..=26.4).contains(&hours), "{hours}");
    }

    proptest! {
        #[test]
        fn the_median_errs_by_ten_per_cent_at_most(seconds in prop::collection::vec(60_i64..400 * 24 * 3600, 1..60)) {
            let hours = median_hours(|of| seconds.iter().filter(|one| bucket(**one) == of).map(|_| 1).sum());
            let mut sorted = seconds.clone();
            sorted.sort_unstable();
            let exact = f64::from(u32::try_from(sorted[(sorted.len() - 1) / 2]).expect("small")) / 3600.0;
            let error = (hours.expect("a median") / exact - 1.0).abs();
            prop_assert!(error <= 0.1, "{error}");
        }

        #[test]
        fn longer_never_stands_before_shorter(one in 0_i64..100_000_000, more in 0_i64..100_000_000) {
            prop_assert!(bucket(one) <= bucket(one + more));
        }
    }
}
