//! What officers are shown of papers.

use domain::{DocumentRequest, FileFault, FileWarning, Notice, NoticeId, UploadId, Verdict};
use jiff::Timestamp;
use serde::Serialize;
use store::{FileRecord, Finding, Submission};
use uploads::{FileName, FileType, clean_key};

/// The papers asked for, and how they stand.
#[derive(Debug, Serialize)]
pub(crate) struct Asked {
    requests: Vec<RequestView>,
    /// All that is required has come.
    complete: bool,
}

#[derive(Debug, Serialize)]
struct RequestView {
    #[serde(flatten)]
    request: DocumentRequest,
    /// It was handed in, and not found wanting.
    received: bool,
}

impl Asked {
    pub(crate) fn of(notice: &Notice) -> Self {
        let documents = &notice.documents;
        let view = |request: &DocumentRequest| RequestView {
            request: request.clone(),
            received: documents.has(&request.code),
        };
        Self { requests: documents.requests.iter().map(view).collect(), complete: documents.are_complete() }
    }
}

/// All that was handed in with a notice.
#[derive(Debug, Serialize)]
pub(crate) struct Submitted {
    #[serde(flatten)]
    pub(crate) asked: Asked,
    pub(crate) submissions: Vec<SubmissionView>,
}

/// What was handed in at one time.
#[derive(Debug, Serialize)]
pub(crate) struct SubmissionView {
    id: String,
    /// As the resident quotes it.
    number: String,
    at: Timestamp,
    files: Vec<FileView>,
}

impl SubmissionView {
    pub(crate) fn of(submission: &Submission, files: Vec<FileView>) -> Self {
        Self { id: submission.id.to_string(), number: submission.id.number(), at: submission.at, files }
    }
}

/// One file.
#[derive(Debug, Serialize)]
pub(crate) struct FileView {
    id: String,
    /// Which paper it is; none for one that nobody asked for.
    request: Option<String>,
    name: Option<String>,
    bytes: Option<u64>,
    content_type: Option<String>,
    /// `waiting`, `clean`, `infected` or `refused`.
    verdict: &'static str,
    /// The same in words.
    verdict_text: String,
    warnings: Vec<WarningView>,
    sha256: Option<String>,
    /// Only of a clean file.
    download: Option<DownloadView>,
    #[serde(skip)]
    upload: UploadId,
}

#[derive(Debug, Serialize)]
struct WarningView {
    warning: FileWarning,
    text: &'static str,
}

#[derive(Debug, Serialize)]
struct DownloadView {
    url: String,
    expires_at: Timestamp,
}

impl FileView {
    pub(crate) fn of(notice: &Notice, upload: UploadId, record: Option<&FileRecord>) -> Self {
        let known = notice.documents.uploads.get(&upload);
        let inspection = record.and_then(|record| record.inspection.as_ref());
        let verdict = known.and_then(|known| known.verdict.as_ref());
        let (word, text) = in_words(verdict, notice.details.recipient.takes_texts());
        let (sha256, warnings) = match verdict {
            Some(Verdict::Clean { sha256, warnings }) => {
                (Some(sha256.to_string()), warnings.iter().copied().map(WarningView::of).collect())
            }
            Some(Verdict::Infected | Verdict::Refused { .. }) | None => (None, Vec::new()),
        };
        let content_type = inspection.and_then(|inspection| match &inspection.finding {
            Finding::Sound { content_type, .. } => Some(content_type.clone()),
            Finding::Unfit { .. } => None,
        });
        let r#type = content_type.as_deref().and_then(FileType::of_mime);
        let name = inspection.map(|inspection| FileName::of(&inspection.name));
        let name = name.map(|name| r#type.map_or_else(|| name.clone(), |r#type| name.for_type(r#type)));
        Self {
            id: upload.to_string(),
            request: known.and_then(|known| known.request.as_ref()).map(ToString::to_string),
            name: name.map(|name| name.as_str().to_owned()),
            bytes: inspection.map(|inspection| inspection.bytes),
            content_type,
            verdict: word,
            verdict_text: text,
            warnings,
            sha256,
            download: None,
            upload,
        }
    }

    /// Where a clean file lies, and what it is called; none for any other.
    pub(crate) fn lent(&self, notice: NoticeId) -> Option<(String, String)> {
        (self.verdict == "clean").then(|| {
            let name = self.name.clone().unwrap_or_else(|| FileName::of("").as_str().to_owned());
            (clean_key(notice, self.upload), name)
        })
    }

    pub(crate) fn lend(&mut self, url: String, expires_at: Timestamp) {
        self.download = Some(DownloadView { url, expires_at });
    }
}

impl WarningView {
    const fn of(warning: FileWarning) -> Self {
        let text = match warning {
            FileWarning::Scripts => "스크립트가 들어 있는 PDF입니다. 보호된 보기로 여십시오.",
            FileWarning::Encrypted => "암호가 걸린 PDF입니다. 제출한 분에게 암호를 물어야 열 수 있습니다.",
            FileWarning::Attachments => "다른 파일이 첨부된 PDF입니다. 첨부 파일은 열지 마십시오.",
        };
        Self { warning, text }
    }
}

/// A verdict as a word and in words. Who cannot be texted hears of a bad file from nobody but the officer.
fn in_words(verdict: Option<&Verdict>, is_told_by_text: bool) -> (&'static str, String) {
    let then = if is_told_by_text {
        "제출한 분에게 문자로 알립니다."
    } else {
        "문자를 받을 수 없는 분이니 전화로 알려 주십시오."
    };
    match verdict {
        None => ("waiting", "검사하고 있습니다.".to_owned()),
        Some(Verdict::Clean { .. }) => ("clean", "검사를 마쳤습니다. 내려받을 수 있습니다.".to_owned()),
        Some(Verdict::Infected) => ("infected", format!("악성코드가 발견되어 내려받을 수 없습니다. {then}")),
        Some(Verdict::Refused { reason }) => {
            let why = match reason {
                FileFault::WrongType => "사진이나 PDF가 아니어서 받지 않았습니다.",
                FileFault::TooLarge => "너무 커서 받지 않았습니다.",
                FileFault::Empty => "빈 파일이어서 받지 않았습니다.",
                FileFault::NotChecked => "악성코드 검사를 할 수 없어 받지 않았습니다.",
            };
            ("refused", format!("{why} {then}"))
        }
    }
}
