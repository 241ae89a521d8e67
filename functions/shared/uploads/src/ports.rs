//! What is done with files that residents hand in, as verbs: the bucket in production, memory in tests.

use std::future::Future;

use domain::{NoticeId, RequestCode, UploadId};
use jiff::Timestamp;

use crate::{Error, FileName, FileType, Ticket, UploadForm};

/// A file that arrived and has not been released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// The file.
    pub upload: UploadId,
    /// Its length.
    pub bytes: u64,
    /// When it came.
    pub at: Timestamp,
}

/// What is said of a file, by whoever brought it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Its name.
    pub name: FileName,
    /// Which paper it is.
    pub request: Option<RequestCode>,
    /// Its length.
    pub bytes: u64,
    /// What tells this content from another under the same key.
    pub etag: String,
}

/// A file as it is released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The content that was checked, and no other.
    pub etag: String,
    /// What it is.
    pub r#type: FileType,
    /// Its name.
    pub name: FileName,
}

impl Kept {
    /// A checked file by its tag, its type's name in HTTP and what the resident calls it; none for a type that is not taken.
    #[must_use]
    pub fn of(etag: &str, content_type: &str, name: &str) -> Option<Self> {
        let r#type = FileType::of_mime(content_type)?;
        Some(Self { etag: etag.to_owned(), r#type, name: FileName::of(name).for_type(r#type) })
    }
}

/// Takes files in, and keeps those that were checked.
pub trait KeepUploads: Send + Sync {
    /// A form that brings the file of this ticket.
    fn form(&self, ticket: &Ticket) -> impl Future<Output = Result<UploadForm, Error>> + Send;

    /// The origin (scheme, host and port) that forms are posted to.
    fn origin(&self) -> impl Future<Output = Result<String, Error>> + Send;

    /// At most so many files of the notice that arrived and have not been released, oldest first.
    fn arrived(&self, notice: NoticeId, at_most: usize) -> impl Future<Output = Result<Vec<Arrived>, Error>> + Send;

    /// What is said of a file; none where there is none.
    fn describe(
        &self,
        notice: NoticeId,
        upload: UploadId,
    ) -> impl Future<Output = Result<Option<Described>, Error>> + Send;

    /// Deletes a file that arrived and has not been released; one that is not there is deleted already.
    fn discard(&self, notice: NoticeId, upload: UploadId) -> impl Future<Output = Result<(), Error>> + Send;

    /// Puts a file among the clean ones; whether its content was still there, or had been put there before.
    fn release(
        &self,
        notice: NoticeId,
        upload: UploadId,
        kept: &Kept,
    ) -> impl Future<Output = Result<bool, Error>> + Send;
}

/// Looks into files that arrived.
pub trait LookInto: Send + Sync {
    /// The content of a file that has this tag; none where there is none, or another.
    fn content(
        &self,
        notice: NoticeId,
        upload: UploadId,
        etag: &str,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, Error>> + Send;
}
