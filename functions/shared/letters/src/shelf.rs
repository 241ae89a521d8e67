//! The bucket.

use std::collections::BTreeMap;
use std::future::Future;
use std::ops::Range;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use domain::{Checksum, Letter, NoticeId};

use crate::error::is_missing;
use crate::{Error, letter_key};

/// All pieces of a file that is put together but the last have at least 5 MB.
const PIECE: usize = 8 * 1024 * 1024;

/// Keeps a file.
pub trait KeepFile: Send + Sync {
    /// Writes it whole, over whatever stood there. The checksum is that of the content.
    fn keep(
        &self,
        key: &str,
        content_type: &'static str,
        content: Vec<u8>,
        sha256: &Checksum,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Fetches a letter.
pub trait FetchLetter: Send + Sync {
    /// The very file that the notice records.
    fn fetch(&self, notice: NoticeId, letter: &Letter) -> impl Future<Output = Result<Vec<u8>, Error>> + Send;

    /// Whether that file is there.
    fn has(&self, notice: NoticeId, letter: &Letter) -> impl Future<Output = Result<bool, Error>> + Send;
}

/// Lends a file to someone without an account.
pub trait ShareFile: Send + Sync {
    /// An address under which it is downloaded as `name`, for so long.
    fn share(&self, key: &str, name: &str, lasting: Duration) -> impl Future<Output = Result<String, Error>> + Send;
}

/// Reads a file piece by piece.
pub trait ReadFile: Send + Sync {
    /// The bytes of this range, or as many of them as there are.
    fn read(&self, key: &str, range: Range<u64>) -> impl Future<Output = Result<Vec<u8>, Error>> + Send;
}

/// Makes one file of several.
pub trait JoinFiles: Send + Sync {
    /// Writes `head` and the content of these files, in their order, over whatever stood under `key`.
    fn join(
        &self,
        key: &str,
        content_type: &'static str,
        head: Vec<u8>,
        parts: Vec<String>,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Takes a file from someone without an account.
pub trait TakeFile: Send + Sync {
    /// Where and how a file of this length and content, and no other, is put, for so long.
    fn take(
        &self,
        key: &str,
        bytes: u64,
        sha256: &Checksum,
        lasting: Duration,
    ) -> impl Future<Output = Result<Upload, Error>> + Send;
}

/// A `PUT` that brings a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Its address.
    pub url: String,
    /// Headers it must carry.
    pub headers: BTreeMap<String, String>,
}

/// A bucket: of letters and print runs, or of batches.
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
    async fn keep(
        &self,
        key: &str,
        content_type: &'static str,
        content: Vec<u8>,
        sha256: &Checksum,
    ) -> Result<(), Error> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(content_type)
            // S3 refuses what does not arrive as it was sent.
            .checksum_sha256(base64(sha256))
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
        let content = whole(answer.body).await?;
        if Checksum::of(&content) == letter.sha256 { Ok(content) } else { Err(Error::Altered) }
    }

    async fn has(&self, notice: NoticeId, letter: &Letter) -> Result<bool, Error> {
        let request = self.client.head_object().bucket(&self.bucket).key(letter_key(notice, &letter.sha256));
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if is_missing(&error) => Ok(false),
            Err(error) => Err(Error::s3("HeadObject")(error)),
        }
    }
}

impl ShareFile for Shelf {
    async fn share(&self, key: &str, name: &str, lasting: Duration) -> Result<String, Error> {
        // RFC 5987, since names are Korean.
        let name: String = name.bytes().map(percent_encoded).collect();
        let request = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key)
            .response_content_disposition(format!("attachment; filename*=UTF-8''{name}"))
            .presigned(signed_for("GetObject", lasting)?)
            .await
            .map_err(Error::s3("GetObject"))?;
        Ok(request.uri().to_owned())
    }
}

impl ReadFile for Shelf {
    async fn read(&self, key: &str, range: Range<u64>) -> Result<Vec<u8>, Error> {
        // A range of S3 names its last byte.
        let Some(last) = range.end.checked_sub(1).filter(|last| *last >= range.start) else { return Ok(Vec::new()) };
        let request = self.client.get_object().bucket(&self.bucket).key(key);
        match request.range(format!("bytes={}-{last}", range.start)).send().await {
            Ok(answer) => whole(answer.body).await,
            // It begins past the end.
            Err(error) if error.code() == Some("InvalidRange") => Ok(Vec::new()),
            Err(error) => Err(Error::s3("GetObject")(error)),
        }
    }
}

impl JoinFiles for Shelf {
    async fn join(
        &self,
        key: &str,
        content_type: &'static str,
        head: Vec<u8>,
        parts: Vec<String>,
    ) -> Result<(), Error> {
        let upload = self.client.create_multipart_upload().bucket(&self.bucket).key(key).content_type(content_type);
        let upload = upload.send().await.map_err(Error::s3("CreateMultipartUpload"))?;
        let upload = upload.upload_id.unwrap_or_default();
        let (mut piece, mut done, mut parts) = (head, CompletedMultipartUpload::builder(), parts.into_iter());
        for number in 1.. {
            let mut is_last = true;
            for part in parts.by_ref() {
                let answer = self.client.get_object().bucket(&self.bucket).key(part).send().await;
                piece.extend(whole(answer.map_err(Error::s3("GetObject"))?.body).await?);
                if piece.len() >= PIECE {
                    is_last = false;
                    break;
                }
            }
            let request =
                self.client.upload_part().bucket(&self.bucket).key(key).upload_id(&upload).part_number(number);
            let answer = request.body(ByteStream::from(std::mem::take(&mut piece))).send().await;
            let tag = answer.map_err(Error::s3("UploadPart"))?.e_tag;
            done = done.parts(CompletedPart::builder().part_number(number).set_e_tag(tag).build());
            if is_last {
                break;
            }
        }
        let request = self.client.complete_multipart_upload().bucket(&self.bucket).key(key).upload_id(&upload);
        let answer = request.multipart_upload(done.build()).send().await;
        answer.map_err(Error::s3("CompleteMultipartUpload"))?;
        Ok(())
    }
}

impl TakeFile for Shelf {
    async fn take(&self, key: &str, bytes: u64, sha256: &Checksum, lasting: Duration) -> Result<Upload, Error> {
        let request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_length(i64::try_from(bytes).unwrap_or(i64::MAX))
            .checksum_sha256(base64(sha256))
            .presigned(signed_for("PutObject", lasting)?)
            .await
            .map_err(Error::s3("PutObject"))?;
        let headers = request.headers().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Upload { url: request.uri().to_owned(), headers: headers.collect() })
    }
}

async fn whole(body: ByteStream) -> Result<Vec<u8>, Error> {
    let content = body.collect().await.map_err(|source| Error::S3 {
        operation: "GetObject",
        code: "broken off".to_owned(),
        source: source.into(),
    })?;
    Ok(content.to_vec())
}

fn signed_for(operation: &'static str, lasting: Duration) -> Result<PresigningConfig, Error> {
    PresigningConfig::expires_in(lasting).map_err(|source| Error::S3 {
        operation,
        code: "not signed".to_owned(),
        source: source.into(),
    })
}

fn base64(sha256: &Checksum) -> String {
    BASE64_STANDARD.encode(hex::decode(sha256.as_str()).unwrap_or_default())
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
        let kept =
            shelf.keep(&letter_key(notice(), &sha256), "application/pdf", b"%PDF-1.7 a letter".to_vec(), &sha256).await;
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
