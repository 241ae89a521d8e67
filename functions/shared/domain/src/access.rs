//! Who saw whose data: one line of the access record (개인정보의 안전성 확보조치 기준 §8).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{NoticeId, RecipientId};

/// Whoever calls the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The client that the token names; its idempotency keys are its own.
    pub client: String,
    /// The address the request came from; none for a call from within the office's own account.
    pub source: Option<String>,
    /// The gateway's name for the request, which its own log knows too.
    pub request: String,
}

impl Caller {
    /// What they are about to see, at this moment.
    #[must_use]
    pub fn sees(&self, action: Action, at: Timestamp) -> Access {
        Access { at, caller: self.clone(), officer: None, action, notices: Vec::new(), recipient: None, object: None }
    }
}

/// One access to personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// When.
    pub at: Timestamp,
    /// Who, and from where.
    pub caller: Caller,
    /// The officer at the client, where the request names one.
    pub officer: Option<String>,
    /// What was done.
    pub action: Action,
    /// Whose data: the notices shown.
    pub notices: Vec<NoticeId>,
    /// Whose data: the person, where they are known.
    pub recipient: Option<RecipientId>,
    /// What else names what was shown: a batch, a print run, a permit, a submission, a file.
    pub object: Option<String>,
}

impl Access {
    /// To one notice.
    #[must_use]
    pub fn of_notice(mut self, id: NoticeId, recipient: Option<&RecipientId>) -> Self {
        self.notices.push(id);
        self.recipient = recipient.cloned();
        self
    }

    /// To several notices.
    #[must_use]
    pub fn of_notices(mut self, ids: impl IntoIterator<Item = NoticeId>) -> Self {
        self.notices.extend(ids);
        self
    }

    /// To something that has a name of its own.
    #[must_use]
    pub fn of_object(mut self, name: &impl ToString) -> Self {
        self.object = Some(name.to_string());
        self
    }
}

/// What can be done with personal data that must be answered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// One notice with its timeline.
    ReadNotice,
    /// A department's notices in one state.
    ListNotices,
    /// What resident and office wrote to each other.
    ReadThread,
    /// A department's conversations.
    ReadInbox,
    /// A day's texts that belong to no notice.
    ReadUnmatched,
    /// What a resident handed in, by name.
    ListSubmissions,
    /// A file that a resident handed in.
    DownloadSubmission,
    /// The rows of a file that were not taken in.
    ReadBatchErrors,
    /// A print run's letters and its list.
    ReadPrintRun,
    /// One permit and its holder.
    ReadPermit,
}

impl Action {
    /// Its name in JSON and in keys.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadNotice => "read_notice",
            Self::ListNotices => "list_notices",
            Self::ReadThread => "read_thread",
            Self::ReadInbox => "read_inbox",
            Self::ReadUnmatched => "read_unmatched",
            Self::ListSubmissions => "list_submissions",
            Self::DownloadSubmission => "download_submission",
            Self::ReadBatchErrors => "read_batch_errors",
            Self::ReadPrintRun => "read_print_run",
            Self::ReadPermit => "read_permit",
        }
    }
}
