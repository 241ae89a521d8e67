//! Ten thousand notices through a world in which everything goes wrong that can: each comes to exactly one end.

use std::io::Write;
use std::time::Instant;

use simulation::simulate;

fn lives(seed: u64, notices: usize) {
    // Past the test's own capture: whoever reads the log of a run finds its seed.
    let mut out = std::io::stderr().lock();
    writeln!(out, "SIMULATION_SEED={seed}: {notices} notices").expect("stderr");
    let began = Instant::now();
    let tally = simulate(seed, notices).unwrap_or_else(|broken| unreachable!("{broken}"));
    writeln!(out, "{tally}{:<34}{:>9.1}\n", "seconds", began.elapsed().as_secs_f32()).expect("stderr");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a seed to repeat is given by whoever runs the test")]
fn ten_thousand_notices_come_to_exactly_one_end_each() {
    let seed = std::env::var("SIMULATION_SEED").map(|text| text.parse().expect("a seed is a number"));
    lives(seed.unwrap_or_else(|_| rand::random()), 10_000);
}

#[test]
fn known_seeds_come_out_as_before() {
    for seed in [1, 20_261_123, u64::MAX] {
        lives(seed, 500);
    }
}
