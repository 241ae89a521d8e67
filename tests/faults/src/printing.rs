//! The print run under faults: ordered by a print room that asks again, and brought to its end.

use std::time::Duration;

use jiff::SignedDuration;
use journeys::{Office, Stack};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{Clock, Killer};

/// Has everything printed that waits while the storm lasts, at most for so long; every second is ten of the stack's, so
/// that a printer's death is soon over. The printers that died.
pub async fn print(stack: &Stack, clock: &Clock, mut killer: Killer, at_most: Duration) -> Killer {
    let began = Instant::now();
    let mut run = None;
    while began.elapsed() < at_most {
        run = match run {
            None => order(stack).await,
            Some(id) if is_over(stack, &id).await => break,
            Some(id) => Some(id),
        };
        killer.strike().await;
        sleep(Duration::from_secs(1)).await;
        clock.advance(SignedDuration::from_secs(9));
    }
    killer
}

/// Orders a run; none if the order did not come through.
pub async fn order(stack: &Stack) -> Option<String> {
    let room = Office::print_room(stack).await;
    let answer = room.post("/v1/letters/runs", &json!({})).send().await.ok()?;
    let is_taken = answer.status() == StatusCode::ACCEPTED;
    let run: Value = answer.json().await.ok().filter(|_| is_taken)?;
    run["id"].as_str().map(str::to_owned)
}

/// Whether a run is known to be over.
pub async fn is_over(stack: &Stack, run: &str) -> bool {
    let room = Office::print_room(stack).await;
    let run: Value = room.get(&format!("/v1/letters/runs/{run}")).await.json().await.unwrap_or_default();
    run["stage"] == "done"
}
