//! A world in memory in which batches are imported, and in which a worker may die at any call.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::operation::send_message::SendMessageError;
use bootstrap::{ReadSettings, SettingsUnavailable};
use domain::ports::{Clock, Entropy};
use domain::settings::Settings;
use domain::{Access, BatchId, Checksum, NoticeId, Opening, Permit, PermitNumber, PermitPut, Preference};
use import_batch::{Batches, ImportOrder, Importer, KeepPermit, OrderImport, TakeIn, Unimported};
use jiff::{SignedDuration, Timestamp};
use letters::fake::MemoryShelf;
use letters::{JoinFiles, KeepFile, ReadFile, ShareFile, TakeFile, Upload, report_key, upload_key};
use store::{
    Arrival, Batch, BatchFile, BatchStage, BatchType, Created, Error, HeldBatch, Looked, PutPermit, RecipientKey,
    RecordAccess,
};

pub(crate) const SETTINGS: &str = include_str!("../../../../infra/settings.json");

#[derive(Default)]
pub(crate) struct Stored {
    pub(crate) batches: HashMap<BatchId, (Batch, i64)>,
    pub(crate) notices: BTreeMap<NoticeId, Arrival>,
    pub(crate) references: HashMap<String, NoticeId>,
    pub(crate) permits: BTreeMap<PermitNumber, Permit>,
    pub(crate) orders: u32,
    pub(crate) accesses: Vec<Access>,
    now: Timestamp,
}

impl Stored {
    /// Notices and permits.
    pub(crate) fn len(&self) -> usize {
        self.notices.len() + self.permits.len()
    }
}

/// The table, the bucket, the queue and the clock in one, and how many more calls the worker lives.
#[derive(Clone)]
pub(crate) struct World {
    stored: Arc<Mutex<Stored>>,
    pub(crate) shelf: MemoryShelf,
    left: Arc<AtomicI64>,
    /// Seconds that pass at every look at the clock.
    pub(crate) pace: i64,
    /// What everyone chose before.
    pub(crate) preference: Option<Preference>,
}

/// Immortal.
const FOREVER: i64 = i64::MAX / 2;

impl World {
    pub(crate) fn new() -> Self {
        let now = "2026-11-24T00:00:00Z".parse().expect("a moment");
        let stored = Stored { now, ..Stored::default() };
        let (stored, left) = (Arc::new(Mutex::new(stored)), Arc::new(AtomicI64::new(FOREVER)));
        Self { stored, shelf: MemoryShelf::default(), left, pace: 0, preference: None }
    }

    pub(crate) fn stored(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().expect("no panic before")
    }

    pub(crate) fn importer(&self) -> Importer<Self, Self, Self, Self, Self, Self> {
        let [table, files, orders, settings, clock, entropy] = std::array::from_fn(|_| self.clone());
        let (recipient_key, public_url) = (RecipientKey::new("secret"), "https://n.example.go.kr".to_owned());
        Importer { table, files, orders, settings, recipient_key, public_url, clock, entropy }
    }

