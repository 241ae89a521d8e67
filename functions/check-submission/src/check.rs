//! The check of one file: both halves are kept as they come, and the verdict follows when both are there.

use bootstrap::{ReadSettings, SettingsUnavailable};
use domain::ports::Clock;
use domain::{Fact, FileFault, Notice, NoticeId, UploadId, Verdict};
use store::{Change, Decision, FileRecord, Finding, Inspection, Scan, Transition};
use uploads::{Described, KeepUploads, Kept, LookInto, quarantined};

use crate::content::look_into;
use crate::{KeepFiles, Message, ScanEvent};

/// Checks files.
#[derive(Debug)]
pub struct Checks<T, F, S, C> {
    /// What is known of them.
    pub table: T,
    /// The files.
    pub files: F,
    /// The office's settings.
    pub settings: S,
    /// The time.
    pub clock: C,
}

/// Why a file could not be checked now.
#[derive(Debug, thiserror::Error)]
pub enum Unchecked {
    /// The table.
    #[error("the table did not serve")]
    Store(#[from] store::Error),
    /// The bucket.
    #[error("the bucket did not serve")]
    Files(#[from] uploads::Error),
    /// The settings.
    #[error("the settings are not to be had")]
    Settings(#[from] SettingsUnavailable),
}

impl<T, F, S, C> Checks<T, F, S, C>
where
    T: KeepFiles,
    F: KeepUploads + LookInto,
    S: ReadSettings,
    C: Clock,
{
    /// Takes in word of a file.
    ///
    /// # Errors
    /// What should be tried again.
    pub async fn take(&self, message: Message) -> Result<(), Unchecked> {
        match message {
            Message::Arrived { records } => {
                for (notice, upload) in records.iter().filter_map(|record| quarantined(&record.s3.object.key())) {
                    match self.arrived(notice, upload).await {
                        // Nobody is lent what was found infected, and nothing more need be known of it.
                        Err(Unchecked::Files(_)) if self.is_infected(notice, upload).await? => {}
                        looked => looked?,
                    }
                }
            }
            Message::Searched(event) => self.searched(event).await?,
            Message::Trial { event: _ } => {}
        }
        Ok(())
    }

    /// Looks into what lies under the key now, which is what the newest word of it is about. What is gone was released, or
    /// faded.
    async fn arrived(&self, notice: NoticeId, upload: UploadId) -> Result<(), Unchecked> {
        let Some(described) = self.files.describe(notice, upload).await? else { return Ok(()) };
        let longest = self.settings.current().await?.documents.longest();
        let finding = if described.bytes > longest {
            Finding::Unfit { reason: FileFault::TooLarge }
        } else {
            match self.files.content(notice, upload, &described.etag).await? {
                Some(content) => look_into(&content, longest),
                // It was overwritten, released or removed this very moment; word of that comes too.
                None => return Ok(()),
            }
        };
        let Described { name, request, bytes, etag } = described;
        let inspection = Inspection { etag, name: name.as_str().to_owned(), bytes, request, finding };
        let record = self.table.keep_inspection(notice, upload, &inspection, self.clock.now()).await?;
        self.conclude(notice, record).await
    }

    async fn is_infected(&self, notice: NoticeId, upload: UploadId) -> Result<bool, Unchecked> {
        let verdict = |notice: &Notice| notice.documents.uploads.get(&upload).and_then(|known| known.verdict.clone());
        let looked = self.table.transition(notice, |notice| Decision::Leave(verdict(notice))).await?;
        Ok(matches!(looked, Transition::Left(Some(Verdict::Infected))))
    }

    async fn searched(&self, event: ScanEvent) -> Result<(), Unchecked> {
        let object = event.detail.s3_object_details;
        let Some((notice, upload)) = quarantined(&object.object_key) else { return Ok(()) };
        let result = event.detail.scan_result_details.scan_result_status.result();
        let scan = Scan { etag: object.e_tag.trim_matches('"').to_owned(), result };
        let record = self.table.keep_scan(notice, upload, &scan, self.clock.now()).await?;
        self.conclude(notice, record).await
    }

    /// Records the verdict once it is known, and releases a clean file that was handed in.
    async fn conclude(&self, notice: NoticeId, record: FileRecord) -> Result<(), Unchecked> {
        let Some(verdict) = record.verdict() else { return Ok(()) };
        let upload = record.upload;
        let fact = Fact::DocumentChecked { upload, verdict };
        let change = Change { at: self.clock.now(), fact, bindings: Vec::new() };
        let outcome = self.table.transition(notice, |_| Decision::<()>::Record(change.clone())).await;
        let notice = match outcome {
            Ok(Transition::Moved(notice) | Transition::AlreadyThere(notice) | Transition::DoneBefore(notice)) => notice,
            Ok(Transition::Refused(_, why)) => {
                tracing::warn!(notice.id = %notice, upload.id = %upload, why = %why, "no verdict was recorded");
                return Ok(());
            }
            Ok(Transition::Left(())) => return Ok(()),
            // A file of no notice of ours: nobody will ask for it, and it fades.
            Err(store::Error::NotFound) => {
                tracing::warn!(notice.id = %notice, upload.id = %upload, "a file of an unknown notice");
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        if let Some(kept) = to_release(&notice, &record) {
            self.files.release(notice.id, upload, &kept).await?;
        }
        Ok(())
    }
}

/// How the file is kept, if it is clean and was handed in. One that was not stays where it fades, and so does what has
/// taken the place of the content that the notice's verdict is about: a form may be posted again.
fn to_release(notice: &Notice, record: &FileRecord) -> Option<Kept> {
    let known = notice.documents.uploads.get(&record.upload)?;
    let is_clean = matches!(known.verdict, Some(Verdict::Clean { .. })) && known.verdict == record.verdict();
    let (inspection, content_type) = record.sound()?;
    let kept = Kept::of(&inspection.etag, content_type, &inspection.name)?;
    (is_clean && known.submission.is_some()).then_some(kept)
}
