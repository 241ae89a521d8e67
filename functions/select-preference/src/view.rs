//! What each page shows. Pure: a view is built from a notice and settings, and renders to the same text every time.

use askama::Template;
use domain::{Consent, Entity, Given, Nature, Notice, Officer, PostReason, PostalAddress, Refusal, State, settings};
use jiff::Timestamp;
use jiff::civil::Weekday;

use crate::app::Door;
use crate::choose::{Draft, Faults, Reach, Way, reach, takes_electronic, takes_texts};
use crate::headers::STYLE;
use crate::standing::TRIES;

/// A telephone as people read it and as a telephone dials it.
#[derive(Debug, Clone)]
pub(crate) struct Phone {
    pub(crate) shown: String,
    /// None where the text holds no number to dial.
    pub(crate) dial: Option<String>,
}

impl Phone {
    fn of(shown: &str) -> Self {
        // `02-2155-0001 (내선 3)`: what stands in brackets is not dialled.
        let number = shown.split('(').next().unwrap_or_default();
        let dial: String = number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        Self { shown: shown.to_owned(), dial: (dial.len() >= 7).then_some(dial) }
    }
}

/// The office, on every page.
#[derive(Debug, Clone)]
pub(crate) struct Office {
    pub(crate) name: String,
    pub(crate) phone: Phone,
}

impl Office {
    pub(crate) fn of(office: &settings::Office) -> Self {
        Self { name: office.name.clone(), phone: Phone::of(&office.phone) }
    }
}

/// Who sends a notice and whom to ask about it.
pub(crate) struct Sender {
    pub(crate) office: String,
    /// None where the settings no longer know it; the officer's unit then says it.
    pub(crate) department: Option<String>,
    pub(crate) kind: String,
    pub(crate) officer: Officer,
    pub(crate) phone: Phone,
}

impl Sender {
    pub(crate) fn of(notice: &Notice, settings: &settings::Settings) -> Self {
        let details = &notice.details;
        Self {
            office: settings.office.name.clone(),
            department: settings.department(&details.department).map(|department| department.name.clone()),
            kind: settings.kind(&details.kind).map_or_else(|| "통지".to_owned(), |kind| kind.label.clone()),
            officer: details.officer.clone(),
            phone: Phone::of(&details.officer.phone),
        }
    }

    fn from(&self) -> &str {
        self.department.as_deref().unwrap_or(&self.officer.unit)
    }
}

/// Where something electronic goes, masked.
pub(crate) struct Destination {
    pub(crate) way: &'static str,
    pub(crate) to: String,
}

impl From<&Given> for Destination {
    fn from(given: &Given) -> Self {
        match given {
            Given::Sms(phone) => Self { way: "문자", to: phone.masked() },
            Given::Email(email) => Self { way: "이메일", to: email.masked() },
        }
    }
}

