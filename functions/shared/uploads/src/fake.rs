//! A bucket in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use domain::{Checksum, NoticeId, RequestCode, UploadId};

use crate::{
    Arrived, Described, Error, FileName, KeepUploads, Kept, LookInto, Ticket, UploadForm, clean_key, quarantine_key,
};

#[derive(Debug, Clone)]
struct File {
    content: Vec<u8>,
    name: FileName,
    request: Option<RequestCode>,
    bytes: u64,
    is_withheld: bool,
}

impl File {
    fn etag(&self) -> String {
        Checksum::of(&self.content).as_str()[..32].to_owned()
    }
}

/// Files in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryUploads(Arc<Mutex<BTreeMap<String, File>>>);

impl MemoryUploads {
    /// A file arrives; its tag.
    #[must_use = "the tag names the content"]
    pub fn arrive(
        &self,
        notice: NoticeId,
        upload: UploadId,
        request: Option<&str>,
        name: &str,
        content: &[u8],
    ) -> String {
        let request = request.and_then(|code| RequestCode::parse(code).ok());
        let bytes = u64::try_from(content.len()).unwrap_or_default();
        let file = File { content: content.to_vec(), name: FileName::of(name), request, bytes, is_withheld: false };
        let etag = file.etag();
        self.files().insert(quarantine_key(notice, upload), file);
        etag
    }

    /// The file is said to be so long.
    pub fn stretch(&self, notice: NoticeId, upload: UploadId, bytes: u64) {
        if let Some(file) = self.files().get_mut(&quarantine_key(notice, upload)) {
            file.bytes = bytes;
        }
    }

    /// The bucket lends the file to nobody any more.
    pub fn withhold(&self, notice: NoticeId, upload: UploadId) {
        if let Some(file) = self.files().get_mut(&quarantine_key(notice, upload)) {
            file.is_withheld = true;
        }
    }

    /// A file that was released.
    #[must_use]
    pub fn clean(&self, notice: NoticeId, upload: UploadId) -> Option<Vec<u8>> {
        self.files().get(&clean_key(notice, upload)).map(|file| file.content.clone())
    }

    /// The file still lies where it arrived.
    #[must_use]
    pub fn is_quarantined(&self, notice: NoticeId, upload: UploadId) -> bool {
        self.files().contains_key(&quarantine_key(notice, upload))
    }

    fn files(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, File>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl KeepUploads for MemoryUploads {
    async fn form(&self, ticket: &Ticket) -> Result<UploadForm, Error> {
        let url = "https://bucket.example/".to_owned();
        let key = quarantine_key(ticket.notice, ticket.upload);
        Ok(UploadForm { url, fields: vec![("key", key), ("x-amz-meta-name", ticket.name.encoded())] })
    }

    async fn origin(&self) -> Result<String, Error> {
        Ok("https://bucket.example".to_owned())
    }

    async fn arrived(&self, notice: NoticeId, at_most: usize) -> Result<Vec<Arrived>, Error> {
        let files = self.files();
        let of_notice = files.iter().filter_map(|(key, file)| Some((crate::quarantined(key)?, file)));
        let arrived = of_notice.filter(|((of, _), _)| *of == notice).map(|((_, upload), file)| Arrived {
            upload,
            bytes: file.bytes,
            at: upload.made_at(),
        });
        Ok(arrived.take(at_most).collect())
    }

    async fn describe(&self, notice: NoticeId, upload: UploadId) -> Result<Option<Described>, Error> {
        let files = self.files();
        let Some(file) = files.get(&quarantine_key(notice, upload)) else { return Ok(None) };
        if file.is_withheld {
            return Err(Error::S3 { operation: "HeadObject", code: "AccessDenied".to_owned(), source: "403".into() });
        }
        Ok(Some(Described {
            name: file.name.clone(),
            request: file.request.clone(),
            bytes: file.bytes,
            etag: file.etag(),
        }))
    }

    async fn discard(&self, notice: NoticeId, upload: UploadId) -> Result<(), Error> {
        self.files().remove(&quarantine_key(notice, upload));
        Ok(())
    }

    async fn release(&self, notice: NoticeId, upload: UploadId, kept: &Kept) -> Result<bool, Error> {
        let mut files = self.files();
        let (from, to) = (quarantine_key(notice, upload), clean_key(notice, upload));
        match files.get(&from).filter(|file| file.etag() == kept.etag).cloned() {
            Some(file) => {
                files.remove(&from);
                files.insert(to, file);
                Ok(true)
            }
            None => Ok(files.contains_key(&to)),
        }
    }
}

impl LookInto for MemoryUploads {
    async fn content(&self, notice: NoticeId, upload: UploadId, etag: &str) -> Result<Option<Vec<u8>>, Error> {
        let files = self.files();
        Ok(files
            .get(&quarantine_key(notice, upload))
            .filter(|file| file.etag() == etag)
            .map(|file| file.content.clone()))
    }
}
