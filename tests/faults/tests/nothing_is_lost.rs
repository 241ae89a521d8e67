//! Nothing is lost and nothing silently doubled while AWS fails a fifth of all calls and functions die at work.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use faults::{Account, Killer, Outbox, Queues, Settle, Storm, Town, is_over, order, print};
use jiff::SignedDuration;
use journeys::{Stack, eventually};
use rand::prelude::*;
use rand::rngs::StdRng;
use tokio::task::{JoinSet, LocalSet};
use tokio::time::{Instant, sleep, timeout};

/// An hour of the stack's is a quarter of ours: a lease still outlives every function, and queues bring their messages
/// again in half a minute.
const HASTE: i64 = 4;
/// Residents who are written to at once.
const AT_ONCE: usize = 5;
/// A storm does not last longer, whatever it leaves undone.
const STORM: Duration = Duration::from_secs(200);
/// A second storm, over the print room.
const PRINTING: Duration = Duration::from_mins(1);
const UNTIL_ALL_IS_DONE: Duration = Duration::from_mins(7);
/// How often, every hour, what was lost on its way is looked for before the days pass.
const ROUNDS: usize = 12;

/// What a run is like; the same seed makes the same one, as far as the machine lets it.
struct Run {
    residents: usize,
    kills: u32,
    /// Seconds between one kill and the next, at most.
    pace: f64,
    seed: u64,
}

#[tokio::test]
#[ignore = "takes minutes, and a stack that can misbehave: `make faults`"]
async fn three_hundred_notices() {
    let run = Run {
        residents: told("TONGJI_RESIDENTS").unwrap_or(286),
        kills: told("TONGJI_KILLS").unwrap_or(60),
        pace: 2.5,
        seed: told("TONGJI_SEED").unwrap_or_else(rand::random),
    };
    Box::pin(LocalSet::new().run_until(survive(run))).await;
}

/// What the environment says about the run, to repeat one or to make it smaller.
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment which run to repeat")]
fn told<T: FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

#[expect(clippy::print_stdout, reason = "the counts are what the test is for")]
async fn survive(run: Run) {
    println!("seed {}", run.seed);
    let stack = Stack::running();
    let addresses = stack.faults.clone().expect("a stack brought up with --faults");
    let (town, queues) = (Arc::new(Town::new(stack.clone(), run.seed).await), Queues::of(&stack).await);
    let mut storm = Storm::before(&addresses);
    storm.begin().await;
    let began = Instant::now();
    let mut people = JoinSet::new();
    let killer = Killer::of(addresses.clock.with_file_name("scratch"), run.seed);
    let killer = tokio::join!(populate(&town, &run, &mut people), rage(&town, &run, killer)).1;
    storm.end().await;
    let calls = storm.calls().await;
    println!("the storm is over after {:.0} s", began.elapsed().as_secs_f64());

    let settle = Settle { stack: &stack, storm: &storm, clock: &town.clock, queues: &queues };
    let mut done = Vec::new();
    let finish = async {
        // First what the queues bring again, then what was lost on its way and is set going again.
        // Whoever still waits then waits in vain, and the days pass all the same.
        for minutes in [3, 3].into_iter().chain(std::iter::repeat_n(61, ROUNDS)) {
            if people.is_empty() {
                break;
            }
            settle.pass(SignedDuration::from_mins(minutes)).await;
            while let Some(person) = people.try_join_next() {
                done.push(person.expect("a resident who lived"));
            }
            println!("{} residents wait for something", people.len());
        }
        // The reminder, the end of the time to choose, the end of the time to read; and what those cause.
        for hours in [25, 49, 72] {
            settle.pass(SignedDuration::from_hours(hours)).await;
            settle.pass(SignedDuration::from_mins(3)).await;
        }
        // Long enough for whatever was lost on its way.
        for _ in 0..3 {
            settle.pass(SignedDuration::from_mins(61)).await;
        }
    };
    if timeout(UNTIL_ALL_IS_DONE, finish).await.is_err() {
        println!("{} residents still wait", people.len());
    }
    storm.begin().await;
    let killer = print(&stack, &town.clock, killer, PRINTING).await;
    storm.end().await;
    let settle = Settle { stack: &stack, storm: &storm, clock: &town.clock, queues: &queues };
    // Whoever held the run when the storm ended has let go of it by then, and the queue brings it again.
    settle.pass(SignedDuration::from_mins(10)).await;
    let last = order(&stack).await.expect("the last run");
    settle.quiet().await;
    eventually("the last run", async || is_over(&stack, &last).await.then_some(())).await;

    let http = reqwest::Client::new();
    let before = Outbox::read(&http, &stack.handset).await.all().count();
    let dead = queues.dead().await;
    let redriven = queues.redrive().await;
    settle.quiet().await;
    let outbox = Outbox::read(&http, &stack.handset).await;
    let mut account = Account::take(&stack, &done, &outbox).await;
    account.kills = killer.into_kills();
    account.fired = storm.fired();
    account.lost_answers = storm.lost_answers();
    account.calls = calls;
    account.dead = dead;
    account.read_logs(&stack).await;
    println!("\n{account}\n");
    for finding in account.findings() {
        println!("{finding}");
    }
    assert!(people.is_empty(), "residents wait in vain");
    assert!(account.findings().is_empty(), "something is not as it should be");
    assert_eq!(outbox.all().count(), before, "{redriven} dead letters were brought again, and did harm");
    assert!(account.duplicates() <= account.causes(), "more duplicates than causes for them");
}

/// Everyone's notices are handed in, a few at a time; whoever lives on does so beside.
async fn populate(town: &Arc<Town>, run: &Run, people: &mut JoinSet<faults::Person>) {
    for number in 0..run.residents {
        people.spawn_local(Arc::clone(town).live(number));
        if number % AT_ONCE == AT_ONCE - 1 {
            sleep(Duration::from_millis(1500)).await;
        }
    }
}

/// Functions die and the clock hastens, until nearly everyone has what they want.
async fn rage(town: &Town, run: &Run, mut killer: Killer) -> Killer {
    let mut random = StdRng::seed_from_u64(run.seed);
    let (began, mut next, mut ticked) = (Instant::now(), Instant::now(), Instant::now());
    while town.content() < run.residents - run.residents / 20 && began.elapsed() < STORM {
        sleep(Duration::from_millis(50)).await;
        if ticked.elapsed() >= Duration::from_secs(1) {
            ticked += Duration::from_secs(1);
            town.clock.advance(SignedDuration::from_secs(HASTE - 1));
        }
        if killer.count() < run.kills && Instant::now() >= next && killer.strike().await {
            next = Instant::now() + Duration::from_secs_f64(random.random_range(0.1..run.pace));
        }
    }
    killer
}
