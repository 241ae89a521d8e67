//! Which goals were met, each with the figures it is judged by.

use crate::families::cost::PATHS;
use crate::families::throughput::CLIENTS;
use crate::plot::short;
use crate::programs::{FUNCTIONS, JOBS};
use crate::results::Results;

/// A goal, what was measured, and whether that is enough.
#[derive(Debug, Clone, PartialEq)]
pub struct Goal {
    /// What is wanted.
    pub wanted: String,
    /// What was measured.
    pub measured: String,
    /// Enough.
    pub is_met: bool,
}

const ANSWER: &str = "start to first answer, ms";

/// All goals of what was measured.
#[must_use]
pub fn goals(results: &Results) -> Vec<Goal> {
    let families = [cold, peers_cold, memory, warm, throughput, year, flat_memory, cost, flat_cost];
    families.iter().flat_map(|family| family(results)).filter(|goal| !goal.measured.contains("NaN")).collect()
}

fn goal(wanted: impl Into<String>, measured: String, is_met: bool) -> Goal {
    Goal { wanted: wanted.into(), measured, is_met }
}

fn cold(results: &Results) -> Vec<Goal> {
    let median = |who: &str| results.median("cold", "stand-in", who, ANSWER);
    let trip = results.median("cold", "stand-in", "bare", "first DynamoDB transaction, ms");
    let limit = 1.5 * median("hello") + trip;
    let over: Vec<String> = FUNCTIONS
        .iter()
        .filter(|(name, _)| median(name) > limit)
        .map(|(name, _)| format!("{name} {}", short(median(name))))
        .collect();
    let measured = format!(
        "limit {} ms; over it: {}",
        short(limit),
        if over.is_empty() { "none".to_owned() } else { over.join(", ") }
    );
    vec![goal(
        "Cold start of every function ≤ 1.5 × hello and its first DynamoDB round trip",
        measured,
        over.is_empty(),
    )]
}

fn peers_cold(results: &Results) -> Vec<Goal> {
    let ratio = |place: &str, peer: &str, job: &str| {
        results.median("cold", place, &format!("{peer}-{job}"), ANSWER) / results.median("cold", place, job, ANSWER)
    };
    let of = |place: &'static str| {
        let all: Vec<(String, f64)> = JOBS
            .iter()
            .flat_map(|job| ["node", "python"].map(|peer| (format!("{peer} {job}"), ratio(place, peer, job))))
            .collect();
        let told: Vec<String> = all.iter().map(|(who, ratio)| format!("{who} {} ×", short(*ratio))).collect();
        goal(
            format!("Cold start ≥ 5 × faster than both peers ({place})"),
            told.join(", "),
            all.iter().all(|(_, ratio)| *ratio >= 5.0),
        )
    };
    vec![of("stand-in"), of("ministack")]
}

fn memory(results: &Results) -> Vec<Goal> {
    let resident = |who: &str| results.median("warm", "stand-in", who, "resident, MB");
    let share = |peer: &str, job: &str| resident(job) / resident(&format!("{peer}-{job}"));
    let all: Vec<(String, f64)> = JOBS
        .iter()
        .flat_map(|job| ["node", "python"].map(|peer| (format!("{peer} {job}"), share(peer, job))))
        .collect();
    let told: Vec<String> = all.iter().map(|(who, share)| format!("{} of {who}", short(*share))).collect();
    vec![goal("Memory ≤ 1/3 of the peers", told.join(", "), all.iter().all(|(_, share)| *share <= 1.0 / 3.0))]
}

fn warm(results: &Results) -> Vec<Goal> {
    let of = |place: &'static str| {
        let p50 = |who: &str| results.percentile("warm", place, who, "answer, ms", 0.5);
        let (intake, bare) = (p50("intake-notice"), p50("bare"));
        let measured = format!("{} ms against {} ms: {} ×", short(intake), short(bare), short(intake / bare));
        goal(format!("Warm intake p50 within 1.3 × of its bare transaction ({place})"), measured, intake <= 1.3 * bare)
    };
    vec![of("ministack"), of("4/10 ms"), of("stand-in")]
}

fn throughput(results: &Results) -> Vec<Goal> {
    let rate = |who: &str| results.median("throughput", "stand-in", who, "accepted, 1/s");
    let ours = rate("intake-notice × 4");
    let all = results.contestants("throughput", "stand-in", "accepted, 1/s");
    let peers = all.into_iter().filter(|who| !who.starts_with("intake"));
    let ratios: Vec<(&str, f64)> = peers.map(|who| (who, ours / rate(who))).collect();
    let told: Vec<String> = ratios.iter().map(|(who, ratio)| format!("{} × of {who}", short(*ratio))).collect();
    let measured = format!("{} /s: {}", short(ours), told.join(", "));
    let is_met = ratios.iter().all(|(_, ratio)| *ratio >= 5.0);
    vec![goal(
        format!("Accepted at {CLIENTS} clients and 4 copies ≥ 5 × of peers in the same memory"),
        measured,
        is_met,
    )]
}

