//! Counters against a real DynamoDB API: relays that count the same notices at once, and each event exactly once.

use std::collections::BTreeMap;

use domain::ports::Entropy;
use domain::settings::SEOUL;
use domain::statistics::{Counter, Counts, Line, count};
use domain::{
    Channel, DepartmentCode, Details, Entity, Event, Evidence, Fact, KindCode, LinkToken, Nature, Notice, NoticeId,
    Officer, Opening, PersonName, PhoneNumber, PostReason, PostalAddress, Recipient, Reference, Route,
};
use futures_util::future::join_all;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Span, Timestamp};
use journeys::Stack;
use rand::Rng;
use store::{Change, Created, Decision, Entered, NewNotice, Once, Table, Tally, Transition};

struct Chance;

impl Entropy for Chance {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// A week in which nobody else's notices live, and so far off that no print run takes them. The stack's own relay counts
/// them too, at the same time.
#[derive(Clone, Copy)]
struct Week(Date);

impl Week {
    fn new() -> Self {
        Self(date(2100, 1, 1).saturating_add(Span::new().days(i64::from(rand::random::<u16>()))))
    }

    /// Ten in the morning of one of its days.
    fn at(self, day: i64) -> Timestamp {
        let first = SEOUL.to_timestamp(self.0.at(10, 0, 0, 0)).expect("a moment");
        first + SignedDuration::from_hours(24 * day)
    }
}

fn department() -> DepartmentCode {
    DepartmentCode::parse("traffic").expect("a code")
}

fn details() -> Details {
    Details {
        permit: None,
        requests: Vec::new(),
        reference: Reference::parse(&format!("2026-{}", rand::random::<u64>())).expect("a reference"),
        kind: KindCode::parse("petition_result").expect("a code"),
        nature: Nature::Disposition,
        department: department(),
        title: "처리결과".to_owned(),
        body: "내용".to_owned(),
        refusal: None,
        officer: Officer {
            unit: "교통행정과".to_owned(), name: "김담당".to_owned(), phone: "02-2155-0003".to_owned()
        },
        recipient_id: None,
        recipient: Recipient {
            name: PersonName::parse("홍길동").expect("a name"),
            phone: Some(PhoneNumber::parse("010-2345-6789").expect("a phone")),
            email: None,
            address: Some(PostalAddress::parse("06628", "서울특별시 서초구 동광로 475").expect("an address")),
            birth_date: None,
            entity: Entity::Person,
        },
    }
}

/// A notice that waits to be asked, so that the stack leaves it alone.
async fn stored(table: &Table, week: Week) -> NoticeId {
    let (id, wait) = (NoticeId::new(week.at(0), &Chance), Some(week.at(300)));
    let (notice, events) = Notice::accept(id, details(), &Opening::Ask, wait, week.at(0));
    let key = notice.id.to_string();
    let once = Once { scope: "intake#tests".to_owned(), key, request_hash: "a".repeat(64), answer: String::new() };
    let new = NewNotice { notice, events, opening: Opening::Ask, once: Some(once) };
    assert_eq!(table.create(&new).await.expect("a table"), Created::Stored);
    id
}

async fn happen(table: &Table, id: NoticeId, fact: Fact, at: Timestamp) {
    let change = Change { at, fact, bindings: Vec::new() };
    let moved = table.transition::<()>(id, |_| Decision::Record(change.clone())).await.expect("a table");
    assert!(matches!(moved, Transition::Moved(_)), "{moved:?}");
}

async fn expected(table: &Table, ids: &[NoticeId]) -> BTreeMap<Line, Counts> {
    let mut lines: BTreeMap<Line, Counts> = BTreeMap::new();
    for id in ids {
        let notice = table.notice(*id).await.expect("a table").expect("the notice");
        let events = table.events(*id).await.expect("a table");
        let events: Vec<Event> = events.iter().map(|event| event.event().expect("an event")).collect();
        for counted in count(&notice, &events) {
            *lines.entry(counted.line).or_default() += &counted.counts;
        }
    }
    lines
}

async fn kept(table: &Table, week: Week) -> BTreeMap<Line, Counts> {
    let (from, to) = (week.0, week.0.saturating_add(Span::new().days(6)));
    let mut lines = BTreeMap::new();
    for year in from.year()..=to.year() {
        let (from, to) = (from.max(date(year, 1, 1)), to.min(date(year, 12, 31)));
        lines.extend(table.statistics(&department(), from, to).await.expect("a table"));
    }
    lines
}

#[tokio::test]
async fn relays_that_count_the_same_notices_at_once_count_each_event_once() {
    let (table, week) = (Stack::running().table().await, Week::new());
    let ids = join_all((0..12).map(|_| stored(&table, week))).await;
    let cancelled =
        || Fact::Cancelled {
            officer: "김담당".to_owned(), unit: "건축과".to_owned(), reason: "중복".to_owned()
        };
    for (number, id) in ids.iter().enumerate() {
        if number % 2 == 0 {
            happen(&table, *id, Fact::PostRequired { reason: PostReason::NotAMobile }, week.at(1)).await;
            happen(&table, *id, cancelled(), week.at(3)).await;
        } else {
            let evidence = Evidence::Link { link: LinkToken::new(&Chance).id() };
            happen(&table, *id, Fact::ChannelChosen { route: Route::Post, evidence }, week.at(2)).await;
        }
    }
    let reversed: Vec<NoticeId> = ids.iter().rev().copied().collect();
    for _ in 0..2 {
        let relays = [&ids[..], &reversed, &ids[3..9], &reversed[5..], &ids[..1]];
        for counted in join_all(relays.map(|notices| relay_events::count(&table, notices))).await {
            counted.expect("its turn");
        }
    }
    assert_eq!(kept(&table, week).await, expected(&table, &ids).await);
    let all = kept(&table, week).await;
    let sum = |counter| all.values().map(|counts| counts.of(counter)).sum::<u64>();
    assert_eq!([Counter::Accepted, Counter::Cancelled].map(sum), [12, 6]);
    assert_eq!(sum(Counter::Chosen(Channel::Post, domain::statistics::How::Link)), 6);
    assert_eq!(all.len(), 4, "a line for each day");
}

#[tokio::test]
async fn a_tally_that_holds_a_counted_event_leaves_everything_as_it_is() {
    let (table, week) = (Stack::running().table().await, Week::new());
    let ids = [stored(&table, week).await, stored(&table, week).await];
    relay_events::count(&table, &ids).await.expect("its turn");
    let before = kept(&table, week).await;
    assert_eq!(before, expected(&table, &ids).await);
    assert!(table.uncounted(ids[0]).await.expect("a table").is_empty());

    let notice = table.notice(ids[0]).await.expect("a table").expect("the notice");
    let accepted = Event { version: 1, at: week.at(0), fact: Fact::Accepted { not_before: None } };
    let mut tally = Tally::default();
    assert!(count(&notice, &[accepted]).iter().all(|counted| tally.add(ids[0], counted)));
    let fresh = stored(&table, week).await;
    for counted in table.uncounted(fresh).await.expect("a table") {
        assert!(tally.add(fresh, &counted));
    }
    assert_eq!(table.enter(&tally).await.expect("a table"), Entered::Overtaken);
    relay_events::count(&table, &[fresh]).await.expect("its turn");
    assert_eq!(kept(&table, week).await, expected(&table, &[ids[0], ids[1], fresh]).await);
}

#[tokio::test]
async fn a_notice_that_is_not_there_counts_nothing() {
    let table = Stack::running().table().await;
    let nobody = NoticeId::new(Week::new().at(0), &Chance);
    assert!(table.uncounted(nobody).await.expect("a table").is_empty());
    relay_events::count(&table, &[nobody]).await.expect("nothing to do");
}
