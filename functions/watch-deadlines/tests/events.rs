//! What a run does to notices in memory, whatever the event that starts it.

mod office;

use std::collections::BTreeMap;
use std::sync::Mutex;

use domain::{
    Checksum, ConsentId, Entity, Event, Evidence, Fact, KindCode, Letter, Notice, NoticeId, Opening, Outcome, Paper,
    PostReason, Preference, ProviderMessageId, RecipientId, Route, Scope, State, SubmissionId, Upload, UploadId,
};
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::{Context, LambdaEvent};
use office::{Chance, Shipped, TestClock, details, hours, noon};
use store::{Change, Decision, DueCursor, DuePage, DueShard, Error, Transition};
use watch_deadlines::{FindDue, MoveNotice, ReadPreference, Report, Watch, handle};

/// A table in memory; what is in `broken` cannot be changed.
#[derive(Default)]
struct Memory {
    notices: Mutex<BTreeMap<NoticeId, Notice>>,
    broken: Vec<NoticeId>,
    unreadable: bool,
    preference: Option<Preference>,
    /// Whose resident takes everything back once somebody has looked up what they want, which is this.
    takes_back: Mutex<Option<(NoticeId, Preference)>>,
}

impl Memory {
    fn holding(notices: impl IntoIterator<Item = Notice>) -> Self {
        let notices = notices.into_iter().map(|notice| (notice.id, notice)).collect();
        Self { notices: Mutex::new(notices), ..Self::default() }
    }

    fn state(&self, id: NoticeId) -> State {
        self.notices.lock().expect("one thread")[&id].state.clone()
    }
}

fn failing() -> Error {
    Error::DynamoDb { operation: "Query", source: "out of order".into() }
}

impl FindDue for &Memory {
    async fn due(&self, shard: DueShard, until: Timestamp, _: i32, _: Option<DueCursor>) -> Result<DuePage, Error> {
        if Some(shard) != DueShard::all().next() {
            return Ok(DuePage { notices: Vec::new(), after: None });
        }
        if self.unreadable {
            return Err(failing());
        }
        let notices = self.notices.lock().expect("one thread");
        let is_due = |notice: &&Notice| notice.due_at().is_some_and(|due| due <= until);
        let mut due: Vec<_> = notices.values().filter(is_due).collect();
        due.sort_by_key(|notice| notice.due_at());
        Ok(DuePage { notices: due.into_iter().map(|notice| notice.id).collect(), after: None })
    }
}

impl MoveNotice for &Memory {
    async fn transition<T>(
        &self,
        id: NoticeId,
        mut decide: impl FnMut(&Notice) -> Decision<T>,
    ) -> Result<Transition<T>, Error> {
        if self.broken.contains(&id) {
            return Err(failing());
        }
        let mut notices = self.notices.lock().expect("one thread");
        let before = notices.get(&id).cloned().ok_or(Error::NotFound)?;
        let change = match decide(&before) {
            Decision::Record(change) => change,
            Decision::Leave(why) => return Ok(Transition::Left(why)),
        };
        Ok(match before.clone().apply(&Event { version: before.version + 1, at: change.at, fact: change.fact }) {
            Outcome::Moved(after) => {
                notices.insert(id, *after.clone());
                Transition::Moved(after)
            }
            Outcome::AlreadyThere => Transition::AlreadyThere(Box::new(before)),
            Outcome::Invalid(refused) => Transition::Refused(Box::new(before), refused),
        })
    }
}

impl ReadPreference for &Memory {
    async fn preference(&self, _: &RecipientId, _: &KindCode) -> Result<Option<Preference>, Error> {
        let Some((id, preference)) = self.takes_back.lock().expect("one thread").take() else {
            return Ok(self.preference.clone());
        };
        let evidence = Evidence::Text { message: ProviderMessageId::parse("text").expect("an id") };
        let fact = Fact::ConsentRevoked { only: None, confirm: false, evidence };
        let revoked =
            |_: &Notice| Decision::<()>::Record(Change { at: noon(), fact: fact.clone(), bindings: Vec::new() });
        self.transition(id, revoked).await?;
        Ok(Some(preference))
    }
}

