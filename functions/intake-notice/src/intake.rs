//! `POST /v1/notices`: once per idempotency key, once per the office's own number.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bootstrap::{SettingsFeed, SystemClock, SystemEntropy, chain};
use domain::ports::Clock;
use domain::settings::Settings;
use domain::{Access, Caller, Notice, NoticeId};
use serde_json::Value;
use sha2::{Digest, Sha256};
use store::{Created, NewNotice, Once, RecipientKey, Table};
use tongji_http::{Called, Fault, Problem, idempotency_key};

use crate::LARGEST_BODY;
use crate::request::NoticeRequest;
use crate::view::NoticeView;

/// How often a notice is decided anew because the resident changed their preference at that very moment.
const DECISIONS: u32 = 3;

/// What the routes work with.
pub struct Intake {
    /// The one table.
    pub table: Table,
    /// The office's settings.
    pub settings: SettingsFeed<SystemClock>,
    /// Keys recipients' identities.
    pub recipient_key: RecipientKey,
    /// The time.
    pub clock: SystemClock,
    /// For new ids.
    pub entropy: SystemEntropy,
}

impl Intake {
    pub(crate) async fn settings(&self) -> Result<Arc<Settings>, Problem> {
        self.settings.current().await.map_err(|error| unavailable(&error))
    }

    /// Puts on record what the caller is about to see; without that they do not see it.
    pub(crate) async fn record(&self, access: &Access) -> Result<(), Problem> {
        self.table.record_access(access).await.map_err(|error| unavailable(&error))
    }
}

/// Logs an error of ours, once, and tells the caller to try again.
pub(crate) fn unavailable(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(error = chain(error), "a request failed");
    Problem::unavailable()
}

pub(crate) async fn create(
    State(intake): State<Arc<Intake>>,
    Called(Caller { client, .. }): Called,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let key = idempotency_key(&headers)?;
    let document = json(&body)?;
    let request_hash = hex::encode(Sha256::digest(&body));
    let scope = format!("intake#{client}");
    let settings = intake.settings().await?;
    let now = intake.clock.now();
    let NoticeRequest { mut details, corporations_by_post, not_before } =
        match NoticeRequest::parse(&document, &settings, now) {
            Ok(request) => request,
            Err(faults) => {
                // What was accepted once gets its answer again, whatever has changed since. All else learns by storing
                // that it came before.
                let earlier = intake.table.earlier(&scope, &key, &request_hash).await;
                return match earlier.map_err(|error| unavailable(&error))? {
                    Some(earlier) => answer(earlier, String::new(), None),
                    None => Err(Problem::unprocessable(faults)),
                };
            }
        };
    details.recipient_id = details.recipient.phone.as_ref().map(|phone| intake.recipient_key.identify(phone));
    let id = NoticeId::new(now, &intake.entropy);
    for _ in 0..DECISIONS {
        let opening =
            intake.table.opening(&details, corporations_by_post).await.map_err(|error| unavailable(&error))?;
        let (notice, events) = Notice::accept(id, details.clone(), &opening, not_before, now);
        let view = NoticeView::of(&notice, Some(events.clone()));
        let text = serde_json::to_string(&view).map_err(|error| unavailable(&error))?;
        let (scope, key, request_hash) = (scope.clone(), key.clone(), request_hash.clone());
        let once = Some(Once { scope, key, request_hash, answer: text.clone() });
        let created = intake.table.create(&NewNotice { notice, events, opening, once }).await;
        match created.map_err(|error| unavailable(&error))? {
            Created::PreferenceChanged => {}
            created @ (Created::Stored
            | Created::There
            | Created::Before { .. }
            | Created::KeyReused
            | Created::ReferenceTaken { .. }) => {
                return answer(created, text, Some(id));
            }
        }
    }
    Err(Problem::unavailable())
}

fn answer(created: Created, text: String, id: Option<NoticeId>) -> Result<Response, Problem> {
    let text = match created {
        Created::Stored => {
            tracing::info!(notice.id = id.map(tracing::field::display), "notice accepted");
            text
        }
        Created::Before { answer } => answer,
        Created::KeyReused => {
            let fault = Fault::header("Idempotency-Key", "came before with another body");
            return Err(Problem::unprocessable(vec![fault]));
        }
        Created::ReferenceTaken { notice } => {
            let problem = Problem::new(StatusCode::CONFLICT, "the reference belongs to another notice");
            return Err(problem.detail("a reference is used once per department and kind").notice(notice));
        }
        // A new id is drawn for every request.
        Created::There | Created::PreferenceChanged => return Err(Problem::unavailable()),
    };
    let location = serde_json::from_str::<Value>(&text).ok().and_then(|view| {
        let id = view.get("id")?.as_str()?;
        HeaderValue::try_from(format!("/v1/notices/{id}")).ok()
    });
    let mut response = (StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], text).into_response();
    if let Some(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// The body as JSON, if it is of bearable size.
pub(crate) fn json(body: &[u8]) -> Result<Value, Problem> {
    if body.len() > LARGEST_BODY {
        let problem = Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large");
        return Err(problem.detail(format!("at most {LARGEST_BODY} bytes")));
    }
    serde_json::from_slice(body).map_err(|error| {
        let place = format!("not JSON at line {}, column {}", error.line(), error.column());
        Problem::new(StatusCode::BAD_REQUEST, "the request is not well-formed").detail(place)
    })
}
