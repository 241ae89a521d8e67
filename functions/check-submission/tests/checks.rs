//! Files through the check, in memory: whichever half of the verdict comes first, and however often.

use std::collections::HashMap;
use std::sync::Mutex;

use aws_lambda_events::sqs::SqsEvent;
use channels::Ledger;
use channels::fake::{HeldSettings, MemoryLedger, StoppedClock, accepted, details, noon, notice_id, shipped_settings};
use check_submission::{Checks, KeepFiles, Message, Unchecked};
use domain::{Checksum, Fact, FileFault, Notice, NoticeId, SubmissionId, SubmittedFile, UploadId, Verdict};
use jiff::Timestamp;
use serde_json::{Value, json};
use store::{Decision, Error, FileRecord, Inspection, Scan, Transition};
use uploads::fake::MemoryUploads;
use uploads::quarantine_key;

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n";

/// The table's verbs in memory.
struct Memory {
    ledger: MemoryLedger,
    records: Mutex<HashMap<UploadId, FileRecord>>,
}

impl Memory {
    fn keep(&self, upload: UploadId, change: impl FnOnce(&mut FileRecord)) -> FileRecord {
        let mut records = self.records.lock().expect("no test dies holding it");
        let record = records.entry(upload).or_insert(FileRecord { upload, inspection: None, scans: Vec::new() });
        change(record);
        record.clone()
    }
}

impl KeepFiles for Memory {
    async fn keep_inspection(
        &self,
        _: NoticeId,
        upload: UploadId,
        inspection: &Inspection,
        _: Timestamp,
    ) -> Result<FileRecord, Error> {
        Ok(self.keep(upload, |record| record.inspection = Some(inspection.clone())))
    }

    async fn keep_scan(&self, _: NoticeId, upload: UploadId, scan: &Scan, _: Timestamp) -> Result<FileRecord, Error> {
        Ok(self.keep(upload, |record| record.scans.push(scan.clone())))
    }

    async fn transition<T: Send>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> Result<Transition<T>, Error> {
        self.ledger.transition(id, decide).await
    }
}

struct World {
    checks: Checks<Memory, MemoryUploads, HeldSettings, StoppedClock>,
}

impl World {
    fn new() -> Self {
        let ledger = MemoryLedger::default();
        ledger.add(accepted(details()));
        let table = Memory { ledger, records: Mutex::default() };
        let settings = HeldSettings::new(shipped_settings());
        Self { checks: Checks { table, files: MemoryUploads::default(), settings, clock: StoppedClock::default() } }
    }

    fn arrive(&self, name: &str, content: &[u8]) -> String {
        self.checks.files.arrive(notice_id(), upload(), Some("licence"), name, content)
    }

    fn hand_in(&self) {
        let files = vec![SubmittedFile { upload: upload(), request: None }];
        self.checks.table.ledger.happen(
            notice_id(),
            Fact::DocumentsSubmitted { submission: submission(), files, confirm: true },
            noon(),
        );
    }

    async fn take(&self, message: Value) {
        self.tried(message).await.expect("taken in");
    }

    async fn tried(&self, message: Value) -> Result<(), Unchecked> {
        self.checks.take(serde_json::from_value(message).expect("a message")).await
    }

    async fn told_of_arrival(&self) {
        self.take(arrival()).await;
    }

    async fn told_of_search(&self, etag: &str, status: &str) {
        self.take(search(etag, status)).await;
    }

    fn verdicts(&self) -> Vec<Verdict> {
        let facts = self.checks.table.ledger.facts(notice_id());
        facts
            .into_iter()
            .filter_map(|fact| if let Fact::DocumentChecked { verdict, .. } = fact { Some(verdict) } else { None })
            .collect()
    }

    fn clean(&self) -> Option<Vec<u8>> {
        self.checks.files.clean(notice_id(), upload())
    }
}

fn upload() -> UploadId {
    UploadId::parse("01KAVQ8Z3M00000000000000P1").expect("an id")
}

fn submission() -> SubmissionId {
    SubmissionId::parse("01KAVQ8Z3M0000000000000S01").expect("an id")
}

fn arrival() -> Value {
    let key = quarantine_key(notice_id(), upload());
    json!({ "Records": [{ "s3": { "object": { "key": key.replace('/', "%2F"), "size": 1 } } }] })
}

fn search(etag: &str, status: &str) -> Value {
    json!({
        "source": "aws.guardduty",
        "detail-type": "GuardDuty Malware Protection Object Scan Result",
        "detail": {
            "scanStatus": "COMPLETED",
            "s3ObjectDetails": { "bucketName": "b", "objectKey": quarantine_key(notice_id(), upload()), "eTag": etag },
            "scanResultDetails": { "scanResultStatus": status, "threats": null },
        },
    })
}

fn clean() -> Verdict {
    Verdict::Clean { sha256: Checksum::of(PDF), warnings: Vec::new() }
}

#[tokio::test]
async fn a_file_is_clean_by_both_halves_in_either_order_and_however_often() {
    for arrival_first in [true, false] {
        let world = World::new();
        let etag = world.arrive("등록증.pdf", PDF);
        world.hand_in();
        for _ in 0..2 {
            if arrival_first {
                world.told_of_arrival().await;
                assert_eq!(world.verdicts(), [], "one half is no verdict");
                world.told_of_arrival().await;
                world.told_of_search(&etag, "NO_THREATS_FOUND").await;
            } else {
                world.told_of_search(&etag, "NO_THREATS_FOUND").await;
                world.told_of_arrival().await;
            }
            if !world.verdicts().is_empty() {
                break;
            }
        }
        world.told_of_search(&etag, "NO_THREATS_FOUND").await;
        world.told_of_arrival().await;
        assert_eq!(world.verdicts(), [clean()]);
        assert_eq!(world.clean().as_deref(), Some(PDF));
        assert!(!world.checks.files.is_quarantined(notice_id(), upload()));
    }
}

