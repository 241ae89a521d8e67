//! What the pages need of the world, as verbs: the table in production, memory in tests.

use domain::{Channel, Consent, ConsentId, LinkId, Notice, NoticeId, RecipientId, Scope, UploadId};
use jiff::Timestamp;
use letters::{ShareFile, Shelf};
use std::time::Duration;
use store::{Decision, Error, FileRecord, Link, Reply, Table, Transition, Withdrawal};
use uploads::{Arrived, Described, KeepUploads, Kept, Submissions, Ticket, UploadForm};

/// The residents' links, notices and consents.
pub trait Residents: Send + Sync + 'static {
    /// Finds a link.
    fn link(&self, id: &LinkId) -> impl Future<Output = Result<Option<Link>, Error>> + Send;

    /// Finds a notice.
    fn notice(&self, id: NoticeId) -> impl Future<Output = Result<Option<Notice>, Error>> + Send;

    /// Finds a consent.
    fn consent(
        &self,
        recipient: &RecipientId,
        id: ConsentId,
    ) -> impl Future<Output = Result<Option<Consent>, Error>> + Send;

    /// Counts a wrong second factor and tells how many there were.
    fn count_wrong_try(&self, id: &LinkId, most: u32) -> impl Future<Output = Result<u32, Error>> + Send;

    /// Takes back a try that turned out right.
    fn take_back_try(&self, id: &LinkId) -> impl Future<Output = Result<(), Error>> + Send;

    /// Ends standing preferences for one channel, or for all.
    fn withdraw(
        &self,
        recipient: &RecipientId,
        only: Option<Channel>,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Ends standing preferences, and steers the person's other notices away from what is withdrawn.
    fn withdraw_everywhere(&self, withdrawal: &Withdrawal) -> impl Future<Output = Result<(), Error>> + Send;

    /// Keeps post as a standing preference.
    fn prefer_post(
        &self,
        recipient: &RecipientId,
        scope: &Scope,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// Keeps a consent and the standing preferences that rest on it.
    fn prefer(&self, consent: &Consent, scopes: &[Scope]) -> impl Future<Output = Result<(), Error>> + Send;

    /// The whole conversation of a notice, oldest first.
    fn replies(&self, notice: NoticeId) -> impl Future<Output = Result<Vec<Reply>, Error>> + Send;

    /// What is known of the files of a notice.
    fn files(&self, notice: NoticeId) -> impl Future<Output = Result<Vec<FileRecord>, Error>> + Send;

    /// Records what `decide` wants at the sight of the notice.
    fn transition<T: Send>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> impl Future<Output = Result<Transition<T>, Error>> + Send;
}

impl Residents for Table {
    fn link(&self, id: &LinkId) -> impl Future<Output = Result<Option<Link>, Error>> + Send {
        self.link(id)
    }

    fn notice(&self, id: NoticeId) -> impl Future<Output = Result<Option<Notice>, Error>> + Send {
        self.notice(id)
    }

    fn consent(
        &self,
        recipient: &RecipientId,
        id: ConsentId,
    ) -> impl Future<Output = Result<Option<Consent>, Error>> + Send {
        self.consent(recipient, id)
    }

    fn count_wrong_try(&self, id: &LinkId, most: u32) -> impl Future<Output = Result<u32, Error>> + Send {
        self.count_wrong_try(id, most)
    }

    fn take_back_try(&self, id: &LinkId) -> impl Future<Output = Result<(), Error>> + Send {
        self.take_back_try(id)
    }

    fn withdraw(
        &self,
        recipient: &RecipientId,
        only: Option<Channel>,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        self.withdraw(recipient, only, at)
    }

    fn withdraw_everywhere(&self, withdrawal: &Withdrawal) -> impl Future<Output = Result<(), Error>> + Send {
        self.withdraw_everywhere(withdrawal)
    }

    fn prefer_post(
        &self,
        recipient: &RecipientId,
        scope: &Scope,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        self.prefer_post(recipient, scope, at)
    }

    fn prefer(&self, consent: &Consent, scopes: &[Scope]) -> impl Future<Output = Result<(), Error>> + Send {
        self.prefer(consent, scopes)
    }

    fn replies(&self, notice: NoticeId) -> impl Future<Output = Result<Vec<Reply>, Error>> + Send {
        self.replies(notice)
    }

    fn files(&self, notice: NoticeId) -> impl Future<Output = Result<Vec<FileRecord>, Error>> + Send {
        self.files(notice)
    }

    fn transition<T: Send>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> impl Future<Output = Result<Transition<T>, Error>> + Send {
        self.transition(id, decide)
    }
}

/// Letters that are lent, and papers that are taken in.
pub trait Files: ShareFile + KeepUploads + 'static {}

impl<F: ShareFile + KeepUploads + 'static> Files for F {}

/// Both buckets.
#[derive(Debug, Clone)]
pub struct Buckets {
    /// Of letters.
    pub letters: Shelf,
    /// Of papers.
    pub submissions: Submissions,
}

impl ShareFile for Buckets {
    async fn share(&self, key: &str, name: &str, lasting: Duration) -> Result<String, letters::Error> {
        self.letters.share(key, name, lasting).await
    }
}

impl KeepUploads for Buckets {
    async fn form(&self, ticket: &Ticket) -> Result<UploadForm, letters::Error> {
        self.submissions.form(ticket).await
    }

    async fn origin(&self) -> Result<String, letters::Error> {
        self.submissions.origin().await
    }

    async fn arrived(&self, notice: NoticeId, at_most: usize) -> Result<Vec<Arrived>, letters::Error> {
        self.submissions.arrived(notice, at_most).await
    }

    async fn describe(&self, notice: NoticeId, upload: UploadId) -> Result<Option<Described>, letters::Error> {
        self.submissions.describe(notice, upload).await
    }

    async fn discard(&self, notice: NoticeId, upload: UploadId) -> Result<(), letters::Error> {
        self.submissions.discard(notice, upload).await
    }

    async fn release(&self, notice: NoticeId, upload: UploadId, kept: &Kept) -> Result<bool, letters::Error> {
        self.submissions.release(notice, upload, kept).await
    }
}
