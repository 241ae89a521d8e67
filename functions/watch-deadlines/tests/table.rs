//! What a run costs on a real DynamoDB API, and what two runs at once do.

mod office;

use domain::{Checksum, Letter, Notice, NoticeId, Opening, Paper};
use jiff::{SignedDuration, Timestamp};
use journeys::OwnTable;
use office::{Chance, Shipped, TestClock, details, hours, noon};
use store::{Created, NewNotice, Once, Table};
use watch_deadlines::{Report, Watch};

/// A notice whose day is so many hours from noon.
async fn stored(own: &OwnTable, from_noon: i64) -> NoticeId {
    let taken_in = noon() - hours(48);
    let not_before = Some(noon() + hours(from_noon));
    let opening = Opening::Ask;
    let id = NoticeId::new(taken_in, &Chance);
    let (notice, events) = Notice::accept(id, details(), &opening, not_before, taken_in);
    // So that nobody makes one.
    let letter = Letter { sha256: Checksum::of(b"a letter"), pages: 1, bytes: 8 };
    let notice = Notice { paper: Paper::Ready(letter), ..notice };
    let once = Once {
        scope: "intake#tests".to_owned(),
        key: id.to_string(),
        request_hash: "a".repeat(64),
        answer: "the answer".to_owned(),
    };
    let once = Some(once);
    let created = own.table().create(&NewNotice { notice, events, opening, once }).await.expect("a table");
    assert_eq!(created, Created::Stored);
    id
}

fn watch(table: Table) -> Watch<Table, Shipped, TestClock> {
    Watch::new(table, Shipped, TestClock::at(noon()))
}

/// What a run over ten that are due asks of a table that holds so many others.
async fn cost_beside(others: usize) -> (usize, usize) {
    let own = OwnTable::create().await;
    for hour in 0..10 {
        stored(&own, -hour).await;
    }
    let later = stored(&own, 1).await;
    own.like(&later.to_string(), (0..others).map(|_| NoticeId::new(noon(), &Chance).to_string())).await;
    let (table, asked) = own.counted().await;
    assert_eq!(watch(table).run(Timestamp::MAX).await, Report { moved: 10, ..Report::default() });
    own.drop().await;
    asked.so_often()
}

/// A look at each shard; for each notice, which is two items, a look before and after the resident's preference was looked up.
fn cost_of_ten() -> (usize, usize) {
    (store::DueShard::all().count() + 10 * 3, 0)
}

#[tokio::test]
async fn a_run_costs_what_is_due_whatever_else_waits() {
    assert_eq!(cost_beside(25).await, cost_of_ten());
    assert_eq!(cost_beside(2_000).await, cost_of_ten());
}

#[tokio::test]
#[ignore = "takes minutes: the same among a thousand and a hundred thousand"]
async fn a_run_costs_what_is_due_among_a_hundred_thousand() {
    assert_eq!(cost_beside(1_000).await, cost_of_ten());
    assert_eq!(cost_beside(100_000).await, cost_of_ten());
}

#[tokio::test]
async fn two_runs_at_once_do_nothing_twice() {
    let own = OwnTable::create().await;
    let mut ids = Vec::new();
    for hour in 0..10 {
        ids.push(stored(&own, -hour).await);
    }
    let (first, second) = (watch(own.table()), watch(own.table()));
    let (first, second) = tokio::join!(first.run(Timestamp::MAX), second.run(Timestamp::MAX));
    assert_eq!(first.moved + second.moved, 10);
    assert_eq!(first.failed + second.failed, 0);
    for id in ids {
        let notice = own.table().notice(id).await.expect("a table").expect("the notice");
        assert_eq!(notice.version, 2, "released once");
        assert_eq!(own.table().events(id).await.expect("a table").len(), 2);
    }
    own.drop().await;
}

#[tokio::test]
async fn more_than_a_page_is_worked_off_and_what_is_stuck_waits_longer_each_time() {
    let own = OwnTable::create().await;
    let due = stored(&own, -1).await;
    own.like(&due.to_string(), (0..250).map(|_| NoticeId::new(noon(), &Chance).to_string())).await;
    let clock = TestClock::at(noon());
    let run = async |clock: TestClock| Watch::new(own.table(), Shipped, clock).run(Timestamp::MAX).await;
    assert_eq!(run(clock.clone()).await, Report { moved: 251, ..Report::default() });
    assert_eq!(run(clock).await, Report::default());
    let later = |minutes| TestClock::at(noon() + SignedDuration::from_mins(minutes));
    assert_eq!(run(later(59)).await, Report::default(), "on their way");
    let again = Report { moved: 251, stuck: 251, ..Report::default() };
    assert_eq!(run(later(60)).await, again, "nobody took them up");
    assert_eq!(run(later(65)).await, Report::default());
    assert_eq!(run(later(179)).await, Report::default(), "on their way again");
    assert_eq!(run(later(180)).await, again);
    own.drop().await;
}
