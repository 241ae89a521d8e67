//! Warm latency: copies that have started long ago, from handing an event over to having its answer, in turns.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::families::cold::megabytes;
use crate::host::Copy;
use crate::programs::JOBS;
use crate::results::Results;
use crate::stage::{Stage, Stopped, millis, sound};

/// Events that nobody is measured by, so that just-in-time compilers and connections have warmed up.
const WARM_UP: usize = 50;

/// How long everyone is measured.
#[derive(Debug, Clone, Copy)]
pub struct Length {
    /// How often everyone has their turn.
    pub rounds: usize,
    /// Events of a turn.
    pub events: usize,
    /// The peers' and send-sms's too, or intake's alone.
    pub everyone: bool,
}

/// Measures everyone's warm latency.
///
/// # Errors
/// When someone does not answer, or writes otherwise than ours.
pub async fn measure(stage: &Stage, length: Length, results: &mut Results) -> Result<(), Stopped> {
    let intake = stage.ready("intake-notice").await?;
    let transaction = transaction(stage).await?;
    let mut copies: Vec<(Copy, String, &str)> = Vec::new();
    for job in JOBS.into_iter().filter(|job| length.everyone || *job == "intake-notice") {
        for program in stage.programs.all_at(job) {
            copies.push((stage.start(&program).await?, program.name, job));
        }
    }
    let bare = stage.programs.ours("bare");
    copies.push((stage.start(&bare).await?, bare.name, "bare"));
    for round in 0..=length.rounds {
        for (copy, name, job) in &copies {
            let count = if round == 0 { WARM_UP } else { length.events };
            let mut events = Vec::with_capacity(count);
            for _ in 0..count {
                events.push(match *job {
                    "bare" => transaction.another(),
                    job => stage.event_for(job, &intake).await?,
                });
            }
            for event in events {
                let answered = copy.invoke(event).await?;
                let answer = sound(name, &answered)?;
                if round > 0 {
                    let taken =
                        answer["micros"].as_f64().map_or_else(|| millis(answered.took), |micros| micros / 1000.0);
                    results.add("warm", stage.place, name, "answer, ms", taken);
                }
            }
        }
        // Nobody reads the stream here.
        stage.cloud.held().memory.take_events();
    }
    for (copy, name, _) in &copies {
        results.add("warm", stage.place, name, "resident, MB", megabytes(copy));
    }
    Ok(())
}

/// The transaction by which intake stores a notice, to be written again for other notices.
#[derive(Debug)]
pub struct Transaction {
    text: String,
    unique: Vec<String>,
}

/// Notices that were written again, of whichever transaction: no two share a key.
static WRITTEN: AtomicU64 = AtomicU64::new(0);

impl Transaction {
    fn of(request: &Value) -> Self {
        let keys = ["notice", "pk"].into_iter();
        let items = request["TransactItems"].as_array().into_iter().flatten().map(|write| &write["Put"]["Item"]);
        let mut unique: Vec<String> = items
            .flat_map(|item| keys.clone().filter_map(|name| item[name]["S"].as_str()))
            .map(|key| key.rsplit('#').next().unwrap_or_default().to_owned())
            .collect();
        unique.sort_unstable();
        unique.dedup();
        Self { text: json!({ "TransactItems": request["TransactItems"] }).to_string(), unique }
    }

    /// The same for another notice: as many items and bytes, under other keys.
    #[must_use]
    pub fn another(&self) -> String {
        let number = format!("x{:07}", WRITTEN.fetch_add(1, Ordering::Relaxed));
        let renamed = |text: String, key: &String| {
            let kept = key.char_indices().rev().nth(number.len() - 1).map_or(0, |(index, _)| index);
            text.replace(key, &format!("{}{number}", &key[..kept]))
        };
        self.unique.iter().fold(self.text.clone(), renamed)
    }
}