macro_rules! plain_views {
    ($($(#[$doc:meta])* $name:ident, $path:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Template)]
        #[template(path = $path)]
        pub(crate) struct $name {
            pub(crate) office: Option<Office>,
            pub(crate) sender: Sender,
        }
    )*};
}

plain_views! {
    /// Too many wrong second factors.
    Locked, "locked.html";
    /// An officer ended it.
    Cancelled, "cancelled.html";
    /// The letter is out.
    Posted, "posted.html";
    /// The letter came back.
    Returned, "returned.html";
    /// It went out before the choice came.
    AlreadySent, "already_sent.html";
    /// Do you want to refuse?
    OptOut, "opt_out.html";
}

/// A token that opens nothing, now or ever.
#[derive(Template)]
#[template(path = "not_found.html")]
pub(crate) struct NotFound {
    pub(crate) office: Option<Office>,
}

/// A form longer than any of ours.
#[derive(Template)]
#[template(path = "too_large.html")]
pub(crate) struct TooLarge {
    pub(crate) office: Option<Office>,
}

/// A failure on our side.
#[derive(Template)]
#[template(path = "unavailable.html")]
pub(crate) struct Unavailable {
    /// None when not even the settings are to be had.
    pub(crate) office: Option<Office>,
}

/// The result is on its way out.
#[derive(Template)]
#[template(path = "sending.html")]
pub(crate) struct Sending {
    pub(crate) office: Option<Office>,
    pub(crate) sender: Sender,
    pub(crate) to: Option<Destination>,
}

/// Refused as wished.
#[derive(Template)]
#[template(path = "opted_out.html")]
pub(crate) struct OptedOut {
    pub(crate) office: Option<Office>,
    pub(crate) sender: Sender,
    pub(crate) everything: bool,
}

/// How the notice stands before anything is sent.
pub(crate) enum Current {
    /// Nobody has chosen yet.
    Open,
    /// They chose e-mail by text, and the address is missing.
    EmailAwaited,
    /// They chose, here or earlier.
    Chosen(Destination),
    /// They chose a letter.
    PostChosen,
    /// It goes by letter for another reason.
    PostInstead(&'static str),
    /// It should go by letter, and there is no address.
    NoAddress,
}

impl Current {
    fn of(notice: &Notice, in_use: Option<&Consent>) -> Self {
        match &notice.state {
            State::Sending { .. } => in_use.map_or(Self::Open, |consent| Self::Chosen((&consent.given).into())),
            State::Asking { awaiting_email: true, .. } => Self::EmailAwaited,
            State::Posting { reason, .. } => match reason {
                PostReason::Chosen | PostReason::StandingPreference => Self::PostChosen,
                PostReason::OptedOut => Self::PostInstead("전자 통지를 받지 않기로 하셔서"),
                PostReason::NoAnswer => Self::PostInstead("기한까지 방법을 고르지 않으셔서"),
                PostReason::DeliveryFailed => Self::PostInstead("고르신 방법으로 전해 드리지 못해서"),
                PostReason::QuestionFailed => Self::PostInstead("문자를 전해 드리지 못해서"),
                PostReason::Unread => Self::PostInstead("보내 드린 통지를 열어 보지 않으셔서"),
                PostReason::NoPhone | PostReason::NotAMobile | PostReason::Corporation | PostReason::OfficerOrdered => {
                    Self::PostInstead("담당 부서의 결정에 따라")
                }
            },
            State::NeedsAttention { .. } => Self::NoAddress,
            State::Accepted { .. }
            | State::Asking { awaiting_email: false, .. }
            | State::Sent { .. }
            | State::Delivered { .. }
            | State::Read { .. }
            | State::Posted { .. }
            | State::Returned { .. }
            | State::Cancelled { .. } => Self::Open,
        }
    }

    const fn is_chosen(&self) -> bool {
        matches!(self, Self::Chosen(_) | Self::PostChosen)
    }

    /// The way to mark beforehand. A written address is not shown again, so that way is marked only when it is awaited.
    fn way(&self, notice: &Notice, in_use: Option<&Consent>) -> Option<Way> {
        match self {
            Self::EmailAwaited => Some(Way::Email),
            Self::PostChosen => Some(Way::Post),
            Self::Chosen(_) => match in_use.map(|consent| &consent.given) {
                Some(Given::Sms(_)) => Some(Way::Sms),
                Some(Given::Email(email)) if notice.details.recipient.email.as_ref() == Some(email) => {
                    Some(Way::EmailOnFile)
                }
                Some(Given::Email(_)) | None => None,
            },
            Self::Open | Self::PostInstead(_) | Self::NoAddress => None,
        }
    }
}

/// Which way would you like it?
#[derive(Template)]
#[template(path = "choose.html")]
pub(crate) struct Choose {
    pub(crate) office: Option<Office>,
    pub(crate) sender: Sender,
    pub(crate) person: String,
    pub(crate) current: Current,
    /// How far the choice that stands reaches.
    pub(crate) reach: Reach,
    pub(crate) deadline: Option<String>,
    pub(crate) electronic: bool,
    pub(crate) phone: Option<String>,
    pub(crate) email_on_file: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) consent: settings::ConsentWording,
    pub(crate) draft: Draft,
    pub(crate) faults: Faults,
}

impl Choose {
    pub(crate) fn of(door: &Door, in_use: Option<&Consent>) -> Self {
        let notice = &door.notice;
        let recipient = &notice.details.recipient;
        let current = Current::of(notice, in_use);
        let reach = in_use.map_or(Reach::Notice, |consent| reach(&consent.scope));
        let electronic = takes_electronic(notice);
        Self {
            office: Some(door.office()),
            sender: door.sender(),
            person: recipient.name.masked(),
            reach,
            deadline: notice.state.choose_by().map(moment),
            electronic,
            phone: recipient.phone.as_ref().filter(|_| takes_texts(notice)).map(domain::PhoneNumber::masked),
            email_on_file: recipient.email.as_ref().filter(|_| electronic).map(domain::EmailAddress::masked),
            address: recipient.address.as_ref().map(PostalAddress::masked),
            consent: door.settings.consent.clone(),
            draft: Draft { way: current.way(notice, in_use), reach, ..Draft::default() },
            faults: Faults::default(),
            current,
        }
    }

    fn is(&self, way: Way) -> bool {
        self.draft.way == Some(way)
    }

    fn reaches(&self, reach: Reach) -> bool {
        self.draft.reach == reach
    }
}

/// Are you the one it is for?
#[derive(Template)]
#[template(path = "prove.html")]
pub(crate) struct Prove {
    pub(crate) office: Option<Office>,
    pub(crate) sender: Sender,
    pub(crate) person: String,
    /// Asks for the birth date; else for the name.
    pub(crate) by_birth_date: bool,
    pub(crate) corporation: bool,
    /// Tries left.
    pub(crate) left: u32,
    /// A letter is being prepared because nobody read it.
    pub(crate) letter_follows: bool,
    pub(crate) fault: Option<String>,
}

impl Prove {
    pub(crate) fn of(door: &Door) -> Self {
        let notice = &door.notice;
        let recipient = &notice.details.recipient;
        Self {
            office: Some(door.office()),
            sender: door.sender(),
            person: recipient.name.masked(),
            by_birth_date: recipient.birth_date.is_some(),
            corporation: recipient.entity == Entity::Corporation,
            left: TRIES.saturating_sub(door.link.tries),
            // Without a consent left to have read it by, the letter goes out all the same.
            letter_follows: matches!(notice.state, State::Posting { .. }) && !notice.consented.is_empty(),
            fault: None,
        }
    }
}

/// The notice itself.
#[derive(Template)]
#[template(path = "reading.html")]
pub(crate) struct Reading {
    pub(crate) office: Option<Office>,
    pub(crate) sender: Sender,
    pub(crate) person: String,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) refusal: Option<Refusal>,
    pub(crate) reference: String,
    pub(crate) date: String,
    /// It can be appealed against (행정절차법 §26).
    pub(crate) disposition: bool,
}

