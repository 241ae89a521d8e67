//! Permits against a real DynamoDB API: what is put, what is due, and the holder's word in a transaction.

use domain::ports::Entropy;
use domain::{
    BusinessName, DepartmentCode, Details, EmailAddress, Entity, Fact, KindCode, Nature, NoticeId, Officer, Permit,
    PermitDetails, PermitNumber, PermitPut, PermitStatus, PermitTypeCode, PersonName, PhoneNumber, PostalAddress,
    Recipient, RenewalDue, ReplyId, StageOutcome, Unspoken,
};
use jiff::{SignedDuration, Timestamp};
use journeys::{OwnTable, Stack};
use rand::Rng;
use store::{Arrival, Binding, Change, Created, Decision, Direction, DueShard, PutPermit, Reply, Table, Transition};

struct Chance;

impl Entropy for Chance {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// Nine in the morning in Seoul, so many days before 2047-01-20: far enough for no deployed function to meddle.
fn morning(days_before: i64) -> Timestamp {
    let expiry: Timestamp = "2047-01-20T00:00:00Z".parse().expect("a moment");
    expiry - SignedDuration::from_hours(24 * days_before)
}

fn put() -> PermitPut {
    PermitPut {
        details: PermitDetails {
            number: PermitNumber::parse(&format!("서초#{}", rand::random::<u64>())).expect("a number"),
            permit_type: PermitTypeCode::parse("road_occupation").expect("a code"),
            business: BusinessName::parse("한빛상사").ok(),
            holder: Recipient {
                name: PersonName::parse("홍길동").expect("a name"),
                phone: PhoneNumber::parse("010-2345-6789").ok(),
                email: EmailAddress::parse("hong@example.org").ok(),
                address: PostalAddress::parse("06628", "서울특별시 서초구 동광로 475").ok(),
                birth_date: None,
                entity: Entity::Corporation,
            },
            department: DepartmentCode::parse("traffic").expect("a code"),
            issued_on: "2044-01-21".parse().expect("a day"),
            expires_on: "2047-01-20".parse().expect("a day"),
        },
        status: None,
        remind_anyway: None,
        unspoken: Unspoken::default(),
        stages: vec![60, 30, 7],
    }
}

async fn table() -> Table {
    Stack::running().table().await
}

async fn created(table: &Table, put: &PermitPut) -> Permit {
    match table.put_permit(put, morning(100)).await.expect("a table") {
        PutPermit::Created(permit) => *permit,
        other @ (PutPermit::Changed(_) | PutPermit::Unchanged(_)) => unreachable!("{other:?}"),
    }
}

async fn read(table: &Table, permit: &Permit) -> Permit {
    table.permit(&permit.details.number).await.expect("a table").expect("the permit")
}

#[tokio::test]
async fn a_permit_comes_back_as_it_was_put_and_the_same_again_changes_nothing() {
    let (table, put) = (table().await, put());
    assert_eq!(table.permit(&put.details.number).await.expect("a table"), None);
    let permit = created(&table, &put).await;
    assert_eq!(read(&table, &permit).await, permit);
    let again = table.put_permit(&put, morning(90)).await.expect("a table");
    assert_eq!(again, PutPermit::Unchanged(Box::new(permit.clone())));
    let notice = permit.current().notice(30, permit.falls_due(30));
    let advanced = permit.advanced(morning(30), &StageOutcome::Sent { notice });
    assert!(table.advance_permit(&permit, &advanced).await.expect("a table"));
    assert_eq!(read(&table, &permit).await, advanced);
    assert!(!table.advance_permit(&permit, &advanced).await.expect("a table"), "it has moved on");
    let closed = PermitPut { status: Some(PermitStatus::Closed), ..put };
    let changed = table.put_permit(&closed, morning(20)).await.expect("a table");
    let PutPermit::Changed(changed) = changed else { unreachable!("{changed:?}") };
    assert_eq!((&changed.cycles, changed.version), (&advanced.cycles, 3), "what was done stays done");
    assert_eq!(read(&table, &permit).await, *changed);
}

#[tokio::test]
async fn whoever_puts_at_the_same_moment_nothing_is_lost() {
    let (table, first) = (table().await, put());
    let permit = created(&table, &first).await;
    let puts = (0..6_i64).map(|days| {
        let expires_on = first.details.expires_on.checked_add(jiff::Span::new().days(days)).expect("a day");
        PermitPut { details: PermitDetails { expires_on, ..first.details.clone() }, ..first.clone() }
    });
    let tasks: Vec<_> = puts
        .map(|put| {
            let table = table.clone();
            tokio::spawn(async move { table.put_permit(&put, morning(90)).await })
        })
        .collect();
    for task in tasks {
        task.await.expect("a task").expect("a table");
    }
    assert_eq!(read(&table, &permit).await.cycles.len(), 6);
}

/// All that are due, in the order in which a run meets those of a shard.
async fn due(table: &Table, until: Timestamp, limit: i32) -> Vec<PermitNumber> {
    let mut found = Vec::new();
    for shard in DueShard::all() {
        let mut after = None;
        loop {
            let page = table.renewals_due(shard, until, limit, after).await.expect("a table");
            found.extend(page.permits);
            match page.after {
                Some(next) => after = Some(next),
                None => break,
            }
        }
    }
    found
}

#[tokio::test]
async fn only_what_is_due_stands_in_the_index() {
    let own = OwnTable::create().await;
    let table = own.table();
    let mut permits = Vec::new();
    for _ in 0..12 {
        permits.push(created(&table, &put()).await);
    }
    let forever = put();
    let forever = PermitDetails { expires_on: "9999-12-31".parse().expect("a day"), ..forever.details };
    created(&table, &PermitPut { details: forever, ..put() }).await;
    assert!(due(&table, morning(60) - SignedDuration::from_secs(1), 100).await.is_empty());
    for limit in [1, 100] {
        let mut found = due(&table, morning(60), limit).await;
        found.sort();
        let mut expected: Vec<_> = permits.iter().map(|permit| permit.details.number.clone()).collect();
        expected.sort();
        assert_eq!(found, expected, "by pages of {limit}");
    }
    for (index, permit) in permits.iter().enumerate() {
        let after = match index % 3 {
            0 => permit.advanced(morning(60), &StageOutcome::Held),
            1 => permit.advanced(morning(60), &StageOutcome::Expired),
            _ => Permit { status: PermitStatus::Closed, version: 2, ..permit.clone() },
        };
        assert!(table.advance_permit(permit, &after).await.expect("a table"));
    }
    assert!(due(&table, morning(31), 100).await.is_empty());
    assert_eq!(due(&table, morning(30), 100).await.len(), 4, "those of which a stage is to come");
    own.drop().await;
}

/// The notice of a permit's first stage; it waits, so that nobody asks.
async fn reminded(table: &Table, permit: &Permit) -> NoticeId {
    let cycle = permit.current();
    let arrival = Arrival {
        id: cycle.notice(60, permit.falls_due(60)),
        details: Details {
            reference: cycle.reference(60),
            kind: KindCode::parse("permit_renewal").expect("a code"),
            nature: Nature::Guidance,
            department: permit.details.department.clone(),
            title: "도로점용허가 갱신 안내".to_owned(),
            body: "내용".to_owned(),
            refusal: None,
            officer: Officer {
                unit: "교통행정과".to_owned(),
                name: "김담당".to_owned(),
                phone: "02-2155-0003".to_owned(),
            },
            recipient: permit.details.holder.clone(),
            recipient_id: None,
            permit: Some(cycle),
            requests: Vec::new(),
        },
        corporations_by_post: false,
        not_before: Some(morning(0)),
        at: morning(60),
    };
    assert_eq!(table.take_in(&arrival).await.expect("a table"), Created::Stored);
    arrival.id
}

async fn report(table: &Table, notice: NoticeId, permit: &Permit, text: &str) -> Transition<()> {
    let reply = Reply {
        id: ReplyId::new(morning(50), &Chance),
        notice,
        direction: Direction::Inbound,
        officer: None,
        text: "갱신완료".to_owned(),
        at: morning(50),
    };
    let decide = |_: &domain::Notice| {
        let once = Binding::Once { scope: "reply", key: format!("{text}#{notice}") };
        let bindings = vec![Binding::Reply(reply.clone()), Binding::RenewalReported(permit.current()), once];
        Decision::Record(Change { at: morning(50), fact: Fact::RenewalReported { reply: reply.id }, bindings })
    };
    table.transition(notice, decide).await.expect("a table")
}

#[tokio::test]
async fn the_holder_s_word_is_kept_with_the_notice_and_with_the_permit_at_once() {
    let table = table().await;
    let permit = created(&table, &put()).await;
    let id = reminded(&table, &permit).await;
    assert!(matches!(report(&table, id, &permit, "mo-1").await, Transition::Moved(_)));
    let notice = table.notice(id).await.expect("a table").expect("the notice");
    assert_eq!((notice.renewal_reported_at, &notice.details.permit), (Some(morning(50)), &Some(permit.current())));
    let told = read(&table, &permit).await;
    assert_eq!((told.cycle().reported_renewed_at, told.version), (Some(morning(50)), permit.version + 1));
    assert_eq!(told.fell_due(morning(30)), Some(RenewalDue::Hold));
    assert!(matches!(report(&table, id, &permit, "mo-2").await, Transition::AlreadyThere(_)), "said before");
    assert_eq!(read(&table, &permit).await, told);
}

#[tokio::test]
async fn a_run_that_read_the_permit_before_the_holder_s_word_does_not_undo_it() {
    let table = table().await;
    let permit = created(&table, &put()).await;
    let id = reminded(&table, &permit).await;
    report(&table, id, &permit, "mo-1").await;
    let after = permit.advanced(morning(60), &StageOutcome::Sent { notice: id });
    assert!(!table.advance_permit(&permit, &after).await.expect("a table"));
    let put = PermitPut { details: permit.details.clone(), remind_anyway: Some(true), ..put() };
    table.put_permit(&put, morning(40)).await.expect("a table");
    let told = read(&table, &permit).await;
    assert!(told.cycle().reported_renewed_at.is_some() && !told.cycle().is_held(), "nor does a put");
}
