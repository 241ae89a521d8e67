//! Every event counts once, however the stream brings it: in any batches, again, out of order, with relays that are
//! overtaken, refused, or die between the transaction and their answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use aws_lambda_events::dynamodb::Event as StreamEvent;
use channels::fake::{Counting, consent_id, details, guidance, noon};
use domain::statistics::{Counted, Counts, Line, count};
use domain::{
    Billed, Channel, Checksum, Event, Evidence, Fact, Failure, Letter, Message, Notice, NoticeId, Opening, Outcome,
    PostReason, ProviderMessageId, Route, RunId,
};
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::{Context, LambdaEvent};
use proptest::prelude::*;
use relay_events::{Enqueue, KeepCounts, ReadNotice, Relay, Unqueued, Work};
use serde_json::{Value, json};
use store::{Entered, Error, Tally};

/// How the table answers a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Well,
    /// The answer is lost: all is written, and the relay does not know.
    AnswerLost,
    Refuses,
    Busy,
    /// Another relay counts one of the notices at the very same moment.
    Overtaken,
}

#[derive(Default)]
struct Shelf {
    files: BTreeMap<NoticeId, (Notice, Vec<Event>)>,
    counted: BTreeMap<NoticeId, BTreeSet<u32>>,
    lines: BTreeMap<Line, Counts>,
    moods: Vec<Mood>,
}

impl Shelf {
    fn uncounted(&self, id: NoticeId) -> Vec<Counted> {
        let Some((notice, events)) = self.files.get(&id) else { return Vec::new() };
        let mut all = count(notice, events);
        all.retain(|event| !self.counted.get(&id).is_some_and(|counted| counted.contains(&event.version)));
        all
    }

    fn enter(&mut self, tally: &Tally) -> Entered {
        let is_counted = |(id, versions): (&NoticeId, &BTreeSet<u32>)| {
            self.counted.get(id).is_some_and(|counted| !counted.is_disjoint(versions))
        };
        if tally.events().iter().any(is_counted) {
            return Entered::Overtaken;
        }
        assert!(tally.events().len() + tally.lines().len() <= 100, "a transaction holds a hundred items");
        for (id, versions) in tally.events() {
            self.counted.entry(*id).or_default().extend(versions);
        }
        for (line, counts) in tally.lines() {
            *self.lines.entry(line.clone()).or_default() += counts;
        }
        Entered::Whole
    }
}

#[derive(Default)]
struct Memory(Mutex<Shelf>);

impl Memory {
    fn kept(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().expect("one thread")
    }
}

impl ReadNotice for &Memory {
    async fn notice(&self, id: NoticeId) -> Result<Option<Notice>, Error> {
        Ok(self.kept().files.get(&id).map(|(notice, _)| notice.clone()))
    }
}

impl KeepCounts for &Memory {
    async fn uncounted(&self, id: NoticeId) -> Result<Vec<Counted>, Error> {
        Ok(self.kept().uncounted(id))
    }

    async fn enter(&self, tally: &Tally) -> Result<Entered, Error> {
        let mut kept = self.kept();
        match kept.moods.pop().unwrap_or(Mood::Well) {
            Mood::Well => Ok(kept.enter(tally)),
            Mood::Refuses => Err(Error::Contention { attempts: 1 }),
            Mood::Busy => Ok(Entered::Busy),
            Mood::AnswerLost => {
                kept.enter(tally);
                Err(Error::Contention { attempts: 1 })
            }
            Mood::Overtaken => {
                let id = *tally.events().last_key_value().expect("a notice").0;
                let mut theirs = Tally::default();
                assert!(kept.uncounted(id).iter().all(|counted| theirs.add(id, counted)));
                kept.enter(&theirs);
                Ok(kept.enter(tally))
            }
        }
    }
}

struct Nowhere;

impl Enqueue for Nowhere {
    async fn enqueue(&self, _: &Work) -> Result<(), Unqueued> {
        Ok(())
    }
}

