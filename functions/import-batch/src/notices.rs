//! A row as a notice.

use std::future::Future;

use channels::wording::{Occasion, text};
use domain::settings::{Kind, SEOUL, Settings};
use domain::text::{TextSize, unsupported};
use domain::{
    Channel, Details, Entity, LinkToken, Message, Notice, NoticeId, Officer, Opening, Reference, Refusal, TextCode,
    limits,
};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use store::{Arrival, Batch, Created, Error, Looked, RecipientKey, Table};

use crate::Reason;
use crate::cells::Cells;
use crate::headings::Heading;
use crate::people::{department, recipient};
use crate::rows::{Outcome, Prospect, RowType};

/// The columns of a file of notices.
pub const HEADINGS: &[Heading] = &[
    Heading::required("reference", "민원번호"),
    Heading::required("kind", "종류"),
    Heading::required("title", "제목"),
    Heading::required("body", "내용"),
    Heading::required("department", "부서"),
    Heading::required("name", "성명"),
    Heading::required("phone", "휴대전화"),
    Heading::required("email", "이메일"),
    Heading::required("postal_code", "우편번호"),
    Heading::required("address", "주소"),
    Heading::required("birth_date", "생년월일"),
    Heading::required("entity", "구분"),
    Heading::optional("officer_unit", "담당부서"),
    Heading::optional("officer_name", "담당자"),
    Heading::optional("officer_phone", "담당전화"),
    Heading::optional("refusal_reason", "반려사유"),
    Heading::optional("refusal_remedy", "불복방법"),
    Heading::optional("send_after", "발송일시"),
];

/// A notice as a row tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow {
    details: Details,
    corporations_by_post: bool,
    not_before: Option<Timestamp>,
}

/// Takes notices in.
pub trait TakeIn: Send + Sync {
    /// As [`Table::look`].
    fn look(&self, arrivals: &[Arrival]) -> impl Future<Output = Result<Vec<Looked>, Error>> + Send;

    /// As [`Table::take_in_all`].
    fn take_in_all(&self, arrivals: &[Arrival]) -> impl Future<Output = Result<Vec<Created>, Error>> + Send;
}

impl TakeIn for Table {
    async fn look(&self, arrivals: &[Arrival]) -> Result<Vec<Looked>, Error> {
        Self::look(self, arrivals).await
    }

    async fn take_in_all(&self, arrivals: &[Arrival]) -> Result<Vec<Created>, Error> {
        Self::take_in_all(self, arrivals).await
    }
}

/// Reads rows as notices and hands them in.
#[derive(Debug)]
pub struct Notices<'a, T> {
    /// Where they go.
    pub table: &'a T,
    /// The office's settings.
    pub settings: &'a Settings,
    /// Keys recipients' identities.
    pub recipient_key: &'a RecipientKey,
    /// Where the office's pages live.
    pub public_url: &'a str,
}

impl<T: TakeIn> Notices<'_, T> {
    fn arrivals(batch: &Batch, rows: &[(u32, NoticeRow)], at: Timestamp) -> Vec<Arrival> {
        let arrival = |(number, row): &(u32, NoticeRow)| Arrival {
            id: row_id(batch, *number),
            details: row.details.clone(),
            corporations_by_post: row.corporations_by_post,
            not_before: row.not_before,
            at,
        };
        rows.iter().map(arrival).collect()
    }

    fn prospect(&self, arrival: &Arrival, looked: &Looked) -> Prospect {
        match (looked.taken_by, &looked.opening) {
            (Some(notice), _) => Prospect::AlreadyThere { notice },
            (None, Opening::Ask) => Prospect::Asked,
            (None, Opening::Post(_)) => Prospect::ByLetter,
            (None, Opening::Standing(preference)) => match preference.route.channel() {
                Channel::Sms => Prospect::ByText { parts: self.parts(arrival, &looked.opening) },
                Channel::Email => Prospect::ByEmail,
                Channel::Post => Prospect::ByLetter,
            },
        }
    }

    /// The parts of the text by which the notice would be told.
    fn parts(&self, arrival: &Arrival, opening: &Opening) -> u32 {
        let Arrival { id, details, not_before, at, .. } = arrival;
        let (notice, _) = Notice::accept(*id, details.clone(), opening, *not_before, *at);
        let (department, kind) = (self.settings.department(&details.department), self.settings.kind(&details.kind));
        let (Some(department), Some(kind)) = (department, kind) else { return 1 };
        let (Ok(token), Ok(code)) = (LinkToken::parse(ANY_TOKEN), TextCode::parse(ANY_CODE)) else { return 1 };
        let (notice, settings, public_url) = (&notice, self.settings, self.public_url);
        let (token, code, answer) = (&token, &code, None);
        let occasion = Occasion { notice, settings, department, kind, public_url, token, code, answer, at: *at };
        let text = text(&occasion, &Message::Result { channel: Channel::Sms });
        text.map_or(1, |text| u32::try_from(TextSize::of(&text.words.0).parts).unwrap_or(u32::MAX))
    }
}

/// All tokens are equally long, and all codes.
const ANY_TOKEN: &str = "000000000000";
const ANY_CODE: &str = "000000";

/// The notice of a row, whoever imports it and however often.
#[must_use]
pub fn row_id(batch: &Batch, row: u32) -> NoticeId {
    NoticeId::derived(batch.opened_at, &format!("{}#{row}", batch.id))
}

