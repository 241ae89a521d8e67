//! The bucket.

use std::future::Future;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use domain::{Checksum, Letter, NoticeId};

use crate::{Error, letter_key};

/// Keeps a file.
pub trait KeepFile: Send + Sync {
    /// Writes it whole, over whatever stood there.
    fn keep(
        &self,
        key: &str,
        content_type: &'static str,
        content: Vec<u8>,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Fetches a letter.
pub trait FetchLetter: Send + Sync {
    /// The very file that the notice records.
    fn fetch(&self, notice: NoticeId, letter: &Letter) -> impl Future<Output = Result<Vec<u8>, Error>> + Send;
}

/// Lends a file to someone without an account.
pub trait ShareFile: Send + Sync {
    /// An address under which it is downloaded as `name`, for so long.
    fn share(&self, key: &str, name: &str, lasting: Duration) -> impl Future<Output = Result<String, Error>> + Send;
}

/// The bucket of letters and print runs.
#[derive(Debug, Clone)]
pub struct Shelf {
    client: Client,
    bucket: String,
}

impl Shelf {
    /// The bucket of that name.
    #[must_use]
    pub const fn new(client: Client, bucket: String) -> Self {
        Self { client, bucket }
    }

    /// The bucket of that name, for files that take up to so long on their way.
    #[must_use]
    pub fn for_large_files(config: impl Into<aws_sdk_s3::config::Builder>, bucket: String, longest: Duration) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_attempt_timeout(longest)
            .operation_timeout(longest * 2)
            .build();
        Self { client: Client::from_conf(config.into().timeout_config(timeouts).build()), bucket }
    }
}

impl KeepFile for Shelf {
    async fn keep(&self, key: &str, content_type: &'static str, content: Vec<u8>) -> Result<(), Error> {
        let sha256 = hex::decode(Checksum::of(&content).as_str()).unwrap_or_default();
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(content_type)
            // S3 refuses what does not arrive as it was sent.
            .checksum_sha256(BASE64_STANDARD.encode(sha256))
            .body(ByteStream::from(content))
            .send()
            .await
            .map_err(Error::s3("PutObject"))?;
        Ok(())
    }
}

impl FetchLetter for Shelf {
    async fn fetch(&self, notice: NoticeId, letter: &Letter) -> Result<Vec<u8>, Error> {
        let request = self.client.get_object().bucket(&self.bucket).key(letter_key(notice, &letter.sha256));
        let answer = request.send().await.map_err(Error::s3("GetObject"))?;
        let content = answer.body.collect().await;
        let content = content.map_err(|source| Error::S3 {
            operation: "GetObject",
            code: "broken off".to_owned(),
            source: source.into(),
        })?;
        let content = content.to_vec();
        if Checksum::of(&content) == letter.sha256 { Ok(content) } else { Err(Error::Altered) }
    }
}

impl ShareFile for Shelf {
    async fn share(&self, key: &str, name: &str, lasting: Duration) -> Result<String, Error> {
        let unsigned = |source: aws_sdk_s3::presigning::PresigningConfigError| Error::S3 {
            operation: "GetObject",
            code: "not signed".to_owned(),
            source: source.into(),
        };
        // RFC 5987, since names are Korean.
        let name: String = name.bytes().map(percent_encoded).collect();
        let request = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .response_content_disposition(format!("attachment; filename*=UTF-8''{name}"))
            .presigned(PresigningConfig::expires_in(lasting).map_err(unsigned)?)
            .await
            .map_err(Error::s3("GetObject"))?;
        Ok(request.uri().to_owned())
    }
}

fn percent_encoded(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::operation::get_object::GetObjectOutput;
    use aws_sdk_s3::operation::put_object::PutObjectOutput;
    use aws_smithy_mocks::{RuleMode, mock, mock_client};

    use super::*;
    use crate::fake::letter_of;

    fn notice() -> NoticeId {
        NoticeId::parse("01KAR4Q4C00000000000000001").expect("an id")
    }

    #[tokio::test]
    async fn a_letter_is_kept_under_its_checksum_which_s3_checks_too() {
        let rule = mock!(Client::put_object)
            .match_requests(|request| {
                request.key() == Some("letters/01KAR4Q4C00000000000000001/0e0daae501dae7bbcdd9381c4faec3b23f2b2b4bb7d25b9b794fe96e56262651.pdf")
                    && request.checksum_sha256() == Some("Dg2q5QHa57vN2TgcT67Dsj8rK0u30lubeU/pblYmJlE=")
                    && request.content_type() == Some("application/pdf")
            })
            .then_output(|| PutObjectOutput::builder().build());
        let shelf = Shelf::new(mock_client!(aws_sdk_s3, RuleMode::MatchAny, [&rule]), "letters".to_owned());
        let sha256 = Checksum::of(b"%PDF-1.7 a letter");
        let kept = shelf.keep(&letter_key(notice(), &sha256), "application/pdf", b"%PDF-1.7 a letter".to_vec()).await;
        kept.expect("kept");
    }

    #[tokio::test]
    async fn a_letter_that_is_not_the_recorded_one_is_refused() {
        let rule = mock!(Client::get_object)
            .then_output(|| GetObjectOutput::builder().body(ByteStream::from_static(b"another")).build());
        let shelf = Shelf::new(mock_client!(aws_sdk_s3, RuleMode::MatchAny, [&rule]), "letters".to_owned());
        let altered = shelf.fetch(notice(), &letter_of(b"%PDF-1.7 a letter")).await;
        assert!(matches!(altered, Err(Error::Altered)));
        assert_eq!(shelf.fetch(notice(), &letter_of(b"another")).await.expect("the one"), b"another");
    }
}
