//! A printer that dies between any two calls, or whose calls' answers are lost: whoever comes next completes the same run,
//! and every letter is in exactly one, printed and posted once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::operation::send_message::SendMessageError;
use channels::fake::{StoppedClock, accepted, details, noon};
use domain::ports::Clock;
use domain::{
    Access, Checksum, Entity, Event, Fact, Letter, Notice, NoticeId, Outcome, Paper, PostReason, RunId, State,
};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use letters::fake::MemoryShelf;
use letters::{FetchLetter, KeepFile, run_key};
use post_letters::{HELD_FOR, LETTERS_PER_RUN, OrderRun, Printer, RunOrder, Runs};
use store::{Binding, Decision, DueCursor, DuePage, DueShard, Error, HeldRun, RecordAccess, Run, Stage, Transition};

const LETTER: &[u8] = include_bytes!("letters/one.pdf");
const LETTERS: usize = 5;

/// When the worker at work dies, counted in calls, and whether the last of them was still carried out.
#[derive(Debug, Clone, Copy)]
struct Death {
    after: u32,
    answer_lost: bool,
}

#[derive(Debug, Default)]
struct World {
    notices: BTreeMap<NoticeId, Notice>,
    facts: Vec<(NoticeId, &'static str)>,
    members: BTreeMap<RunId, Vec<NoticeId>>,
    runs: BTreeMap<RunId, (Run, Timestamp)>,
    orders: VecDeque<RunOrder>,
    calls: u32,
    death: Option<Death>,
    accesses: Vec<Access>,
}

/// A call that did not come through, or whose answer did not.
struct Dead;

impl World {
    /// Carries a call out, unless the worker that makes it has died.
    fn call<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> Result<T, Dead> {
        self.calls += 1;
        let Some(Death { after, answer_lost }) = self.death else { return Ok(work(self)) };
        if self.calls <= after {
            return Ok(work(self));
        }
        if answer_lost && self.calls == after + 1 {
            work(self);
        }
        Err(Dead)
    }
}

impl From<Dead> for Error {
    fn from(Dead: Dead) -> Self {
        Self::Contention { attempts: 1 }
    }
}

impl From<Dead> for letters::Error {
    fn from(Dead: Dead) -> Self {
        Self::S3 { operation: "any", code: "dead".to_owned(), source: "dead".into() }
    }
}

#[derive(Debug, Clone, Default)]
struct Office {
    world: Arc<Mutex<World>>,
    shelf: MemoryShelf,
    clock: StoppedClock,
    letters_per_run: usize,
}

impl Office {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().expect("no test panics in here")
    }

    fn call<T, E: From<Dead>>(&self, work: impl FnOnce(&mut World) -> T) -> Result<T, E> {
        self.world().call(work).map_err(E::from)
    }

    fn printer(&self) -> Printer<Self, Self, Self, StoppedClock> {
        Printer {
            runs: self.clone(),
            files: self.clone(),
            orders: self.clone(),
            clock: self.clock.clone(),
            letters_per_run: self.letters_per_run,
        }
    }

    /// An office in which so many letters wait.
    fn with_letters(count: usize) -> Self {
        let office = Self { letters_per_run: LETTERS_PER_RUN, ..Self::default() };
        for number in 0..count {
            let mut details = details();
            details.recipient.entity = Entity::Corporation;
            let notice = accepted(details);
            let id = NoticeId::derived(noon(), &format!("notice {number}"));
            let letter =
                Letter { sha256: Checksum::of(LETTER), pages: 1, bytes: LETTER.len().try_into().expect("small") };
            let state = State::Posting { reason: PostReason::Corporation, since: noon() };
            office.shelf.add(id, LETTER);
            office.world().notices.insert(id, Notice { id, state, paper: Paper::Ready(letter), ..notice });
        }
        office
    }

    /// Works as the queue and the schedule have it: one worker, which dies as told, and others until nothing is left.
    async fn work(&self, death: Option<Death>) {
        self.world().death = death;
        let stop = self.clock.now() + SignedDuration::from_hours(1);
        let mut opened = self.printer().open("schedule").await.is_ok();
        loop {
            let order = self.world().orders.pop_front();
            let done = match order.clone() {
                Some(order) => self.printer().print(order, stop).await.is_ok(),
                None if opened => break,
                // The schedule's own second try.
                None => {
                    opened = self.printer().open("schedule").await.is_ok();
                    opened
                }
            };
            if !done {
                let mut world = self.world();
                world.orders.extend(order);
                world.death = None;
                drop(world);
                self.clock.advance(HELD_FOR);
            }
        }
    }
}

impl RecordAccess for Office {
    async fn record_access(&self, access: &Access) -> Result<(), Error> {
        self.call(|world| world.accesses.push(access.clone()))
    }
}

