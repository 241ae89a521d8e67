//! How many notices a second so many copies take in from sixteen clients.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::families::cold::megabytes;
use crate::host::{Copy, Program};
use crate::results::Results;
use crate::stage::{Stage, Stopped, sound};

/// Who asks at a time.
pub const CLIENTS: usize = 16;
const JOB: &str = "intake-notice";

/// Measures ours at 1, 2 and 4 copies, and of each peer as many copies as fit the memory of our four.
///
/// # Errors
/// When someone does not answer.
pub async fn measure(stage: &Stage, rounds: usize, lasting: Duration, results: &mut Results) -> Result<(), Stopped> {
    let [ours, node, python] = stage.programs.all_at(JOB);
    let budget = 4.0 * resident(stage, &ours).await?;
    let mut everyone = vec![(ours.clone(), 1), (ours.clone(), 2), (ours, 4)];
    for peer in [node, python] {
        let each = resident(stage, &peer).await?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a handful of copies")]
        let fitting = ((budget / each) as usize).max(1);
        everyone.push((peer, fitting));
    }
    for _ in 0..rounds {
        for (program, copies) in &everyone {
            let (rate, memory) = rate(stage, program, *copies, lasting).await?;
            let contestant = format!("{} × {copies}", program.name);
            results.add("throughput", stage.place, &contestant, "accepted, 1/s", rate);
            results.add("throughput", stage.place, &contestant, "resident of all copies, MB", memory);
            let held = &mut *stage.cloud.held();
            held.memory = crate::memory::Memory::default();
        }
    }
    Ok(())
}

/// Megabytes a copy holds after some work.
async fn resident(stage: &Stage, program: &Program) -> Result<f64, Stopped> {
    let copy = stage.start(program).await?;
    for _ in 0..200 {
        sound(&program.name, &copy.invoke(stage.events.another_notice()?.event).await?)?;
    }
    Ok(megabytes(&copy))
}

async fn rate(stage: &Stage, program: &Program, copies: usize, lasting: Duration) -> Result<(f64, f64), Stopped> {
    let (give_back, free) = unbounded_channel::<Arc<Copy>>();
    let mut all = Vec::new();
    for _ in 0..copies {
        let copy = Arc::new(stage.start(program).await?);
        for _ in 0..50 {
            copy.invoke(stage.events.another_notice()?.event).await?;
        }
        all.push(Arc::clone(&copy));
        _ = give_back.send(copy);
    }
    let (free, accepted, began) = (Arc::new(Mutex::new(free)), Arc::new(AtomicU64::new(0)), Instant::now());
    let until = began + lasting;
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (free, give_back, accepted) = (Arc::clone(&free), give_back.clone(), Arc::clone(&accepted));
            let (events, name) = (Arc::clone(&stage.events), program.name.clone());
            tokio::spawn(async move {
                while Instant::now() < until {
                    let event = events.another_notice()?.event;
                    once(&free, &give_back, event, &name).await?;
                    accepted.fetch_add(1, Ordering::Relaxed);
                }
                Ok::<_, Stopped>(())
            })
        })
        .collect();
    for client in clients {
        client.await.map_err(|error| Stopped::Unsound(program.name.clone(), error.to_string()))??;
    }
    #[expect(clippy::cast_precision_loss, reason = "some thousands")]
    let rate = accepted.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64();
    Ok((rate, all.iter().map(|copy| megabytes(copy)).sum()))
}

async fn once(
    free: &Mutex<UnboundedReceiver<Arc<Copy>>>,
    give_back: &UnboundedSender<Arc<Copy>>,
    event: String,
    name: &str,
) -> Result<(), Stopped> {
    let copy = free.lock().await.recv().await;
    let copy = copy.ok_or_else(|| Stopped::Unsound(name.to_owned(), "nothing".to_owned()))?;
    let answered = copy.invoke(event).await;
    _ = give_back.send(copy);
    sound(name, &answered?).map(|_| ())
}