impl<T: TakeIn> RowType for Notices<'_, T> {
    type Record = NoticeRow;

    fn headings(&self) -> &'static [Heading] {
        HEADINGS
    }

    fn numbered_by(&self) -> &'static str {
        "민원번호"
    }

    fn store_knows_numbers(&self) -> bool {
        true
    }

    fn number_of(&self, row: &NoticeRow) -> String {
        let Details { department, kind, reference, .. } = &row.details;
        format!("{department}#{kind}#{reference}")
    }

    fn read(&self, cells: &mut Cells<'_>, now: Timestamp) -> Option<NoticeRow> {
        let reference = cells.required("reference", |text| Reference::parse(text).map_err(|_| Reason::Reference));
        let kind = cells.required("kind", |text| kind(self.settings, text));
        let title = cells.words("title", limits::TITLE);
        let body = cells.words("body", limits::BODY);
        for (field, text) in [("title", &title), ("body", &body)] {
            let characters = text.as_deref().map_or_else(Vec::new, symbols);
            if !characters.is_empty() {
                cells.flaw(field, Reason::Unsupported { characters });
            }
        }
        let department = cells.required("department", |text| department(self.settings, text));
        let refusal = cells.pair(("refusal_reason", limits::REFUSAL), ("refusal_remedy", limits::REFUSAL));
        let refusal = refusal.map(|(reason, remedy)| Refusal { reason, remedy });
        let own = (
            cells.optional_words("officer_unit", limits::OFFICER_UNIT),
            cells.optional_words("officer_name", limits::OFFICER_NAME),
            cells.optional_words("officer_phone", limits::OFFICER_PHONE),
        );
        let not_before = cells.optional("send_after", |text| moment(text, now));
        let recipient = recipient(cells);
        let (kind, department, recipient) = (kind?, department?, recipient?);
        let is_posted = matches!(
            (kind.corporations_by_post, recipient.entity, &recipient.phone),
            (true, Entity::Corporation, _) | (_, _, None)
        ) || recipient.phone.as_ref().is_some_and(|phone| !phone.is_mobile());
        if is_posted && recipient.address.is_none() && !cells.is_flawed("address") && !cells.is_flawed("postal_code") {
            cells.flaw("address", Reason::NowhereToPost);
        }
        let fallback = &department.officer;
        let recipient_id = recipient.phone.as_ref().map(|phone| self.recipient_key.identify(phone));
        Some(NoticeRow {
            details: Details {
                reference: reference?,
                kind: kind.code.clone(),
                nature: kind.nature,
                department: department.code.clone(),
                title: title?,
                body: body?,
                refusal,
                officer: Officer {
                    unit: own.0.unwrap_or_else(|| fallback.unit.clone()),
                    name: own.1.unwrap_or_else(|| fallback.name.clone()),
                    phone: own.2.unwrap_or_else(|| fallback.phone.clone()),
                },
                recipient,
                recipient_id,
                permit: None,
                requests: Vec::new(),
            },
            corporations_by_post: kind.corporations_by_post,
            not_before: not_before.filter(|moment| *moment > now),
        })
    }

    async fn look(&self, batch: &Batch, rows: &[(u32, NoticeRow)], at: Timestamp) -> Result<Vec<Prospect>, Error> {
        let arrivals = Self::arrivals(batch, rows, at);
        let looked = self.table.look(&arrivals).await?;
        Ok(arrivals.iter().zip(looked).map(|(arrival, looked)| self.prospect(arrival, &looked)).collect())
    }

    async fn store(&self, batch: &Batch, rows: &[(u32, NoticeRow)], at: Timestamp) -> Result<Vec<Outcome>, Error> {
        let created = self.table.take_in_all(&Self::arrivals(batch, rows, at)).await?;
        let outcome = |created: Created| match created {
            Created::ReferenceTaken { notice } if notice.made_at() == batch.opened_at => Outcome::Taken { notice },
            Created::ReferenceTaken { notice } => Outcome::AlreadyThere { notice },
            Created::Stored
            | Created::There
            | Created::Before { .. }
            | Created::KeyReused
            | Created::PreferenceChanged => Outcome::Stored,
        };
        Ok(created.into_iter().map(outcome).collect())
    }
}

/// Signs that no carrier passes. Rare letters are no fault: they stand in names, and a notice that holds one is announced
/// by text and read behind the link.
fn symbols(text: &str) -> Vec<char> {
    unsupported(text).into_iter().filter(|c| !c.is_alphanumeric() && !c.is_whitespace()).collect()
}

fn kind<'s>(settings: &'s Settings, text: &str) -> Result<&'s Kind, Reason> {
    let known = || settings.kinds.iter().map(|kind| kind.label.clone()).collect();
    let found = settings.kinds.iter().find(|kind| kind.code.as_str() == text || kind.label == text);
    found.ok_or_else(|| Reason::Unknown { known: known() })
}

/// A moment, or a day or time of day as the clock stands in Seoul.
fn moment(text: &str, now: Timestamp) -> Result<Timestamp, Reason> {
    let local = |at: DateTime| SEOUL.to_timestamp(at).ok();
    let day = |day: Date| local(day.to_datetime(Time::midnight()));
    let moment = text.parse::<Timestamp>().ok();
    let moment = moment.or_else(|| if text.len() <= 10 { text.parse().ok().and_then(day) } else { None });
    let moment = moment.or_else(|| text.parse().ok().and_then(local)).ok_or(Reason::Moment)?;
    if moment > now + limits::LONGEST_WAIT { Err(Reason::TooFarAhead) } else { Ok(moment) }
}