impl Runs for Office {
    async fn open_run(&self, day: Date, at: Timestamp, by: &str) -> Result<Run, Error> {
        self.call(|world| {
            if let Some((run, _)) = world.runs.values().find(|(run, _)| run.stage != Stage::Done) {
                return run.clone();
            }
            let run = Run {
                id: RunId::of(day, u32::try_from(world.runs.len() + 1).expect("few")),
                cut_off: at,
                ordered_by: by.to_owned(),
                stage: Stage::Gathering,
                letters: 0,
                pages: 0,
                files: Vec::new(),
                outside_cp949: 0,
                missing: 0,
                more: false,
                opened_at: at,
                done_at: None,
            };
            world.runs.insert(run.id.clone(), (run.clone(), Timestamp::UNIX_EPOCH));
            run
        })
    }

    async fn run(&self, id: &RunId) -> Result<Option<Run>, Error> {
        self.call(|world| world.runs.get(id).map(|(run, _)| run.clone()))
    }

    async fn hold_run(&self, id: &RunId, now: Timestamp, until: Timestamp) -> Result<Option<HeldRun>, Error> {
        self.call(|world| {
            let (run, held_until) =
                world.runs.get_mut(id).filter(|(run, held_until)| run.stage != Stage::Done && *held_until <= now)?;
            *held_until = until;
            Some(HeldRun { run: run.clone(), until })
        })
    }

    async fn save_run(&self, held: &HeldRun) -> Result<(), Error> {
        self.call(|world| world.runs.insert(held.run.id.clone(), (held.run.clone(), held.until))).map(drop)
    }

    async fn release_run(&self, held: &HeldRun) -> Result<(), Error> {
        self.call(|world| world.runs.insert(held.run.id.clone(), (held.run.clone(), Timestamp::UNIX_EPOCH))).map(drop)
    }

    async fn members(&self, run: &RunId) -> Result<Vec<NoticeId>, Error> {
        self.call(|world| world.members.get(run).cloned().unwrap_or_default())
    }

    async fn awaiting_run(
        &self,
        shard: DueShard,
        _: Timestamp,
        _: i32,
        _: Option<DueCursor>,
    ) -> Result<DuePage, Error> {
        self.call(|world| {
            let waits = |notice: &&Notice| matches!(notice.state, State::Posting { .. });
            let is_first = Some(shard) == DueShard::all().next();
            let notices = world.notices.values().filter(|_| is_first).filter(waits).map(|notice| notice.id).collect();
            DuePage { notices, after: None }
        })
    }

    async fn notice(&self, id: NoticeId) -> Result<Option<Notice>, Error> {
        self.call(|world| world.notices.get(&id).cloned())
    }

    async fn transition<T: Send>(
        &self,
        id: NoticeId,
        mut decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> Result<Transition<T>, Error> {
        self.call(|world| {
            let before = world.notices[&id].clone();
            let change = match decide(&before) {
                Decision::Record(change) => change,
                Decision::Leave(why) => return Transition::Left(why),
            };
            let event = Event { version: before.version + 1, at: change.at, fact: change.fact };
            match before.clone().apply(&event) {
                Outcome::Moved(after) => {
                    for binding in change.bindings {
                        let Binding::Member { run } = binding else { unreachable!("a run binds its letters alone") };
                        world.members.entry(run).or_default().push(id);
                    }
                    world.facts.push((id, event.fact.name()));
                    world.notices.insert(id, (*after).clone());
                    Transition::Moved(after)
                }
                Outcome::AlreadyThere => Transition::AlreadyThere(Box::new(before)),
                Outcome::Invalid(refused) => Transition::Refused(Box::new(before), refused),
            }
        })
    }
}

impl OrderRun for Office {
    async fn order(&self, order: &RunOrder) -> Result<(), Box<SdkError<SendMessageError>>> {
        let taken = self.world().call(|world| world.orders.push_back(order.clone()));
        taken.map_err(|Dead| Box::new(SdkError::timeout_error("dead")))
    }
}

impl KeepFile for Office {
    async fn keep(
        &self,
        key: &str,
        kind: &'static str,
        content: Vec<u8>,
        sha256: &Checksum,
    ) -> Result<(), letters::Error> {
        self.call::<_, letters::Error>(|_| ())?;
        self.shelf.keep(key, kind, content, sha256).await
    }
}

impl FetchLetter for Office {
    async fn fetch(&self, notice: NoticeId, letter: &Letter) -> Result<Vec<u8>, letters::Error> {
        self.call::<_, letters::Error>(|_| ())?;
        self.shelf.fetch(notice, letter).await
    }

