//! What making a letter needs of the table, as verbs.

use std::future::Future;

use domain::{Notice, NoticeId};
use store::{Change, Decision, Error, Table, Transition};

/// Notices.
pub trait Notices: Send + Sync {
    /// As [`Table::notice`].
    fn notice(&self, id: NoticeId) -> impl Future<Output = Result<Option<Notice>, Error>> + Send;

    /// Records that this happened.
    fn record(&self, id: NoticeId, change: Change) -> impl Future<Output = Result<Transition<()>, Error>> + Send;
}

impl Notices for Table {
    async fn notice(&self, id: NoticeId) -> Result<Option<Notice>, Error> {
        Self::notice(self, id).await
    }

    async fn record(&self, id: NoticeId, change: Change) -> Result<Transition<()>, Error> {
        self.transition(id, |_| Decision::Record(change.clone())).await
    }
}