    /// A batch whose file is there.
    pub(crate) fn uploaded(&self, r#type: BatchType, number: u8, content: &[u8]) -> Batch {
        let opened_at = self.stored().now;
        let bytes = u64::try_from(content.len()).expect("a length");
        let file = BatchFile { r#type, file_name: "file".to_owned(), bytes, sha256: Checksum::of(content) };
        let batch = Batch::opened(BatchId::new(opened_at, &Always(number)), file, "office", opened_at);
        self.shelf.put(&upload_key(batch.id), content);
        self.stored().batches.insert(batch.id, (batch.clone(), 0));
        // Batches are opened at moments of their own.
        self.pass(SignedDuration::from_secs(1));
        batch
    }

    pub(crate) fn pass(&self, time: SignedDuration) {
        let mut stored = self.stored();
        stored.now += time;
    }

    /// Changes a batch before anyone works on it.
    pub(crate) fn change(&self, id: BatchId, change: impl FnOnce(&mut Batch)) {
        change(&mut self.stored().batches.get_mut(&id).expect("the batch").0);
    }

    /// Imports it in one go.
    pub(crate) async fn import(&self, id: BatchId) -> Batch {
        self.importer().import(ImportOrder { batch: id }, Timestamp::MAX).await.expect("imported");
        self.batch_now(id)
    }

    /// Lets a worker die after so many calls, at which the call is `done` or not. True if it lived to its end.
    pub(crate) async fn import_and_die(&self, id: BatchId, calls: i64) -> bool {
        self.left.store(calls, Ordering::SeqCst);
        let outcome = self.importer().import(ImportOrder { batch: id }, Timestamp::MAX).await;
        self.left.store(FOREVER, Ordering::SeqCst);
        self.pass(SignedDuration::from_secs(331));
        outcome.is_ok()
    }

    /// Imports with so little time for each worker that it hands over again and again; how often.
    pub(crate) async fn import_in_haste(&self, id: BatchId, seconds: i64) -> u32 {
        for round in 1..10_000 {
            let stop = self.stored().now + SignedDuration::from_secs(seconds);
            match self.importer().import(ImportOrder { batch: id }, stop).await {
                Ok(()) | Err(Unimported::Held(_)) => {}
                Err(error) => unreachable!("{error}"),
            }
            if self.batch_now(id).stage.is_over() {
                return round;
            }
        }
        unreachable!("it never ends")
    }

    pub(crate) fn batch_now(&self, id: BatchId) -> Batch {
        self.stored().batches[&id].0.clone()
    }

    pub(crate) fn report(&self, id: BatchId) -> Option<Vec<u8>> {
        self.shelf.file(&report_key(id))
    }

    /// A call: an error if the worker dies before it is done.
    fn begin(&self) -> Result<(), Error> {
        let left = self.left.fetch_sub(1, Ordering::SeqCst);
        if left > 0 { Ok(()) } else { Err(Error::Contention { attempts: 0 }) }
    }

    /// The same call, which may be done although the worker never learns of it.
    fn end(&self) -> Result<(), Error> {
        self.begin()
    }

    fn begin_file(&self) -> Result<(), letters::Error> {
        self.begin().map_err(|error| letters::Error::S3 {
            operation: "any",
            code: "died".to_owned(),
            source: error.into(),
        })
    }
}

struct Always(u8);

impl Entropy for Always {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

impl Entropy for World {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        let mut stored = self.stored();
        stored.now += SignedDuration::from_secs(self.pace);
        stored.now
    }
}

impl ReadSettings for World {
    async fn current(&self) -> Result<Arc<Settings>, SettingsUnavailable> {
        Ok(Arc::new(Settings::parse(SETTINGS).expect("settings")))
    }
}

impl OrderImport for World {
    async fn order(&self, _: ImportOrder) -> Result<(), Box<SdkError<SendMessageError>>> {
        self.stored().orders += 1;
        Ok(())
    }
}

impl RecordAccess for World {
    async fn record_access(&self, access: &Access) -> Result<(), Error> {
        self.begin()?;
        self.stored().accesses.push(access.clone());
        self.end()
    }
}

impl Batches for World {
    async fn open_batch(&self, batch: &Batch) -> Result<Batch, Error> {
        let mut stored = self.stored();
        let is_in_earnest = |known: &Batch| !known.dry_run && known.stage != BatchStage::Refused;
        let is_same = |known: &&Batch| !batch.dry_run && is_in_earnest(known) && known.sha256 == batch.sha256;
        if let Some(same) = stored.batches.values().map(|(known, _)| known).find(is_same) {
            return Ok(same.clone());
        }
        stored.batches.insert(batch.id, (batch.clone(), 0));
        Ok(batch.clone())
    }

    async fn batch(&self, id: BatchId) -> Result<Option<Batch>, Error> {
        self.begin()?;
        Ok(self.stored().batches.get(&id).map(|(batch, _)| batch.clone()))
    }

    async fn hold_batch(&self, id: BatchId, now: Timestamp, until: Timestamp) -> Result<Option<HeldBatch>, Error> {
        self.begin()?;
        let held = match self.stored().batches.get_mut(&id) {
            Some((batch, held)) if !batch.stage.is_over() && *held <= now.as_millisecond() => {
                *held = until.as_millisecond();
                Some(HeldBatch { batch: batch.clone(), until })
            }
            Some(_) | None => None,
        };
        self.end()?;
        Ok(held)
    }