#[tokio::test]
async fn what_was_not_handed_in_stays_where_it_fades() {
    let world = World::new();
    let etag = world.arrive("등록증.pdf", PDF);
    world.told_of_arrival().await;
    world.told_of_search(&etag, "NO_THREATS_FOUND").await;
    assert_eq!(world.verdicts(), [clean()]);
    assert_eq!(world.clean(), None);
    assert!(world.checks.files.is_quarantined(notice_id(), upload()));
}

#[tokio::test]
async fn an_infected_file_is_kept_from_everybody() {
    let world = World::new();
    let etag = world.arrive("등록증.pdf", PDF);
    world.hand_in();
    world.told_of_search(&etag, "THREATS_FOUND").await;
    world.told_of_arrival().await;
    world.told_of_search(&etag, "NO_THREATS_FOUND").await;
    assert_eq!(world.verdicts(), [Verdict::Infected]);
    assert_eq!(world.clean(), None);
}

#[tokio::test]
async fn word_of_a_file_that_is_withheld_comes_again_unless_it_is_infected() {
    let world = World::new();
    let etag = world.arrive("등록증.pdf", PDF);
    world.hand_in();
    world.checks.files.withhold(notice_id(), upload());
    assert!(world.tried(arrival()).await.is_err(), "nobody knows yet what is in it");
    world.told_of_search(&etag, "THREATS_FOUND").await;
    world.told_of_arrival().await;
    assert_eq!(world.verdicts(), [Verdict::Infected]);
}

#[tokio::test]
async fn what_could_not_be_searched_is_refused() {
    for status in ["UNSUPPORTED", "ACCESS_DENIED", "FAILED"] {
        let world = World::new();
        let etag = world.arrive("등록증.pdf", PDF);
        world.hand_in();
        world.told_of_arrival().await;
        world.told_of_search(&etag, status).await;
        assert_eq!(world.verdicts(), [Verdict::Refused { reason: FileFault::NotChecked }], "{status}");
        assert_eq!(world.clean(), None);
    }
}

#[tokio::test]
async fn the_content_decides_and_not_the_name() {
    let long = [b"%PDF-1.7\n".as_slice(), &[b' '; 30]].concat();
    for (name, content, length, reason) in [
        ("등록증.pdf", b"#!/bin/sh\necho".as_slice(), None, FileFault::WrongType),
        ("사진.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", None, FileFault::WrongType),
        ("문서.pdf", b"PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaaa", None, FileFault::WrongType),
        ("빈.pdf", b"", None, FileFault::Empty),
        ("큰.pdf", &long, Some(21 * 1024 * 1024), FileFault::TooLarge),
    ] {
        let world = World::new();
        let _ = world.arrive(name, content);
        if let Some(length) = length {
            world.checks.files.stretch(notice_id(), upload(), length);
        }
        world.told_of_arrival().await;
        assert_eq!(world.verdicts(), [Verdict::Refused { reason }], "{name}");
    }
}

#[tokio::test]
async fn a_content_that_took_the_place_of_a_checked_one_is_not_released() {
    let world = World::new();
    let checked = world.arrive("등록증.pdf", PDF);
    world.told_of_arrival().await;
    world.told_of_search(&checked, "NO_THREATS_FOUND").await;
    let other = world.arrive("등록증.pdf", b"%PDF-1.7 something else");
    world.hand_in();
    world.told_of_arrival().await;
    for etag in [&checked, &other] {
        world.told_of_search(etag, "NO_THREATS_FOUND").await;
        assert_eq!(world.clean(), None, "the verdict was about another content");
    }
}

#[tokio::test]
async fn a_content_that_comes_after_a_released_one_does_not_take_its_place() {
    let world = World::new();
    let checked = world.arrive("등록증.pdf", PDF);
    world.hand_in();
    world.told_of_arrival().await;
    world.told_of_search(&checked, "NO_THREATS_FOUND").await;
    assert_eq!(world.clean().as_deref(), Some(PDF));
    for result in ["NO_THREATS_FOUND", "UNSUPPORTED", "THREATS_FOUND"] {
        let other = world.arrive("등록증.pdf", format!("%PDF-1.7 {result}").as_bytes());
        world.told_of_arrival().await;
        world.told_of_search(&other, result).await;
        assert_eq!(world.clean().as_deref(), Some(PDF), "{result}");
    }
}

#[tokio::test]
async fn every_event_is_taken_in_or_given_back() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/check-submission");
    let mut outcomes = Vec::new();
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).expect("events").map(|entry| entry.expect("an event").path()).collect();
    paths.sort();
    for path in paths {
        let world = World::new();
        let _ = world.arrive("등록증.pdf", PDF);
        world.hand_in();
        let event: SqsEvent = serde_json::from_str(&std::fs::read_to_string(&path).expect("an event")).expect("JSON");
        let answer = bootstrap::batch(event, |message: Message| world.checks.take(message)).await;
        let given_back: Vec<_> =
            answer.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        outcomes.push(format!("{name}: given back {given_back:?}, verdicts {:?}", world.verdicts()));
    }
    insta::assert_snapshot!(outcomes.join("\n"));
}
