//! What importing needs of the world, as verbs: the table and a queue in production, memory in tests.

use std::future::Future;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::operation::send_message::SendMessageError;
use domain::BatchId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Batch, Error, HeldBatch, RecordAccess, Table};

/// Batches.
pub trait Batches: RecordAccess {
    /// As [`Table::open_batch`].
    fn open_batch(&self, batch: &Batch) -> impl Future<Output = Result<Batch, Error>> + Send;

    /// As [`Table::batch`].
    fn batch(&self, id: BatchId) -> impl Future<Output = Result<Option<Batch>, Error>> + Send;

    /// As [`Table::hold_batch`].
    fn hold_batch(
        &self,
        id: BatchId,
        now: Timestamp,
        until: Timestamp,
    ) -> impl Future<Output = Result<Option<HeldBatch>, Error>> + Send;

    /// As [`Table::save_batch`].
    fn save_batch(&self, held: &HeldBatch) -> impl Future<Output = Result<(), Error>> + Send;

    /// As [`Table::release_batch`].
    fn release_batch(&self, held: &HeldBatch) -> impl Future<Output = Result<(), Error>> + Send;
}

impl Batches for Table {
    async fn open_batch(&self, batch: &Batch) -> Result<Batch, Error> {
        Self::open_batch(self, batch).await
    }

    async fn batch(&self, id: BatchId) -> Result<Option<Batch>, Error> {
        Self::batch(self, id).await
    }

    async fn hold_batch(&self, id: BatchId, now: Timestamp, until: Timestamp) -> Result<Option<HeldBatch>, Error> {
        Self::hold_batch(self, id, now, until).await
    }

    async fn save_batch(&self, held: &HeldBatch) -> Result<(), Error> {
        Self::save_batch(self, held).await
    }

    async fn release_batch(&self, held: &HeldBatch) -> Result<(), Error> {
        Self::release_batch(self, held).await
    }
}

/// A batch to import, as it travels through the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportOrder {
    /// The batch.
    pub batch: BatchId,
}

/// Has batches imported.
pub trait OrderImport: Send + Sync {
    /// Hands over a batch. Twice does no harm: one worker holds it, and a batch that is over stays so.
    fn order(&self, order: ImportOrder) -> impl Future<Output = Result<(), Box<SdkError<SendMessageError>>>> + Send;
}

/// The queue of batches on SQS.
#[derive(Debug, Clone)]
pub struct Orders {
    /// How it is reached.
    pub client: Client,
    /// Its address.
    pub queue: String,
}

impl OrderImport for Orders {
    async fn order(&self, order: ImportOrder) -> Result<(), Box<SdkError<SendMessageError>>> {
        let body = serde_json::json!(order).to_string();
        self.client.send_message().queue_url(&self.queue).message_body(body).send().await.map_err(Box::new)?;
        Ok(())
    }
}
