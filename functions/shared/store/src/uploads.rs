//! What is known of each file that a resident hands in, and of what they handed in at one time.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use domain::{Checksum, FileFault, FileWarning, NoticeId, RequestCode, SubmissionId, UploadId, Verdict};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::items::{expires, read};
use crate::keys::{self, Key};
use crate::{Error, Table};

/// Names of files, and what was found in them, are kept as long as the files of a year.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 366);

/// What looking into a file found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// Tells this content from another under the same key.
    pub etag: String,
    /// What the resident calls it: personal, as the notice is.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Which paper it is; none for one that nobody asked for.
    pub request: Option<RequestCode>,
    /// What was found.
    #[serde(flatten)]
    pub finding: Finding,
}

/// What a file is by its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// One of the types that are taken.
    Sound {
        /// Its name in HTTP.
        content_type: String,
        /// Of the file.
        sha256: Checksum,
        /// What an officer should know before opening it.
        warnings: Vec<FileWarning>,
    },
    /// Not taken.
    Unfit {
        /// Why.
        reason: FileFault,
    },
}

/// What the search for malicious code found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanResult {
    /// Nothing.
    Clean,
    /// Some.
    Infected,
    /// It could not be searched.
    NotChecked,
}

/// A search of one content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    /// Which content.
    pub etag: String,
    /// What was found.
    pub result: ScanResult,
}

/// What is known of a file so far. Both halves come in either order, and more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRecord {
    /// The file.
    pub upload: UploadId,
    /// What it is; none until somebody looked into it.
    pub inspection: Option<Inspection>,
    /// Searches, oldest first.
    pub scans: Vec<Scan>,
}

impl FileRecord {
    /// What was found, with the type's name in HTTP, where the file is one that is taken.
    #[must_use]
    pub fn sound(&self) -> Option<(&Inspection, &str)> {
        let inspection = self.inspection.as_ref()?;
        match &inspection.finding {
            Finding::Sound { content_type, .. } => Some((inspection, content_type)),
            Finding::Unfit { .. } => None,
        }
    }

    /// What follows of both halves; none while one is missing. A file is clean only by both.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        if self.scans.iter().any(|scan| scan.result == ScanResult::Infected) {
            return Some(Verdict::Infected);
        }
        let inspection = self.inspection.as_ref()?;
        match &inspection.finding {
            Finding::Unfit { reason } => Some(Verdict::Refused { reason: *reason }),
            Finding::Sound { sha256, warnings, .. } => {
                let scan = self.scans.iter().find(|scan| scan.etag == inspection.etag)?;
                Some(match scan.result {
                    ScanResult::Clean => Verdict::Clean { sha256: sha256.clone(), warnings: warnings.clone() },
                    ScanResult::Infected => Verdict::Infected,
                    ScanResult::NotChecked => Verdict::Refused { reason: FileFault::NotChecked },
                })
            }
        }
    }
}

/// What a resident handed in at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Identity.
    pub id: SubmissionId,
    /// The notice it belongs to.
    pub notice: NoticeId,
    /// Its files.
    pub files: Vec<UploadId>,
    /// When.
    pub at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct FileItem {
    #[serde(flatten)]
    key: Key,
    upload: UploadId,
    #[serde(default)]
    inspection: Option<Inspection>,
    #[serde(default)]
    scans: Vec<Scan>,
}

impl FileItem {
    fn into_record(self) -> FileRecord {
        FileRecord { upload: self.upload, inspection: self.inspection, scans: self.scans }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SubmissionItem {
    #[serde(flatten)]
    key: Key,
    id: SubmissionId,
    notice: NoticeId,
    files: Vec<UploadId>,
    at: Timestamp,
    expires: i64,
}

impl SubmissionItem {
    pub(crate) fn of(submission: &Submission) -> Self {
        let Submission { id, notice, files, at } = submission.clone();
        Self { key: keys::submission(notice, id), id, notice, files, at, expires: expires(at, KEPT) }
    }
}

impl Table {
    /// All that is known of a notice's files, in the order they were announced.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn files(&self, notice: NoticeId) -> Result<Vec<FileRecord>, Error> {
        let items = self.partition(keys::notice_partition(notice), keys::UPLOAD_PREFIX, false, None).await?;
        items.into_iter().map(|item| Ok(read::<FileItem>("file", item)?.into_record())).collect()
    }

    /// What a resident handed in with a notice, oldest first.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn submissions(&self, notice: NoticeId) -> Result<Vec<Submission>, Error> {
        let items = self.partition(keys::notice_partition(notice), keys::SUBMISSION_PREFIX, false, None).await?;
        let items = items.into_iter().map(|item| read::<SubmissionItem>("submission", item));
        items
            .map(|item| item.map(|SubmissionItem { id, notice, files, at, .. }| Submission { id, notice, files, at }))
            .collect()
    }

