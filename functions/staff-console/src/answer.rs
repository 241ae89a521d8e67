//! `POST /v1/notices/{id}/answers`: an officer answers the resident, once per idempotency key, by the channel they consented
//! to.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bootstrap::ReadSettings;
use channels::wording::{Occasion, answer_whole};
use domain::settings::Settings;
use domain::text::{Encoding, TextSize, fits_one_text, unsupported};
use domain::{Channel, Fact, LinkToken, Notice, NoticeId, ReplyId, TextCode, limits};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use store::{Binding, Change, Decision, Direction, Reply, Transition};
use tongji_http::people::signatory;
use tongji_http::{Called, Fault, Fields, Problem, idempotency_key};

use crate::console::unavailable;
use crate::desk::{Converse, Desk, no_such_notice};
use crate::optout::{has_opted_out, wants_no_messages};
use crate::request::Request;
use crate::thread::{is_overtaken, moment, overtaken};

/// The largest body an answer may have.
const LARGEST_BODY: usize = 32 * 1024;

/// The body as JSON, if it is of bearable size.
pub(crate) fn body(bytes: &[u8]) -> Result<Value, Problem> {
    if bytes.len() > LARGEST_BODY {
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large"));
    }
    serde_json::from_slice(bytes)
        .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "the request is not well-formed").detail("not JSON"))
}

/// An answer on its way.
#[derive(Debug, Serialize)]
struct AnswerView {
    /// In the thread.
    id: ReplyId,
    notice: NoticeId,
    /// `sms` or `email`.
    channel: Channel,
    at: Timestamp,
    /// What AWS bills for the text, with what stands around the answer; absent for an e-mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    billed: Option<BilledView>,
}

#[derive(Debug, Serialize)]
struct BilledView {
    parts: usize,
    /// `gsm7` or `ucs2`.
    encoding: &'static str,
    units: usize,
}

impl BilledView {
    fn of(text: &str) -> Self {
        let size = TextSize::of(text);
        let encoding = match size.encoding {
            Encoding::Gsm7 => "gsm7",
            Encoding::Ucs2 => "ucs2",
        };
        Self { parts: size.parts, encoding, units: size.units }
    }
}

/// What an officer wants to say.
struct Wanted {
    text: String,
    unit: String,
    name: String,
    /// The newest that they have seen, if they say so.
    seen: Option<Timestamp>,
}

impl Wanted {
    fn read(document: &Value) -> Result<Self, Problem> {
        Fields::read(document, |fields| {
            let text = fields.text("text", limits::ANSWER);
            let seen = fields.optional("seen", moment);
            let (unit, name) = fields.object("officer", signatory)?;
            Some(Self { text: text?, unit, name, seen })
        })
        .map_err(Problem::unprocessable)
    }
}

/// Why an answer was not written.
enum Unanswered {
    /// Something came that the officer has not seen.
    Overtaken,
    /// The way to the resident has changed.
    OtherWay,
}

