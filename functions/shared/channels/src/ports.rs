//! What sending needs of the store, by verb.

use std::future::Future;

use domain::{Consent, ConsentId, Notice, NoticeId, RecipientId, ReplyId};
use store::{Decision, Error, Reply, Table, Transition};

/// Reads notices and what belongs to them, and records what happened to them.
pub trait Ledger: Send + Sync {
    /// As [`Table::transition`].
    fn transition<T: Send>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> impl Future<Output = Result<Transition<T>, Error>> + Send;

    /// As [`Table::usable_consent`].
    fn consent(
        &self,
        recipient: &RecipientId,
        id: ConsentId,
    ) -> impl Future<Output = Result<Option<Consent>, Error>> + Send;

    /// As [`Table::reply`].
    fn reply(&self, notice: NoticeId, id: ReplyId) -> impl Future<Output = Result<Option<Reply>, Error>> + Send;
}

impl Ledger for Table {
    async fn transition<T: Send>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> Result<Transition<T>, Error> {
        Table::transition(self, id, decide).await
    }

    async fn consent(&self, recipient: &RecipientId, id: ConsentId) -> Result<Option<Consent>, Error> {
        Table::usable_consent(self, recipient, id).await
    }

    async fn reply(&self, notice: NoticeId, id: ReplyId) -> Result<Option<Reply>, Error> {
        Table::reply(self, notice, id).await
    }
}
