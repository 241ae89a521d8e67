//! HTTP out of the function, by the same stack as AWS's SDK: every call bounded in time, every answer in size.

use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::dns::ResolveDns;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::http::Request;
use aws_smithy_types::body::SdkBody;
use axum::http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// An answer, of whatever status.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) location: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// Why there is no answer. Says nothing of the address, which may open what it names.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// The request cannot be made.
    #[error("the request cannot be made")]
    Malformed,
    /// Nothing came back.
    #[error("no answer")]
    Silent(#[source] BoxError),
    /// It did not come back in time.
    #[error("no answer in time")]
    Late,
    /// It is longer than was asked for.
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
}

/// Calls other machines.
#[derive(Debug)]
pub(crate) struct Web(Connector);

impl Web {
    /// Finds them by this resolver.
    pub(crate) fn new(resolver: impl ResolveDns + Clone + 'static) -> Self {
        Self(Connector::builder().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_with_resolver(resolver))
    }

    pub(crate) async fn call(
        &self,
        request: http::Request<SdkBody>,
        longest: usize,
        within: Duration,
    ) -> Result<Answered, Unanswered> {
        let request = Request::try_from(request).map_err(|_| Unanswered::Malformed)?;
        let answered = async {
            let response = self.0.call(request).await.map_err(|error| Unanswered::Silent(error.into()))?;
            let status = StatusCode::from_u16(response.status().as_u16()).map_err(|_| Unanswered::Malformed)?;
            let location = response.headers().get("location").map(str::to_owned);
            let body = Limited::new(response.into_body(), longest).collect().await.map_err(|error| {
                if error.is::<LengthLimitError>() { Unanswered::TooLong(longest) } else { Unanswered::Silent(error) }
            })?;
            Ok(Answered { status, location, body: body.to_bytes().to_vec() })
        };
        tokio::time::timeout(within, answered).await.map_err(|_| Unanswered::Late)?
    }
}