/// A notice that waits for its day, so many hours from noon.
fn waiting(from_noon: i64) -> Notice {
    waiting_for(details(), from_noon)
}

fn with_letter(notice: Notice) -> Notice {
    Notice { paper: Paper::Ready(Letter { sha256: Checksum::of(b"a letter"), pages: 1, bytes: 8 }), ..notice }
}

fn waiting_for(details: domain::Details, from_noon: i64) -> Notice {
    let taken_in = noon() - hours(48);
    let not_before = Some(noon() + hours(from_noon));
    with_letter(Notice::accept(NoticeId::new(taken_in, &Chance), details, &Opening::Ask, not_before, taken_in).0)
}

fn watch(memory: &Memory) -> Watch<&Memory, Shipped, TestClock> {
    Watch::new(memory, Shipped, TestClock::at(noon()))
}

const FAR: Timestamp = Timestamp::MAX;

#[tokio::test]
async fn whatever_the_event_says_it_is_time() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/watch-deadlines");
    let mut events = 0;
    for file in std::fs::read_dir(folder).expect("events") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("an event");
        let notice = waiting(-1);
        let memory = Memory::holding([notice.clone(), waiting(1)]);
        let mut context = Context::default();
        context.deadline = u64::try_from((noon() + hours(1)).as_millisecond()).expect("after 1970");
        let event = LambdaEvent::new(serde_json::from_str(&text).expect("JSON"), context);
        let report = handle(&watch(&memory), event).await.expect("a report");
        assert_eq!(report, Report { moved: 1, ..Report::default() }, "{text}");
        assert_eq!(memory.state(notice.id), State::Accepted { not_before: None, cause: 2 });
        events += 1;
    }
    assert_eq!(events, 3);
}

#[tokio::test]
async fn what_was_done_is_not_done_again() {
    let memory = Memory::holding([waiting(-1), waiting(-2)]);
    assert_eq!(watch(&memory).run(FAR).await.moved, 2);
    assert_eq!(watch(&memory).run(FAR).await, Report::default());
}

#[tokio::test]
async fn one_that_cannot_be_moved_stops_no_other() {
    let notices = [waiting(-3), waiting(-2), waiting(-1)];
    let mut memory = Memory::holding(notices.clone());
    memory.broken.push(notices[0].id);
    let report = watch(&memory).run(FAR).await;
    assert_eq!(report, Report { moved: 2, failed: 1, ..Report::default() });
}

#[tokio::test]
async fn a_part_that_cannot_be_read_is_told() {
    let mut memory = Memory::holding([waiting(-3)]);
    memory.unreadable = true;
    assert_eq!(watch(&memory).run(FAR).await, Report { unread: 1, ..Report::default() });
}

#[tokio::test]
async fn a_run_ends_in_time_with_the_oldest_done_first() {
    let notices: Vec<_> = (1..=5).map(|hours| waiting(-hours)).collect();
    let memory = Memory::holding(notices.clone());
    // The clock is looked at once for the run and once before each notice.
    let clock = TestClock::moving(noon(), SignedDuration::from_secs(1));
    let report = Watch::new(&memory, Shipped, clock).run(noon() + SignedDuration::from_secs(3)).await;
    assert_eq!(report, Report { moved: 2, left: 3, ..Report::default() });
    let released = |notice: &Notice| memory.state(notice.id) == State::Accepted { not_before: None, cause: 2 };
    assert_eq!(notices.iter().map(released).collect::<Vec<_>>(), [false, false, false, true, true]);
}

