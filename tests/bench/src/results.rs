//! All that was measured, sample by sample.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::figures::{median, percentile};

/// Samples of one measure of one contestant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// The family: `cold`, `warm`, `throughput`, `year`, `cost`.
    pub family: &'static str,
    /// What answered DynamoDB's calls.
    pub place: String,
    /// Who was measured.
    pub contestant: String,
    /// What was measured, and its unit.
    pub measure: String,
    /// The samples, in their order.
    pub samples: Vec<f64>,
}

/// Everything measured in one run.
#[derive(Debug, Default, Clone, PartialEq, Serialize)]
pub struct Results {
    /// The series, in the order of their first samples.
    pub series: Vec<Series>,
    /// What else is to be told, by name.
    pub facts: BTreeMap<String, String>,
}

impl Results {
    /// Adds a sample, rounded to what a clock can tell.
    pub fn add(&mut self, family: &'static str, place: &str, contestant: &str, measure: &str, sample: f64) {
        let sample = (sample * 10_000.0).round() / 10_000.0;
        if let Some(series) = self.series.iter_mut().find(|series| {
            series.family == family
                && series.place == place
                && series.contestant == contestant
                && series.measure == measure
        }) {
            return series.samples.push(sample);
        }
        let (place, contestant, measure) = (place.to_owned(), contestant.to_owned(), measure.to_owned());
        self.series.push(Series { family, place, contestant, measure, samples: vec![sample] });
    }

    /// The samples of a measure; none where it was not taken.
    #[must_use]
    pub fn samples(&self, family: &str, place: &str, contestant: &str, measure: &str) -> &[f64] {
        let found = self.series.iter().find(|series| {
            series.family == family
                && series.place == place
                && series.contestant == contestant
                && series.measure == measure
        });
        found.map_or(&[], |series| &series.samples)
    }

    /// Their median.
    #[must_use]
    pub fn median(&self, family: &str, place: &str, contestant: &str, measure: &str) -> f64 {
        median(self.samples(family, place, contestant, measure))
    }

    /// Their percentile.
    #[must_use]
    pub fn percentile(&self, family: &str, place: &str, contestant: &str, measure: &str, share: f64) -> f64 {
        percentile(self.samples(family, place, contestant, measure), share)
    }

    /// Who took part, in the order of appearance.
    #[must_use]
    pub fn contestants(&self, family: &str, place: &str, measure: &str) -> Vec<&str> {
        let all = self.series.iter().filter(|series| series.family == family && series.place == place);
        all.filter(|series| series.measure == measure).map(|series| &*series.contestant).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_kept_apart_and_in_order() {
        let mut results = Results::default();
        for (contestant, sample) in [("a", 2.0), ("b", 9.0), ("a", 1.000_04)] {
            results.add("cold", "stub", contestant, "first answer, ms", sample);
        }
        let samples = results.samples("cold", "stub", "a", "first answer, ms");
        assert_eq!((samples.first(), samples.last()), (Some(&2.0), Some(&1.0)));
        assert_eq!(results.contestants("cold", "stub", "first answer, ms"), ["a", "b"]);
        let most = results.percentile("cold", "stub", "a", "first answer, ms", 1.0);
        assert!((most - 2.0).abs() < 1e-9);
        assert!(results.median("cold", "ministack", "a", "first answer, ms").is_nan());
    }
}
