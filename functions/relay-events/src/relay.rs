//! Works through a batch of the stream, in order, and stops at the first event it cannot relay; then counts.

use std::future::Future;

use aws_lambda_events::dynamodb::{Event as StreamEvent, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use bootstrap::chain;
use domain::{Notice, NoticeId};
use lambda_runtime::LambdaEvent;
use store::Table;

use crate::{Enqueue, KeepCounts, Unqueued, consequences, count, may_cause};

/// Reads a notice as it stands.
pub trait ReadNotice {
    /// The notice of that id, if there is one.
    fn notice(&self, id: NoticeId) -> impl Future<Output = Result<Option<Notice>, store::Error>>;
}

impl ReadNotice for Table {
    async fn notice(&self, id: NoticeId) -> Result<Option<Notice>, store::Error> {
        Self::notice(self, id).await
    }
}

/// An event that could not be relayed.
#[derive(Debug, thiserror::Error)]
enum Unrelayed {
    #[error("the record or its notice cannot be read")]
    Unreadable(#[from] store::Error),
    #[error("its consequence cannot be handed over")]
    Unqueued(#[from] Unqueued),
}

/// Relays events from the stream to the queues.
#[derive(Debug, Clone)]
pub struct Relay<N, Q> {
    notices: N,
    queues: Q,
}

impl<N: ReadNotice + KeepCounts, Q: Enqueue> Relay<N, Q> {
    /// Between these.
    pub const fn new(notices: N, queues: Q) -> Self {
        Self { notices, queues }
    }

    /// Relays a batch. The first failure ends it: the stream then delivers again from that record on, in order.
    ///
    /// Residents come first: what was relayed is counted afterwards, and what could not be counted is delivered again
    /// too. The queues bear a repetition, and no event counts twice.
    pub async fn batch(&self, event: LambdaEvent<StreamEvent>) -> DynamoDbEventResponse {
        let mut relayed: Vec<(NoticeId, Option<String>)> = Vec::new();
        let mut failed = None;
        for record in event.payload.records {
            let position = record.change.sequence_number.clone();
            match self.relay(record).await {
                Ok(id) if relayed.iter().any(|(before, _)| *before == id) => {}
                Ok(id) => relayed.push((id, position)),
                Err(error) => {
                    tracing::error!(error = chain(&error), "an event was not relayed");
                    failed = Some(position);
                    break;
                }
            }
        }
        let notices: Vec<NoticeId> = relayed.iter().map(|(id, _)| *id).collect();
        if let Err(error) = count(&self.notices, &notices).await {
            tracing::error!(error = chain(&error), "events were not counted");
            failed = relayed.into_iter().find(|(id, _)| *id == error.from).map(|(_, position)| position);
        }
        let mut response = DynamoDbEventResponse::default();
        response.batch_item_failures.extend(failed.map(|position| {
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = position;
            failure
        }));
        response
    }

    async fn relay(&self, record: EventRecord) -> Result<NoticeId, Unrelayed> {
        let (id, event) = store::streamed_event(record.change.new_image)?;
        if !may_cause(&event.fact) {
            return Ok(id);
        }
        let Some(notice) = self.notices.notice(id).await? else { return Ok(id) };
        for work in consequences(&event, &notice) {
            self.queues.enqueue(&work).await?;
            tracing::info!(notice.id = %id, event.version = event.version, event.r#type = event.fact.name(), "relayed");
        }
        Ok(id)
    }
}
