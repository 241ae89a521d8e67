//! The body of `POST /v1/notices` and of a cancellation: read whole, every fault named.

use domain::settings::{SEOUL, Settings};
use domain::{Details, KindCode, Nature, Reference, Refusal, limits};
use jiff::Timestamp;
use serde_json::Value;
use tongji_http::people::{department, officer, recipient};
use tongji_http::{Fault, Fields, papers};

/// A notice as the office hands it in, checked.
#[derive(Debug)]
pub(crate) struct NoticeRequest {
    pub(crate) details: Details,
    /// Corporations of this kind get letters.
    pub(crate) corporations_by_post: bool,
    /// Ask no earlier than this.
    pub(crate) not_before: Option<Timestamp>,
}

impl NoticeRequest {
    pub(crate) fn parse(body: &Value, settings: &Settings, now: Timestamp) -> Result<Self, Vec<Fault>> {
        Fields::read(body, |fields| {
            let reference = fields.required("reference", Reference::parse);
            let kind = fields.required("kind", |text| kind(settings, text));
            let department = fields.required("department", |text| department(settings, text));
            let title = fields.text("title", limits::TITLE);
            let body = fields.text("body", limits::BODY);
            let refusal = fields.optional_object("refusal", |refusal| {
                let (reason, remedy) =
                    (refusal.text("reason", limits::REFUSAL), refusal.text("remedy", limits::REFUSAL));
                Some(Refusal { reason: reason?, remedy: remedy? })
            });
            let officer = fields.object("officer", officer);
            let recipient = fields.object("recipient", recipient);
            let requests = papers::requests(fields, SEOUL.to_datetime(now).date());
            let not_before = fields.optional("send_after", |text| send_after(text, now));
            let (kind, nature, corporations_by_post) = kind?;
            Some(Self {
                details: Details {
                    reference: reference?,
                    kind,
                    nature,
                    department: department?,
                    title: title?,
                    body: body?,
                    refusal,
                    officer: officer?,
                    recipient: recipient?,
                    recipient_id: None,
                    permit: None,
                    requests,
                },
                corporations_by_post,
                not_before: not_before.filter(|moment| *moment > now),
            })
        })
    }
}

/// Who cancels, and why.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Cancellation {
    pub(crate) officer: String,
    pub(crate) unit: String,
    pub(crate) reason: String,
}

impl Cancellation {
    pub(crate) fn parse(body: &Value) -> Result<Self, Vec<Fault>> {
        Fields::read(body, |fields| {
            let officer = fields.object("officer", officer);
            let reason = fields.text("reason", 1..=500);
            let officer = officer?;
            Some(Self { officer: officer.name, unit: officer.unit, reason: reason? })
        })
    }
}

/// The name of the officer who decides.
pub(crate) fn named_officer(body: &Value) -> Result<String, Vec<Fault>> {
    Fields::read(body, |fields| fields.object("officer", officer).map(|officer| officer.name))
}

fn kind(settings: &Settings, text: &str) -> Result<(KindCode, Nature, bool), String> {
    let code = KindCode::parse(text).ok();
    let kind = code.and_then(|code| settings.kind(&code)).ok_or_else(|| {
        let known: Vec<&str> = settings.kinds.iter().map(|kind| kind.code.as_str()).collect();
        format!("expected one of {}", known.join(", "))
    })?;
    Ok((kind.code.clone(), kind.nature, kind.corporations_by_post))
}

fn send_after(text: &str, now: Timestamp) -> Result<Timestamp, &'static str> {
    let moment: Timestamp = text.parse().map_err(|_| "expected a moment such as 2026-11-24T09:00:00+09:00")?;
    if moment > now + limits::LONGEST_WAIT { Err("lies more than a year ahead") } else { Ok(moment) }
}
