//! What taking texts in needs of the store, by verb.

use std::future::Future;

use domain::{Notice, NoticeId, RecipientId, ReplyId};
use jiff::Timestamp;
use store::{Clarifying, Decision, Error, Heard, Reply, SentMessage, Table, Transition, UnmatchedText, Withdrawal};

/// Finds the notice a text belongs to, records what it does, and keeps apart what finds none. Each verb as the
/// [`Table`]'s own.
pub trait KeepReplies {
    /// As [`Table::done_on`].
    fn done_on(&self, scope: &str, key: &str) -> impl Future<Output = Result<Option<NoticeId>, Error>>;

    /// As [`Table::message`].
    fn message(&self, provider: &str, id: &str)
    -> impl Future<Output = Result<Option<(NoticeId, SentMessage)>, Error>>;

    /// As [`Table::notice`].
    fn notice(&self, id: NoticeId) -> impl Future<Output = Result<Option<Notice>, Error>>;

    /// As [`Table::reply`].
    fn reply(&self, notice: NoticeId, id: ReplyId) -> impl Future<Output = Result<Option<Reply>, Error>>;

    /// As [`Table::open`].
    fn open(&self, recipient: &RecipientId, limit: i32) -> impl Future<Output = Result<Vec<Notice>, Error>>;

    /// As [`Table::clarifying`].
    fn clarifying(&self, recipient: &RecipientId) -> impl Future<Output = Result<Option<Clarifying>, Error>>;

    /// As [`Table::heard`].
    fn heard(&self, recipient: &RecipientId, now: Timestamp) -> impl Future<Output = Result<Heard, Error>>;

    /// As [`Table::transition`].
    fn transition<T>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T>,
    ) -> impl Future<Output = Result<Transition<T>, Error>>;

    /// As [`Table::withdraw_everywhere`].
    fn withdraw_everywhere(&self, withdrawal: &Withdrawal) -> impl Future<Output = Result<(), Error>>;

    /// As [`Table::resume`].
    fn resume(&self, recipient: &RecipientId) -> impl Future<Output = Result<(), Error>>;

    /// As [`Table::keep_unmatched`].
    fn keep_unmatched(
        &self,
        name: &str,
        text: &UnmatchedText,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), Error>>;
}

impl KeepReplies for Table {
    async fn done_on(&self, scope: &str, key: &str) -> Result<Option<NoticeId>, Error> {
        Self::done_on(self, scope, key).await
    }

    async fn message(&self, provider: &str, id: &str) -> Result<Option<(NoticeId, SentMessage)>, Error> {
        Self::message(self, provider, id).await
    }

    async fn notice(&self, id: NoticeId) -> Result<Option<Notice>, Error> {
        Self::notice(self, id).await
    }

    async fn reply(&self, notice: NoticeId, id: ReplyId) -> Result<Option<Reply>, Error> {
        Self::reply(self, notice, id).await
    }

    async fn open(&self, recipient: &RecipientId, limit: i32) -> Result<Vec<Notice>, Error> {
        Self::open(self, recipient, limit).await
    }

    async fn clarifying(&self, recipient: &RecipientId) -> Result<Option<Clarifying>, Error> {
        Self::clarifying(self, recipient).await
    }

    async fn heard(&self, recipient: &RecipientId, now: Timestamp) -> Result<Heard, Error> {
        Self::heard(self, recipient, now).await
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

    async fn resume(&self, recipient: &RecipientId) -> Result<(), Error> {
        Self::resume(self, recipient).await
    }

    async fn keep_unmatched(&self, name: &str, text: &UnmatchedText, at: Timestamp) -> Result<(), Error> {
        Self::keep_unmatched(self, name, text, at).await
    }
}
