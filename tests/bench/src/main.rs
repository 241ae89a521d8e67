//! `bench [--quick] [--notices MOST] [--binaries FOLDER] [--dynamodb URL] [FAMILY...]`: measures, and writes
//! `tests/bench/RESULTS.md` with samples and plots. Families that are named are measured again beside the others of before.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bench::cloud::Cloud;
use bench::cost::Prices;
use bench::events::Events;
use bench::families::warm::Length;
use bench::families::{cold, cost, throughput, warm, year};
use bench::programs::Programs;
use bench::results::Results;
use bench::stage::{Stage, Stopped};
use bench::{machine, report, say};
use serde_json::{Value, json};

/// The constant time of a call of DynamoDB where one is set: a read's and a transaction's.
const LATENCY: (Duration, Duration) = (Duration::from_millis(4), Duration::from_millis(10));

const FAMILIES: [&str; 5] = ["cold", "warm", "throughput", "year", "cost"];

struct Options {
    quick: bool,
    /// So many notices live for the costs, at most: forty thousand on each path take an hour and more.
    notices: u32,
    binaries: Option<PathBuf>,
    dynamodb: Option<String>,
    families: Vec<String>,
}

#[tokio::main]
async fn main() -> Result<(), Stopped> {
    let options = options(std::env::args().skip(1));
    if let Some(unknown) = options.families.iter().find(|family| !FAMILIES.contains(&family.as_str())) {
        return Err(std::io::Error::other(format!("{unknown:?} is none of the families {FAMILIES:?}")).into());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let prices: Prices = serde_json::from_str(include_str!("../prices.json")).map_err(std::io::Error::from)?;
    let cloud = Cloud::start(settings(&root)?).await?;
    // The functions stand beside this program.
    let binaries = options.binaries.map_or_else(beside, Ok)?;
    let programs = Programs { root: root.clone(), binaries, dynamodb: None };
    let here = Stage { place: "stand-in", cloud, programs, events: Arc::new(Events::new(&root)) };
    let there = options.dynamodb.clone().map(|url| Stage {
        place: "ministack",
        programs: Programs { dynamodb: Some(url), ..here.programs.clone() },
        ..here.clone()
    });
    // A short run is no result.
    let folder = root.join(if options.quick { "target/bench/tried" } else { "tests/bench" });
    let mut results = Results::default();
    machine::describe(&here.programs, &mut results);
    if !options.families.is_empty() && !options.quick {
        let samples = std::fs::read_to_string(folder.join("samples.json"))?;
        results = Results::kept(&samples, &options.families, &results)?;
    }
    let wanted = |family: &str| options.families.is_empty() || options.families.iter().any(|wanted| wanted == family);
    let (few, many) = if options.quick { (3, 5) } else { (21, 15) };

    say("what peers write");
    warm::same_writes(&here, &mut results).await?;
    if wanted("cold") {
        say("cold starts");
        machine::weigh(&here.programs, &mut results)?;
        cold::measure(&here, true, few, &mut results).await?;
        if let Some(there) = &there {
            cold::measure(there, false, few, &mut results).await?;
        }
    }
    report::write(&folder, &results, &prices)?;
    if wanted("warm") {
        say("warm latency");
        let events = if options.quick { 20 } else { 100 };
        warm::measure(&here, Length { rounds: many, events, everyone: true }, &mut results).await?;
        if let Some(there) = &there {
            warm::measure(there, Length { rounds: many, events: events / 4, everyone: true }, &mut results).await?;
        }
        let slow = Stage { place: "4/10 ms", ..here.clone() };
        slow.cloud.held().latency = Some(LATENCY);
        warm::measure(&slow, Length { rounds: 3, events: events / 2, everyone: false }, &mut results).await?;
        slow.cloud.held().latency = None;
    }
    report::write(&folder, &results, &prices)?;
    if wanted("throughput") {
        say("throughput");
        let (rounds, seconds) = if options.quick { (1, 1) } else { (5, 4) };
        throughput::measure(&here, rounds, Duration::from_secs(seconds), &mut results).await?;
    }
    report::write(&folder, &results, &prices)?;
    if wanted("year") {
        say("a year");
        let rows = if options.quick { 2_000 } else { year::YEAR };
        let file = year::file(&here, rows, 3)?;
        year::parse(&here, &file, 5, &mut results)?;
        year::measure(&here, rows, if options.quick { 1 } else { 5 }, &mut results).await?;
        if let Some(there) = &there {
            // A tenth of a year: the emulator takes hundreds of rows a second, whoever writes.
            let (rows, rounds) = if options.quick { (1_000, 1) } else { (rows / 10, 5) };
            year::measure(there, rows, rounds, &mut results).await?;
        }
        let lengths: &[u32] = if options.quick { &[1_000, 4_000] } else { &[1_000, 40_000, 400_000] };
        year::memory(&here, lengths, &mut results).await?;
    }
    report::write(&folder, &results, &prices)?;
    if wanted("cost") {
        let sizes: &[u32] = if options.quick { &[20, 60] } else { &[1_000, 10_000, 40_000] };
        let sizes: Vec<u32> = sizes.iter().copied().filter(|size| *size <= options.notices).collect();
        say("what notices cost on each path");
        cost::measure(&here, 1, &sizes, &prices, &mut results).await?;
        report::write(&folder, &results, &prices)?;
        let (at_a_time, sizes) = if options.quick { (20, &[60]) } else { (100, &[1_000]) };
        cost::measure(&here, at_a_time, sizes, &prices, &mut results).await?;
    }
    report::write(&folder, &results, &prices)?;
    Ok(())
}

fn options(arguments: impl Iterator<Item = String>) -> Options {
    let mut options = Options { quick: false, notices: 40_000, binaries: None, dynamodb: None, families: Vec::new() };
    let mut arguments = arguments;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--quick" => options.quick = true,
            "--notices" => options.notices = arguments.next().and_then(|most| most.parse().ok()).unwrap_or_default(),
            "--binaries" => options.binaries = arguments.next().map(PathBuf::from),
            "--dynamodb" => options.dynamodb = arguments.next(),
            _ => options.families.push(argument),
        }
    }
    options
}

/// The office's settings, with texts at any hour.
fn settings(root: &Path) -> std::io::Result<String> {
    let mut settings: Value = serde_json::from_str(&std::fs::read_to_string(root.join("infra/settings.json"))?)?;
    settings["sending_hours"] = json!({ "from": "00:00", "until": "00:00" });
    Ok(settings.to_string())
}

fn beside() -> std::io::Result<PathBuf> {
    Ok(std::env::current_exe()?.parent().map(Path::to_owned).unwrap_or_default())
}
