//! All that was measured, sample by sample.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::figures::{median, percentile};

/// Samples of one measure of one contestant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// The family: `cold`, `warm`, `throughput`, `year`, `cost`.
    pub family: String,
    /// What answered DynamoDB's calls.
    pub place: String,
    /// Who was measured.
    pub contestant: String,
    /// What was measured, and its unit.
    pub measure: String,
    /// The samples, in their order.
    pub samples: Vec<f64>,
}

/// Everything measured, each family in one run.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// The series, in the order of their first samples.
    pub series: Vec<Series>,
    /// What else is to be told, by name.
    pub facts: BTreeMap<String, String>,
}

impl Results {
    /// What a file of samples holds, without these families, which are measured again. `here` tells machine and date.
    ///
    /// # Errors
    /// When it cannot be read, or was measured on another machine or with other versions.
    pub fn kept(samples: &str, families: &[String], here: &Self) -> std::io::Result<Self> {
        let mut kept: Self = serde_json::from_str(samples)?;
        for (name, value) in here.facts.iter().filter(|(name, _)| *name != "load before") {
            if name == "date" {
                kept.facts.extend(families.iter().map(|family| (format!("date of {family}"), value.clone())));
            } else if kept.facts.get(name) != Some(value) {
                let unlike =
                    format!("{name} is {value} now: a family stands beside the others only where all are alike");
                return Err(std::io::Error::other(unlike));
            }
        }
        kept.series.retain(|series| !families.contains(&series.family));
        Ok(kept)
    }

    /// Adds a sample, rounded to what a clock can tell.
    pub fn add(&mut self, family: &str, place: &str, contestant: &str, measure: &str, sample: f64) {
        let sample = (sample * 10_000.0).round() / 10_000.0;
        if let Some(series) = self.series.iter_mut().find(|series| {
            series.family == family
                && series.place == place
                && series.contestant == contestant
                && series.measure == measure
        }) {
            return series.samples.push(sample);
        }
        self.series.push(Series {
            family: family.to_owned(),
            place: place.to_owned(),
            contestant: contestant.to_owned(),
            measure: measure.to_owned(),
            samples: vec![sample],
        });
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

    #[test]
    fn a_family_is_measured_again_beside_the_others_where_all_are_alike() {
        let on = |processor: &str, date: &str| {
            let facts = [("processor", processor), ("date", date), ("load before", date)];
            Results {
                facts: facts.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
                ..Results::default()
            }
        };
        let mut before = on("two", "Monday");
        for family in ["cold", "year"] {
            before.add(family, "stub", "a", "some", 1.0);
        }
        let samples = crate::report::samples(&before).expect("written");
        let kept = |family: &str, here: &Results| {
            Results::kept(&samples, &[family.to_owned()], here).map_err(|error| error.to_string())
        };
        let without_cold = kept("cold", &on("two", "Tuesday")).expect("the same machine");
        let without_year = kept("year", &on("two", "Tuesday")).expect("the same machine");
        let elsewhere = kept("year", &on("four", "Tuesday"));

        assert_eq!(without_cold.series, before.series[1..]);
        assert_eq!(without_year.series, before.series[..1]);
        assert_eq!((&*without_year.facts["date"], &*without_year.facts["date of year"]), ("Monday", "Tuesday"));
        assert!(elsewhere.expect_err("another machine").starts_with("processor is four now"));
    }
}
