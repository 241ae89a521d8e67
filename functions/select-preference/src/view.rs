//! What each page shows. Pure: a view is built from a notice and settings, and renders to the same text every time.

use askama::Template;
use domain::{
    Consent, Entity, Given, Letter, Nature, Notice, Officer, PostReason, PostalAddress, Refusal, State, settings,
};
use jiff::Timestamp;
use jiff::civil::Weekday;
use store::{Direction, Reply};

use crate::app::Door;
use crate::choose::{Draft, Faults, Reach, Way, reach, takes_electronic, takes_texts};
use crate::headers::STYLE;
use crate::standing::{held_until, tries};

/// A telephone as people read it and as a telephone dials it.
#[derive(Debug, Clone)]
pub(crate) struct Phone {
    pub(crate) shown: String,
    /// None where the text holds no number to dial.
    pub(crate) dial: Option<String>,
}

impl Phone {
    pub(crate) fn of(shown: &str) -> Self {
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

    pub(crate) fn from(&self) -> &str {
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
    /// It went out before the choice came.
    AlreadySent, "already_sent.html";
    /// Do you want to refuse?
    OptOut, "opt_out.html";
}

/// Whether the way of the notices to come can be chosen here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Offer {
    /// It can.
    Open,
    /// A consent is kept under a telephone number, and there is none.
    NoTelephone,
    /// A corporation gets this kind by post.
    PostOnly,
}

impl Offer {
    pub(crate) fn of(door: &Door) -> Self {
        let details = &door.notice.details;
        let by_post = door.settings.kind(&details.kind).is_some_and(|kind| kind.corporations_by_post);
        if by_post && details.recipient.entity == Entity::Corporation {
            Self::PostOnly
        } else if takes_electronic(&door.notice) {
            Self::Open
        } else {
            Self::NoTelephone
        }
    }
}

/// The letter is out, or in a print run.
#[derive(Template)]
#[template(path = "posted.html")]
pub(crate) struct Posted {
    pub(crate) office: Option<Office>,
    pub(crate) sender: Sender,
    pub(crate) offer: Offer,
    /// It goes with the next mail.
    pub(crate) printing: bool,
    /// Papers are asked for.
    pub(crate) papers: bool,
}

impl Posted {
    pub(crate) fn of(door: &Door) -> Self {
        let printing = matches!(door.notice.state, State::Printing { .. });
        Self {
            office: Some(door.office()),
            sender: door.sender(),
            offer: Offer::of(door),
            printing,
            papers: papers(door),
        }
    }
}

/// The letter came back.
#[derive(Template)]
#[template(path = "returned.html")]
pub(crate) struct Returned {
    pub(crate) office: Option<Office>,
    pub(crate) sender: Sender,
    pub(crate) offer: Offer,
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
    /// When it goes, if it waits for the sending hours.
    pub(crate) held: Option<String>,
}

impl Sending {
    pub(crate) fn of(door: &Door, in_use: Option<&Consent>) -> Self {
        Self {
            office: Some(door.office()),
            sender: door.sender(),
            to: in_use.map(|consent| (&consent.given).into()),
            held: held_until(&door.notice, door.now).map(moment),
        }
    }
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
            | State::Printing { .. }
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

/// The electronic ways on offer, what was written into the form, and what is wrong with it.
pub(crate) struct Ways {
    /// There are any.
    pub(crate) electronic: bool,
    /// Where texts go; none where they cannot.
    pub(crate) phone: Option<String>,
    pub(crate) email_on_file: Option<String>,
    pub(crate) consent: settings::ConsentWording,
    pub(crate) draft: Draft,
    pub(crate) faults: Faults,
}

impl Ways {
    pub(crate) fn of(door: &Door, draft: Draft, faults: Faults) -> Self {
        let recipient = &door.notice.details.recipient;
        let electronic = takes_electronic(&door.notice);
        Self {
            electronic,
            phone: recipient.phone.as_ref().filter(|_| takes_texts(&door.notice)).map(domain::PhoneNumber::masked),
            email_on_file: recipient.email.as_ref().filter(|_| electronic).map(domain::EmailAddress::masked),
            consent: door.settings.consent.clone(),
            draft,
            faults,
        }
    }

