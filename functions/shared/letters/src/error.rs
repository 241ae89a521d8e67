//! What can go wrong between us and the bucket.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

/// Why a file could not be kept, fetched or shared.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// S3 refused or could not be reached.
    #[error("s3 {operation} failed ({code})")]
    S3 {
        /// Which call.
        operation: &'static str,
        /// S3's code, or how the call broke off.
        code: String,
        /// The SDK's error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file is not the one that was recorded.
    #[error("the file is not the one that was recorded")]
    Altered,
}

impl Error {
    /// S3's error of this call.
    pub fn s3<E, R>(operation: &'static str) -> impl FnOnce(SdkError<E, R>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        move |error| {
            let code = error.code().unwrap_or("no answer").to_owned();
            Self::S3 { operation, code, source: error.into() }
        }
    }
}

/// S3 says that the file is not there. An answer without a body says so by its status alone.
pub fn is_missing<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    matches!(error.code(), Some("NoSuchKey" | "NotFound"))
        || error.raw_response().is_some_and(|answer| answer.status().as_u16() == 404)
}
