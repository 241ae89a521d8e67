//! What was measured where: machine, versions, date, sizes.

use std::path::Path;
use std::process::Command;

use crate::host::Program;
use crate::programs::{FUNCTIONS, Programs, sizes};
use crate::results::Results;

/// Tells machine, versions and date.
pub fn describe(programs: &Programs, results: &mut Results) {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let line = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.map(|rest| rest.trim_start_matches([' ', '\t', ':', '=']).trim_matches('"').to_owned()).unwrap_or_default()
    };
    let first = |program: Program| program.command.into_iter().next().unwrap_or_default();
    let (node, python) = (first(programs.node("send-sms")), first(programs.python("send-sms")));
    let processors = std::thread::available_parallelism().map_or(0, usize::from);
    let memory: u64 =
        line(&read("/proc/meminfo"), "MemTotal").split(' ').next().and_then(|kb| kb.parse().ok()).unwrap_or_default();
    let facts = [
        ("date", crate::now().strftime("%Y-%m-%d %H:%M UTC").to_string()),
        ("processor", format!("{} × {processors}", line(&read("/proc/cpuinfo"), "model name"))),
        ("memory", format!("{} GB", memory / 1024 / 1024)),
        (
            "system",
            format!(
                "{}, Linux {}",
                line(&read("/etc/os-release"), "PRETTY_NAME"),
                read("/proc/sys/kernel/osrelease").trim()
            ),
        ),
        ("load before", read("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(" ")),
        ("rust", version(Path::new("rustc"), &["--version"])),
        ("node", version(&node, &["--version"])),
        ("python", version(&python, &["--version"])),
        ("boto3", version(&python, &["-c", "import boto3; print(boto3.__version__)"])),
    ];
    results.facts.extend(facts.map(|(name, value)| (name.to_owned(), value)));
}

/// Tells the sizes of binaries.
///
/// # Errors
/// When one is missing.
pub fn weigh(programs: &Programs, results: &mut Results) -> std::io::Result<()> {
    for name in FUNCTIONS.iter().map(|(name, _)| *name).chain(["hello", "bare"]) {
        let (bytes, packed) = sizes(&programs.binaries.join(name))?;
        #[expect(clippy::cast_precision_loss, reason = "megabytes of a file")]
        let megabytes = |bytes: u64| bytes as f64 / 1_000_000.0;
        results.add("cold", "-", name, "binary, MB", megabytes(bytes));
        results.add("cold", "-", name, "zip, MB", megabytes(packed));
    }
    Ok(())
}

fn version(program: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}
