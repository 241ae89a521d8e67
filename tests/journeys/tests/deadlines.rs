//! What time alone does to a notice, seen by the resident and by the office.

use std::sync::Arc;
use std::time::Duration;

use bootstrap::SettingsUnavailable;
use domain::ports::Clock;
use domain::settings::Settings;
use domain::{KindCode, Notice, NoticeId, Preference, RecipientId};
use jiff::{SignedDuration, Timestamp};
use journeys::{Office, Resident, Stack, eventually, notice, timeline};
use store::{Decision, DueCursor, DuePage, DueShard, Table, Transition};
use watch_deadlines::{FindDue, MoveNotice, ReadPreference, ReadSettings, Report, Watch};

#[expect(clippy::disallowed_methods, reason = "the stack's functions live by the system's clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

const fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

#[derive(Debug, Clone, Copy)]
struct At(Timestamp);

impl Clock for At {
    fn now(&self) -> Timestamp {
        self.0
    }
}

struct Shipped;

impl ReadSettings for Shipped {
    async fn current(&self) -> Result<Arc<Settings>, SettingsUnavailable> {
        Ok(Arc::new(Settings::parse(include_str!("../../../infra/settings.json"))?))
    }
}

/// The deployed table, in which only one notice is looked at: for all others it is not that late yet.
struct Only {
    table: Table,
    id: NoticeId,
}

impl FindDue for Only {
    async fn due(
        &self,
        shard: DueShard,
        until: Timestamp,
        limit: i32,
        after: Option<DueCursor>,
    ) -> Result<DuePage, store::Error> {
        let mut page = self.table.due(shard, until, limit, after).await?;
        page.notices.retain(|id| *id == self.id);
        Ok(page)
    }
}

impl MoveNotice for Only {
    async fn transition<T>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T>,
    ) -> Result<Transition<T>, store::Error> {
        self.table.transition(id, decide).await
    }
}

impl ReadPreference for Only {
    async fn preference(&self, recipient: &RecipientId, kind: &KindCode) -> Result<Option<Preference>, store::Error> {
        self.table.preference(recipient, kind).await
    }
}

/// A run over this one notice, `later` than now.
async fn run(stack: &Stack, id: &str, later: SignedDuration) -> Report {
    let only = Only { table: stack.table().await, id: NoticeId::parse(id).expect("a notice id") };
    Watch::new(only, Shipped, At(now() + later)).run(Timestamp::MAX).await
}

const NOTHING: Report = Report { moved: 0, stuck: 0, failed: 0, left: 0, unread: 0 };
const ONE: Report = Report { moved: 1, ..NOTHING };

#[tokio::test]
async fn a_notice_is_asked_when_its_day_has_come_and_posted_when_nobody_answers() {
    let stack = Stack::running();
    let (office, resident) = (Office::sign_in(&stack).await, Resident::new(&stack));
    let mut waits = notice("petition_result", &resident.phone);
    waits["department"] = "tax".into();
    waits["send_after"] = (now() + SignedDuration::from_secs(3)).to_string().into();
    let id = office.hand_in(&waits).await;
    office.until_letter(&id).await;
    assert_eq!(run(&stack, &id, SignedDuration::ZERO).await, NOTHING, "its day has not come");
    // The function as it is deployed, with its own role.
    eventually("the question", async || {
        stack.invoke("WatchDeadlinesName").await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        resident.texts().await.into_iter().next()
    })
    .await;
    let asked = office.until(&id, "asking").await;
    assert_eq!(timeline(&asked), ["accepted", "released", "send_claimed", "asked"]);

    assert_eq!(run(&stack, &id, hours(23)).await, NOTHING);
    assert_eq!(run(&stack, &id, hours(25)).await, ONE);
    let reminder = resident.text(2).await;
    assert!(reminder.contains("서초구"), "{reminder}");
    eventually("the reminder recorded", async || {
        timeline(&office.notice(&id).await).contains(&"message_sent").then_some(())
    })
    .await;

    let (one, other) = tokio::join!(run(&stack, &id, hours(73)), run(&stack, &id, hours(74)));
    assert_eq!(one.moved + other.moved, 1, "two runs at once");
    let posting = office.until(&id, "posting").await;
    assert_eq!(posting["state"]["reason"], "no_answer");
    assert_eq!(run(&stack, &id, hours(24 * 365)).await, NOTHING, "nothing to wait for any more");
    assert_eq!(timeline(&posting).iter().filter(|event| **event == "choose_by_passed").count(), 1);
    let handed_over = office.list("tax", "posting").await;
    assert_eq!(handed_over.iter().filter(|other| **other == id).count(), 1);
    assert_eq!(resident.texts().await.len(), 2, "a question and one reminder");
    stack.assert_chain_holds(&id).await;
}

