//! Time and life: takes one happening after the other, gives workers their turns, and brings back what did not get done.

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use domain::settings::Settings;
use domain::{Event, NoticeId};
use jiff::{SignedDuration, Timestamp};
use relay_events::Work;

use crate::cloud::Cloud;
use crate::jobs::{Job, Workers};
use crate::reconcile::{Broken, reconcile};
use crate::world::{Happening, START, Tally, Tick, Turn, World};
use crate::{cast, print};

/// Notices are handed in over so many days.
const INTAKE_DAYS: u64 = 10;
/// After the last of them everything must be over in so many more.
const REST_DAYS: i64 = 40;
/// A queue hides what it gave out for so long.
const HIDDEN: SignedDuration = SignedDuration::from_secs(120);
/// A queue gives a message out so often.
const RECEIVES: u32 = 8;
/// The stream hands over so many events of a notice at a time.
const BATCH: usize = 5;

struct Worker {
    job: Job,
    batch: Vec<Event>,
    future: Pin<Box<dyn Future<Output = bool>>>,
    began: Timestamp,
    handed: Option<usize>,
}

struct Engine {
    cloud: Cloud,
    functions: Rc<Workers>,
    workers: HashMap<u64, Worker>,
    hired: u64,
}

/// Lets so many notices live in the world of this seed, and reconciles.
///
/// # Errors
/// The first rule that does not hold, with the seed and the notice's timeline.
pub fn simulate(seed: u64, notices: usize) -> Result<Tally, Box<Broken>> {
    let settings = Settings::parse(include_str!("../../../infra/settings.json")).expect("sound settings");
    let cloud = Cloud::new(World::new(seed, settings));
    cast::settle(&cloud, notices);
    {
        let mut world = cloud.world();
        for _ in 0..notices {
            let after = world.chance.minutes(0, INTAKE_DAYS * 24 * 60);
            world.plan(after, Happening::Accept);
        }
        for tick in Tick::ALL {
            world.plan(tick.first(), Happening::Tick(tick));
        }
    }
    let functions = Rc::new(Workers::new(&cloud));
    let mut engine = Engine { cloud: cloud.clone(), functions, workers: HashMap::new(), hired: 0 };
    engine.run();
    drop(engine);
    reconcile(&mut cloud.world())
}

impl Engine {
    fn run(&mut self) {
        let start: Timestamp = START.parse().expect("a moment");
        let days = i64::try_from(INTAKE_DAYS).expect("days") + REST_DAYS;
        let end = start + SignedDuration::from_hours(24 * days);
        loop {
            let happening = {
                let mut world = self.cloud.world();
                let Some(((at, _), happening)) = world.agenda.pop_first() else { return };
                if at > end || world.is_quiet() {
                    return;
                }
                world.now = at;
                happening
            };
            match happening {
                Happening::Accept => cast::hand_in(&self.cloud),
                Happening::Start(job) => self.hire(job),
                Happening::Resume(worker) => self.turn(worker),
                Happening::Arrive(arrival) => self.cloud.world().react(&arrival),
                Happening::Tick(tick) => self.cloud.world().tick(tick),
            }
        }
    }

    fn hire(&mut self, job: Job) {
        let batch = match &job {
            Job::Relay { again: Some(batch), .. } => batch.clone(),
            Job::Relay { notice, again: None } => {
                let world = self.cloud.world();
                world.lanes[notice].events.iter().take(BATCH).cloned().collect()
            }
            Job::Deliver { .. }
            | Job::TakeText(_)
            | Job::TakeReceipt { .. }
            | Job::Visit { .. }
            | Job::Officer { .. }
            | Job::Watch
            | Job::MatchAgain
            | Job::Print => Vec::new(),
        };
        let future = Box::pin(Rc::clone(&self.functions).perform(job.clone(), batch.clone()));
        let began = self.cloud.world().now;
        self.hired += 1;
        self.workers.insert(self.hired, Worker { job, batch, future, began, handed: None });
        self.turn(self.hired);
    }

    /// Lets a worker go on until its next slow call, its end or its death.
    fn turn(&mut self, id: u64) {
        let worker = self.workers.get_mut(&id).expect("at work");
        {
            let mut world = self.cloud.world();
            let command = if let Job::Deliver { work: Work::Send(command), .. } = &worker.job {
                Some(command.clone())
            } else {
                None
            };
            let died = world.now >= worker.began + worker.job.lives();
            world.turn = Turn { command, dies: worker.job.dies(), died, wake: None, handed: worker.handed };
        }
        let died = self.cloud.world().turn.died;
        let polled =
            if died { Poll::Pending } else { worker.future.as_mut().poll(&mut Context::from_waker(Waker::noop())) };
        let mut world = self.cloud.world();
        worker.handed = world.turn.handed;
        match polled {
            Poll::Ready(is_done) => {
                let worker = self.workers.remove(&id).expect("at work");
                world.finish(worker.job, &worker.batch, worker.began, worker.handed, is_done);
            }
            Poll::Pending if world.turn.died => {
                let Worker { job, batch, future, began, handed } = self.workers.remove(&id).expect("at work");
                world.tally.crashes += 1;
                world.finish(job, &batch, began, handed, false);
                drop(world);
                drop(future);
            }
            Poll::Pending => {
                let wake = world.turn.wake.expect("it waits for its call");
                let after = wake.duration_since(world.now);
                world.plan(after, Happening::Resume(id));
            }
        }
    }
}