    fn is(&self, way: Way) -> bool {
        self.draft.way == Some(way)
    }

    fn reaches(&self, reach: Reach) -> bool {
        self.draft.reach == reach
    }

    /// The way that stands first.
    const fn first(&self) -> &'static str {
        match (&self.phone, &self.email_on_file) {
            (None, None) if !self.electronic => "post",
            (None, None) => "email-other",
            (None, Some(_)) => "email-on-file",
            (Some(_), _) => "sms",
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
    /// When it goes, if it waits for the sending hours.
    pub(crate) held: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) ways: Ways,
    /// Papers are asked for.
    pub(crate) papers: bool,
}

impl Choose {
    pub(crate) fn of(door: &Door, in_use: Option<&Consent>) -> Self {
        let notice = &door.notice;
        let recipient = &notice.details.recipient;
        let current = Current::of(notice, in_use);
        let reach = in_use.map_or(Reach::Notice, |consent| reach(&consent.scope));
        let draft = Draft { way: current.way(notice, in_use), reach, ..Draft::default() };
        Self {
            office: Some(door.office()),
            sender: door.sender(),
            person: recipient.name.masked(),
            reach,
            deadline: notice.state.choose_by().map(moment),
            held: held_until(notice, door.now).map(moment),
            address: recipient.address.as_ref().map(PostalAddress::masked),
            ways: Ways::of(door, draft, Faults::default()),
            papers: papers(door),
            current,
        }
    }
}

/// How would you like the notices to come?
#[derive(Template)]
#[template(path = "next.html")]
pub(crate) struct Next {
    pub(crate) office: Option<Office>,
    pub(crate) sender: Sender,
    pub(crate) person: String,
    pub(crate) ways: Ways,
    pub(crate) factor: Factor,
}

impl Next {
    pub(crate) fn of(door: &Door, draft: Draft) -> Self {
        Self {
            office: Some(door.office()),
            sender: door.sender(),
            person: door.notice.details.recipient.name.masked(),
            ways: Ways::of(door, draft, Faults::default()),
            factor: Factor { alone: false, ..Factor::of(door) },
        }
    }

