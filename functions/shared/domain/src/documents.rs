//! Papers a notice asks for, and what the resident handed in.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::settings::SEOUL;
use crate::{Checksum, RequestCode, SubmissionId, UploadId};

/// The one reminder of a paper comes so long before its last day ends.
const REMINDED_BEFORE: SignedDuration = SignedDuration::from_hours(48);

/// A file that is not searched by then never will be.
const SEARCHED_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// A paper the office asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRequest {
    /// Its name in the API, unique within the notice.
    pub code: RequestCode,
    /// Its name to the resident, as `사업자등록증`.
    pub name: String,
    /// The matter cannot go on without it.
    pub required: bool,
    /// The last day, in Seoul, by which it is wanted. What comes later is taken too: the officer judges.
    pub until: Option<Date>,
}

impl DocumentRequest {
    /// The moment after its last day; none where it has none.
    #[must_use]
    pub fn ends_at(&self) -> Option<Timestamp> {
        let next = self.until?.tomorrow().ok()?;
        SEOUL.to_timestamp(next.to_datetime(jiff::civil::Time::midnight())).ok()
    }
}

/// One file of a submission, and the paper it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubmittedFile {
    /// The file.
    pub upload: UploadId,
    /// Which paper; none for one that nobody asked for.
    pub request: Option<RequestCode>,
}

/// What the check of a file found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It may be opened.
    Clean {
        /// Of the file.
        sha256: Checksum,
        /// What an officer should know before opening it.
        warnings: Vec<FileWarning>,
    },
    /// It carries malicious code: nobody gets it.
    Infected,
    /// It is not what it says, or too large: nobody gets it.
    Refused {
        /// Why.
        reason: FileFault,
    },
}

impl Verdict {
    /// Nobody gets the file.
    #[must_use]
    pub const fn is_bad(&self) -> bool {
        matches!(self, Self::Infected | Self::Refused { .. })
    }
}

/// Why a file is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFault {
    /// Neither an image nor a PDF by its content.
    WrongType,
    /// Longer than is taken.
    TooLarge,
    /// Nothing in it.
    Empty,
    /// It could not be searched for malicious code.
    NotChecked,
}

/// What an officer should know before opening a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileWarning {
    /// A PDF that runs scripts.
    Scripts,
    /// A PDF that asks for a password.
    Encrypted,
    /// A PDF that holds other files.
    Attachments,
}

/// A file as the notice knows it: no name, no content.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// Which paper; none for one that nobody asked for.
    pub request: Option<RequestCode>,
    /// The submission it belongs to; none until the resident hands it in.
    pub submission: Option<SubmissionId>,
    /// What its check found; none until then.
    pub verdict: Option<Verdict>,
}

impl Upload {
    /// It was looked into, and nobody gets it.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.verdict.as_ref().is_some_and(Verdict::is_bad)
    }
}

/// What a notice asks for and has got.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Documents {
    /// The papers asked for, oldest first.
    pub requests: Vec<DocumentRequest>,
    /// The files, by identity.
    pub uploads: BTreeMap<UploadId, Upload>,
    /// Those of which the resident was reminded.
    #[serde(default)]
    pub reminded: BTreeSet<RequestCode>,
}

impl Documents {
    /// Those asked for at the start.
    #[must_use]
    pub fn requested(requests: Vec<DocumentRequest>) -> Self {
        Self { requests, ..Self::default() }
    }

    /// A file of this paper was handed in and not found wanting.
    #[must_use]
    pub fn has(&self, code: &RequestCode) -> bool {
        let of_it = self.uploads.values().filter(|upload| upload.request.as_ref() == Some(code));
        of_it.filter(|upload| upload.submission.is_some()).any(|upload| !upload.is_bad())
    }

    /// The papers still to come.
    pub fn missing(&self) -> impl Iterator<Item = &DocumentRequest> {
        self.requests.iter().filter(|request| !self.has(&request.code))
    }

    /// Something is asked for, and all that is required has come.
    #[must_use]
    pub fn are_complete(&self) -> bool {
        !self.requests.is_empty() && !self.missing().any(|request| request.required)
    }

    /// When to remind the resident of what is still required; none where nothing is, has no last day, or they were
    /// reminded of it.
    #[must_use]
    pub fn remind_at(&self) -> Option<Timestamp> {
        self.reminders().map(|(at, _)| at).min()
    }

    /// The resident is reminded of all papers whose time has come.
    pub(crate) fn remind(&mut self, now: Timestamp) {
        let due = self.reminders().filter(|(at, _)| *at <= now);
        let due: Vec<RequestCode> = due.map(|(_, request)| request.code.clone()).collect();
        self.reminded.extend(due);
    }

    /// The files handed in that nobody has searched yet, and when they are given up: the resident then hears of it.
    pub(crate) fn unsearched(&self) -> impl Iterator<Item = (Timestamp, UploadId)> {
        let unsearched = self.uploads.iter().filter(|(_, upload)| upload.verdict.is_none());
        unsearched.filter_map(|(id, upload)| Some((upload.submission?.made_at() + SEARCHED_WITHIN, *id)))
    }

    /// The resident wants no messages: nobody reminds them of what was asked for so far.
    pub(crate) fn silence(&mut self) {
        self.reminded.extend(self.requests.iter().map(|request| request.code.clone()));
    }

    /// The one paper still to come; none where several are, or nothing is. Pictures that come by text carry no name.
    #[must_use]
    pub fn only_missing(&self) -> Option<&RequestCode> {
        let mut missing = self.missing();
        let only = missing.next().map(|request| &request.code);
        only.filter(|_| missing.next().is_none())
    }

    /// The papers of which the resident is still to be reminded, and when.
    fn reminders(&self) -> impl Iterator<Item = (Timestamp, &DocumentRequest)> {
        let wanted = self.missing().filter(|request| request.required && !self.reminded.contains(&request.code));
        wanted.filter_map(|request| Some((request.ends_at()? - REMINDED_BEFORE, request)))
    }
}
