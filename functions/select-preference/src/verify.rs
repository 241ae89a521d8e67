//! `/verify`: whether a text is the office's, for anyone who has its code. Tells nothing personal.

use std::net::IpAddr;

use askama::Template;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use domain::settings::Settings;
use domain::{Channel, Message, TextCode};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use store::{Error, IssuedText, Table};

use crate::answer::{Failure, page, unavailable};
use crate::app::App;
use crate::form::Form;
use crate::headers::STYLE;
use crate::view::{Office, Phone, hour};
use crate::{Files, ReadSettings};

/// So often may one source ask in a minute: more than anyone checks texts by hand, far too few to guess a code.
const ASKED_A_MINUTE: u32 = 10;

/// What the page needs of the table, by verb.
pub trait CheckTexts: Send + Sync + 'static {
    /// As [`Table::issued_text`].
    fn issued_text(
        &self,
        code: &TextCode,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<IssuedText>, Error>> + Send;

    /// As [`Table::count_attempt`], for this page.
    fn count_asked(&self, source: &str, now: Timestamp) -> impl Future<Output = Result<u32, Error>> + Send;
}

impl CheckTexts for Table {
    fn issued_text(
        &self,
        code: &TextCode,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<IssuedText>, Error>> + Send {
        self.issued_text(code, now)
    }

    fn count_asked(&self, source: &str, now: Timestamp) -> impl Future<Output = Result<u32, Error>> + Send {
        self.count_attempt("verify", source, now)
    }
}

#[derive(Template)]
#[template(path = "verify.html")]
struct Verify {
    office: Option<Office>,
    departments: Vec<(String, Phone)>,
    /// What was typed, where it must be mended.
    typed: String,
    finding: Finding,
}

/// What the page says of a code.
enum Finding {
    /// Nobody asked yet.
    Unasked,
    /// The office sent it.
    Sent { department: String, label: String, what: &'static str, at: String },
    /// The office sent nothing under it.
    Unknown { code: TextCode },
    /// It can be no code.
    NoCode,
    /// Too many questions at once.
    TooMany,
}

impl Finding {
    fn of(text: IssuedText, settings: &Settings) -> Self {
        let department = settings.department(&text.department).map_or_else(
            || settings.office.name.clone(),
            |department| format!("{} {}", settings.office.name, department.name),
        );
        Self::Sent { department, label: text.label, what: what(&text.message), at: hour(text.at) }
    }

    /// What was typed must be mended.
    const fn is_fault(&self) -> bool {
        matches!(self, Self::NoCode)
    }

    /// A code has been looked for.
    const fn is_answer(&self) -> bool {
        matches!(self, Self::Sent { .. } | Self::Unknown { .. })
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::Unasked | Self::Sent { .. } => StatusCode::OK,
            Self::Unknown { .. } => StatusCode::NOT_FOUND,
            Self::NoCode => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
        }
    }
}

/// What a text is for, as its reader would say it.
const fn what(message: &Message) -> &'static str {
    match message {
        Message::Question => "통지를 받으실 방법을 여쭙는 문자",
        Message::Reminder => "받으실 방법을 다시 여쭙는 문자",
        Message::EmailRequest => "이메일 주소를 여쭙는 문자",
        Message::Result { channel: Channel::Sms | Channel::Email | Channel::Post } => "통지를 보내 드리는 문자",
        Message::Acknowledgement { .. } => "답장을 받았음을 알려 드리는 문자",
        Message::RenewalConfirmation => "갱신 완료 접수를 알려 드리는 문자",
        Message::Answer { .. } => "담당자가 답장드리는 문자",
        Message::Clarification { .. } => "어느 통지에 대한 답장인지 여쭙는 문자",
        Message::ResumeConfirmation => "수신거부 해제를 알려 드리는 문자",
        Message::DocumentsRequest => "서류를 요청드리는 문자",
        Message::DocumentsReminder => "서류 제출을 다시 안내드리는 문자",
        Message::SubmissionReceipt { .. } => "서류 접수를 알려 드리는 문자",
        Message::DocumentRefused { .. } => "파일을 다시 내 주시도록 안내드리는 문자",
        Message::PostConfirmation => "우편 발송을 알려 드리는 문자",
        Message::OptOutConfirmation => "수신거부 처리를 알려 드리는 문자",
    }
}

impl<R: CheckTexts, S: ReadSettings, L: Files> App<R, S, L> {
    /// The page before anything is asked.
    pub(crate) async fn show_verify(&self) -> Response {
        match self.settings.current().await {
            Ok(settings) => told(&settings, Ok((String::new(), Finding::Unasked))),
            Err(error) => unavailable(None, &Failure::from(error)),
        }
    }

    /// Says whether the office sent the text with the code that was typed.
    pub(crate) async fn verify(&self, source: Option<&str>, form: &Form) -> Response {
        match self.settings.current().await {
            Ok(settings) => told(&settings, self.find(&settings, source, form).await),
            Err(error) => unavailable(None, &Failure::from(error)),
        }
    }

    /// What is found, and what was typed where it must be mended.
    async fn find(&self, settings: &Settings, source: Option<&str>, form: &Form) -> Result<(String, Finding), Failure> {
        let (typed, now) = (form.get("code").unwrap_or_default().to_owned(), self.clock.now());
        if self.residents.count_asked(&name_of(source), now).await? > ASKED_A_MINUTE {
            return Ok((typed, Finding::TooMany));
        }
        let Ok(code) = TextCode::parse(&typed) else { return Ok((typed, Finding::NoCode)) };
        let found = self.residents.issued_text(&code, now).await?;
        let finding = found.map_or(Finding::Unknown { code }, |text| Finding::of(text, settings));
        Ok((String::new(), finding))
    }
}

fn told(settings: &Settings, found: Result<(String, Finding), Failure>) -> Response {
    let office = Office::of(&settings.office);
    let departments = settings.departments.iter();
    let departments = departments.map(|department| (department.name.clone(), Phone::of(&department.sender))).collect();
    let told = found.and_then(|(typed, finding)| {
        let status = finding.status();
        page(status, &Verify { office: Some(office.clone()), departments, typed, finding })
    });
    match told {
        Ok(mut answer) => {
            if answer.status() == StatusCode::TOO_MANY_REQUESTS {
                answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("60"));
            }
            answer
        }
        Err(failure) => unavailable(Some(office), &failure),
    }
}

/// A source as it is counted: its address hashed. One household has many IPv6 addresses, and one /64.
fn name_of(source: Option<&str>) -> String {
    let name = match source.and_then(|source| source.parse().ok()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => format!("{:x?}", &address.segments()[..4]),
        None => "unknown".to_owned(),
    };
    hex::encode(&Sha256::digest(name)[..16])
}