    /// With what is wrong; a second factor, where it is, is told among the rest.
    pub(crate) fn with(mut self, faults: Faults, factor: Option<Factor>) -> Self {
        if let Some(factor) = factor {
            self.factor = Factor { alone: false, ..factor };
        }
        self.ways.faults = faults;
        self.ways.faults.answer.clone_from(&self.factor.fault);
        self
    }
}

/// Nothing to choose here for the notices to come.
#[derive(Template)]
#[template(path = "next_closed.html")]
pub(crate) struct NextClosed {
    pub(crate) office: Option<Office>,
    pub(crate) sender: Sender,
    pub(crate) offer: Offer,
}

impl NextClosed {
    pub(crate) fn of(door: &Door, offer: Offer) -> Self {
        Self { office: Some(door.office()), sender: door.sender(), offer }
    }
}

/// The notices to come go as chosen.
#[derive(Template)]
#[template(path = "preferred.html")]
pub(crate) struct Preferred {
    pub(crate) office: Option<Office>,
    pub(crate) sender: Sender,
    pub(crate) to: Destination,
    pub(crate) everything: bool,
}

impl Preferred {
    pub(crate) fn of(door: &Door, consent: &Consent) -> Self {
        Self {
            office: Some(door.office()),
            sender: door.sender(),
            to: (&consent.given).into(),
            everything: reach(&consent.scope) == Reach::Everything,
        }
    }
}

/// The field for the second factor. What was written there is never shown again.
pub(crate) struct Factor {
    /// Asks for the birth date; else for the name.
    pub(crate) by_birth_date: bool,
    pub(crate) corporation: bool,
    /// Tries left.
    pub(crate) left: u32,
    pub(crate) fault: Option<String>,
    /// The only field of its page: a fault takes the reader there.
    pub(crate) alone: bool,
}

impl Factor {
    pub(crate) fn of(door: &Door) -> Self {
        let recipient = &door.notice.details.recipient;
        Self {
            by_birth_date: recipient.birth_date.is_some(),
            corporation: recipient.entity == Entity::Corporation,
            left: tries(&door.notice).saturating_sub(door.link.tries),
            fault: None,
            alone: true,
        }
    }
}

/// Are you the one it is for?
#[derive(Template)]
#[template(path = "prove.html")]
pub(crate) struct Prove {
    pub(crate) office: Option<Office>,
    pub(crate) sender: Sender,
    pub(crate) person: String,
    /// A letter is being prepared because nobody read it.
    pub(crate) letter_follows: bool,
    /// Papers are asked for.
    pub(crate) papers: bool,
    pub(crate) factor: Factor,
}

impl Prove {
    pub(crate) fn of(door: &Door) -> Self {
        let notice = &door.notice;
        let recipient = &notice.details.recipient;
        Self {
            office: Some(door.office()),
            sender: door.sender(),
            person: recipient.name.masked(),
            // Without a consent left to have read it by, the letter goes out all the same.
            letter_follows: matches!(notice.state, State::Posting { .. }) && !notice.consented.is_empty(),
            papers: papers(door),
            factor: Factor::of(door),
        }
    }
}

/// One text of a conversation.
pub(crate) struct Line {
    /// Of the office.
    pub(crate) ours: bool,
    pub(crate) at: String,
    pub(crate) text: String,
}

impl From<Reply> for Line {
    fn from(reply: Reply) -> Self {
        Self { ours: reply.direction == Direction::Outbound, at: moment(reply.at), text: reply.text }
    }
}

/// Where the letter is to be had.
pub(crate) struct Download {
    pub(crate) address: String,
    /// `48KB`.
    pub(crate) size: String,
}

impl Download {
    pub(crate) fn of(address: String, letter: &Letter) -> Self {
        Self { address, size: size(letter.bytes) }
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
    pub(crate) download: Option<Download>,
    pub(crate) offer: Offer,
    /// What the resident and the office wrote to each other, oldest first.
    pub(crate) conversation: Vec<Line>,
    /// Papers are asked for.
    pub(crate) papers: bool,
}

impl Reading {
    pub(crate) fn of(door: &Door, download: Option<Download>, conversation: Vec<Reply>) -> Self {
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
            download,
            offer: Offer::of(door),
            conversation: conversation.into_iter().map(Line::from).collect(),
            papers: papers(door),
        }
    }
}

/// Papers are asked for.
const fn papers(door: &Door) -> bool {
    !door.notice.documents.requests.is_empty()
}

/// `48KB`, `1.2MB`; never nothing.
pub(crate) fn size(bytes: u64) -> String {
    const MEGABYTE: u64 = 1024 * 1024;
    if bytes < MEGABYTE {
        format!("{}KB", bytes.div_ceil(1024).max(1))
    } else {
        let tenths = (bytes * 10).div_ceil(MEGABYTE);
        format!("{}.{}MB", tenths / 10, tenths % 10)
    }
}

/// `2026년 11월 24일`, in Korea.
fn day(at: Timestamp) -> String {
    let day = in_korea(at);
    format!("{}년 {}월 {}일", day.year(), day.month(), day.day())
}

/// `11월 27일(금) 오후 6시 5분`, in Korea.
pub(crate) fn moment(at: Timestamp) -> String {
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
    let minute = if at.minute() == 0 { String::new() } else { format!(" {}분", at.minute()) };
    format!("{}월 {}일({weekday}) {}{minute}", at.month(), at.day(), half_day(at))
}

/// `2026년 11월 24일 오후 6시`, in Korea.
pub(crate) fn hour(at: Timestamp) -> String {
    format!("{} {}", day(at), half_day(in_korea(at)))
}

fn half_day(at: jiff::civil::DateTime) -> String {
    let half = if at.hour() < 12 { "오전" } else { "오후" };
    let hour = if at.hour() % 12 == 0 { 12 } else { at.hour() % 12 };
    format!("{half} {hour}시")
}

fn in_korea(at: Timestamp) -> jiff::civil::DateTime {
    domain::settings::SEOUL.to_datetime(at)
}
