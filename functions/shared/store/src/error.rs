//! What can go wrong between us and the table.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;

/// Any error, kept as the source of ours.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why an operation on the table failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `DynamoDB` refused or could not be reached.
    #[error("dynamodb {operation} failed")]
    DynamoDb {
        /// Which call.
        operation: &'static str,
        /// The SDK's error.
        #[source]
        source: BoxError,
    },
    /// An item does not have the shape it was written in.
    #[error("an item of kind {item} cannot be read")]
    Corrupt {
        /// Which kind of item.
        item: &'static str,
        /// What is wrong with it.
        #[source]
        source: BoxError,
    },
    /// `DynamoDB` was asked too much, again and again.
    #[error("dynamodb {operation} was asked too much")]
    Throttled {
        /// Which call.
        operation: &'static str,
    },
    /// Others kept changing the same items first.
    #[error("the items kept changing under {attempts} attempts")]
    Contention {
        /// How often it was tried.
        attempts: u32,
    },
    /// Work took longer than its lease, and another worker took it over.
    #[error("the lease ended and another worker took over")]
    LeaseEnded,
    /// The cursor is none that a page before gave.
    #[error("no such page")]
    NoSuchPage,
    /// There is no such notice.
    #[error("no such notice")]
    NotFound,
}

impl Error {
    pub(crate) fn dynamo<E, R>(operation: &'static str) -> impl FnOnce(SdkError<E, R>) -> Self
    where
        E: std::error::Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        move |source| Self::DynamoDb { operation, source: source.into() }
    }

    pub(crate) fn corrupt(item: &'static str) -> impl FnOnce(BoxError) -> Self {
        move |source| Self::Corrupt { item, source }
    }
}

/// Why each item of a cancelled transaction stood in its way, in the order of the items; empty for other errors.
pub(crate) fn cancellations<R>(error: &SdkError<TransactWriteItemsError, R>) -> Vec<&str> {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons().iter().map(|reason| reason.code().unwrap_or("None")).collect()
        }
        _ => Vec::new(),
    }
}
