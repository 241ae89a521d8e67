//! What a run costs on a real DynamoDB API, and what two runs at once do.

use std::sync::Arc;

use bootstrap::SettingsUnavailable;
use domain::ports::Clock;
use domain::settings::Settings;
use domain::{
    DepartmentCode, Entity, PermitDetails, PermitNumber, PermitPut, PermitTypeCode, PersonName, PhoneNumber,
    PostalAddress, Recipient, Unspoken,
};
use jiff::{SignedDuration, Timestamp};
use journeys::OwnTable;
use notify_renewals::{ReadSettings, Renewals, Report};
use store::{DueShard, PutPermit, RecipientKey, Table};

#[derive(Debug, Clone, Copy)]
struct Morning;

impl Clock for Morning {
    fn now(&self) -> Timestamp {
        "2026-11-21T00:00:00Z".parse().expect("a moment")
    }
}

struct Shipped;

impl ReadSettings for Shipped {
    async fn current(&self) -> Result<Arc<Settings>, SettingsUnavailable> {
        Ok(Arc::new(Settings::parse(include_str!("../../../infra/settings.json"))?))
    }
}

fn number() -> String {
    format!("서초-2027-{:020}", rand::random::<u64>())
}

/// A permit whose first stage came so many days before that morning.
async fn stored(own: &OwnTable, days_ago: i64) -> PermitNumber {
    let expires_on: jiff::civil::Date = "2027-01-20".parse().expect("a day");
    let put = PermitPut {
        details: PermitDetails {
            number: PermitNumber::parse(&number()).expect("a number"),
            permit_type: PermitTypeCode::parse("road_occupation").expect("a code"),
            business: None,
            holder: Recipient {
                name: PersonName::parse("홍길동").expect("a name"),
                phone: PhoneNumber::parse("010-2345-6789").ok(),
                email: None,
                address: PostalAddress::parse("06628", "서울특별시 서초구 동광로 475").ok(),
                birth_date: None,
                entity: Entity::Person,
            },
            department: DepartmentCode::parse("building").expect("a code"),
            issued_on: "2024-01-21".parse().expect("a day"),
            expires_on: expires_on - SignedDuration::from_hours(24 * days_ago),
        },
        status: None,
        remind_anyway: None,
        unspoken: Unspoken::default(),
        stages: vec![60, 30, 7],
    };
    let created = own.table().put_permit(&put, Morning.now()).await.expect("a table");
    assert!(matches!(created, PutPermit::Created(_)));
    put.details.number
}

fn renewals(table: Table) -> Renewals<Table, Shipped, Morning> {
    Renewals { table, settings: Shipped, recipient_key: RecipientKey::new("a key for tests"), clock: Morning }
}

const NOTHING: Report = Report { sent: 0, held: 0, expired: 0, failed: 0, left: 0, unread: 0 };

/// What a run over ten that are due asks of a table that holds so many others.
async fn cost_beside(others: usize) -> (usize, usize) {
    let own = OwnTable::create().await;
    for day in 0..10 {
        stored(&own, day).await;
    }
    let later = stored(&own, -1).await;
    own.like(later.as_str(), (0..others).map(|_| number())).await;
    let (table, asked) = own.counted().await;
    assert_eq!(renewals(table).run(Timestamp::MAX).await, Report { sent: 10, ..NOTHING });
    own.drop().await;
    asked.so_often()
}

/// A look at each shard; for each permit a look at it, and one at what its holder prefers.
fn cost_of_ten() -> (usize, usize) {
    (DueShard::all().count() + 10, 10)
}

#[tokio::test]
async fn a_run_costs_what_is_due_whatever_else_there_is() {
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
    let mut numbers = Vec::new();
    for day in 0..10 {
        numbers.push(stored(&own, day).await);
    }
    let (first, second) = (renewals(own.table()), renewals(own.table()));
    let (first, second) = tokio::join!(first.run(Timestamp::MAX), second.run(Timestamp::MAX));
    assert_eq!((first.sent + second.sent, first.failed + second.failed), (10, 0));
    for number in numbers {
        let permit = own.table().permit(&number).await.expect("a table").expect("the permit");
        let [done] = &permit.cycle().done[..] else { unreachable!("one stage: {:?}", permit.cycle()) };
        let notice = permit.current().notice(done.days, permit.falls_due(done.days));
        assert!(own.table().notice(notice).await.expect("a table").is_some());
    }
    assert_eq!(renewals(own.table()).run(Timestamp::MAX).await, NOTHING);
    own.drop().await;
}

#[tokio::test]
async fn more_than_a_page_is_worked_off() {
    let own = OwnTable::create().await;
    let due = stored(&own, 0).await;
    own.like(due.as_str(), (0..250).map(|_| number())).await;
    assert_eq!(renewals(own.table()).run(Timestamp::MAX).await, Report { sent: 251, ..NOTHING });
    assert_eq!(renewals(own.table()).run(Timestamp::MAX).await, NOTHING);
    own.drop().await;
}