#[tokio::test]
async fn who_wants_letters_by_then_is_not_asked() {
    let stack = Stack::running();
    let (office, resident) = (Office::sign_in(&stack).await, Resident::new(&stack));
    let mut waits = notice("guidance", &resident.phone);
    waits["send_after"] = (now() + hours(48)).to_string().into();
    let id = office.hand_in(&waits).await;
    office.until_letter(&id).await;
    let other = office.hand_in(&notice("guidance", &resident.phone)).await;
    office.until_letter(&other).await;
    let link = Resident::link(&resident.text(1).await);
    resident.choose(&link, &[("channel", "post"), ("scope", "kind")]).await;
    office.until(&other, "posting").await;
    assert_eq!(run(&stack, &id, hours(47)).await, NOTHING);
    assert_eq!(run(&stack, &id, hours(49)).await, ONE);
    let posting = office.until(&id, "posting").await;
    assert_eq!(posting["state"]["reason"], "standing_preference");
    assert_eq!(resident.texts().await.len(), 1, "nothing but the question of the other");
    stack.assert_chain_holds(&id).await;
}

#[tokio::test]
async fn an_unread_result_goes_by_post_and_only_once() {
    let stack = Stack::running();
    let (office, resident) = (Office::sign_in(&stack).await, Resident::new(&stack));
    let id = office.hand_in(&notice("petition_result", &resident.phone)).await;
    office.until_letter(&id).await;
    resident.text(1).await;
    resident.answer("1").await;
    resident.text(2).await;
    office.until(&id, "sent").await;
    assert_eq!(run(&stack, &id, hours(119)).await, NOTHING);
    let (one, other) = tokio::join!(run(&stack, &id, hours(121)), run(&stack, &id, hours(121)));
    assert_eq!(one.moved + other.moved, 1, "two runs at once");
    let posting = office.until(&id, "posting").await;
    assert_eq!(posting["state"]["reason"], "unread");
    assert_eq!(timeline(&posting).iter().filter(|event| **event == "unread_passed").count(), 1);
    stack.assert_chain_holds(&id).await;
}

#[tokio::test]
async fn who_has_not_handed_a_paper_in_is_reminded_once() {
    let stack = Stack::running();
    let (office, resident) = (Office::sign_in(&stack).await, Resident::new(&stack));
    let mut asking = notice("guidance", &resident.phone);
    let until = (domain::settings::SEOUL.to_datetime(now()).date() + jiff::Span::new().days(4)).to_string();
    asking["requests"] = serde_json::json!([{ "code": "licence", "name": "사업자등록증", "until": until }]);
    let id = office.hand_in(&asking).await;
    office.until_letter(&id).await;
    resident.text(1).await;
    // Whatever becomes of the result, the paper is still missing.
    resident.answer("3").await;
    office.until(&id, "posting").await;
    resident.text(2).await;
    assert_eq!(run(&stack, &id, hours(24)).await, NOTHING, "the last day is far");
    assert_eq!(run(&stack, &id, hours(73)).await, ONE);
    let reminder = resident.text(3).await;
    assert!(reminder.contains("사업자등록증") && reminder.contains("아직 접수되지 않았습니다"), "{reminder}");
    eventually("the reminder recorded", async || {
        timeline(&office.notice(&id).await).contains(&"documents_reminder_fell_due").then_some(())
    })
    .await;
    assert_eq!(run(&stack, &id, hours(96)).await, NOTHING, "once");
    stack.assert_chain_holds(&id).await;
}