impl World {
    /// Nothing waits for anything any more.
    fn is_quiet(&self) -> bool {
        // The happening at hand is taken out already, and what happens again and again is always there.
        self.agenda.len() < Tick::ALL.len()
            && self.dead_letters.is_empty()
            && self.shelf.awaiting_run.is_empty()
            && self.shelf.due.iter().all(BTreeSet::is_empty)
            && self.runs.iter().all(|run| run.stage == store::Stage::Done)
    }

    fn tick(&mut self, tick: Tick) {
        match tick {
            Tick::Watch => {
                let now = self.now;
                let is_due = |due: &BTreeSet<(Timestamp, NoticeId)>| due.first().is_some_and(|(at, _)| *at <= now);
                if self.shelf.due.iter().any(is_due) {
                    self.start(SignedDuration::ZERO, Job::Watch);
                }
            }
            Tick::MatchAgain => {
                let yesterday = self.now - SignedDuration::from_hours(24);
                if self.shelf.dead.iter().any(|(what, dead)| *what == "receipt" && dead.at >= yesterday) {
                    self.start(SignedDuration::ZERO, Job::MatchAgain);
                }
            }
            Tick::Print => self.start(SignedDuration::ZERO, Job::Print),
            Tick::Office => self.office_day(),
        }
        self.plan(tick.every(), Happening::Tick(tick));
    }

    /// What comes again, and when.
    fn finish(&mut self, job: Job, batch: &[Event], began: Timestamp, handed: Option<usize>, is_done: bool) {
        if let Some(handed) = handed {
            self.handed[handed].ended_well = is_done;
        }
        let retry = !is_done;
        match job {
            Job::Relay { notice, again: None } => self.relayed(notice, batch, is_done),
            Job::Deliver { work, receives } => self.delivered(work, receives + 1, began, is_done),
            Job::TakeText(inbound) if retry || self.chance.hits(300) => {
                self.tally.redeliveries += 1;
                let after = self.chance.millis(10_000, 600_000);
                self.start(after, Job::TakeText(inbound));
            }
            Job::TakeReceipt { receipt, since, tries } if retry => {
                self.tally.redeliveries += 1;
                let minutes = match tries {
                    0 => 1,
                    1 => 2,
                    // An operator hands it in again.
                    _ => 24 * 60,
                };
                self.start(SignedDuration::from_mins(minutes), Job::TakeReceipt { receipt, since, tries: tries + 1 });
            }
            Job::Visit { token, does } if retry && self.chance.hits(6_000) => {
                let after = self.chance.millis(5_000, 600_000);
                self.start(after, Job::Visit { token, does });
            }
            Job::Officer { notice, does } if retry => {
                let after = self.chance.minutes(1, 10);
                self.start(after, Job::Officer { notice, does });
            }
            Job::Print if retry => self.start(print::LEASE + SignedDuration::from_mins(1), Job::Print),
            // What the stream brought once more than needed, what the next tick brings, and what is done.
            Job::Relay { again: Some(_), .. }
            | Job::TakeText(_)
            | Job::TakeReceipt { .. }
            | Job::Visit { .. }
            | Job::Officer { .. }
            | Job::Watch
            | Job::MatchAgain
            | Job::Print => {}
        }
    }

    /// A batch comes again until it is relayed, and now and then once more, long after.
    fn relayed(&mut self, notice: NoticeId, batch: &[Event], is_done: bool) {
        if !is_done {
            self.tally.redeliveries += batch.len();
            let after = self.chance.millis(1_000, 60_000);
            return self.start(after, Job::Relay { notice, again: None });
        }
        let newest = batch.last().map_or(0, |event| event.version);
        self.shelf.relayed.insert(notice, newest);
        if self.chance.hits(200) {
            self.tally.redeliveries += batch.len();
            let after = self.chance.minutes(0, 200);
            self.start(after, Job::Relay { notice, again: Some(batch.to_vec()) });
        }
        let lane = self.lanes.get_mut(&notice).expect("a lane");
        lane.events.drain(..batch.len());
        lane.busy = !lane.events.is_empty();
        if lane.busy {
            let after = self.chance.millis(50, 1_500);
            self.start(after, Job::Relay { notice, again: None });
        }
    }

    fn delivered(&mut self, work: Work, receives: u32, began: Timestamp, is_done: bool) {
        let hidden = (began + HIDDEN).duration_since(self.now).max(SignedDuration::ZERO);
        let after = match (is_done, receives) {
            (true, _) if self.chance.hits(300) => self.chance.millis(0, 150_000),
            (true, _) => return,
            (false, RECEIVES..) => return self.dead_letters.push(work),
            (false, _) => hidden,
        };
        self.tally.redeliveries += 1;
        self.start(after, Job::Deliver { work, receives });
    }
}
