//! The bucket.

use aws_config::SdkConfig;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{MetadataDirective, TaggingDirective};
use domain::{NoticeId, RequestCode, UploadId};
use jiff::Timestamp;
use letters::is_missing;
use std::time::Duration;

use crate::form::Signer;
use crate::keys::quarantine_prefix;
use crate::{
    Arrived, Described, Error, FileName, FileType, KeepUploads, Kept, LookInto, Ticket, UploadForm, clean_key,
    quarantine_key, quarantined,
};

/// The bucket of what residents hand in.
#[derive(Debug, Clone)]
pub struct Submissions {
    client: Client,
    bucket: String,
    region: String,
    credentials: Option<SharedCredentialsProvider>,
}

impl Submissions {
    /// The bucket of that name.
    #[must_use]
    pub fn new(aws: &SdkConfig, bucket: String) -> Self {
        // Twenty megabytes take longer than what else we ask of AWS.
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_attempt_timeout(Duration::from_secs(15))
            .build();
        let config = aws_sdk_s3::config::Builder::from(aws).timeout_config(timeouts).build();
        Self {
            client: Client::from_conf(config),
            bucket,
            region: aws.region().map(ToString::to_string).unwrap_or_default(),
            credentials: aws.credentials_provider(),
        }
    }

    /// Puts a file there that came by another way than a form, as a form would have put it.
    ///
    /// # Errors
    /// When S3 does not take it.
    pub async fn put(
        &self,
        notice: NoticeId,
        upload: UploadId,
        name: &FileName,
        r#type: Option<FileType>,
        content: Vec<u8>,
    ) -> Result<(), Error> {
        let request = self.client.put_object().bucket(&self.bucket).key(quarantine_key(notice, upload));
        let request = request.set_content_type(r#type.map(|r#type| r#type.mime().to_owned()));
        let request = request.metadata("name", name.encoded()).body(ByteStream::from(content));
        request.send().await.map_err(Error::s3("PutObject"))?;
        Ok(())
    }

    /// Where forms are posted to: the bucket's address as the SDK knows it, whichever endpoint it was given.
    async fn address(&self) -> Result<String, Error> {
        let lasting = PresigningConfig::expires_in(Duration::from_mins(1)).map_err(|source| unsigned(source.into()))?;
        let request = self.client.get_object().bucket(&self.bucket).key("-").presigned(lasting).await;
        let request = request.map_err(Error::s3("GetObject"))?;
        let address = request.uri().split("-?").next().unwrap_or_default();
        Ok(address.to_owned())
    }
}

impl KeepUploads for Submissions {
    async fn form(&self, ticket: &Ticket) -> Result<UploadForm, Error> {
        let provider = self.credentials.as_ref().ok_or_else(|| unsigned("no credentials".into()))?;
        let credentials = provider.provide_credentials().await.map_err(|source| unsigned(source.into()))?;
        let signer = Signer { credentials: &credentials, region: &self.region, bucket: &self.bucket };
        Ok(signer.form(self.address().await?, ticket))
    }

    async fn origin(&self) -> Result<String, Error> {
        let address = self.address().await?;
        // `https://host:port/…`: three slashes in.
        Ok(address.split('/').take(3).collect::<Vec<_>>().join("/"))
    }

    async fn arrived(&self, notice: NoticeId, at_most: usize) -> Result<Vec<Arrived>, Error> {
        let request = self.client.list_objects_v2().bucket(&self.bucket).prefix(quarantine_prefix(notice));
        let answer = request.max_keys(i32::try_from(at_most).unwrap_or(i32::MAX)).send().await;
        let found = answer.map_err(Error::s3("ListObjectsV2"))?.contents.unwrap_or_default();
        let arrived = found.into_iter().filter_map(|object| {
            let (_, upload) = quarantined(object.key()?)?;
            let bytes = object.size().and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default();
            let seconds = object.last_modified().map_or(0, aws_sdk_s3::primitives::DateTime::secs);
            Some(Arrived { upload, bytes, at: Timestamp::from_second(seconds).unwrap_or_default() })
        });
        Ok(arrived.collect())
    }

    async fn describe(&self, notice: NoticeId, upload: UploadId) -> Result<Option<Described>, Error> {
        let request = self.client.head_object().bucket(&self.bucket).key(quarantine_key(notice, upload));
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(Error::s3("HeadObject")(error)),
        };
        let said = |name: &str| answer.metadata().and_then(|metadata| metadata.get(name)).map(String::as_str);
        Ok(Some(Described {
            name: FileName::decode(said("name").unwrap_or_default()),
            request: said("request").and_then(|code| RequestCode::parse(code).ok()),
            bytes: answer.content_length().and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default(),
            etag: answer.e_tag().unwrap_or_default().trim_matches('"').to_owned(),
        }))
    }

    async fn discard(&self, notice: NoticeId, upload: UploadId) -> Result<(), Error> {
        let delete = self.client.delete_object().bucket(&self.bucket).key(quarantine_key(notice, upload));
        delete.send().await.map_err(Error::s3("DeleteObject"))?;
        Ok(())
    }

    async fn release(&self, notice: NoticeId, upload: UploadId, kept: &Kept) -> Result<bool, Error> {
        let (from, to) = (quarantine_key(notice, upload), clean_key(notice, upload));
        let copy = self
            .client
            .copy_object()
            .bucket(&self.bucket)
            .copy_source(format!("{}/{from}", self.bucket))
            // Whoever overwrote it since gets nothing by it.
            .copy_source_if_match(format!("\"{}\"", kept.etag))
            .key(&to)
            .metadata_directive(MetadataDirective::Replace)
            // Of tags, the scanner's alone, nothing is carried on: to read them takes another permission.
            .tagging_directive(TaggingDirective::Replace)
            .content_type(kept.r#type.mime())
            .content_disposition(format!("attachment; filename*=UTF-8''{}", kept.name.encoded()));
        match copy.send().await {
            Ok(_) => {}
            Err(error) if is_missing(&error) || error.code() == Some("PreconditionFailed") => {
                let there = self.client.head_object().bucket(&self.bucket).key(&to).send().await;
                return match there {
                    Ok(_) => Ok(true),
                    Err(error) if is_missing(&error) => Ok(false),
                    Err(error) => Err(Error::s3("HeadObject")(error)),
                };
            }
            Err(error) => return Err(Error::s3("CopyObject")(error)),
        }
        self.discard(notice, upload).await?;
        Ok(true)
    }
}

impl LookInto for Submissions {
    async fn content(&self, notice: NoticeId, upload: UploadId, etag: &str) -> Result<Option<Vec<u8>>, Error> {
        let request = self.client.get_object().bucket(&self.bucket).key(quarantine_key(notice, upload));
        let answer = match request.if_match(format!("\"{etag}\"")).send().await {
            Ok(answer) => answer,
            Err(error) if is_missing(&error) || error.code() == Some("PreconditionFailed") => return Ok(None),
            Err(error) => return Err(Error::s3("GetObject")(error)),
        };
        let content = answer.body.collect().await.map_err(|source| Error::S3 {
            operation: "GetObject",
            code: "broken off".to_owned(),
            source: source.into(),
        })?;
        Ok(Some(content.to_vec()))
    }
}

fn unsigned(source: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::S3 { operation: "PostObject", code: "not signed".to_owned(), source }
}
