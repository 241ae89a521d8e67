//! What the office says: every text and mail, from the templates beside this crate.

mod link;
mod mail;
mod question;
mod sender;
mod text;

use askama::Template;
use domain::settings::{Department, Kind, SEOUL, Settings};
use domain::{DocumentRequest, LinkToken, Notice, TextCode};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::Words;

pub use mail::{Mail, mail};
pub use question::{Question, question, question_faults};
pub use text::{Text, answer_whole, text};

/// What a message is written from.
#[derive(Clone, Copy)]
pub struct Occasion<'a> {
    /// The notice it belongs to.
    pub notice: &'a Notice,
    /// The office.
    pub settings: &'a Settings,
    /// The notice's department.
    pub department: &'a Department,
    /// The notice's kind.
    pub kind: &'a Kind,
    /// Where the office's pages live, without a slash at the end.
    pub public_url: &'a str,
    /// The resident's link, should the message carry one.
    pub token: &'a LinkToken,
    /// The text's code, should the message be a text.
    pub code: &'a TextCode,
    /// What an officer answered, where the message is that answer.
    pub answer: Option<&'a str>,
    /// The moment of writing.
    pub at: Timestamp,
}

/// A message in words.
pub trait Wording: Send {
    /// It holds its code, which must then be stored.
    const CARRIES_CODE: bool;

    /// It holds the resident's link, which must then be stored.
    fn carries_link(&self) -> bool;
}

impl Wording for Text {
    const CARRIES_CODE: bool = true;

    fn carries_link(&self) -> bool {
        self.carries_link
    }
}

impl Wording for Mail {
    const CARRIES_CODE: bool = false;

    fn carries_link(&self) -> bool {
        true
    }
}

/// A message that cannot be put into words for this channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this message does not go by {channel}")]
pub struct WrongChannel {
    /// The channel.
    pub channel: domain::Channel,
}

impl Occasion<'_> {
    fn link(&self) -> String {
        link::to_page(self.public_url, self.token)
    }

    /// A letter is what follows when the resident does not answer or read.
    fn posts(&self) -> bool {
        self.notice.has_postal_address
    }

    fn read_by(&self) -> Option<Timestamp> {
        self.kind.unread().map(|unread| self.at + unread)
    }

    fn by_birth_date(&self) -> bool {
        self.notice.details.recipient.birth_date.is_some()
    }
}

fn render(template: &impl Template) -> Words {
    Words(template.render().unwrap_or_else(|error| unreachable!("templates hold only text: {error}")))
}

/// `11월 27일 14시`, rounded down: a deadline is never promised later than it is.
fn hour(at: Timestamp) -> String {
    let at = at.to_zoned_datetime(TimeZone::fixed(SEOUL));
    format!("{}월 {}일 {}시", at.month(), at.day(), at.hour())
}

/// `11월 27일 14시 05분`.
fn moment(at: Timestamp) -> String {
    let at = at.to_zoned_datetime(TimeZone::fixed(SEOUL));
    format!("{}월 {}일 {}시 {:02}분", at.month(), at.day(), at.hour(), at.minute())
}

/// `11월 27일`.
fn short_day(day: jiff::civil::Date) -> String {
    format!("{}월 {}일", day.month(), day.day())
}

/// A paper that is asked for, as a message names it.
struct Paper {
    name: String,
    required: bool,
    until: Option<String>,
}

impl Paper {
    /// Whoever carries the message lets only some characters pass.
    fn of(request: &DocumentRequest, passes: impl Fn(&str) -> String) -> Self {
        Self { name: passes(&request.name), required: request.required, until: request.until.map(short_day) }
    }
}

/// `2026년 11월 27일`.
fn day(at: Timestamp) -> String {
    let at = at.to_zoned_datetime(TimeZone::fixed(SEOUL));
    format!("{}년 {}월 {}일", at.year(), at.month(), at.day())
}
