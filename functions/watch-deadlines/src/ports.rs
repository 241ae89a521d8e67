//! What watching needs of the store, by verb.

use std::future::Future;

use domain::{KindCode, Notice, NoticeId, Preference, RecipientId};
use jiff::Timestamp;
use store::{Decision, DueCursor, DuePage, DueShard, Error, Table, Transition};

/// Finds notices that are due.
pub trait FindDue {
    /// As [`Table::due`].
    fn due(
        &self,
        shard: DueShard,
        until: Timestamp,
        limit: i32,
        after: Option<DueCursor>,
    ) -> impl Future<Output = Result<DuePage, Error>>;
}

/// Moves a notice on.
pub trait MoveNotice {
    /// As [`Table::transition`].
    fn transition<T>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T>,
    ) -> impl Future<Output = Result<Transition<T>, Error>>;
}

/// Reads what a resident wants without being asked.
pub trait ReadPreference {
    /// As [`Table::preference`].
    fn preference(
        &self,
        recipient: &RecipientId,
        kind: &KindCode,
    ) -> impl Future<Output = Result<Option<Preference>, Error>>;
}

impl FindDue for Table {
    async fn due(
        &self,
        shard: DueShard,
        until: Timestamp,
        limit: i32,
        after: Option<DueCursor>,
    ) -> Result<DuePage, Error> {
        Self::due(self, shard, until, limit, after).await
    }
}

impl MoveNotice for Table {
    async fn transition<T>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T>,
    ) -> Result<Transition<T>, Error> {
        Self::transition(self, id, decide).await
    }
}

impl ReadPreference for Table {
    async fn preference(&self, recipient: &RecipientId, kind: &KindCode) -> Result<Option<Preference>, Error> {
        Self::preference(self, recipient, kind).await
    }
}
