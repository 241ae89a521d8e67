//! How long a full print run takes through the real table, bucket and function: by hand, since it says something of the
//! machine it runs on.

use std::time::{Duration, Instant};

use domain::ports::Entropy;
use domain::{
    Checksum, DepartmentCode, Details, Entity, KindCode, Letter, Nature, Notice, NoticeId, Officer, Opening, Paper,
    PersonName, PostReason, PostalAddress, Recipient, Reference,
};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use journeys::{Office, Stack};
use letters::{KeepFile, Shelf, letter_key};
use rand::Rng;
use serde_json::{Value, json};
use store::{Created, NewNotice, Table};

const LETTERS: u32 = 2_000;
const SAMPLES: [(&[u8], u32); 2] = [
    (include_bytes!("../../../functions/post-letters/tests/letters/one.pdf"), 1),
    (include_bytes!("../../../functions/post-letters/tests/letters/two.pdf"), 2),
];

struct Chance;

impl Entropy for Chance {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

fn now() -> Timestamp {
    Timestamp::from_second(i64::try_from(std::time::UNIX_EPOCH.elapsed().expect("a clock").as_secs()).expect("a time"))
        .expect("a moment")
}

/// A letter that waits for a run, its file kept.
async fn waiting(table: &Table, shelf: &Shelf, number: u32) {
    let (content, pages) = SAMPLES[number as usize % SAMPLES.len()];
    // A comment at its end: no two letters are the same file.
    let content = [content, format!("%{number}\n").as_bytes()].concat();
    let (id, sha256) = (NoticeId::new(now(), &Chance), Checksum::of(&content));
    let bytes = content.len().try_into().expect("a length");
    shelf.keep(&letter_key(id, &sha256), "application/pdf", content, &sha256).await.expect("a bucket");
    let details = Details {
        permit: None,
        requests: Vec::new(),
        reference: Reference::parse(&format!("2026-{}", rand::random::<u64>())).expect("a reference"),
        kind: KindCode::parse("petition_result").expect("a code"),
        nature: Nature::Disposition,
        department: DepartmentCode::parse("traffic").expect("a code"),
        title: "처리결과".to_owned(),
        body: "내용".to_owned(),
        refusal: None,
        officer: Officer {
            unit: "교통행정과".to_owned(), name: "김담당".to_owned(), phone: "02-2155-0003".to_owned()
        },
        recipient_id: None,
        recipient: Recipient {
            name: PersonName::parse("홍길동").expect("a name"),
            phone: None,
            email: None,
            address: Some(PostalAddress::parse("06628", "서울특별시 서초구 동광로 475").expect("an address")),
            birth_date: None,
            entity: Entity::Person,
        },
    };
    let opening = Opening::Post(PostReason::NoPhone);
    let (notice, events) = Notice::accept(id, details, &opening, None, now());
    let notice = Notice { paper: Paper::Ready(Letter { sha256, pages, bytes }), ..notice };
    let created = table.create(&NewNotice { notice, events, opening, once: None }).await.expect("a table");
    assert_eq!(created, Created::Stored);
}

#[tokio::test]
#[ignore = "takes minutes, and tells of speed: `cargo test -p journeys --test full_run -- --ignored --nocapture`"]
#[expect(clippy::print_stdout, reason = "the figures are what it is for")]
async fn two_thousand_letters() {
    let stack = Stack::running();
    let table = stack.table().await;
    let bucket = stack.outputs["LetterBucketName"].as_str().expect("an output").to_owned();
    let config = aws_sdk_s3::config::Builder::from(&stack.aws().await).force_path_style(true).build();
    let shelf = Shelf::new(aws_sdk_s3::Client::from_conf(config), bucket);
    stream::iter(0..LETTERS).for_each_concurrent(16, |number| waiting(&table, &shelf, number)).await;

    let room = Office::print_room(&stack).await;
    let began = Instant::now();
    let run: Value =
        room.post("/v1/letters/runs", &json!({})).send().await.expect("an answer").json().await.expect("JSON");
    let path = format!("/v1/letters/runs/{}", run["id"].as_str().expect("an id"));
    let (mut stage, mut stages) = (String::new(), Vec::new());
    let run = loop {
        let run: Value = room.get(&path).await.json().await.expect("JSON");
        let now = run["stage"].as_str().expect("a stage").to_owned();
        if now != stage {
            stages.push((now.clone(), began.elapsed()));
            stage = now;
        }
        if stage == "done" {
            break run;
        }
        assert!(began.elapsed() < Duration::from_mins(30), "the run is {stage}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let took = began.elapsed();
    let files = run["files"].as_array().expect("files");
    let bytes: u64 = files.iter().map(|file| file["bytes"].as_u64().expect("a length")).sum();
    println!("{} letters, {} pages in {took:.1?}, {:.1?} each", run["letters"], run["pages"], took / LETTERS);
    println!("{} files, {} MB", files.len(), bytes / 1_000_000);
    println!("stages began after {stages:.1?}");
    assert_eq!(run["letters"], LETTERS, "one run holds them all");
}
