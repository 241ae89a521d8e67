//! What a reminder says. By text it goes whole, so it holds only what carriers pass, and little of it.

use askama::Template;
use domain::Permit;
use domain::settings::SEOUL;
use domain::text::carrier_safe;
use jiff::Timestamp;
use jiff::civil::Date;

/// A notice's title and body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// As `도로점용허가 갱신 안내`.
    pub title: String,
    /// The whole of it.
    pub body: String,
}

#[derive(Template)]
#[template(path = "reminder.txt", escape = "none")]
struct Reminder<'a> {
    number: &'a str,
    business: Option<String>,
    expires_on: Date,
    today: Date,
    days_left: i32,
}

/// Puts a reminder of `permit` into words; `label` is what its type is called.
#[must_use]
pub fn words(permit: &Permit, label: &str, now: Timestamp) -> Words {
    let details = &permit.details;
    let reminder = Reminder {
        number: details.number.as_str(),
        // A name may lose a character that no carrier passes, as in every text.
        business: details.business.as_ref().map(|name| carrier_safe(name.expose())),
        expires_on: details.expires_on,
        today: SEOUL.to_datetime(now).date(),
        days_left: permit.days_left(now),
    };
    let body = reminder.render().unwrap_or_else(|error| unreachable!("templates hold only text: {error}"));
    Words { title: format!("{label} 갱신 안내"), body }
}
