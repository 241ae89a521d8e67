//! A shelf in memory.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::{Checksum, Letter, NoticeId};

use crate::{Error, FetchLetter, JoinFiles, KeepFile, ReadFile, ShareFile, TakeFile, Upload, letter_key};

/// What a notice records of this file.
#[must_use]
pub fn letter_of(content: &[u8]) -> Letter {
    Letter { sha256: Checksum::of(content), pages: 1, bytes: u64::try_from(content.len()).unwrap_or_default() }
}

/// Files in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryShelf(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

impl MemoryShelf {
    /// A file, if it is there.
    #[must_use]
    pub fn file(&self, key: &str) -> Option<Vec<u8>> {
        self.files().get(key).cloned()
    }

    /// The keys of all files.
    #[must_use]
    pub fn keys(&self) -> Vec<String> {
        self.files().keys().cloned().collect()
    }

    /// Puts a letter there.
    pub fn add(&self, notice: NoticeId, content: &[u8]) {
        self.files().insert(letter_key(notice, &Checksum::of(content)), content.to_vec());
    }

    /// Puts any file there.
    pub fn put(&self, key: &str, content: &[u8]) {
        self.files().insert(key.to_owned(), content.to_vec());
    }

    /// Loses a letter.
    pub fn remove(&self, notice: NoticeId, content: &[u8]) {
        self.files().remove(&letter_key(notice, &Checksum::of(content)));
    }

    /// Loses everything.
    pub fn remove_all(&self) {
        self.files().clear();
    }

    fn files(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl KeepFile for MemoryShelf {
    async fn keep(&self, key: &str, _: &'static str, content: Vec<u8>, _: &Checksum) -> Result<(), Error> {
        self.files().insert(key.to_owned(), content);
        Ok(())
    }
}

impl FetchLetter for MemoryShelf {
    async fn fetch(&self, notice: NoticeId, letter: &Letter) -> Result<Vec<u8>, Error> {
        let found = self.file(&letter_key(notice, &letter.sha256));
        found.ok_or_else(missing)
    }

    async fn has(&self, notice: NoticeId, letter: &Letter) -> Result<bool, Error> {
        Ok(self.file(&letter_key(notice, &letter.sha256)).is_some())
    }
}

impl ReadFile for MemoryShelf {
    async fn read(&self, key: &str, range: Range<u64>) -> Result<Vec<u8>, Error> {
        let file = self.file(key).ok_or_else(missing)?;
        let within = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(file.len());
        Ok(file[within(range.start)..within(range.end)].to_vec())
    }
}

impl JoinFiles for MemoryShelf {
    async fn join(&self, key: &str, _: &'static str, head: Vec<u8>, parts: Vec<String>) -> Result<(), Error> {
        let mut whole = head;
        for part in parts {
            whole.extend(self.file(&part).ok_or_else(missing)?);
        }
        self.put(key, &whole);
        Ok(())
    }
}

impl TakeFile for MemoryShelf {
    async fn take(&self, key: &str, bytes: u64, sha256: &Checksum, lasting: Duration) -> Result<Upload, Error> {
        let url = format!("https://bucket.example/{key}?seconds={}", lasting.as_secs());
        let headers = [("content-length".to_owned(), bytes.to_string()), ("sha256".to_owned(), sha256.to_string())];
        Ok(Upload { url, headers: headers.into() })
    }
}

fn missing() -> Error {
    Error::S3 { operation: "GetObject", code: "NoSuchKey".to_owned(), source: "missing".into() }
}

impl ShareFile for MemoryShelf {
    async fn share(&self, key: &str, name: &str, lasting: Duration) -> Result<String, Error> {
        Ok(format!("https://bucket.example/{key}?name={name}&seconds={}", lasting.as_secs()))
    }
}
