//! What an import holds in memory: for half a million rows no more than for a thousand.

use std::fs;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard};

use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::operation::send_message::SendMessageError;
use bootstrap::{ReadSettings, SettingsUnavailable};
use domain::ports::{Clock, Entropy};
use domain::settings::Settings;
use domain::{Access, BatchId, Checksum, Opening, PermitPut};
use import_batch::{Batches, ImportOrder, Importer, KeepPermit, NOTICE_HEADINGS, OrderImport, TakeIn};
use jiff::Timestamp;
use letters::{JoinFiles, KeepFile, ReadFile};
use sha2::{Digest, Sha256};
use store::{
    Arrival, Batch, BatchFile, BatchStage, BatchType, Counts, Created, Error, HeldBatch, Looked, PutPermit,
    RecipientKey, RecordAccess,
};

const SETTINGS: &str = include_str!("../../../infra/settings.json");
/// One row in so many errs, and stands in the report.
const ERRS: u64 = 50;

/// A world that makes the file up as it is read, and keeps nothing but the batch.
#[derive(Clone)]
struct World {
    rows: u64,
    batch: Arc<Mutex<Batch>>,
}

fn head() -> Vec<u8> {
    let headings: Vec<&str> = NOTICE_HEADINGS[..12].iter().map(|heading| heading.korean).collect();
    (headings.join(",") + "\r\n").into_bytes()
}

/// A row; all are equally long.
fn row(number: u64) -> Vec<u8> {
    let name = if number.is_multiple_of(ERRS) { "         " } else { "홍길동" };
    let body = "신청하신 용도변경이 허가되었습니다. 착공 전 유의사항을 확인하시기 바랍니다.";
    let address = "06628,서울특별시 서초구 동광로 475 102동 1904호 (서초동)";
    format!("2026-{number:09},petition_result,건축물 용도변경 허가 처리결과,{body},건축과,{name},010-{:04}-{:04},,{address},900101,개인\r\n",
        number / 10_000 % 10_000, number % 10_000).into_bytes()
}

fn bytes(rows: u64) -> u64 {
    (head().len() + row(0).len() * usize::try_from(rows).expect("a number")) as u64
}

fn content(range: Range<u64>) -> Vec<u8> {
    let (head, line) = (head(), row(0).len() as u64);
    let rows_of = |offset: u64| offset.saturating_sub(head.len() as u64) / line;
    let (first, last) = (rows_of(range.start), rows_of(range.end));
    let mut found = if range.start < head.len() as u64 { head.clone() } else { Vec::new() };
    let begin = if found.is_empty() { head.len() as u64 + first * line } else { 0 };
    (first..=last).for_each(|number| found.extend(row(number)));
    let at = |offset: u64| usize::try_from(offset - begin).expect("within");
    found[at(range.start)..at(range.end)].to_vec()
}

impl World {
    fn new(rows: u64, dry_run: bool) -> Self {
        let mut hash = Sha256::new();
        hash.update(head());
        (0..rows).for_each(|number| hash.update(row(number)));
        let opened_at = "2026-11-24T00:00:00Z".parse().expect("a moment");
        let file = BatchFile {
            r#type: BatchType::Notices,
            file_name: "a year.csv".to_owned(),
            bytes: bytes(rows),
            sha256: Checksum::parse(&hex::encode(hash.finalize())).expect("a checksum"),
        };
        let batch = Batch { dry_run, ..Batch::opened(BatchId::new(opened_at, &Zeros), file, "office", opened_at) };
        Self { rows, batch: Arc::new(Mutex::new(batch)) }
    }

    fn batch(&self) -> MutexGuard<'_, Batch> {
        self.batch.lock().expect("no panic before")
    }

    /// Imports the file to its end, every row of it.
    async fn import(&self) {
        self.work().await;
        let (batch, errors) = (self.batch(), self.rows.div_ceil(ERRS));
        let Counts { rows, stored, errors: erred, .. } = batch.counts;
        assert_eq!(batch.stage, BatchStage::Done, "{:?}", batch.refused);
        assert_eq!((u64::from(rows), u64::from(erred)), (self.rows, errors));
        assert_eq!(u64::from(stored), self.rows - errors);
    }

    async fn work(&self) {
        let [table, files, orders, settings, clock] = std::array::from_fn(|_| self.clone());
        let (recipient_key, public_url) = (RecipientKey::new("secret"), "https://n.example.go.kr".to_owned());
        let importer = Importer { table, files, orders, settings, recipient_key, public_url, clock, entropy: Zeros };
        let order = ImportOrder { batch: self.batch().id };
        importer.import(order, Timestamp::MAX).await.expect("taken to its end");
    }
}

