//! Ends functions in the middle of their work, as a failing machine does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rand::prelude::*;
use rand::rngs::StdRng;
use tokio::time::{Instant, sleep};

/// How often each function was killed at work.
pub type Kills = BTreeMap<String, u32>;

/// Long enough for a function at work to have done something, short enough for it to be at it still.
const GLANCE: Duration = Duration::from_millis(15);

/// So often a function is looked at before it is left in peace.
const GLANCES: u32 = 60;
/// A function killed while it starts would take all others of its name with it: so the emulator has it, and not AWS.
const STARTED: Duration = Duration::from_secs(3);

/// Kills functions of one stack.
#[derive(Debug)]
pub struct Killer {
    since: BTreeMap<String, Instant>,
    scratch: PathBuf,
    random: StdRng,
    kills: Kills,
}

impl Killer {
    /// Kills functions that run from below this folder.
    #[must_use]
    pub fn of(scratch: PathBuf, seed: u64) -> Self {
        Self { since: BTreeMap::new(), scratch, random: StdRng::seed_from_u64(seed), kills: Kills::new() }
    }

    /// Kills one function at work, each as likely as any other; whether there was one.
    pub async fn strike(&mut self) -> bool {
        let running: BTreeSet<String> = self.steps().keys().map(|pid| function(pid)).collect();
        let Some(wanted) = running.into_iter().choose(&mut self.random) else { return false };
        for _ in 0..GLANCES {
            let at_work = self.at_work(&wanted).await;
            if let Some(pid) = at_work.choose(&mut self.random) {
                let killed = Command::new("kill").args(["-KILL", pid]).status().is_ok_and(|status| status.success());
                *self.kills.entry(wanted).or_default() += u32::from(killed);
                return killed;
            }
        }
        false
    }

    /// Processes of this function that are at work and have been there for long enough.
    async fn at_work(&mut self, wanted: &str) -> Vec<String> {
        let before = self.steps();
        self.since.retain(|pid, _| before.contains_key(pid));
        for pid in before.keys() {
            self.since.entry(pid.clone()).or_insert_with(Instant::now);
        }
        sleep(GLANCE).await;
        let after = self.steps();
        let moved =
            |pid: &String| before.get(pid).is_some_and(|before| after.get(pid).is_some_and(|after| after != before));
        let started = |pid: &String| self.since.get(pid).is_some_and(|since| since.elapsed() > STARTED);
        before.keys().filter(|pid| moved(pid) && started(pid) && function(pid) == wanted).cloned().collect()
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.kills.values().sum()
    }

    /// How often each function was killed.
    #[must_use]
    pub fn into_kills(self) -> Kills {
        self.kills
    }

    /// The functions' processes, and how often each has waited for something: one that waits for work waits once.
    fn steps(&self) -> BTreeMap<String, String> {
        let processes = fs::read_dir("/proc").expect("a Linux machine").flatten();
        let ours = processes.filter_map(|process| {
            let program = fs::read_link(process.path().join("exe")).ok()?;
            let is_ours = program.starts_with(&self.scratch) && program.file_name()? == "bootstrap";
            let steps = is_ours.then(|| waits(&process.path())).flatten()?;
            Some((process.file_name().into_string().ok()?, steps))
        });
        ours.collect()
    }
}

fn waits(process: &Path) -> Option<String> {
    let status = fs::read_to_string(process.join("status")).ok()?;
    status.lines().find(|line| line.starts_with("voluntary_ctxt_switches")).map(str::to_owned)
}

/// The function's name in the template.
fn function(pid: &str) -> String {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let environment = String::from_utf8_lossy(&environment);
    let name = environment.split('\0').find_map(|variable| variable.strip_prefix("AWS_LAMBDA_FUNCTION_NAME="));
    name.and_then(|name| name.split('-').nth(1)).unwrap_or("unknown").to_owned()
}