/// Records the transaction of another notice, which goes to the stand-in wherever the others write.
///
/// # Errors
/// When intake does not take it in.
pub async fn transaction(stage: &Stage) -> Result<Transaction, Stopped> {
    let intake = stage.start(&stage.programs.here().ours("intake-notice")).await?;
    stage.cloud.held().recorded = Some(Vec::new());
    intake.invoke(stage.events.another_notice()?.event).await?;
    let recorded = stage.cloud.held().recorded.take().unwrap_or_default();
    let first = recorded.first().ok_or_else(|| Stopped::Unsound("intake-notice".to_owned(), "no write".to_owned()))?;
    Ok(Transaction::of(first))
}

/// The shapes of what each contestant writes for one notice: kinds of items and their bytes.
///
/// # Errors
/// When someone does not answer, or writes other items than ours, or takes the same event for another.
pub async fn same_writes(stage: &Stage, results: &mut Results) -> Result<(), Stopped> {
    let intake = stage.ready("intake-notice").await?;
    for job in JOBS {
        let mut ours: Option<(Vec<String>, u64)> = None;
        for program in stage.programs.all_at(job) {
            let copy = stage.start(&program).await?;
            let event = stage.event_for(job, &intake).await?;
            let (first, once) = writes(stage, &copy, &program.name, event.clone()).await?;
            let (again, more) = writes(stage, &copy, &program.name, event).await?;
            let (kinds, bytes) = shape(&once);
            results.facts.insert(format!("bytes {}", program.name), bytes.to_string());
            let (ours, our_bytes) = ours.get_or_insert((kinds.clone(), bytes));
            let as_large = bytes * 100 >= *our_bytes * 80 && bytes * 100 <= *our_bytes * 120;
            if *ours != kinds || !as_large || first != again || !more.is_empty() {
                let told = format!(
                    "{kinds:?} of {bytes} bytes where ours are {ours:?} of {our_bytes}; first {first}, again {again}"
                );
                return Err(Stopped::Unsound(program.name, told));
            }
        }
    }
    Ok(())
}

/// What someone answers to an event, and the transactions they carry out.
async fn writes(stage: &Stage, copy: &Copy, who: &str, event: String) -> Result<(Value, Vec<Value>), Stopped> {
    stage.cloud.held().recorded = Some(Vec::new());
    let answered = sound(who, &copy.invoke(event).await?)?;
    Ok((answered, stage.cloud.held().recorded.take().unwrap_or_default()))
}

fn shape(transactions: &[Value]) -> (Vec<String>, u64) {
    let writes = transactions.iter().filter_map(|request| request["TransactItems"].as_array()).flatten();
    let items: Vec<_> = writes.filter_map(|write| write["Put"]["Item"].as_object()).collect();
    let kind = |item: &&crate::expression::Item| {
        let sk = item.get("sk").and_then(|sk| sk["S"].as_str()).unwrap_or_default();
        sk.split('#').next().unwrap_or_default().to_owned()
    };
    (items.iter().map(kind).collect(), items.iter().map(|item| crate::units::item_bytes(item)).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_is_written_again_under_other_keys() {
        let item = |pk: &str| {
            json!({ "Put": { "Item": { "pk": { "S": pk }, "sk": { "S": "ONCE" },
            "notice": { "S": "01KAVQ8Z3M0000000000000001" } } } })
        };
        let request =
            json!({ "TransactItems": [item("NOTICE#01KAVQ8Z3M0000000000000001"), item("ONCE#r#2026-민원-0000001")] });
        let transaction = Transaction::of(&request);
        let (first, second) = (transaction.another(), transaction.another());
        assert!(first.contains("NOTICE#01KAVQ8Z3M00000000x00000") && first.contains("ONCE#r#2026-민원"), "{first}");
        assert_ne!(first, second);
        assert_eq!(first.chars().count(), transaction.text.chars().count());
        assert!(!first.contains("0000000000001\""));
    }

    #[test]
    fn a_shape_tells_kinds_and_bytes() {
        let request = json!({ "TransactItems": [{ "Put": { "Item": { "sk": { "S": "EVENT#000001" } } } }] });
        assert_eq!(shape(&[request]), (vec!["EVENT".to_owned()], 14));
        assert_eq!(shape(&[]), (Vec::new(), 0));
    }
}
