//! `RESULTS.md`: the goals, the figures behind them, plots, and how it was done.

mod goals;

use std::fmt::Write;
use std::path::Path;

use crate::cost::Prices;
use crate::families::cost::PATHS;
use crate::figures::{median, percentile};
use crate::plot::{Bar, bars, short};
use crate::results::Results;

pub use goals::{Goal, costs, goals};

const METHOD: &str = include_str!("method.md");
const HEADER: &str = "# Measured\n\nMade by `make bench`; nothing here is a timed test of the suite.\n";

/// Writes the report, the samples and the plots.
///
/// # Errors
/// When a file cannot be written.
pub fn write(folder: &Path, results: &Results, prices: &Prices) -> std::io::Result<()> {
    let plots = folder.join("plots");
    std::fs::create_dir_all(&plots)?;
    let mut text = format!("{HEADER}\n{}{}", whereabouts(results), judged(results));
    for (name, title, family, place, measure, unit) in [
        ("cold", "Cold start: start to first answer, stand-in", "cold", "stand-in", "start to first answer, ms", "ms"),
        ("warm", "Warm: one event's answer, ministack", "warm", "ministack", "answer, ms", "ms"),
        ("throughput", "Notices accepted from 16 clients, stand-in", "throughput", "stand-in", "accepted, 1/s", "/s"),
        ("year", "A year's rows stored, stand-in", "year", "stand-in", "stored, rows/s", "rows/s"),
    ] {
        let drawn: Vec<Bar> = results
            .contestants(family, place, measure)
            .into_iter()
            .map(|who| {
                let samples = results.samples(family, place, who, measure).to_vec();
                Bar { label: who.to_owned(), value: median(&samples), samples }
            })
            .collect();
        if !drawn.is_empty() {
            std::fs::write(plots.join(format!("{name}.svg")), bars(title, unit, &drawn))?;
        }
    }
    if let Some(drawn) = cost_bars(results) {
        std::fs::write(plots.join("cost.svg"), bars("A notice's cost by number of notices, KRW", "KRW", &drawn))?;
    }
    let families = [sizes_and_cold(results), warm(results), throughput(results), year(results), cost(results, prices)];
    text.push_str(&families.concat());
    text.push_str(METHOD);
    if let Ok(notes) = std::fs::read_to_string(folder.join("NOTES.md")) {
        text.push_str(&notes);
    }
    std::fs::write(folder.join("RESULTS.md"), text)?;
    std::fs::write(folder.join("samples.json"), samples(results)?)
}

/// The samples, one series a line.
pub(crate) fn samples(results: &Results) -> std::io::Result<String> {
    let mut lines = Vec::new();
    for series in &results.series {
        lines.push(serde_json::to_string(series)?);
    }
    Ok(format!("{{\"facts\": {},\n\"series\": [\n{}\n]}}\n", serde_json::to_string(&results.facts)?, lines.join(",\n")))
}

fn table(head: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    for row in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text.push('\n');
    text
}

fn whereabouts(results: &Results) -> String {
    let machine = ["processor", "memory", "system", "load before", "rust", "node", "python", "boto3"];
    let renewed = results.facts.keys().map(String::as_str).filter(|name| name.starts_with("date of "));
    let names = ["date"].into_iter().chain(renewed).chain(machine);
    let rows = names.map(|name| vec![name.to_owned(), results.facts.get(name).cloned().unwrap_or_default()]);
    table(&["", ""], rows.collect())
}

fn judged(results: &Results) -> String {
    let rows = goals(results).into_iter().map(|Goal { wanted, measured, is_met }| {
        vec![wanted, measured, if is_met { "met".to_owned() } else { "**missed**".to_owned() }]
    });
    format!("## Goals\n\n{}", table(&["goal", "measured", ""], rows.collect()))
}

fn sizes_and_cold(results: &Results) -> String {
    let mut text = "## Cold starts and sizes\n\n![](plots/cold.svg)\n\n".to_owned();
    for place in ["stand-in", "ministack"] {
        let rows: Vec<Vec<String>> = results
            .contestants("cold", place, "start to first answer, ms")
            .into_iter()
            .map(|who| {
                let m = |measure: &str| short(results.median("cold", place, who, measure));
                let size = |measure: &str| {
                    results
                        .samples("cold", "-", who, measure)
                        .first()
                        .map_or(String::new(), |megabytes| short(*megabytes))
                };
                vec![
                    who.to_owned(),
                    m("start to first next, ms"),
                    m("start to first answer, ms"),
                    short(results.percentile("cold", place, who, "start to first answer, ms", 0.95)),
                    m("resident after the first answer, MB"),
                    size("binary, MB"),
                    size("zip, MB"),
                ]
            })
            .collect();
        if !rows.is_empty() {
            let head = ["", "first next, ms", "first answer, ms", "p95", "resident, MB", "binary, MB", "zip, MB"];
            let _ = write!(text, "Medians; DynamoDB by the {place}.\n\n{}", table(&head, rows));
        }
    }
    text
}