fn year(results: &Results) -> Vec<Goal> {
    let of = |place: &'static str| {
        let rate = |who: &str| results.median("year", place, who, "stored, rows/s");
        let (ours, bare) = (rate("import-batch"), rate("bare"));
        let measured = format!("{} rows/s of {}: {} %", short(ours), short(bare), short(100.0 * ours / bare));
        goal(
            format!("A year stored at ≥ 80 % of bare writes of the same bytes ({place})"),
            measured,
            ours >= 0.8 * bare,
        )
    };
    vec![of("ministack"), of("stand-in")]
}

fn flat_memory(results: &Results) -> Vec<Goal> {
    let measure = "most resident, MB";
    let lengths = results.contestants("year", "stand-in", measure);
    let most: Vec<f64> = lengths.iter().map(|rows| results.median("year", "stand-in", rows, measure)).collect();
    let told: Vec<String> =
        lengths.iter().zip(&most).map(|(rows, most)| format!("{} MB at {rows}", short(*most))).collect();
    // A block of a file is 1 MB; a small file does not fill one.
    let is_flat = most.last().zip(most.get(1)).is_some_and(|(last, middle)| *last <= middle * 1.1);
    if most.is_empty() {
        Vec::new()
    } else {
        vec![goal("Memory flat from 1 k over 40 k to 400 k rows", told.join(", "), is_flat)]
    }
}

/// What a notice costs on a path by itself, at each number of notices.
#[must_use]
pub fn costs(results: &Results, path: &str) -> Vec<(String, f64)> {
    let all = results.contestants("cost", "stand-in", "KRW").into_iter();
    let of_path = all.filter_map(|who| {
        let size = who.strip_prefix(path)?.trim();
        size.parse::<u32>().ok()?;
        Some((size.to_owned(), results.median("cost", "stand-in", who, "KRW")))
    });
    of_path.collect()
}

fn cost(results: &Results) -> Vec<Goal> {
    let alone = PATHS.map(|(path, _)| (path, costs(results, path).last().map_or(f64::NAN, |(_, won)| *won)));
    let together = PATHS.map(|(path, _)| {
        let all = results.contestants("cost", "stand-in", "KRW").into_iter();
        let mut of_path = all.filter(|who| who.starts_with(&format!("{path}, ")));
        (path, of_path.next().map_or(f64::NAN, |who| results.median("cost", "stand-in", who, "KRW")))
    });
    let of = |how: &str, costs: &[(&str, f64)]| {
        let told: Vec<String> = costs.iter().map(|(path, won)| format!("{path} {}", short(*won))).collect();
        let wanted = format!("Less than KRW 0.1 a notice besides carrier and postage, {how}");
        goal(wanted, told.join(", "), costs.iter().all(|(_, won)| *won < 0.1))
    };
    vec![of("one at a time", &alone), of("many at a time", &together)]
}

fn flat_cost(results: &Results) -> Vec<Goal> {
    let spread = |path: &str| {
        let all = costs(results, path);
        let most = all.iter().map(|(_, won)| *won).fold(f64::NAN, f64::max);
        let least = all.iter().map(|(_, won)| *won).fold(f64::NAN, f64::min);
        100.0 * (most / least - 1.0)
    };
    let told: Vec<String> = PATHS.iter().map(|(path, _)| format!("{path} {} %", short(spread(path)))).collect();
    let sizes: Vec<String> = costs(results, "SMS").into_iter().map(|(size, _)| size).collect();
    vec![goal(
        format!("Flat per notice at {} (± 5 %)", sizes.join(", ")),
        format!("spread: {}", told.join(", ")),
        PATHS.iter().all(|(path, _)| spread(path) <= 5.0),
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_are_judged_by_medians_and_only_where_measured() {
        let mut results = Results::default();
        assert!(goals(&results).is_empty());
        for (who, sample) in
            [("intake-notice × 4", 5000.0), ("node-intake-notice × 1", 900.0), ("python-intake-notice × 1", 1100.0)]
        {
            results.add("throughput", "stand-in", who, "accepted, 1/s", sample);
        }
        let all = goals(&results);
        assert_eq!(all.len(), 1);
        assert!(!all[0].is_met && all[0].measured.contains("4.55 × of python"), "{}", all[0].measured);
        results.add("warm", "ministack", "intake-notice", "answer, ms", 1.2);
        results.add("warm", "ministack", "bare", "answer, ms", 1.0);
        let all = goals(&results);
        assert!(all[0].is_met && all[0].measured.ends_with("1.20 ×"), "{}", all[0].measured);
    }
}