/// The most memory that this process has had so far, in MB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a line");
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).expect("a number") / 1024
}

#[tokio::test]
async fn twenty_thousand_rows_take_no_more_memory_than_a_thousand() {
    World::new(1_000, false).import().await;
    let few = peak();
    World::new(20_000, false).import().await;
    let many = peak();
    // A thousand rows fill no block of 1 MB; twenty thousand, kept, would take some 40 MB.
    assert!(many < few + 8, "{few} MB, then {many} MB");
}

#[tokio::test]
#[ignore = "tells of memory: `cargo test --release -p import-batch --test memory -- --ignored --nocapture`"]
#[expect(clippy::print_stdout, reason = "the figures are what it is for")]
async fn half_a_million_rows() {
    for (rows, dry_run) in [(1_000, false), (39_600, false), (500_000, false), (500_000, true)] {
        let world = World::new(rows, dry_run);
        let began = std::time::Instant::now();
        world.import().await;
        let (took, megabytes) = (began.elapsed(), bytes(rows) / 1_000_000);
        println!("{rows} rows, {megabytes} MB, dry run {dry_run}: {took:.1?}, {} MB at most", peak());
    }
    let world = World::new(500_001, true);
    world.work().await;
    let refused = world.batch().refused.clone().expect("refused");
    assert!(refused.contains("50만 행까지만"), "{refused}");
}

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        self.batch().opened_at
    }
}

impl ReadSettings for World {
    async fn current(&self) -> Result<Arc<Settings>, SettingsUnavailable> {
        Ok(Arc::new(Settings::parse(SETTINGS).expect("settings")))
    }
}

impl OrderImport for World {
    async fn order(&self, _: ImportOrder) -> Result<(), Box<SdkError<SendMessageError>>> {
        unreachable!("there is time enough")
    }
}

impl RecordAccess for World {
    async fn record_access(&self, _: &Access) -> Result<(), Error> {
        unreachable!("nobody looks")
    }
}

impl Batches for World {
    async fn open_batch(&self, batch: &Batch) -> Result<Batch, Error> {
        Ok(batch.clone())
    }

    async fn batch(&self, _: BatchId) -> Result<Option<Batch>, Error> {
        Ok(Some(self.batch().clone()))
    }

    async fn hold_batch(&self, _: BatchId, _: Timestamp, until: Timestamp) -> Result<Option<HeldBatch>, Error> {
        Ok(Some(HeldBatch { batch: self.batch().clone(), until }))
    }

    async fn save_batch(&self, held: &HeldBatch) -> Result<(), Error> {
        *self.batch() = held.batch.clone();
        Ok(())
    }

    async fn release_batch(&self, _: &HeldBatch) -> Result<(), Error> {
        unreachable!("there is time enough")
    }
}

impl TakeIn for World {
    async fn look(&self, arrivals: &[Arrival]) -> Result<Vec<Looked>, Error> {
        Ok(arrivals.iter().map(|_| Looked { taken_by: None, opening: Opening::Ask }).collect())
    }

    async fn take_in_all(&self, arrivals: &[Arrival]) -> Result<Vec<Created>, Error> {
        Ok(arrivals.iter().map(|_| Created::Stored).collect())
    }
}

impl KeepPermit for World {
    async fn put_permit(&self, _: &PermitPut, _: Timestamp) -> Result<PutPermit, Error> {
        unreachable!("these are notices")
    }
}

impl ReadFile for World {
    async fn read(&self, _: &str, range: Range<u64>) -> Result<Vec<u8>, letters::Error> {
        Ok(content(range))
    }
}

impl KeepFile for World {
    async fn keep(&self, _: &str, _: &'static str, _: Vec<u8>, _: &Checksum) -> Result<(), letters::Error> {
        Ok(())
    }
}

impl JoinFiles for World {
    async fn join(&self, _: &str, _: &'static str, _: Vec<u8>, _: Vec<String>) -> Result<(), letters::Error> {
        Ok(())
    }
}
