//! Cold starts: a fresh copy, from its start to its first call for an event and to its first answer, everyone in turn.

use crate::host::{Copy, Program};
use crate::programs::{FUNCTIONS, JOBS};
use crate::results::Results;
use crate::stage::{Stage, Stopped, millis, sound};

/// Measures so many starts of everyone. Where `all`, of every function of ours, else of those that peers do too.
///
/// # Errors
/// When someone does not start or answer.
pub async fn measure(stage: &Stage, all: bool, rounds: usize, results: &mut Results) -> Result<(), Stopped> {
    let intake = stage.ready("intake-notice").await?;
    let transaction = crate::families::warm::transaction(stage).await?;
    let ours = FUNCTIONS.iter().map(|(name, _)| *name).filter(|name| all || JOBS.contains(name));
    let mut everyone: Vec<(Program, &str)> = ours.map(|name| (stage.programs.ours(name), name)).collect();
    for job in JOBS {
        everyone.extend([(stage.programs.node(job), job), (stage.programs.python(job), job)]);
    }
    everyone.extend([(stage.programs.ours("hello"), "hello"), (stage.programs.ours("bare"), "bare")]);
    for round in 0..=rounds {
        for (program, job) in &everyone {
            let event = if *job == "bare" { transaction.another() } else { stage.event_for(job, &intake).await? };
            let copy = stage.start(program).await?;
            let (ready, answered) = tokio::join!(copy.ready(), copy.invoke(event));
            let (ready, answered) = (ready?, answered?);
            let answer = sound(&program.name, &answered)?;
            // The first round only brings the binaries into the page cache, for everyone.
            if round == 0 {
                continue;
            }
            let mut add = |measure, sample| results.add("cold", stage.place, &program.name, measure, sample);
            add("start to first next, ms", millis(ready));
            add("start to first answer, ms", millis(copy.since_start(answered.at)));
            add("resident after the first answer, MB", megabytes(&copy));
            if let Some(micros) = answer["micros"].as_f64() {
                add("first DynamoDB transaction, ms", micros / 1000.0);
            }
        }
    }
    Ok(())
}

/// Megabytes a copy holds now.
#[must_use]
pub fn megabytes(copy: &Copy) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "kilobytes of one process")]
    let kilobytes = copy.memory().0 as f64;
    kilobytes / 1024.0
}
