//! What reminding needs of the store, by verb.

use std::future::Future;

use domain::{Permit, PermitNumber, PermitPut};
use jiff::Timestamp;
use store::{Arrival, Created, DueShard, Error, PutPermit, RecordAccess, RenewalCursor, RenewalPage, Table};

/// Finds permits of which a stage is due.
pub trait FindRenewals {
    /// As [`Table::renewals_due`].
    fn renewals_due(
        &self,
        shard: DueShard,
        until: Timestamp,
        limit: i32,
        after: Option<RenewalCursor>,
    ) -> impl Future<Output = Result<RenewalPage, Error>>;
}

/// Keeps permits.
pub trait KeepPermits: RecordAccess {
    /// As [`Table::permit`].
    fn permit(&self, number: &PermitNumber) -> impl Future<Output = Result<Option<Permit>, Error>>;

    /// As [`Table::put_permit`].
    fn put_permit(&self, put: &PermitPut, at: Timestamp) -> impl Future<Output = Result<PutPermit, Error>>;

    /// As [`Table::advance_permit`].
    fn advance_permit(&self, before: &Permit, after: &Permit) -> impl Future<Output = Result<bool, Error>>;
}

/// Takes notices in.
pub trait TakeIn {
    /// As [`Table::take_in`].
    fn take_in(&self, arrival: &Arrival) -> impl Future<Output = Result<Created, Error>>;
}

impl FindRenewals for Table {
    async fn renewals_due(
        &self,
        shard: DueShard,
        until: Timestamp,
        limit: i32,
        after: Option<RenewalCursor>,
    ) -> Result<RenewalPage, Error> {
        Self::renewals_due(self, shard, until, limit, after).await
    }
}

impl KeepPermits for Table {
    async fn permit(&self, number: &PermitNumber) -> Result<Option<Permit>, Error> {
        Self::permit(self, number).await
    }

    async fn put_permit(&self, put: &PermitPut, at: Timestamp) -> Result<PutPermit, Error> {
        Self::put_permit(self, put, at).await
    }

    async fn advance_permit(&self, before: &Permit, after: &Permit) -> Result<bool, Error> {
        Self::advance_permit(self, before, after).await
    }
}

impl TakeIn for Table {
    async fn take_in(&self, arrival: &Arrival) -> Result<Created, Error> {
        Self::take_in(self, arrival).await
    }
}
