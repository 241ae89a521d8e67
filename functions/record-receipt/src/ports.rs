//! What recording needs of the store, by verb.

use std::future::Future;

use domain::{Consent, ConsentId, Given, Notice, NoticeId, RecipientId};
use jiff::Timestamp;
use store::{Dead, Decision, Error, SentMessage, Table, Transition};

/// Finds the notice of a message, records what became of it, and keeps apart what finds none. Each verb as the
/// [`Table`]'s own.
pub trait KeepReceipts: Send + Sync {
    /// As [`Table::was_done`].
    fn was_done(&self, scope: &str, key: &str) -> impl Future<Output = Result<bool, Error>> + Send;

    /// As [`Table::message`].
    fn message(
        &self,
        provider: &str,
        id: &str,
    ) -> impl Future<Output = Result<Option<(NoticeId, SentMessage)>, Error>> + Send;

    /// As [`Table::notice`].
    fn notice(&self, id: NoticeId) -> impl Future<Output = Result<Option<Notice>, Error>> + Send;

    /// As [`Table::transition`].
    fn transition<T: Send>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> impl Future<Output = Result<Transition<T>, Error>> + Send;

    /// As [`Table::consent`].
    fn consent(
        &self,
        recipient: &RecipientId,
        id: ConsentId,
    ) -> impl Future<Output = Result<Option<Consent>, Error>> + Send;

    /// As [`Table::withdraw_address`].
    fn withdraw_address(
        &self,
        recipient: &RecipientId,
        given: &Given,
        by: Timestamp,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// As [`Table::keep_dead`].
    fn keep_dead(
        &self,
        what: &'static str,
        name: &str,
        content: &str,
        at: Timestamp,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// As [`Table::dead_items`].
    fn dead_items(&self, what: &str, day: Timestamp) -> impl Future<Output = Result<Vec<Dead>, Error>> + Send;

    /// As [`Table::forget_dead`].
    fn forget_dead(&self, what: &str, dead: &Dead) -> impl Future<Output = Result<(), Error>> + Send;
}

impl KeepReceipts for Table {
    async fn was_done(&self, scope: &str, key: &str) -> Result<bool, Error> {
        Table::was_done(self, scope, key).await
    }

    async fn message(&self, provider: &str, id: &str) -> Result<Option<(NoticeId, SentMessage)>, Error> {
        Table::message(self, provider, id).await
    }

    async fn notice(&self, id: NoticeId) -> Result<Option<Notice>, Error> {
        Table::notice(self, id).await
    }

    async fn transition<T: Send>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> Result<Transition<T>, Error> {
        Table::transition(self, id, decide).await
    }

    async fn consent(&self, recipient: &RecipientId, id: ConsentId) -> Result<Option<Consent>, Error> {
        Table::consent(self, recipient, id).await
    }

    async fn withdraw_address(&self, recipient: &RecipientId, given: &Given, by: Timestamp) -> Result<(), Error> {
        Table::withdraw_address(self, recipient, given, by).await
    }

    async fn keep_dead(&self, what: &'static str, name: &str, content: &str, at: Timestamp) -> Result<(), Error> {
        Table::keep_dead(self, what, name, content, at).await
    }

    async fn dead_items(&self, what: &str, day: Timestamp) -> Result<Vec<Dead>, Error> {
        Table::dead_items(self, what, day).await
    }

    async fn forget_dead(&self, what: &str, dead: &Dead) -> Result<(), Error> {
        Table::forget_dead(self, what, dead).await
    }
}