    /// Keeps what a file is; all that is known of it then.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn keep_inspection(
        &self,
        notice: NoticeId,
        upload: UploadId,
        inspection: &Inspection,
        at: Timestamp,
    ) -> Result<FileRecord, Error> {
        self.keep_half(notice, upload, "inspection = :half", attribute(inspection)?, at).await
    }

    /// Keeps what a search of a file found; all that is known of it then.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn keep_scan(
        &self,
        notice: NoticeId,
        upload: UploadId,
        scan: &Scan,
        at: Timestamp,
    ) -> Result<FileRecord, Error> {
        let scans = attribute(&[scan])?;
        self.keep_half(notice, upload, "scans = list_append(if_not_exists(scans, :none), :half)", scans, at).await
    }

    async fn keep_half(
        &self,
        notice: NoticeId,
        upload: UploadId,
        set: &str,
        half: AttributeValue,
        at: Timestamp,
    ) -> Result<FileRecord, Error> {
        let mut request = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(keys::upload(notice, upload).into_attributes()))
            .update_expression(format!("SET upload = :upload, expires = :expires, {set}"))
            .expression_attribute_values(":upload", AttributeValue::S(upload.to_string()))
            .expression_attribute_values(":expires", AttributeValue::N(expires(at, KEPT).to_string()))
            .expression_attribute_values(":half", half)
            .return_values(ReturnValue::AllNew);
        if set.contains(":none") {
            request = request.expression_attribute_values(":none", AttributeValue::L(Vec::new()));
        }
        let answer = request.send().await.map_err(Error::dynamo("UpdateItem"))?;
        Ok(read::<FileItem>("file", answer.attributes.unwrap_or_default())?.into_record())
    }
}

fn attribute(half: &impl Serialize) -> Result<AttributeValue, Error> {
    serde_dynamo::to_attribute_value(half).map_err(|source| Error::corrupt("file")(source.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(etag: &str, result: ScanResult) -> Scan {
        Scan { etag: etag.to_owned(), result }
    }

    fn record(finding: Option<Finding>, scans: Vec<Scan>) -> FileRecord {
        let upload = UploadId::parse("01KAR4Q4C00000000000000002").expect("an id");
        let inspection = finding.map(|finding| Inspection {
            etag: "a".to_owned(),
            name: "서류.pdf".to_owned(),
            bytes: 8,
            request: None,
            finding,
        });
        FileRecord { upload, inspection, scans }
    }

    #[test]
    fn a_file_is_clean_only_by_both_halves_of_the_same_content() {
        let sha256 = Checksum::of(b"%PDF-1.7");
        let sound = || {
            Some(Finding::Sound {
                content_type: "application/pdf".to_owned(),
                sha256: Checksum::of(b"%PDF-1.7"),
                warnings: Vec::new(),
            })
        };
        let clean = scan("a", ScanResult::Clean);
        let verdict = Some(Verdict::Clean { sha256, warnings: Vec::new() });
        assert_eq!(record(sound(), vec![clean.clone()]).verdict(), verdict);
        assert_eq!(record(sound(), Vec::new()).verdict(), None);
        assert_eq!(record(None, vec![clean.clone()]).verdict(), None);
        assert_eq!(record(sound(), vec![scan("b", ScanResult::Clean)]).verdict(), None, "another content");
        // Whatever else came, and whenever.
        let infected = vec![clean.clone(), scan("b", ScanResult::Infected)];
        assert_eq!(record(sound(), infected.clone()).verdict(), Some(Verdict::Infected));
        assert_eq!(record(None, infected).verdict(), Some(Verdict::Infected));
        let reason = FileFault::NotChecked;
        let unsearched = vec![scan("a", ScanResult::NotChecked), clean.clone()];
        assert_eq!(record(sound(), unsearched).verdict(), Some(Verdict::Refused { reason }), "the first word holds");
        let reason = FileFault::WrongType;
        assert_eq!(record(Some(Finding::Unfit { reason }), vec![clean]).verdict(), Some(Verdict::Refused { reason }));
    }
}