pub(crate) async fn write<T: Converse, S: ReadSettings + 'static>(
    State(desk): State<Arc<Desk<T, S>>>,
    Called(caller): Called,
    Path(id): Path<String>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Problem> {
    let key = idempotency_key(&headers)?;
    let wanted = Wanted::read(&body(&bytes)?)?;
    let request = Request::of("answer", &caller, &id, key, &bytes);
    if let Some(earlier) = request.earlier(&desk.table).await? {
        return Ok(created(earlier));
    }
    let settings = desk.settings().await?;
    let notice = desk.find(&id).await?;
    if notice.is_cancelled() {
        return Err(Problem::new(StatusCode::CONFLICT, "the notice was cancelled").notice(notice.id));
    }
    let channel = notice.answered_by().ok_or_else(|| unreachable_by_message(&notice))?;
    // Who wrote to the office is answered; nobody else is written to once they have opted out.
    if channel == Channel::Sms && notice.conversation.is_none() && has_opted_out(&desk.table, &notice).await? {
        return Err(wants_no_messages("no message may be sent to this resident", &notice));
    }
    let billed = match channel {
        Channel::Sms => Some(sized(&notice, &settings, &wanted.text, desk.clock.now())?),
        Channel::Email | Channel::Post => None,
    };
    let now = desk.clock.now();
    let (reply, id) = (ReplyId::new(now, &*desk.entropy), notice.id);
    let officer = Some(format!("{} {}", wanted.unit, wanted.name));
    let kept = Reply { id: reply, notice: id, direction: Direction::Outbound, text: wanted.text, officer, at: now };
    let view = AnswerView { id: reply, notice: id, channel, at: now, billed };
    let answer = serde_json::to_string(&view).map_err(|error| unavailable(&error))?;
    let bindings = vec![Binding::Reply(kept), Binding::Request(request.once(answer.clone()))];
    let fact = Fact::AnswerWritten { reply, channel, officer: wanted.name };
    let change = Change { at: now, fact, bindings };
    // Decided at the sight of this notice: if the way has closed meanwhile, it is decided anew.
    let decide = |notice: &Notice| {
        if is_overtaken(notice, wanted.seen) {
            Decision::Leave(Unanswered::Overtaken)
        } else if notice.answered_by() == Some(channel) {
            Decision::Record(change.clone())
        } else {
            Decision::Leave(Unanswered::OtherWay)
        }
    };
    match desk.table.transition(id, decide).await {
        Ok(Transition::Moved(_)) => {
            tracing::info!(notice.id = %id, %channel, "an officer answered");
            Ok(created(answer))
        }
        Ok(Transition::DoneBefore(_)) => {
            request.earlier(&desk.table).await?.map(created).ok_or_else(Problem::unavailable)
        }
        Ok(Transition::Refused(notice, refused)) => {
            Err(Problem::new(StatusCode::CONFLICT, "the notice takes no answer")
                .detail(refused.to_string())
                .notice(notice.id))
        }
        Ok(Transition::Left(Unanswered::Overtaken)) => Err(overtaken(id)),
        Ok(Transition::Left(Unanswered::OtherWay) | Transition::AlreadyThere(_)) => Err(Problem::unavailable()),
        Err(store::Error::NotFound) => Err(no_such_notice()),
        Err(error) => Err(unavailable(&error)),
    }
}

fn created(answer: String) -> Response {
    (StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], answer).into_response()
}

fn unreachable_by_message(notice: &Notice) -> Problem {
    let detail = "no e-mail address was consented to, and the telephone is no mobile: call them, or write a letter";
    Problem::new(StatusCode::CONFLICT, "no message reaches this resident").detail(detail).notice(notice.id)
}

/// What the whole text takes; refused where a carrier does not pass it, or not in one message.
fn sized(notice: &Notice, settings: &Settings, answer: &str, at: Timestamp) -> Result<BilledView, Problem> {
    let refused = |detail: String| Problem::unprocessable(vec![Fault::field("#/text".to_owned(), detail)]);
    let foreign = unsupported(answer);
    if !foreign.is_empty() {
        let named: Vec<String> =
            foreign.iter().map(|c| format!("{} (U+{:04X})", c.escape_debug(), u32::from(*c))).collect();
        return Err(refused(format!("Korean carriers do not pass {}", named.join(", "))));
    }
    let details = &notice.details;
    let (Some(kind), Some(department)) = (settings.kind(&details.kind), settings.department(&details.department))
    else {
        return Err(Problem::new(StatusCode::CONFLICT, "the settings no longer know the notice's kind or department"));
    };
    // An answer holds no link, and all codes are of one length: any will do to put it into words.
    let (Ok(token), Ok(code)) = (LinkToken::parse("000000000000"), TextCode::parse("000000")) else {
        return Err(Problem::unavailable());
    };
    let occasion = Occasion {
        notice,
        settings,
        department,
        kind,
        public_url: "",
        token: &token,
        code: &code,
        answer: Some(answer),
        at,
    };
    let words = answer_whole(&occasion, answer);
    if !fits_one_text(&words.0) {
        return Err(refused(format!(
            "too long for one text: {} characters with the office's own words",
            words.0.chars().count()
        )));
    }
    Ok(BilledView::of(&words.0))
}