fn warm(results: &Results) -> String {
    let mut text = "## Warm latency\n\n![](plots/warm.svg)\n\n".to_owned();
    for place in ["ministack", "4/10 ms", "stand-in"] {
        let rows: Vec<Vec<String>> = results
            .contestants("warm", place, "answer, ms")
            .into_iter()
            .map(|who| {
                let samples = results.samples("warm", place, who, "answer, ms");
                let p = |share| short(percentile(samples, share));
                vec![
                    who.to_owned(),
                    p(0.5),
                    p(0.95),
                    p(0.99),
                    samples.len().to_string(),
                    short(results.median("warm", place, who, "resident, MB")),
                ]
            })
            .collect();
        if !rows.is_empty() {
            let head = ["", "p50, ms", "p95, ms", "p99, ms", "events", "resident, MB"];
            let _ = write!(text, "DynamoDB by: {place}.\n\n{}", table(&head, rows));
        }
    }
    let bytes = ["intake-notice", "node-intake-notice", "python-intake-notice"]
        .map(|who| format!("{who} {}", results.facts.get(&format!("bytes {who}")).map_or("?", String::as_str)));
    let _ = write!(text, "Bytes stored for one and the same notice: {}.\n\n", bytes.join(", "));
    text
}

fn throughput(results: &Results) -> String {
    let rows = results.contestants("throughput", "stand-in", "accepted, 1/s").into_iter().map(|who| {
        let m = |measure: &str| short(results.median("throughput", "stand-in", who, measure));
        vec![who.to_owned(), m("accepted, 1/s"), m("resident of all copies, MB")]
    });
    let head = ["copies", "accepted, 1/s", "resident of all, MB"];
    format!("## Throughput\n\n![](plots/throughput.svg)\n\n{}", table(&head, rows.collect()))
}

fn year(results: &Results) -> String {
    let mut rows = Vec::new();
    for (place, named) in [("ministack", "ministack, a tenth"), ("stand-in", "stand-in")] {
        for (who, what) in [("import-batch", "stored by import-batch"), ("bare", "the same transactions, bare")] {
            let samples = results.samples("year", place, who, "stored, rows/s");
            if !samples.is_empty() {
                rows.push(vec![format!("{what} ({named})"), short(median(samples)), samples.len().to_string()]);
            }
        }
    }
    let parsed = results.samples("year", "alone", "import-batch", "parsed and checked, rows/s");
    rows.push(vec!["parsed and checked alone".to_owned(), short(median(parsed)), parsed.len().to_string()]);
    let memory = results.contestants("year", "stand-in", "most resident, MB").into_iter().map(|length| {
        let m = |measure: &str| short(results.median("year", "stand-in", length, measure));
        vec![length.to_owned(), m("most resident, MB"), m("rows/s into nothing")]
    });
    format!(
        "## A year\n\n![](plots/year.svg)\n\n{}{}",
        table(&["a year's 39,600 rows", "rows/s", "runs"], rows),
        table(&["rows of a file", "most resident, MB", "rows/s, nothing kept"], memory.collect())
    )
}

fn cost(results: &Results, prices: &Prices) -> String {
    let all = results.contestants("cost", "stand-in", "KRW");
    let mut text = format!(
        "## Cost\n\n![](plots/cost.svg)\n\nPer notice, from its acceptance to its end. Prices: `prices.json` ({} KRW a dollar; {}).\n\n",
        prices.krw_per_usd, prices.source
    );
    let measures = [
        "write units",
        "index write units",
        "read units",
        "transactions",
        "SQS requests",
        "Lambda invocations",
        "Lambda GB-ms",
        "S3 requests",
        "API requests",
        "logged bytes",
        "KRW",
    ];
    let rows = all.iter().map(|who| {
        let of = |measure: &&str| short(results.median("cost", "stand-in", who, measure));
        std::iter::once((*who).to_owned()).chain(measures.iter().map(of)).collect()
    });
    let head: Vec<&str> = std::iter::once("path, notices").chain(measures).collect();
    text.push_str(&table(&head, rows.collect()));
    let last: Vec<String> = PATHS
        .iter()
        .filter_map(|(path, _)| costs(results, path).last().map(|(size, _)| format!("{path} {size}")))
        .collect();
    let last: Vec<&str> = last.iter().map(String::as_str).collect();
    for (prefix, title) in [("KRW ", "KRW for"), ("KRW of ", "KRW by"), ("write units of ", "write units by")] {
        let mut names: Vec<&str> = results
            .series
            .iter()
            .filter(|series| series.family == "cost")
            .filter_map(|series| series.measure.strip_prefix(prefix))
            .filter(|name| !name.starts_with("of "))
            .collect();
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(*name));
        let rows = names.iter().map(|name| {
            let of = |who: &&str| {
                results
                    .samples("cost", "stand-in", who, &format!("{prefix}{name}"))
                    .first()
                    .map_or("-".to_owned(), |value| short(*value))
            };
            std::iter::once((*name).to_owned()).chain(last.iter().map(of)).collect()
        });
        let head: Vec<&str> = std::iter::once(title).chain(last.iter().copied()).collect();
        text.push_str(&table(&head, rows.collect()));
    }
    text
}

fn cost_bars(results: &Results) -> Option<Vec<Bar>> {
    let drawn: Vec<Bar> = PATHS
        .iter()
        .flat_map(|(path, _)| {
            costs(results, path).into_iter().map(move |(size, won)| Bar {
                label: format!("{path}, {size}"),
                value: won,
                samples: vec![won],
            })
        })
        .collect();
    (!drawn.is_empty()).then_some(drawn)
}
