//! `/v1/notices/{id}/submissions` and `/v1/notices/{id}/requests`: what residents handed in, and what they are asked for.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::ports::Clock;
use domain::settings::SEOUL;
use domain::{Action, DocumentRequest, Fact, Notice, NoticeId};
use letters::ShareFile;
use serde_json::Value;
use store::{Binding, Change, Decision, Error, FileRecord, RecordAccess, Submission, Table, Transition};
use tongji_http::people::officer;
use tongji_http::{Called, Fault, Fields, Problem, idempotency_key};

use crate::console::unavailable;
use crate::optout::{ReadPreference, has_opted_out, wants_no_messages};
use crate::papers_view::{Asked, FileView, SubmissionView, Submitted};
use crate::request::{RememberAnswers, Request};

/// Links to files work this long; asking again gives new ones.
const LENT_FOR: Duration = Duration::from_mins(5);

/// Keeps what residents hand in.
pub trait KeepPapers: RecordAccess + RememberAnswers + ReadPreference + Send + Sync + 'static {
    /// As [`Table::notice`].
    fn notice(&self, id: NoticeId) -> impl Future<Output = Result<Option<Notice>, Error>> + Send;

    /// As [`Table::submissions`].
    fn submissions(&self, id: NoticeId) -> impl Future<Output = Result<Vec<Submission>, Error>> + Send;

    /// As [`Table::files`].
    fn files(&self, id: NoticeId) -> impl Future<Output = Result<Vec<FileRecord>, Error>> + Send;

    /// As [`Table::transition`].
    fn transition<T: Send>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> impl Future<Output = Result<Transition<T>, Error>> + Send;
}

impl KeepPapers for Table {
    async fn notice(&self, id: NoticeId) -> Result<Option<Notice>, Error> {
        Self::notice(self, id).await
    }

    async fn submissions(&self, id: NoticeId) -> Result<Vec<Submission>, Error> {
        Self::submissions(self, id).await
    }

    async fn files(&self, id: NoticeId) -> Result<Vec<FileRecord>, Error> {
        Self::files(self, id).await
    }

    fn transition<T: Send>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> impl Future<Output = Result<Transition<T>, Error>> + Send {
        self.transition(id, decide)
    }
}

/// What these routes work with.
pub struct Papers<T, F> {
    /// The notices, and what is known of files.
    pub table: T,
    /// The bucket of what residents hand in.
    pub files: F,
    /// The time.
    pub clock: Box<dyn Clock>,
}

impl<T, F> std::fmt::Debug for Papers<T, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Papers").finish_non_exhaustive()
    }
}

/// The routes of papers.
pub fn papers<T: KeepPapers, F: ShareFile + 'static>(papers: Arc<Papers<T, F>>) -> Router {
    Router::new()
        .route("/v1/notices/{id}/submissions", get(submissions::<T, F>))
        .route("/v1/notices/{id}/requests", post(requests::<T, F>))
        .with_state(papers)
}

async fn submissions<T: KeepPapers, F: ShareFile + 'static>(
    State(papers): State<Arc<Papers<T, F>>>,
    Called(caller): Called,
    Path(id): Path<String>,
) -> Result<Json<Submitted>, Problem> {
    let notice = papers.find(&id).await?;
    let submissions = papers.table.submissions(notice.id).await.map_err(|error| unavailable(&error))?;
    let records = papers.table.files(notice.id).await.map_err(|error| unavailable(&error))?;
    // On record before anything is shown: the names of files, and a link to each that may be opened.
    let now = papers.clock.now();
    let recipient = notice.details.recipient_id.as_ref();
    let access = caller.sees(Action::ListSubmissions, now).of_notice(notice.id, recipient);
    papers.table.record_access(&access).await.map_err(|error| unavailable(&error))?;
    let mut shown = Vec::new();
    for submission in submissions {
        let mut files = Vec::new();
        for upload in &submission.files {
            let record = records.iter().find(|record| record.upload == *upload);
            let mut view = FileView::of(&notice, *upload, record);
            if let Some((key, name)) = view.lent(notice.id) {
                let access = caller.sees(Action::DownloadSubmission, now).of_notice(notice.id, recipient);
                let access = access.of_object(&upload);
                papers.table.record_access(&access).await.map_err(|error| unavailable(&error))?;
                let url = papers.files.share(&key, &name, LENT_FOR).await.map_err(|error| unavailable(&error))?;
                view.lend(url, now + LENT_FOR);
            }
            files.push(view);
        }
        shown.push(SubmissionView::of(&submission, files));
    }
    Ok(Json(Submitted { asked: Asked::of(&notice), submissions: shown }))
}

async fn requests<T: KeepPapers, F: ShareFile + 'static>(
    State(papers): State<Arc<Papers<T, F>>>,
    Called(caller): Called,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Json<Asked>, Problem> {
    let now = papers.clock.now();
    let body: Value =
        serde_json::from_slice(&bytes).map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "the body is not JSON"))?;
    let (asked, officer) = read(&body, SEOUL.to_datetime(now).date()).map_err(Problem::unprocessable)?;
    let notice = papers.find(&id).await?;
    // The same request again, after an answer was lost, asks the resident once.
    let key = headers.contains_key("idempotency-key").then(|| idempotency_key(&headers)).transpose()?;
    let request = key.map(|key| Request::of("documents-requested", &caller, &id, key, &bytes));
    if let Some(request) = &request
        && request.earlier(&papers.table).await?.is_some()
    {
        return Ok(Json(Asked::of(&notice)));
    }
    if has_opted_out(&papers.table, &notice).await? {
        return Err(wants_no_messages("no papers can be asked for", &notice));
    }
    let once = request.as_ref().map(|request| Binding::Request(request.once(String::new())));
    let fact = Fact::DocumentsRequested { requests: asked, officer };
    let change = Change { at: now, fact, bindings: once.into_iter().collect() };
    let outcome = papers.table.transition(notice.id, |_| Decision::<()>::Record(change.clone())).await;
    match outcome.map_err(|error| unavailable(&error))? {
        Transition::Moved(notice) | Transition::AlreadyThere(notice) => {
            tracing::info!(notice.id = %notice.id, "papers were asked for");
            Ok(Json(Asked::of(&notice)))
        }
        Transition::DoneBefore(notice) => {
            if let Some(request) = &request {
                request.earlier(&papers.table).await?;
            }
            Ok(Json(Asked::of(&notice)))
        }
        Transition::Refused(_, why) => {
            Err(Problem::new(StatusCode::CONFLICT, "no papers can be asked for").detail(why.to_string()))
        }
        Transition::Left(()) => Err(Problem::unavailable()),
    }
}

fn read(body: &Value, today: jiff::civil::Date) -> Result<(Vec<DocumentRequest>, String), Vec<Fault>> {
    Fields::read(body, |fields| {
        let officer = fields.object("officer", officer);
        let asked = tongji_http::papers::requests(fields, today);
        if asked.is_empty() && !fields.is_faulty() {
            fields.fault("requests", "expected at least one paper");
        }
        Some((asked, officer?.name))
    })
}

impl<T: KeepPapers, F> Papers<T, F> {
    async fn find(&self, id: &str) -> Result<Notice, Problem> {
        let no_such_notice = || Problem::new(StatusCode::NOT_FOUND, "no such notice");
        let id = NoticeId::parse(id).map_err(|_| no_such_notice())?;
        self.table.notice(id).await.map_err(|error| unavailable(&error))?.ok_or_else(no_such_notice)
    }
}