#[tokio::test]
async fn a_notice_sets_out_by_what_the_resident_wants_when_its_day_comes() {
    let kind = Scope::Kind(KindCode::parse("petition_result").expect("a code"));
    let route = Route::Sms { consent: ConsentId::new(noon(), &Chance) };
    let post = |reason| State::Posting { reason, since: noon() };
    let mut corporation = details();
    corporation.recipient.entity = Entity::Corporation;
    let standing = |route, opted_out| Some(Preference { route, scope: kind.clone(), opted_out });
    for (details, preference, expected) in [
        (details(), None, State::Accepted { not_before: None, cause: 2 }),
        (details(), standing(route, false), State::Sending { route, cause: 2 }),
        (details(), standing(Route::Post, false), post(PostReason::StandingPreference)),
        (details(), standing(Route::Post, true), post(PostReason::OptedOut)),
        (corporation, None, post(PostReason::Corporation)),
    ] {
        let notice = waiting_for(details, -1);
        let mut memory = Memory::holding([notice.clone()]);
        memory.preference = preference;
        assert_eq!(watch(&memory).run(FAR).await.moved, 1);
        assert_eq!(memory.state(notice.id), expected);
    }
}

#[tokio::test]
async fn who_opts_out_while_their_notice_sets_out_is_not_written_to() {
    let notice = waiting(-1);
    let mut memory = Memory::holding([notice.clone()]);
    let route = Route::Sms { consent: ConsentId::new(noon(), &Chance) };
    let standing = |route, opted_out| Preference { route, scope: Scope::Everything, opted_out };
    memory.preference = Some(standing(Route::Post, true));
    memory.takes_back = Mutex::new(Some((notice.id, standing(route, false))));
    assert_eq!(watch(&memory).run(FAR).await.moved, 1);
    assert_eq!(memory.state(notice.id), State::Posting { reason: PostReason::OptedOut, since: noon() });
}

#[tokio::test]
async fn an_opt_out_before_its_day_posts_no_notice_early() {
    let notice = waiting(24);
    let memory = Memory::holding([notice.clone()]);
    *memory.takes_back.lock().expect("one thread") =
        Some((notice.id, Preference { route: Route::Post, scope: Scope::Everything, opted_out: true }));
    (&memory)
        .preference(notice.details.recipient_id.as_ref().expect("a recipient"), &notice.details.kind)
        .await
        .expect("taken back");
    assert!(matches!(memory.state(notice.id), State::Accepted { not_before: Some(_), .. }));
    assert_eq!(watch(&memory).run(FAR).await, Report::default());
}

#[tokio::test]
async fn what_was_lost_on_its_way_is_told_apart() {
    let taken_in = noon() - hours(1);
    let (lost, _) = Notice::accept(NoticeId::new(taken_in, &Chance), details(), &Opening::Ask, None, taken_in);
    let lost = with_letter(lost);
    let memory = Memory::holding([lost]);
    assert_eq!(watch(&memory).run(FAR).await, Report { moved: 1, stuck: 1, ..Report::default() });
    assert_eq!(watch(&memory).run(FAR).await, Report::default(), "five minutes later it is still on its way");
}

#[tokio::test]
async fn papers_that_nobody_searches_are_told_of() {
    let (mut notice, handed_in) = (waiting(24), noon() - hours(24));
    let submission = Some(SubmissionId::new(handed_in, &Chance));
    notice.documents.uploads.insert(UploadId::new(handed_in, &Chance), Upload { submission, ..Upload::default() });
    let memory = Memory::holding([notice]);
    assert_eq!(watch(&memory).run(FAR).await, Report { moved: 1, stuck: 1, ..Report::default() });
    assert_eq!(watch(&memory).run(FAR).await, Report::default(), "once");
}

#[tokio::test]
async fn a_letter_that_was_lost_is_set_going_again() {
    let taken_in = noon() - hours(1);
    let (lost, _) =
        Notice::accept(NoticeId::new(taken_in, &Chance), details(), &Opening::Ask, Some(noon() + hours(9)), taken_in);
    let memory = Memory::holding([lost]);
    assert_eq!(watch(&memory).run(FAR).await, Report { moved: 1, stuck: 1, ..Report::default() });
    assert_eq!(watch(&memory).run(FAR).await, Report::default(), "five minutes later it is still being made");
}
