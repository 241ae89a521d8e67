//! What the routes of conversations and of the access record work with.

use std::future::Future;
use std::sync::Arc;

use axum::http::StatusCode;
use bootstrap::ReadSettings;
use domain::ports::{Clock, Entropy};
use domain::settings::Settings;
use domain::{Access, ChainedEvent, DepartmentCode, Event, Notice, NoticeId};
use jiff::Timestamp;
use jiff::civil::Date;
use store::{AccessPage, Decision, Error, Inbox, RecordAccess, Reply, Table, Transition, UnmatchedText, Wanted};
use tongji_http::Problem;

use crate::console::unavailable;
use crate::optout::ReadPreference;
use crate::request::RememberAnswers;

/// Keeps what residents and officers write to each other, and who saw it. Each verb as the [`Table`]'s own.
pub trait Converse: RecordAccess + RememberAnswers + ReadPreference + 'static {
    /// As [`Table::notice`].
    fn notice(&self, id: NoticeId) -> impl Future<Output = Result<Option<Notice>, Error>> + Send;

    /// As [`Table::events`].
    fn events(&self, id: NoticeId) -> impl Future<Output = Result<Vec<ChainedEvent>, Error>> + Send;

    /// As [`Table::replies`].
    fn replies(&self, id: NoticeId) -> impl Future<Output = Result<Vec<Reply>, Error>> + Send;

    /// As [`Table::inbox`].
    fn inbox(
        &self,
        department: &DepartmentCode,
        unread: bool,
        cursor: Option<&str>,
        limit: i32,
    ) -> impl Future<Output = Result<Inbox, Error>> + Send;

    /// As [`Table::unread`].
    fn unread(&self, department: &DepartmentCode) -> impl Future<Output = Result<u32, Error>> + Send;

    /// As [`Table::unmatched`].
    fn unmatched(&self, day: Date) -> impl Future<Output = Result<Vec<(Timestamp, UnmatchedText)>, Error>> + Send;

    /// As [`Table::transition`].
    fn transition<T: Send>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> impl Future<Output = Result<Transition<T>, Error>> + Send;

    /// As [`Table::accesses`].
    fn accesses(
        &self,
        wanted: &Wanted,
        cursor: Option<&str>,
        limit: usize,
    ) -> impl Future<Output = Result<AccessPage, Error>> + Send;
}

impl Converse for Table {
    async fn notice(&self, id: NoticeId) -> Result<Option<Notice>, Error> {
        Self::notice(self, id).await
    }

    async fn events(&self, id: NoticeId) -> Result<Vec<ChainedEvent>, Error> {
        Self::events(self, id).await
    }

    async fn replies(&self, id: NoticeId) -> Result<Vec<Reply>, Error> {
        Self::replies(self, id).await
    }

    async fn inbox(
        &self,
        department: &DepartmentCode,
        unread: bool,
        cursor: Option<&str>,
        limit: i32,
    ) -> Result<Inbox, Error> {
        Self::inbox(self, department, unread, cursor, limit).await
    }

    async fn unread(&self, department: &DepartmentCode) -> Result<u32, Error> {
        Self::unread(self, department).await
    }

    async fn unmatched(&self, day: Date) -> Result<Vec<(Timestamp, UnmatchedText)>, Error> {
        Self::unmatched(self, day).await
    }

    async fn transition<T: Send>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> Result<Transition<T>, Error> {
        Self::transition(self, id, decide).await
    }

    async fn accesses(&self, wanted: &Wanted, cursor: Option<&str>, limit: usize) -> Result<AccessPage, Error> {
        Self::accesses(self, wanted, cursor, limit).await
    }
}

/// What these routes work with.
pub struct Desk<T, S> {
    /// The conversations.
    pub table: T,
    /// The office's settings.
    pub settings: S,
    /// The time.
    pub clock: Box<dyn Clock>,
    /// For new ids.
    pub entropy: Box<dyn Entropy>,
}

impl<T, S> std::fmt::Debug for Desk<T, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

impl<T: Converse, S: ReadSettings> Desk<T, S> {
    pub(crate) async fn settings(&self) -> Result<Arc<Settings>, Problem> {
        self.settings.current().await.map_err(|error| unavailable(&error))
    }

    pub(crate) async fn find(&self, id: &str) -> Result<Notice, Problem> {
        let id = NoticeId::parse(id).map_err(|_| no_such_notice())?;
        self.table.notice(id).await.map_err(|error| unavailable(&error))?.ok_or_else(no_such_notice)
    }

    /// What happened to the notice up to its version.
    pub(crate) async fn timeline(&self, notice: &Notice) -> Result<Vec<Event>, Problem> {
        let events = self.table.events(notice.id).await.map_err(|error| unavailable(&error))?;
        let events: Result<Vec<Event>, _> = events.iter().map(ChainedEvent::event).collect();
        let mut events = events.map_err(|error| unavailable(&error))?;
        events.retain(|event| event.version <= notice.version);
        Ok(events)
    }

    /// Puts on record what the caller is about to see; without that they do not see it.
    pub(crate) async fn record(&self, access: &Access) -> Result<(), Problem> {
        self.table.record_access(access).await.map_err(|error| unavailable(&error))
    }
}

pub(crate) fn no_such_notice() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no such notice")
}