    async fn save_batch(&self, held: &HeldBatch) -> Result<(), Error> {
        self.write(held, held.until.as_millisecond())
    }

    async fn release_batch(&self, held: &HeldBatch) -> Result<(), Error> {
        self.write(held, 0)
    }
}

impl World {
    fn write(&self, held: &HeldBatch, until: i64) -> Result<(), Error> {
        self.begin()?;
        match self.stored().batches.get_mut(&held.batch.id) {
            Some((batch, mine)) if *mine == held.until.as_millisecond() => {
                (*batch, *mine) = (held.batch.clone(), until);
            }
            Some(_) | None => return Err(Error::LeaseEnded),
        }
        self.end()
    }

    fn taken_by(&self, arrival: &Arrival) -> Option<NoticeId> {
        self.stored().references.get(&reference(arrival)).copied()
    }
}

fn reference(arrival: &Arrival) -> String {
    let details = &arrival.details;
    format!("{}#{}#{}", details.department, details.kind, details.reference)
}

impl TakeIn for World {
    async fn look(&self, arrivals: &[Arrival]) -> Result<Vec<Looked>, Error> {
        self.begin()?;
        let look = |arrival: &Arrival| Looked {
            taken_by: self.taken_by(arrival),
            opening: Opening::of(&arrival.details, arrival.corporations_by_post, self.preference.clone()),
        };
        Ok(arrivals.iter().map(look).collect())
    }

    async fn take_in_all(&self, arrivals: &[Arrival]) -> Result<Vec<Created>, Error> {
        let mut created = Vec::new();
        for (place, arrival) in arrivals.iter().enumerate() {
            // Some dozens share a transaction, and the worker may die between two of them.
            if place % 100 == 0 {
                self.begin()?;
            }
            created.push(match self.taken_by(arrival) {
                Some(notice) if notice == arrival.id => Created::There,
                Some(notice) => Created::ReferenceTaken { notice },
                None => {
                    let mut stored = self.stored();
                    stored.references.insert(reference(arrival), arrival.id);
                    let before = stored.notices.insert(arrival.id, arrival.clone());
                    assert!(before.is_none(), "two rows are one notice");
                    Created::Stored
                }
            });
        }
        self.end()?;
        Ok(created)
    }
}

impl KeepPermit for World {
    async fn put_permit(&self, put: &PermitPut, at: Timestamp) -> Result<PutPermit, Error> {
        let mut stored = self.stored();
        let before = stored.permits.get(&put.details.number);
        Ok(match Permit::put(before, put.clone(), at) {
            Some(after) => {
                stored.permits.insert(put.details.number.clone(), after.clone());
                PutPermit::Created(Box::new(after))
            }
            None => PutPermit::Unchanged(Box::new(before.expect("there").clone())),
        })
    }
}

impl ReadFile for World {
    async fn read(&self, key: &str, range: std::ops::Range<u64>) -> Result<Vec<u8>, letters::Error> {
        self.begin_file()?;
        self.shelf.read(key, range).await
    }
}

impl KeepFile for World {
    async fn keep(
        &self,
        key: &str,
        r#type: &'static str,
        content: Vec<u8>,
        sha256: &Checksum,
    ) -> Result<(), letters::Error> {
        self.begin_file()?;
        self.shelf.keep(key, r#type, content, sha256).await?;
        self.begin_file()
    }
}

impl JoinFiles for World {
    async fn join(
        &self,
        key: &str,
        r#type: &'static str,
        head: Vec<u8>,
        parts: Vec<String>,
    ) -> Result<(), letters::Error> {
        self.begin_file()?;
        self.shelf.join(key, r#type, head, parts).await?;
        self.begin_file()
    }
}

impl ShareFile for World {
    async fn share(&self, key: &str, name: &str, lasting: Duration) -> Result<String, letters::Error> {
        self.shelf.share(key, name, lasting).await
    }
}

impl TakeFile for World {
    async fn take(
        &self,
        key: &str,
        bytes: u64,
        sha256: &Checksum,
        lasting: Duration,
    ) -> Result<Upload, letters::Error> {
        self.shelf.take(key, bytes, sha256, lasting).await
    }
}
