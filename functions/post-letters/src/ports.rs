//! What a print run needs of the world, as verbs: the table and a queue in production, memory in tests.

use std::future::Future;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::operation::send_message::SendMessageError;
use domain::{Notice, NoticeId, RunId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use store::{Decision, DueCursor, DuePage, DueShard, Error, HeldRun, RecordAccess, Run, Table, Transition};

/// Runs, and the notices in them.
pub trait Runs: RecordAccess {
    /// As [`Table::open_run`].
    fn open_run(&self, day: Date, at: Timestamp, by: &str) -> impl Future<Output = Result<Run, Error>> + Send;

    /// As [`Table::run`].
    fn run(&self, id: &RunId) -> impl Future<Output = Result<Option<Run>, Error>> + Send;

    /// As [`Table::hold_run`].
    fn hold_run(
        &self,
        id: &RunId,
        now: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<Option<HeldRun>, Error>> + Send;

    /// As [`Table::save_run`].
    fn save_run(&self, held: &HeldRun) -> impl Future<Output = Result<(), Error>> + Send;

    /// As [`Table::release_run`].
    fn release_run(&self, held: &HeldRun) -> impl Future<Output = Result<(), Error>> + Send;

    /// As [`Table::members`].
    fn members(&self, run: &RunId) -> impl Future<Output = Result<Vec<NoticeId>, Error>> + Send;

    /// As [`Table::awaiting_run`].
    fn awaiting_run(
        &self,
        shard: DueShard,
        until: Timestamp,
        limit: i32,
        after: Option<DueCursor>,
    ) -> impl Future<Output = Result<DuePage, Error>> + Send;

    /// As [`Table::notice`].
    fn notice(&self, id: NoticeId) -> impl Future<Output = Result<Option<Notice>, Error>> + Send;

    /// As [`Table::transition`].
    fn transition<T: Send>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> impl Future<Output = Result<Transition<T>, Error>> + Send;
}

impl Runs for Table {
    async fn open_run(&self, day: Date, at: Timestamp, by: &str) -> Result<Run, Error> {
        Self::open_run(self, day, at, by).await
    }

    async fn run(&self, id: &RunId) -> Result<Option<Run>, Error> {
        Self::run(self, id).await
    }

    async fn hold_run(&self, id: &RunId, now: Timestamp, until: Timestamp) -> Result<Option<HeldRun>, Error> {
        Self::hold_run(self, id, now, until).await
    }

    async fn save_run(&self, held: &HeldRun) -> Result<(), Error> {
        Self::save_run(self, held).await
    }

    async fn release_run(&self, held: &HeldRun) -> Result<(), Error> {
        Self::release_run(self, held).await
    }

    async fn members(&self, run: &RunId) -> Result<Vec<NoticeId>, Error> {
        Self::members(self, run).await
    }

    async fn awaiting_run(
        &self,
        shard: DueShard,
        until: Timestamp,
        limit: i32,
        after: Option<DueCursor>,
    ) -> Result<DuePage, Error> {
        Self::awaiting_run(self, shard, until, limit, after).await
    }

    async fn notice(&self, id: NoticeId) -> Result<Option<Notice>, Error> {
        Self::notice(self, id).await
    }

    async fn transition<T: Send>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> Result<Transition<T>, Error> {
        Self::transition(self, id, decide).await
    }
}

/// A run to print, as it travels through the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOrder {
    /// The run.
    pub run: RunId,
}

/// Has runs printed.
pub trait OrderRun: Send + Sync {
    /// Hands over a run. Twice does no harm: one printer holds it, and a run that is over stays so.
    fn order(&self, order: &RunOrder) -> impl Future<Output = Result<(), Box<SdkError<SendMessageError>>>> + Send;
}

/// The queue of runs on SQS.
#[derive(Debug, Clone)]
pub struct Orders {
    /// How it is reached.
    pub client: Client,
    /// Its address.
    pub queue: String,
}

impl OrderRun for Orders {
    async fn order(&self, order: &RunOrder) -> Result<(), Box<SdkError<SendMessageError>>> {
        let body = serde_json::json!(order).to_string();
        self.client.send_message().queue_url(&self.queue).message_body(body).send().await.map_err(Box::new)?;
        Ok(())
    }
}
