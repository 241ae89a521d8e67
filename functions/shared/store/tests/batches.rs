//! Batches, and notices taken in many to a transaction, against a real DynamoDB API.

use domain::ports::Entropy;
use domain::{
    BatchId, Checksum, Consent, ConsentId, DepartmentCode, Details, Entity, Evidence, Given, KindCode, LinkToken,
    Nature, NoticeId, Officer, Opening, PersonName, PhoneNumber, PostReason, PostalAddress, Recipient, RecipientId,
    Reference, Scope, State, verify_chain,
};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use journeys::Stack;
use rand::Rng;
use store::{Arrival, Batch, BatchFile, BatchStage, BatchType, Created, Error, RecipientKey, Table};

struct Chance;

impl Entropy for Chance {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

fn now() -> Timestamp {
    "2026-11-23T01:00:00Z".parse().expect("a moment")
}

fn kind() -> KindCode {
    KindCode::parse("petition_result").expect("a code")
}

/// A row for a corporation, which nobody asks.
fn arrival(entity: Entity, phone: Option<&PhoneNumber>) -> Arrival {
    let recipient_id = phone.map(|phone| RecipientKey::new("a key for tests").identify(phone));
    let reference = format!("2026-{}", rand::random::<u64>());
    Arrival {
        id: NoticeId::derived(now(), &reference),
        details: Details {
            reference: Reference::parse(&reference).expect("a reference"),
            kind: kind(),
            nature: Nature::Disposition,
            department: DepartmentCode::parse("traffic").expect("a code"),
            title: "처리결과".to_owned(),
            body: "내".repeat(20_000),
            refusal: None,
            officer: Officer {
                unit: "교통행정과".to_owned(),
                name: "김담당".to_owned(),
                phone: "02-2155-0003".to_owned(),
            },
            recipient_id,
            permit: None,
            requests: Vec::new(),
            recipient: Recipient {
                name: PersonName::parse("홍길동").expect("a name"),
                phone: phone.cloned(),
                email: None,
                address: Some(PostalAddress::parse("06628", "서울특별시 서초구 동광로 475").expect("an address")),
                birth_date: None,
                entity,
            },
        },
        corporations_by_post: true,
        not_before: None,
        at: now(),
    }
}

fn phone() -> PhoneNumber {
    PhoneNumber::parse(&format!("010{}", 20_000_000 + rand::random::<u32>() % 30_000_000)).expect("a phone")
}

fn consent(recipient: &RecipientId, phone: &PhoneNumber) -> Consent {
    Consent {
        id: ConsentId::new(now(), &Chance),
        recipient: recipient.clone(),
        given: Given::Sms(phone.clone()),
        scope: Scope::Kind(kind()),
        wording: "2026-11".to_owned(),
        evidence: Evidence::Link { link: LinkToken::new(&Chance).id() },
        at: now(),
    }
}

async fn table() -> Table {
    Stack::running().table().await
}

#[tokio::test]
async fn many_notices_are_taken_in_at_once_each_by_what_is_known_of_it() {
    let table = table().await;
    let mut arrivals: Vec<Arrival> = (0..60).map(|_| arrival(Entity::Corporation, None)).collect();
    // One came before, and the number of another belongs to somebody else.
    assert_eq!(table.take_in(&arrivals[10]).await.expect("a table"), Created::Stored);
    let other = Arrival { id: NoticeId::new(now(), &Chance), ..arrivals[20].clone() };
    assert_eq!(table.take_in(&other).await.expect("a table"), Created::Stored);
    // Somebody with two notices and a standing preference, whose checks cannot share a transaction.
    let phone = phone();
    let pair = [arrival(Entity::Person, Some(&phone)), arrival(Entity::Person, Some(&phone))];
    let recipient = pair[0].details.recipient_id.clone().expect("a recipient");
    table.prefer(&consent(&recipient, &phone), &[Scope::Kind(kind())]).await.expect("a table");
    arrivals.extend(pair);

    let looked = table.look(&arrivals).await.expect("a table");
    assert_eq!(looked[10].taken_by, Some(arrivals[10].id));
    assert_eq!(looked[20].taken_by, Some(other.id));
    assert_eq!((looked[0].taken_by, &looked[0].opening), (None, &Opening::Post(PostReason::Corporation)));
    assert!(matches!(looked[60].opening, Opening::Standing(_)), "{:?}", looked[60]);

    let created = table.take_in_all(&arrivals).await.expect("a table");
    for (place, created) in created.iter().enumerate() {
        let expected = match place {
            10 => Created::There,
            20 => Created::ReferenceTaken { notice: other.id },
            _ => Created::Stored,
        };
        assert_eq!(*created, expected, "row {place}");
    }
    for arrival in [&arrivals[0], &arrivals[59], &arrivals[61]] {
        let notice = table.notice(arrival.id).await.expect("a table").expect("the notice");
        assert_eq!(notice.details, arrival.details);
        let events = table.events(arrival.id).await.expect("a table");
        verify_chain(arrival.id, &events, &notice.head).expect("a chain");
        assert!(!matches!(notice.state, State::Accepted { .. }), "{:?}", notice.state);
    }
    let again = table.take_in_all(&arrivals).await.expect("a table");
    assert!(again.iter().enumerate().all(|(place, created)| place == 20 || *created == Created::There), "{again:?}");
}

#[tokio::test]
async fn those_who_take_the_same_rows_in_at_once_store_each_of_them_once() {
    let table = table().await;
    let arrivals: Vec<Arrival> = (0..30).map(|_| arrival(Entity::Corporation, None)).collect();
    let outcomes = join_all((0..3).map(|_| table.take_in_all(&arrivals))).await;
    let outcomes: Vec<Vec<Created>> = outcomes.into_iter().map(|outcome| outcome.expect("a table")).collect();
    for place in 0..arrivals.len() {
        let stored = outcomes.iter().filter(|outcome| outcome[place] == Created::Stored).count();
        assert_eq!(stored, 1, "row {place}");
    }
}

fn batch(sha256: &Checksum) -> Batch {
    let (r#type, file_name, sha256) = (BatchType::Notices, "a.csv".to_owned(), sha256.clone());
    let file = BatchFile { r#type, file_name, bytes: 1, sha256 };
    Batch::opened(BatchId::new(now(), &Chance), file, "office", now())
}

#[tokio::test]
async fn one_content_is_one_batch_until_it_failed_and_a_dry_run_is_another() {
    let table = table().await;
    let sha256 = Checksum::of(&rand::random::<[u8; 16]>());
    let opened = join_all((0..4).map(|_| async { table.open_batch(&batch(&sha256)).await.expect("a table").id })).await;
    assert!(opened.iter().all(|id| *id == opened[0]), "at once: {opened:?}");
    let dry = table.open_batch(&Batch { dry_run: true, ..batch(&sha256) }).await.expect("a table");
    assert_ne!(dry.id, opened[0]);
    let permits = table.open_batch(&Batch { r#type: BatchType::Permits, ..batch(&sha256) }).await.expect("a table");
    assert_ne!(permits.id, opened[0]);

    let mut held = table.hold_batch(opened[0], now(), now() + SignedDuration::from_secs(60)).await;
    let held = held.as_mut().expect("a table").as_mut().expect("nobody holds it");
    held.batch.stage = BatchStage::Refused;
    table.save_batch(held).await.expect("a table");
    let anew = table.open_batch(&batch(&sha256)).await.expect("a table");
    assert_ne!(anew.id, opened[0], "what failed may come again");
    assert_eq!(table.open_batch(&batch(&sha256)).await.expect("a table").id, anew.id);
}

#[tokio::test]
async fn a_batch_is_held_by_one_worker_and_lost_when_the_lease_ends() {
    let table = table().await;
    let id = table.open_batch(&batch(&Checksum::of(&rand::random::<[u8; 16]>()))).await.expect("a table").id;
    let minutes = |minutes: i64| now() + SignedDuration::from_mins(minutes);
    let mut first = table.hold_batch(id, now(), minutes(5)).await.expect("a table").expect("free");
    assert_eq!(table.hold_batch(id, minutes(4), minutes(9)).await.expect("a table"), None, "held");
    first.batch.counts.rows = 7;
    table.save_batch(&first).await.expect("its own");
    let second = table.hold_batch(id, minutes(5), minutes(10)).await.expect("a table").expect("the lease is over");
    assert_eq!(second.batch.counts.rows, 7);
    assert!(matches!(table.save_batch(&first).await, Err(Error::LeaseEnded)), "it is another's now");
    table.release_batch(&second).await.expect("its own");
    let mut third = table.hold_batch(id, minutes(6), minutes(11)).await.expect("a table").expect("released");
    third.batch.stage = BatchStage::Done;
    table.save_batch(&third).await.expect("its own");
    assert_eq!(table.hold_batch(id, minutes(60), minutes(65)).await.expect("a table"), None, "over is over");
}
