//! As `post-letters`: a run gathers the letters that wait, prints them, and posts them; each stage may be repeated.

use domain::settings::SEOUL;
use domain::{Fact, NoticeId, RunId};
use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp};
use store::{Binding, Change, Decision, Error, Stage};

use crate::cloud::Cloud;
use crate::world::World;

/// Longer than its worker lives.
pub(crate) const LEASE: SignedDuration = SignedDuration::from_mins(15);

/// A print run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) id: RunId,
    pub(crate) stage: Stage,
    cut_off: Timestamp,
    held_until: Timestamp,
    /// The letters in its file.
    pub(crate) printed: Vec<NoticeId>,
}

impl World {
    /// The run that is open, or a new one on a working day.
    fn open_run(&mut self) -> Option<usize> {
        if let Some(open) = self.runs.iter().position(|run| run.stage != Stage::Done) {
            return Some(open);
        }
        let day = SEOUL.to_datetime(self.now).date();
        if matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            return None;
        }
        let number = 1 + self.runs.iter().filter(|run| run.id.as_str().starts_with(&day.to_string())).count();
        let id = RunId::of(day, u32::try_from(number).expect("few"));
        let (cut_off, held_until) = (self.now, self.now);
        self.runs.push(Run { id, stage: Stage::Gathering, cut_off, held_until, printed: Vec::new() });
        Some(self.runs.len() - 1)
    }
}

pub(crate) async fn run(cloud: &Cloud) -> Result<(), Error> {
    cloud.way().await?;
    let Some(index) = cloud.world().open_run() else { return Ok(()) };
    cloud.way().await?;
    {
        let mut world = cloud.world();
        let now = world.now;
        let run = &mut world.runs[index];
        if run.stage == Stage::Done || run.held_until > now {
            return Ok(());
        }
        run.held_until = now + LEASE;
    }
    loop {
        cloud.way().await?;
        let stage = cloud.world().runs[index].stage;
        let next = match stage {
            Stage::Gathering => {
                gather(cloud, index).await?;
                Stage::Printing
            }
            Stage::Printing => {
                let mut world = cloud.world();
                let members = world.shelf.members.get(&world.runs[index].id).cloned().unwrap_or_default();
                world.runs[index].printed = members;
                Stage::Posting
            }
            Stage::Posting => {
                post(cloud, index).await?;
                Stage::Done
            }
            Stage::Done => return Ok(()),
        };
        cloud.way().await?;
        cloud.world().runs[index].stage = next;
    }
}

async fn gather(cloud: &Cloud, index: usize) -> Result<(), Error> {
    let (run, waiting) = {
        let world = cloud.world();
        let Run { id, cut_off, .. } = &world.runs[index];
        let waiting = world.shelf.awaiting_run.iter().take_while(|(since, _)| since <= cut_off);
        (id.clone(), waiting.map(|(_, notice)| *notice).collect::<Vec<_>>())
    };
    for notice in waiting {
        let at = cloud.world().now;
        let join = |_: &domain::Notice| {
            let bindings = vec![Binding::Member { run: run.clone() }];
            Decision::<()>::Record(Change { at, fact: Fact::JoinedRun { run: run.clone() }, bindings })
        };
        // A call that failed may have done its work all the same: asked again, the notice knows.
        if cloud.change(notice, join).await.is_err() {
            cloud.change(notice, join).await?;
        }
    }
    Ok(())
}

async fn post(cloud: &Cloud, index: usize) -> Result<(), Error> {
    let (run, printed) = {
        let world = cloud.world();
        (world.runs[index].id.clone(), world.runs[index].printed.clone())
    };
    for notice in printed {
        let at = cloud.world().now;
        let posted =
            || Decision::<()>::Record(Change { at, fact: Fact::Posted { run: run.clone() }, bindings: vec![] });
        if cloud.change(notice, |_| posted()).await.is_err() {
            cloud.change(notice, |_| posted()).await?;
        }
    }
    Ok(())
}
