//! What the pages need of the world, as verbs: the table in production, memory in tests.

use domain::{Channel, Consent, ConsentId, LinkId, Notice, NoticeId, RecipientId, Scope};
use jiff::Timestamp;
use store::{Decision, Error, Link, Table, Transition, Withdrawal};

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
    fn count_wrong_try(&self, id: &LinkId) -> impl Future<Output = Result<u32, Error>> + Send;

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

    fn count_wrong_try(&self, id: &LinkId) -> impl Future<Output = Result<u32, Error>> + Send {
        self.count_wrong_try(id)
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

    fn transition<T: Send>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> impl Future<Output = Result<Transition<T>, Error>> + Send {
        self.transition(id, decide)
    }
}
