//! Files that come with texts: fetched from allowed hosts, bounded, and put where handed-in files wait for their check.

use std::future::Future;
use std::time::Duration;

use aws_smithy_types::body::SdkBody;
use axum::http::StatusCode;
use domain::{NoticeId, UploadId};
use uploads::{FileName, FileType, Submissions};
use url::Url;

use crate::Media;
use crate::addresses::{MediaHosts, PublicAddresses, leads_inside};
use crate::web::{Unanswered, Web};

/// As long as a file may be that comes by a form.
const LONGEST: usize = 20 * 1024 * 1024;
/// All redirects included. Ten files of a slow gateway are fetched in several tries.
const WITHIN: Duration = Duration::from_secs(8);
const REDIRECTS: usize = 3;

/// Takes a file in.
pub trait TakeMedia {
    /// Keeps the file as this upload. The same upload twice is one.
    fn take(&self, notice: NoticeId, upload: UploadId, media: &Media) -> impl Future<Output = Result<(), Untaken>>;
}

/// Why a file is not taken in. Says nothing of its address, which may open it.
#[derive(Debug, thiserror::Error)]
pub enum Untaken {
    /// It lies, or leads, where nothing is fetched from.
    #[error("the file's host is not among those allowed")]
    NotAllowed,
    /// The gateway does not give it out.
    #[error("the file's host answered {0}")]
    Refused(StatusCode),
    /// The gateway did not answer, or not to the end.
    #[error("the file was not had")]
    Unanswered(#[from] Unanswered),
    /// It leads from one place to the next.
    #[error("the file's address leads on too often")]
    LeadsOn,
    /// It could not be put where such files wait.
    #[error("the file was not kept")]
    Unkept(#[from] uploads::Error),
}

impl Untaken {
    /// Whether a later try may succeed.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Refused(status) => {
                status.is_server_error()
                    || matches!(*status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
            }
            Self::Unanswered(Unanswered::Silent(_) | Unanswered::Late) | Self::Unkept(_) => true,
            Self::NotAllowed | Self::LeadsOn | Self::Unanswered(Unanswered::TooLong(_) | Unanswered::Malformed) => {
                false
            }
        }
    }
}

/// Fetches files and keeps them in the bucket.
#[derive(Debug)]
pub struct Gallery {
    fetcher: Fetcher,
    bucket: Submissions,
}

impl Gallery {
    /// From these hosts, into this bucket.
    #[must_use]
    pub fn new(hosts: MediaHosts, bucket: Submissions) -> Self {
        Self { fetcher: Fetcher::new(hosts), bucket }
    }
}

impl TakeMedia for Gallery {
    async fn take(&self, notice: NoticeId, upload: UploadId, media: &Media) -> Result<(), Untaken> {
        let content = self.fetcher.fetch(&media.url).await?;
        let r#type = FileType::of_mime(media.content_type.split(';').next().unwrap_or_default().trim());
        let name = FileName::of(r#type.map_or("MMS", |r#type| name_of(r#type)));
        Ok(self.bucket.put(notice, upload, &name, r#type, content).await?)
    }
}

/// Telephones do not say what they call a file.
const fn name_of(r#type: FileType) -> &'static str {
    match r#type {
        FileType::Jpeg => "MMS.jpg",
        FileType::Png => "MMS.png",
        FileType::Heic => "MMS.heic",
        FileType::Heif => "MMS.heif",
        FileType::Pdf => "MMS.pdf",
    }
}

/// Fetches files from allowed hosts.
#[derive(Debug)]
pub struct Fetcher {
    web: Web,
    hosts: MediaHosts,
    longest: usize,
    within: Duration,
}

impl Fetcher {
    /// From these hosts, bounded as files by a form are.
    #[must_use]
    pub fn new(hosts: MediaHosts) -> Self {
        Self::bounded(hosts, LONGEST, WITHIN)
    }

    /// From these hosts, of at most so many bytes, in at most this time.
    #[must_use]
    pub fn bounded(hosts: MediaHosts, longest: usize, within: Duration) -> Self {
        Self { web: Web::new(PublicAddresses { hosts: hosts.clone() }), hosts, longest, within }
    }

    /// Fetches a file.
    ///
    /// # Errors
    /// When its host is not allowed, does not give it out in time, or gives out too much.
    pub async fn fetch(&self, address: &str) -> Result<Vec<u8>, Untaken> {
        let fetched = tokio::time::timeout(self.within, self.follow(address)).await;
        fetched.map_err(|_| Untaken::Unanswered(Unanswered::Late))?
    }

    /// Each address on the way is looked at before it is called.
    async fn follow(&self, address: &str) -> Result<Vec<u8>, Untaken> {
        let mut url = Url::parse(address).map_err(|_| Untaken::NotAllowed)?;
        for _ in 0..=REDIRECTS {
            if !self.hosts.permit(&url) {
                return Err(Untaken::NotAllowed);
            }
            let request = http::Request::get(url.as_str()).header("accept", "*/*").body(SdkBody::empty());
            let request = request.map_err(|_| Unanswered::Malformed)?;
            let answered = match self.web.call(request, self.longest, self.within).await {
                Err(Unanswered::Silent(error)) if leads_inside(&*error) => return Err(Untaken::NotAllowed),
                answered => answered?,
            };
            if answered.status.is_success() {
                return Ok(answered.body);
            }
            let location = answered.location.filter(|_| answered.status.is_redirection());
            let Some(location) = location else { return Err(Untaken::Refused(answered.status)) };
            url = url.join(&location).map_err(|_| Untaken::NotAllowed)?;
        }
        Err(Untaken::LeadsOn)
    }
}