    async fn has(&self, notice: NoticeId, letter: &Letter) -> Result<bool, letters::Error> {
        self.call::<_, letters::Error>(|_| ())?;
        self.shelf.has(notice, letter).await
    }
}

/// Every letter is in one run, which is over, in one line of its list, joined once and posted once.
fn assert_each_posted_once(office: &Office, how: &str) {
    let world = office.world();
    let mut listed: BTreeMap<NoticeId, u32> = BTreeMap::new();
    for (run, _) in world.runs.values() {
        assert_eq!(run.stage, Stage::Done, "{how}: run {} is left open", run.id);
        let members = world.members.get(&run.id).map_or(0, Vec::len);
        assert_eq!(usize::try_from(run.letters).expect("few"), members, "{how}: letters of run {}", run.id);
        for file in &run.files {
            let kept = office.shelf.file(&run_key(&run.id, &file.name)).expect("the file");
            assert_eq!(Checksum::of(&kept), file.sha256, "{how}: {} of run {}", file.name, run.id);
        }
        let Some(list) = office.shelf.file(&run_key(&run.id, "manifest.csv")) else { continue };
        let list = String::from_utf8(list).expect("UTF-8");
        for id in world.notices.keys().filter(|id| list.contains(&id.to_string())) {
            *listed.entry(*id).or_default() += 1;
        }
    }
    for (id, notice) in &world.notices {
        assert!(matches!(notice.state, State::Posted { .. }), "{how}: {id} is {}", notice.state.name());
        assert_eq!(listed.get(id), Some(&1), "{how}: {id} in the lists");
        for fact in ["joined_run", "posted"] {
            let times = world.facts.iter().filter(|happened| **happened == (*id, fact)).count();
            assert_eq!(times, 1, "{how}: {id} {fact}");
        }
    }
}

#[tokio::test]
async fn whoever_dies_wherever_every_letter_is_in_one_run_and_posted_once() {
    let undisturbed = Office::with_letters(LETTERS);
    undisturbed.work(None).await;
    assert_each_posted_once(&undisturbed, "undisturbed");
    let calls = undisturbed.world().calls;
    assert!(
        calls > 4 * u32::try_from(LETTERS).expect("few"),
        "each letter is found, joined, printed and posted: {calls}"
    );
    for after in 0..calls {
        for answer_lost in [false, true] {
            let office = Office::with_letters(LETTERS);
            office.work(Some(Death { after, answer_lost })).await;
            assert_each_posted_once(&office, &format!("dead after {after} calls, answer lost: {answer_lost}"));
            // Asked again, the schedule may have opened another after it, with nothing in it.
            let with_letters = office.world().runs.values().filter(|(run, _)| run.letters > 0).count();
            assert_eq!(with_letters, 1, "dead after {after} calls: the same run is completed");
        }
    }
}

#[tokio::test]
async fn whoever_dies_wherever_letters_beyond_a_run_follow_in_the_next_one() {
    let with_room_for_three = || Office { letters_per_run: 3, ..Office::with_letters(LETTERS) };
    let undisturbed = with_room_for_three();
    undisturbed.work(None).await;
    assert_each_posted_once(&undisturbed, "undisturbed");
    let calls = undisturbed.world().calls;
    for after in 0..calls {
        for answer_lost in [false, true] {
            let office = with_room_for_three();
            office.work(Some(Death { after, answer_lost })).await;
            let how = format!("dead after {after} calls, answer lost: {answer_lost}");
            assert_each_posted_once(&office, &how);
            let letters: Vec<u32> =
                office.world().runs.values().map(|(run, _)| run.letters).filter(|letters| *letters > 0).collect();
            assert_eq!(letters, [3, 2], "{how}");
        }
    }
}

#[tokio::test]
async fn a_letter_steered_elsewhere_or_not_there_is_left_out_and_holds_up_no_other() {
    let office = Office::with_letters(4);
    let [stays, leaves, unmade, deleted] = *office.world().notices.keys().copied().collect::<Vec<_>>() else {
        unreachable!("four letters")
    };
    let at = office.clock.now();
    let fact =
        Fact::Cancelled { officer: "김담당".to_owned(), unit: "건축과".to_owned(), reason: "취하".to_owned() };
    let ended = Notice::clone(&office.world().notices[&leaves]);
    let ended = ended.clone().apply(&Event { version: ended.version + 1, at, fact });
    let Outcome::Moved(ended) = ended else { unreachable!("a notice in post can be cancelled") };
    office.world().notices.insert(leaves, *ended);
    office.world().notices.get_mut(&unmade).expect("the notice").paper = Paper::Awaited { round: 0, overdue_at: at };
    office.shelf.remove(deleted, LETTER);
    office.work(None).await;
    {
        let world = office.world();
        let members: Vec<_> = world.members.values().flatten().copied().collect();
        assert_eq!(members, [stays]);
        assert!(world.runs.values().all(|(run, _)| run.missing == 2), "and is told");
        for waits in [unmade, deleted] {
            assert!(matches!(world.notices[&waits].state, State::Posting { .. }), "it waits for the next run");
        }
    }
    office.shelf.add(deleted, LETTER);
    office.work(None).await;
    let world = office.world();
    assert!(matches!(world.notices[&deleted].state, State::Posted { .. }), "which takes what was put back");
}
