//! What the checks need of the table, as verbs.

use domain::{Notice, NoticeId, UploadId};
use jiff::Timestamp;
use store::{Decision, Error, FileRecord, Inspection, Scan, Table, Transition};

/// Keeps what is known of files.
pub trait KeepFiles: Send + Sync {
    /// As [`Table::keep_inspection`].
    fn keep_inspection(
        &self,
        notice: NoticeId,
        upload: UploadId,
        inspection: &Inspection,
        at: Timestamp,
    ) -> impl Future<Output = Result<FileRecord, Error>> + Send;

    /// As [`Table::keep_scan`].
    fn keep_scan(
        &self,
        notice: NoticeId,
        upload: UploadId,
        scan: &Scan,
        at: Timestamp,
    ) -> impl Future<Output = Result<FileRecord, Error>> + Send;

    /// As [`Table::transition`].
    fn transition<T: Send>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> impl Future<Output = Result<Transition<T>, Error>> + Send;
}

impl KeepFiles for Table {
    async fn keep_inspection(
        &self,
        notice: NoticeId,
        upload: UploadId,
        inspection: &Inspection,
        at: Timestamp,
    ) -> Result<FileRecord, Error> {
        Self::keep_inspection(self, notice, upload, inspection, at).await
    }

    async fn keep_scan(
        &self,
        notice: NoticeId,
        upload: UploadId,
        scan: &Scan,
        at: Timestamp,
    ) -> Result<FileRecord, Error> {
        Self::keep_scan(self, notice, upload, scan, at).await
    }

    fn transition<T: Send>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> impl Future<Output = Result<Transition<T>, Error>> + Send {
        self.transition(id, decide)
    }
}
