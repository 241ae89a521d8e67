//! What the page of papers shows: names of papers and how each stands, and nothing personal, for the link alone opens it.

use askama::Template;
use domain::{DocumentRequest, FileFault, UploadId, Verdict};
use uploads::{FileType, UploadForm};

use crate::app::Door;
use crate::documents::{Brought, Pile};
use crate::headers::{SCRIPT, STYLE};
use crate::view::{Office, Sender, moment, size};

/// How a paper stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stand {
    /// Nothing came.
    Missing,
    /// Brought, and not handed in.
    Brought,
    /// Handed in, and not checked.
    Checking,
    /// Handed in and sound.
    Taken,
    /// What came is no good.
    Again(&'static str),
}

impl Stand {
    fn of<'a>(files: impl Iterator<Item = &'a Brought>) -> Self {
        let (mut stand, mut fault) = (Self::Missing, None);
        for file in files {
            let this = match (&file.verdict, file.submission) {
                (Some(verdict @ (Verdict::Infected | Verdict::Refused { .. })), _) => {
                    fault = Some(why(verdict));
                    continue;
                }
                (Some(Verdict::Clean { .. }), Some(_)) => Self::Taken,
                (None, Some(_)) => Self::Checking,
                (_, None) => Self::Brought,
            };
            stand = if stand.rank() < this.rank() { this } else { stand };
        }
        match (stand, fault) {
            (Self::Missing, Some(fault)) => Self::Again(fault),
            (stand, _) => stand,
        }
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Missing | Self::Again(_) => 0,
            Self::Brought => 1,
            Self::Checking => 2,
            Self::Taken => 3,
        }
    }
}

/// Why a file is not taken, and what to do.
fn why(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Infected => "파일이 안전하지 않아 받지 못했습니다. 다른 파일로 다시 내 주십시오.",
        Verdict::Refused { reason: FileFault::WrongType } => {
            "사진이나 PDF가 아니어서 받지 못했습니다. 사진(JPG, PNG, HEIC)이나 PDF로 다시 내 주십시오."
        }
        Verdict::Refused { reason: FileFault::TooLarge } => {
            "파일이 너무 커서 받지 못했습니다. 나누거나 줄여서 다시 내 주십시오."
        }
        Verdict::Refused { reason: FileFault::Empty } => "빈 파일이어서 받지 못했습니다. 다시 내 주십시오.",
        Verdict::Refused { reason: FileFault::NotChecked } => {
            "안전한지 확인하지 못해 받지 못했습니다. 암호가 걸려 있으면 풀어서 다시 내 주십시오."
        }
        Verdict::Clean { .. } => "",
    }
}

/// A paper that is asked for, or any other.
pub(crate) struct Wanted {
    /// None for the other papers.
    pub(crate) name: Option<String>,
    pub(crate) code: String,
    pub(crate) required: bool,
    pub(crate) until: Option<String>,
    pub(crate) stand: Stand,
    /// None where no more is taken.
    pub(crate) form: Option<UploadForm>,
}

impl Wanted {
    pub(crate) fn of(door: &Door, request: Option<&DocumentRequest>, pile: &Pile, form: Option<UploadForm>) -> Self {
        let code = request.map(|request| &request.code);
        let is_known = |file: &&Brought| {
            file.request
                .as_ref()
                .is_some_and(|code| door.notice.documents.requests.iter().any(|request| request.code == *code))
        };
        let files = pile.values().filter(|file| match code {
            Some(code) => file.request.as_ref() == Some(code),
            None => !is_known(file),
        });
        Self {
            name: request.map(|request| request.name.clone()),
            code: code.map_or_else(String::new, ToString::to_string),
            required: request.is_some_and(|request| request.required),
            until: request
                .and_then(|request| request.until)
                .map(|day| format!("{}년 {}월 {}일", day.year(), day.month(), day.day())),
            stand: Stand::of(files),
            form,
        }
    }
}

/// A file that waits to be handed in.
pub(crate) struct Waiting {
    pub(crate) upload: UploadId,
    pub(crate) paper: String,
    pub(crate) what: &'static str,
    pub(crate) size: String,
    pub(crate) at: String,
}

/// What was handed in at one time.
pub(crate) struct HandedIn {
    pub(crate) number: String,
    pub(crate) at: String,
    pub(crate) files: usize,
}

/// Which papers, and what came of them?
#[derive(Template)]
#[template(path = "documents.html")]
pub(crate) struct Papers {
    pub(crate) office: Option<Office>,
    pub(crate) sender: Sender,
    pub(crate) wanted: Vec<Wanted>,
    pub(crate) waiting: Vec<Waiting>,
    /// Newest first.
    pub(crate) handed_in: Vec<HandedIn>,
    pub(crate) complete: bool,
    /// They hear by text what became of it.
    pub(crate) texts: bool,
    pub(crate) full: bool,
    pub(crate) fault: Option<&'static str>,
    pub(crate) max_mb: u16,
}

impl Papers {
    pub(crate) fn of(door: &Door, pile: &Pile, wanted: Vec<Wanted>, full: bool, fault: Option<&'static str>) -> Self {
        let name_of = |file: &Brought| {
            let mut asked = door.notice.documents.requests.iter();
            let found = asked.find(|request| Some(&request.code) == file.request.as_ref());
            found.map_or_else(|| "기타 서류".to_owned(), |request| request.name.clone())
        };
        let waiting = pile.iter().filter(|(_, file)| file.is_fresh()).map(|(upload, file)| Waiting {
            upload: *upload,
            paper: name_of(file),
            what: match file.kept.as_ref().map(|kept| kept.r#type) {
                Some(FileType::Pdf) => "PDF",
                Some(FileType::Jpeg | FileType::Png | FileType::Heic | FileType::Heif) => "사진",
                None => "파일",
            },
            size: size(file.bytes),
            at: moment(file.at),
        });
        let mut handed_in: Vec<HandedIn> = Vec::new();
        let mut ids: Vec<_> = pile.values().filter_map(|file| file.submission).collect();
        ids.sort_unstable();
        for id in ids.into_iter().rev() {
            match handed_in.last_mut().filter(|last| last.number == id.number()) {
                Some(last) => last.files += 1,
                None => handed_in.push(HandedIn { number: id.number(), at: moment(id.made_at()), files: 1 }),
            }
        }
        Self {
            office: Some(door.office()),
            sender: door.sender(),
            waiting: waiting.collect(),
            handed_in,
            texts: door.notice.details.recipient.takes_texts(),
            complete: door.notice.documents.are_complete(),
            wanted,
            full,
            fault,
            max_mb: door.settings.documents.max_mb,
        }
    }
}
