//! All that a letter says, before it is laid out.

use std::fmt;

use domain::settings::{SEOUL, Settings};
use domain::{DocumentRequest, Entity, Nature, Notice, NoticeId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

/// A letter in words. Its wording and layout are the template's; `Debug` shows the notice's identity alone.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Letter {
    #[serde(skip)]
    pub(crate) notice: NoticeId,
    #[serde(skip)]
    pub(crate) day: Date,
    office: String,
    office_phone: String,
    authority: String,
    department: String,
    recipient: Addressee,
    reference: String,
    date: String,
    title: String,
    body: String,
    refusal: Option<Refused>,
    /// What the office asks for, so far.
    papers: Vec<Wanted>,
    disposition: bool,
    officer: Contact,
    pub(crate) link: String,
}

#[derive(Clone, PartialEq, Eq, Serialize)]
struct Addressee {
    name: String,
    corporation: bool,
    /// None for those who get it by e-mail or link alone.
    address: Option<Address>,
}

#[derive(Clone, PartialEq, Eq, Serialize)]
struct Address {
    postal_code: String,
    line: String,
}

#[derive(Clone, PartialEq, Eq, Serialize)]
struct Refused {
    reason: String,
    remedy: String,
}

#[derive(Clone, PartialEq, Eq, Serialize)]
struct Wanted {
    name: String,
    required: bool,
    until: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Serialize)]
struct Contact {
    unit: String,
    name: String,
    phone: String,
}

impl Letter {
    /// The letter of `notice`, dated `at` in Korea, with the link by which its recipient may choose another way. A
    /// department that the settings no longer know is named by the officer's unit.
    #[must_use]
    pub fn of(notice: &Notice, settings: &Settings, link_url: &str, at: Timestamp) -> Self {
        let details = &notice.details;
        let (officer, recipient) = (&details.officer, &details.recipient);
        let department = settings.department(&details.department).map_or(&officer.unit, |department| &department.name);
        let address = recipient.address.as_ref().map(|address| {
            let (postal_code, line) = address.expose();
            Address { postal_code: postal_code.to_owned(), line: line.to_owned() }
        });
        let refused =
            |refusal: &domain::Refusal| Refused { reason: refusal.reason.clone(), remedy: refusal.remedy.clone() };
        let day = SEOUL.to_datetime(at).date();
        Self {
            notice: notice.id,
            day,
            office: settings.office.name.clone(),
            office_phone: settings.office.phone.clone(),
            authority: authority(&settings.office.name),
            department: department.clone(),
            recipient: Addressee {
                name: recipient.name.expose().to_owned(),
                corporation: recipient.entity == Entity::Corporation,
                address,
            },
            reference: details.reference.to_string(),
            date: written(day),
            title: details.title.clone(),
            body: details.body.clone(),
            refusal: details.refusal.as_ref().map(refused),
            papers: notice.documents.requests.iter().map(Wanted::of).collect(),
            disposition: details.nature == Nature::Disposition,
            officer: Contact { unit: officer.unit.clone(), name: officer.name.clone(), phone: officer.phone.clone() },
            link: link_url.to_owned(),
        }
    }
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Letter({})", self.notice)
    }
}

impl Wanted {
    fn of(request: &DocumentRequest) -> Self {
        Self { name: request.name.clone(), required: request.required, until: request.until.map(written) }
    }
}

/// A day as official documents write it.
fn written(day: Date) -> String {
    format!("{}. {}. {}.", day.year(), day.month(), day.day())
}

/// Who signs for an office: `서초구청장` for `서초구청`, `수원시장` for `수원시청`, `양평군수` for `양평군청`.
fn authority(office: &str) -> String {
    let place = office.strip_suffix('청').unwrap_or(office);
    if let Some(county) = place.strip_suffix('군') {
        format!("{county}군수")
    } else if place.ends_with('시') {
        format!("{place}장")
    } else if place.ends_with('구') {
        format!("{place}청장")
    } else {
        format!("{office}장")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_the_office_signs() {
        for (office, head) in [
            ("서초구청", "서초구청장"),
            ("서울특별시 서초구", "서울특별시 서초구청장"),
            ("수원시청", "수원시장"),
            ("양평군청", "양평군수"),
            ("서초1동주민센터", "서초1동주민센터장"),
            ("산림청", "산림청장"),
        ] {
            assert_eq!(authority(office), head);
        }
    }
}
