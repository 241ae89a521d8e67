//! What taking texts in needs of the store, by verb.

use std::future::Future;

use domain::{Notice, NoticeId, RecipientId};
use jiff::Timestamp;
use store::{Decision, Error, SentMessage, Table, Transition, Withdrawal};

/// Finds the notice a text belongs to, records what it does, and keeps apart what finds none. Each verb as the
/// [`Table`]'s own.
pub trait KeepReplies {
    /// As [`Table::was_done`].
    fn was_done(&self, scope: &str, key: &str) -> impl Future<Output = Result<bool, Error>>;

    /// As [`Table::message`].
    fn message(&self, provider: &str, id: &str)
    -> impl Future<Output = Result<Option<(NoticeId, SentMessage)>, Error>>;

    /// As [`Table::notice`].
    fn notice(&self, id: NoticeId) -> impl Future<Output = Result<Option<Notice>, Error>>;

    /// As [`Table::open_notices`].
    fn open_notices(&self, recipient: &RecipientId, limit: i32) -> impl Future<Output = Result<Vec<NoticeId>, Error>>;

    /// As [`Table::transition`].
    fn transition<T>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T>,
    ) -> impl Future<Output = Result<Transition<T>, Error>>;

    /// As [`Table::withdraw_everywhere`].
    fn withdraw_everywhere(&self, withdrawal: &Withdrawal) -> impl Future<Output = Result<(), Error>>;

    /// As [`Table::keep_dead`].
    fn keep_dead(
        &self,
        what: &'static str,
        name: &str,
        content: &str,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), Error>>;
}

impl KeepReplies for Table {
    async fn was_done(&self, scope: &str, key: &str) -> Result<bool, Error> {
        Self::was_done(self, scope, key).await
    }

    async fn message(&self, provider: &str, id: &str) -> Result<Option<(NoticeId, SentMessage)>, Error> {
        Self::message(self, provider, id).await
    }

    async fn notice(&self, id: NoticeId) -> Result<Option<Notice>, Error> {
        Self::notice(self, id).await
    }

    async fn open_notices(&self, recipient: &RecipientId, limit: i32) -> Result<Vec<NoticeId>, Error> {
        Self::open_notices(self, recipient, limit).await
    }

    async fn transition<T>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T>,
    ) -> Result<Transition<T>, Error> {
        Self::transition(self, id, decide).await
    }

    async fn withdraw_everywhere(&self, withdrawal: &Withdrawal) -> Result<(), Error> {
        Self::withdraw_everywhere(self, withdrawal).await
    }

    async fn keep_dead(&self, what: &'static str, name: &str, content: &str, at: Timestamp) -> Result<(), Error> {
        Self::keep_dead(self, what, name, content, at).await
    }
}
