//! The body of `POST /v1/notices` and of a cancellation: read whole, every fault named.

use domain::settings::Settings;
use domain::{
    BirthDate, DepartmentCode, Details, EmailAddress, Entity, KindCode, Nature, Officer, PersonName, PhoneNumber,
    PostalAddress, Recipient, Reference, Refusal,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tongji_http::{Fault, Fields};

const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(24 * 366);

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
            let title = fields.text("title", 1..=200);
            let body = fields.text("body", 1..=30_000);
            let refusal = fields.optional_object("refusal", |refusal| {
                let (reason, remedy) = (refusal.text("reason", 1..=4_000), refusal.text("remedy", 1..=4_000));
                Some(Refusal { reason: reason?, remedy: remedy? })
            });
            let officer = fields.object("officer", officer);
            let recipient = fields.object("recipient", recipient);
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

pub(crate) fn department(settings: &Settings, text: &str) -> Result<DepartmentCode, String> {
    let code = DepartmentCode::parse(text).ok();
    let department = code.and_then(|code| settings.department(&code)).ok_or_else(|| {
        let known: Vec<&str> = settings.departments.iter().map(|department| department.code.as_str()).collect();
        format!("expected one of {}", known.join(", "))
    })?;
    Ok(department.code.clone())
}

fn officer(fields: &mut Fields<'_>) -> Option<Officer> {
    let (unit, name, phone) = (fields.text("unit", 1..=60), fields.text("name", 1..=30), fields.text("phone", 2..=30));
    Some(Officer { unit: unit?, name: name?, phone: phone? })
}

fn recipient(fields: &mut Fields<'_>) -> Option<Recipient> {
    let name = fields.required("name", PersonName::parse);
    let phone = fields.optional("phone", PhoneNumber::parse);
    let email = fields.optional("email", EmailAddress::parse);
    let address = fields.optional_object("address", address);
    let birth_date = fields.optional("birth_date", BirthDate::parse);
    let entity = fields.required("entity", |text| match text {
        "person" => Ok(Entity::Person),
        "corporation" => Ok(Entity::Corporation),
        _ => Err("expected one of person, corporation"),
    });
    let reachable = ["phone", "email", "address"].iter().any(|way| fields.is_present(way));
    if !reachable {
        fields.fault("", "expected at least one way to reach the recipient: phone, email or address");
    }
    Some(Recipient { name: name?, phone, email, address, birth_date, entity: entity? })
}

fn address(fields: &mut Fields<'_>) -> Option<PostalAddress> {
    let plain = |text: &str| Ok::<_, &str>(text.to_owned());
    let (postal_code, line) = (fields.required("postal_code", plain), fields.required("line", plain));
    match PostalAddress::parse(&postal_code?, &line?) {
        Ok(address) => Some(address),
        Err(wrong) => {
            for (name, error) in wrong {
                fields.fault(name, error.to_string());
            }
            None
        }
    }
}

fn send_after(text: &str, now: Timestamp) -> Result<Timestamp, &'static str> {
    let moment: Timestamp = text.parse().map_err(|_| "expected a moment such as 2026-11-24T09:00:00+09:00")?;
    if moment > now + LONGEST_WAIT { Err("lies more than a year ahead") } else { Ok(moment) }
}