/// What happens to a notice, by the name of a life.
fn life(name: u8) -> Vec<Fact> {
    let provider_id = || ProviderMessageId::parse("message-1").expect("an id");
    let evidence = || Evidence::Text { message: provider_id() };
    let consent = consent_id();
    let later = noon() + SignedDuration::from_hours(24 * 365);
    let claim = |cause, message| Fact::SendClaimed {
        cause,
        message,
        attempt: 1,
        lease_until: noon(),
        possible_duplicate: false,
    };
    let asked = || {
        let asked = Fact::Asked {
            cause: 1,
            provider_id: provider_id(),
            billed: Billed::parts(1),
            remind_at: later,
            choose_by: noon(),
        };
        let letter = Letter { sha256: Checksum::of(b"a letter"), pages: 1, bytes: 8 };
        vec![Fact::LetterRendered(letter), claim(1, Message::Question), asked]
    };
    // The fifth event is the choice.
    let result = |route: Route, billed| {
        let message = Message::Result { channel: route.channel() };
        let sent = Fact::Sent { cause: 5, provider_id: provider_id(), billed, read_by: Some(noon()) };
        vec![Fact::ChannelChosen { route, evidence: evidence() }, claim(5, message), sent]
    };
    let run = || RunId::of("2026-11-24".parse().expect("a day"), 1);
    let posted = || vec![Fact::JoinedRun { run: run() }, Fact::Posted { run: run() }];
    let then = |first: Vec<Fact>, more: Vec<Fact>| first.into_iter().chain(more).collect::<Vec<_>>();
    let by_text = || then(asked(), result(Route::Sms { consent }, Billed::parts(3)));
    match name % 5 {
        0 => then(by_text(), vec![Fact::Delivered { channel: Channel::Sms }, Fact::Read]),
        1 => {
            let reason = Failure::UnreachableAddress;
            let bounced = vec![Fact::DeliveryFailed { channel: Channel::Email, reason }];
            let by_mail = then(asked(), result(Route::Email { consent }, Billed::email()));
            then(then(by_mail, bounced), posted())
        }
        2 => then(asked(), vec![Fact::ChooseByPassed]),
        3 => {
            let (officer, unit, reason) = ("김담당".to_owned(), "건축과".to_owned(), "중복".to_owned());
            vec![Fact::PostRequired { reason: PostReason::NotAMobile }, Fact::Cancelled { officer, unit, reason }]
        }
        _ => then(by_text(), vec![Fact::UnreadPassed, Fact::Read]),
    }
}

/// A notice that lived so, from some hour on, with some minutes between its events.
fn lived(entropy: &Counting, name: u8, hour: i64, minutes: i64) -> (Notice, Vec<Event>) {
    let from = noon() + SignedDuration::from_hours(hour);
    let details = if name.is_multiple_of(2) { details() } else { guidance() };
    let (mut notice, mut events) = Notice::accept(NoticeId::new(from, entropy), details, &Opening::Ask, None, from);
    for fact in life(name) {
        let at: Timestamp = notice.updated_at + SignedDuration::from_mins(minutes);
        let event = Event { version: notice.version + 1, at, fact };
        match notice.clone().apply(&event) {
            Outcome::Moved(after) => notice = *after,
            other @ (Outcome::AlreadyThere | Outcome::Invalid(_)) => unreachable!("{event:?} fits: {other:?}"),
        }
        events.push(event);
    }
    (notice, events)
}

type Streamed = (NoticeId, Event);

fn record(position: usize, (notice, event): &Streamed) -> Value {
    let text = |text: String| json!({ "S": text });
    json!({
        "eventID": position.to_string(), "eventName": "INSERT", "awsRegion": "ap-northeast-2",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_395_600.0, "SizeBytes": 1, "SequenceNumber": position.to_string(),
            "Keys": {},
            "NewImage": {
                "pk": text(format!("NOTICE#{notice}")),
                "sk": text(format!("EVENT#{:06}", event.version)),
                "notice": text(notice.to_string()),
                "type": text(event.fact.name().to_owned()),
                "body": text(serde_json::to_string(event).expect("JSON")),
                "previous": text("0".repeat(64)),
                "hash": text("1".repeat(64)),
            },
        },
    })
}