impl Reading {
    pub(crate) fn of(door: &Door) -> Self {
        let notice = &door.notice;
        let details = &notice.details;
        Self {
            office: Some(door.office()),
            sender: door.sender(),
            person: details.recipient.name.expose().to_owned(),
            title: details.title.clone(),
            body: details.body.clone(),
            refusal: details.refusal.clone(),
            reference: details.reference.to_string(),
            date: day(notice.accepted_at),
            disposition: details.nature == Nature::Disposition,
        }
    }
}

/// `2026년 11월 24일`, in Korea.
fn day(at: Timestamp) -> String {
    let day = in_korea(at);
    format!("{}년 {}월 {}일", day.year(), day.month(), day.day())
}

/// `11월 27일(금) 오후 6시 5분`, in Korea.
fn moment(at: Timestamp) -> String {
    let at = in_korea(at);
    let weekday = match at.weekday() {
        Weekday::Monday => '월',
        Weekday::Tuesday => '화',
        Weekday::Wednesday => '수',
        Weekday::Thursday => '목',
        Weekday::Friday => '금',
        Weekday::Saturday => '토',
        Weekday::Sunday => '일',
    };
    let half = if at.hour() < 12 { "오전" } else { "오후" };
    let hour = if at.hour() % 12 == 0 { 12 } else { at.hour() % 12 };
    let minute = if at.minute() == 0 { String::new() } else { format!(" {}분", at.minute()) };
    format!("{}월 {}일({weekday}) {half} {hour}시{minute}", at.month(), at.day())
}

fn in_korea(at: Timestamp) -> jiff::civil::DateTime {
    domain::settings::SEOUL.to_datetime(at)
}