/// Delivers a batch as the stream does, from the reported record on again; how often it came in the end.
async fn deliver(memory: &Memory, mut batch: &[Streamed], times: usize) {
    for _ in 0..times {
        let records: Vec<Value> = batch.iter().enumerate().map(|(at, streamed)| record(at, streamed)).collect();
        let event: StreamEvent = serde_json::from_value(json!({ "Records": records })).expect("a stream event");
        let answer = Relay::new(memory, Nowhere).batch(LambdaEvent::new(event, Context::default())).await;
        let Some(failure) = answer.batch_item_failures.first() else { return };
        let from: usize = failure.item_identifier.as_ref().and_then(|at| at.parse().ok()).expect("a position");
        batch = &batch[from..];
    }
}

fn expected(memory: &Memory) -> BTreeMap<Line, Counts> {
    let mut lines: BTreeMap<Line, Counts> = BTreeMap::new();
    for (notice, events) in memory.kept().files.values() {
        for counted in count(notice, events) {
            *lines.entry(counted.line).or_default() += &counted.counts;
        }
    }
    lines
}

fn settle(lives: &[(u8, i64, i64)]) -> (Memory, Vec<Streamed>) {
    let (memory, entropy) = (Memory::default(), Counting::default());
    let mut streamed = Vec::new();
    for (name, hour, minutes) in lives {
        let (notice, events) = lived(&entropy, *name, *hour, *minutes);
        streamed.extend(events.iter().map(|event| (notice.id, event.clone())));
        memory.kept().files.insert(notice.id, (notice, events));
    }
    (memory, streamed)
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime").block_on(future)
}

fn moods() -> impl Strategy<Value = Vec<Mood>> {
    let mood = prop_oneof![
        6 => Just(Mood::Well),
        2 => Just(Mood::AnswerLost),
        2 => Just(Mood::Refuses),
        1 => Just(Mood::Busy),
        3 => Just(Mood::Overtaken),
    ];
    prop::collection::vec(mood, 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn the_numbers_are_those_of_the_events(
        lives in prop::collection::vec((any::<u8>(), 0_i64..100, 0_i64..3000), 1..20),
        windows in prop::collection::vec((any::<prop::sample::Index>(), 1_usize..40, 1_usize..4), 0..20),
        moods in moods(),
        order in any::<u64>(),
    ) {
        let (memory, mut streamed) = settle(&lives);
        // Notices among one another in any order, and late ones first: dead letters come back hours later.
        streamed.sort_by_key(|(id, event)| Checksum::of(format!("{order}{id}{}", event.version / 3).as_bytes()));
        memory.kept().moods = moods;
        run(async {
            for (start, length, times) in windows {
                let start = start.index(streamed.len());
                deliver(&memory, &streamed[start..streamed.len().min(start + length)], times).await;
            }
            memory.kept().moods.clear();
            for batch in streamed.chunks(100) {
                deliver(&memory, batch, 1).await;
            }
        });
        let expected = expected(&memory);
        prop_assert_eq!(&memory.kept().lines, &expected);
    }
}

#[test]
fn more_than_one_transaction_holds_follows_in_the_next() {
    // Two hundred notices on as many days, each with events of several days.
    let lives: Vec<_> = (0..200).map(|number| (0, 24 * i64::from(number), 1500)).collect();
    let (memory, streamed) = settle(&lives);
    run(async {
        for batch in streamed.chunks(100) {
            deliver(&memory, batch, 1).await;
        }
    });
    let expected = expected(&memory);
    assert_eq!(memory.kept().lines, expected);
}

#[test]
fn an_event_that_the_stream_lost_is_counted_with_the_next_one_of_its_notice() {
    let (memory, streamed) = settle(&[(0, 0, 1)]);
    run(deliver(&memory, &streamed[streamed.len() - 1..], 1));
    let expected = expected(&memory);
    assert_eq!(memory.kept().lines, expected);
}

#[test]
fn a_relay_that_never_gets_its_turn_has_its_events_delivered_again() {
    let (memory, streamed) = settle(&[(3, 0, 1)]);
    memory.kept().moods = vec![Mood::Refuses; 2];
    run(deliver(&memory, &streamed, 2));
    assert!(memory.kept().lines.is_empty());
    run(deliver(&memory, &streamed, 1));
    let expected = expected(&memory);
    assert_eq!(memory.kept().lines, expected);
}
