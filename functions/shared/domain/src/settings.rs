//! The office's settings: one JSON document, checked as a whole before it is used.

use jiff::civil::Time;
use jiff::tz::Offset;
use jiff::{SignedDuration, Span, Timestamp};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::text::unsupported;
use crate::{DepartmentCode, InvalidPerson, KindCode, Nature, Officer, PermitTypeCode, PhoneNumber, Prices};

/// Everything an office decides without a developer.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// JSON Schema of this document, for editors.
    #[serde(rename = "$schema", default)]
    pub schema: Option<String>,
    /// Who sends.
    pub office: Office,
    /// How the question asks for its answer.
    pub question: QuestionMode,
    /// When texts go out that the resident does not expect at this very moment.
    pub sending_hours: SendingHours,
    /// Days a resident's link works.
    #[schemars(range(min = 1, max = 365))]
    pub link_days: u16,
    /// Days the link on a letter works: long, for it is there to choose another way next time.
    #[schemars(range(min = 1, max = 730))]
    pub letter_link_days: u16,
    /// What a resident consents to.
    pub consent: ConsentWording,
    /// The departments that send.
    #[schemars(length(min = 1))]
    pub departments: Vec<Department>,
    /// The kinds of notice.
    #[schemars(length(min = 1))]
    pub kinds: Vec<Kind>,
    /// The permits whose holders are reminded before they run out.
    pub permit_types: Vec<PermitType>,
    /// Papers that residents hand in.
    #[serde(default)]
    pub documents: PaperSettings,
    /// What each way costs.
    pub prices: Prices,
}

/// The office.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// Full name, as `서초구청`.
    #[schemars(length(min = 1, max = 30))]
    pub name: String,
    /// How it calls itself where room is short, as `서초구`.
    #[schemars(length(min = 1, max = 10))]
    pub short_name: String,
    /// Main telephone, as residents read it.
    #[schemars(length(min = 1, max = 20))]
    pub phone: String,
    /// When its officers read what residents write, as residents read it: `평일 09:00~18:00`.
    #[schemars(length(min = 1, max = 30))]
    pub hours: String,
}

/// How the question asks for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuestionMode {
    /// By a digit, with no link: what campaigns against smishing advise.
    Digits,
    /// By a link.
    Link,
    /// By either.
    Both,
}

/// Papers that residents hand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperSettings {
    /// The largest file, in megabytes.
    #[schemars(range(min = 1, max = 50))]
    pub max_mb: u16,
}

impl Default for PaperSettings {
    fn default() -> Self {
        Self { max_mb: 20 }
    }
}

impl PaperSettings {
    /// The longest file, in bytes.
    #[must_use]
    pub const fn longest(&self) -> u64 {
        self.max_mb as u64 * 1024 * 1024
    }
}

/// The hours of the day in which texts go out, as the clock stands in Seoul.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendingHours {
    /// The first minute, `HH:MM`.
    #[schemars(with = "String", regex(pattern = r"^([01]\d|2[0-3]):[0-5]\d$"))]
    pub from: Time,
    /// The first minute after them, `HH:MM`; the same as `from` for the whole day.
    #[schemars(with = "String", regex(pattern = r"^([01]\d|2[0-3]):[0-5]\d$"))]
    pub until: Time,
}

/// Korea keeps one time, nine hours ahead, all year.
pub const SEOUL: Offset = Offset::constant(9);

impl SendingHours {
    /// When they begin again; none within them.
    #[must_use]
    pub fn closed_until(&self, now: Timestamp) -> Option<Timestamp> {
        let clock = SEOUL.to_datetime(now);
        if self.from == self.until || (self.from <= clock.time() && clock.time() < self.until) {
            return None;
        }
        let today = clock.date();
        let day = if clock.time() < self.from { today } else { today.saturating_add(Span::new().days(1)) };
        SEOUL.to_timestamp(day.to_datetime(self.from)).ok()
    }
}

/// What a resident sees and consents to. A new text is a new version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentWording {
    /// Names the wording in every consent given to it.
    #[schemars(length(min = 1, max = 20))]
    pub version: String,
    /// The text.
    #[schemars(length(min = 20, max = 500))]
    pub text: String,
}

/// A department.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Department {
    /// Its name in the API.
    #[schemars(with = "String", regex(pattern = "^[a-z0-9_]{1,40}$"))]
    pub code: DepartmentCode,
    /// Its name to residents.
    #[schemars(length(min = 1, max = 30))]
    pub name: String,
    /// The registered sender number of its texts (발신번호).
    pub sender: String,
    /// Whom residents ask about notices that name no officer of their own: rows of a file, renewals.
    pub officer: Officer,
}

/// A kind of notice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// Its name in the API.
    #[schemars(with = "String", regex(pattern = "^[a-z0-9_]{1,40}$"))]
    pub code: KindCode,
    /// Its name to residents, as `민원 처리결과`.
    #[schemars(length(min = 1, max = 20))]
    pub label: String,
    /// What it is in law.
    pub nature: Nature,
    /// Hours until the one reminder.
    #[schemars(range(min = 1, max = 720))]
    pub reminder_hours: u16,
    /// Hours until silence means post.
    #[schemars(range(min = 1, max = 720))]
    pub choose_by_hours: u16,
    /// Hours until an unread result goes the next way; absent where the kind asks for no proof of reading.
    #[schemars(range(min = 1, max = 720))]
    pub unread_hours: Option<u16>,
    /// Corporations get letters and are not asked.
    pub corporations_by_post: bool,
}

impl Kind {
    /// From question to silence.
    #[must_use]
    pub fn choose_by(&self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.choose_by_hours))
    }

    /// When after the question the one reminder goes.
    #[must_use]
    pub fn reminder(&self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.reminder_hours))
    }

    /// From sending to unread.
    #[must_use]
    pub fn unread(&self) -> Option<SignedDuration> {
        self.unread_hours.map(|hours| SignedDuration::from_hours(i64::from(hours)))
    }
}

/// A type of permit (허가종류).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PermitType {
    /// Its name in the API.
    #[schemars(with = "String", regex(pattern = "^[a-z0-9_]{1,40}$"))]
    pub code: PermitTypeCode,
    /// Its name to residents and in files, as `도로점용허가`.
    #[schemars(length(min = 1, max = 30))]
    pub label: String,
    /// The kind of its notices.
    #[schemars(with = "String", regex(pattern = "^[a-z0-9_]{1,40}$"))]
    pub kind: KindCode,
    /// Days before the expiry date on which the holder is reminded, the longest first.
    #[schemars(length(min = 1), inner(range(min = 1, max = 365)))]
    pub stages: Vec<u16>,
}

/// What is wrong with a settings document: every fault, each with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("settings refused: {}", faults.join("; "))]
pub struct InvalidSettings {
    /// One sentence a fault.
    pub faults: Vec<String>,
}

impl Settings {
    /// Reads and checks a settings document.
    ///
    /// # Errors
    /// Every fault found.
    pub fn parse(json: &str) -> Result<Self, InvalidSettings> {
        let settings: Self =
            serde_json::from_str(json).map_err(|error| InvalidSettings { faults: vec![error.to_string()] })?;
        let faults = settings.faults();
        if faults.is_empty() { Ok(settings) } else { Err(InvalidSettings { faults }) }
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let mut check = |sound: bool, fault: &dyn Fn() -> String| {
            if !sound {
                faults.push(fault());
            }
        };
        check(!self.departments.is_empty(), &|| "departments is empty".to_owned());
        check(!self.kinds.is_empty(), &|| "kinds is empty".to_owned());
        check(self.sending_hours.from <= self.sending_hours.until, &|| {
            "sending_hours.from is after sending_hours.until".to_owned()
        });
        check((1..=365).contains(&self.link_days), &|| "link_days is not within 1 to 365".to_owned());
        check((1..=730).contains(&self.letter_link_days), &|| "letter_link_days is not within 1 to 730".to_owned());
        check(self.consent.text.chars().count() >= 20, &|| "consent.text is shorter than 20 characters".to_owned());
        check(!self.consent.version.trim().is_empty(), &|| "consent.version is blank".to_owned());
        for (place, text) in [
            ("office.name", &self.office.name),
            ("office.short_name", &self.office.short_name),
            ("office.phone", &self.office.phone),
            ("office.hours", &self.office.hours),
        ] {
            check(!text.trim().is_empty(), &|| format!("{place} is blank"));
            check(unsupported(text).is_empty(), &|| format!("{place} holds characters no carrier passes"));
        }
        check(self.office.hours.chars().count() <= 30, &|| "office.hours is longer than 30 characters".to_owned());
        for (index, department) in self.departments.iter().enumerate() {
            let place = format!("departments[{index}]");
            let twice = self.departments[..index].iter().any(|other| other.code == department.code);
            check(!twice, &|| format!("{place}.code {} stands twice", department.code));
            let Officer { unit, name, phone } = &department.officer;
            let is_named = [unit, name, phone].iter().all(|text| !text.trim().is_empty());
            check(is_named, &|| format!("{place}.officer has a blank unit, name or phone"));
            check(department.sender_number().is_ok(), &|| format!("{place}.sender is no Korean telephone number"));
            check(unsupported(&department.name).is_empty(), &|| {
                format!("{place}.name holds characters no carrier passes")
            });
        }
        for (index, kind) in self.kinds.iter().enumerate() {
            let place = format!("kinds[{index}]");
            let twice = self.kinds[..index].iter().any(|other| other.code == kind.code);
            check(!twice, &|| format!("{place}.code {} stands twice", kind.code));
            check(kind.reminder_hours < kind.choose_by_hours, &|| {
                format!("{place}.reminder_hours is not before choose_by_hours")
            });
            check(kind.unread_hours != Some(0), &|| format!("{place}.unread_hours is 0"));
            // So a link that no longer opens never stands between a resident and a notice: the clock has moved it on.
            let longest = kind.choose_by_hours.max(kind.unread_hours.unwrap_or_default());
            check(u32::from(longest) <= 24 * u32::from(self.link_days), &|| {
                format!("{place}.choose_by_hours or unread_hours is longer than link_days")
            });
            check(unsupported(&kind.label).is_empty(), &|| format!("{place}.label holds characters no carrier passes"));
        }
        for (index, permit_type) in self.permit_types.iter().enumerate() {
            let place = format!("permit_types[{index}]");
            let (others, stages) = (&self.permit_types[..index], &permit_type.stages);
            let code_twice = others.iter().any(|other| other.code == permit_type.code);
            check(!code_twice, &|| format!("{place}.code {} stands twice", permit_type.code));
            let label_twice = others.iter().any(|other| other.label == permit_type.label);
            check(!label_twice, &|| format!("{place}.label {} stands twice", permit_type.label));
            check(!permit_type.label.trim().is_empty(), &|| format!("{place}.label is blank"));
            check(unsupported(&permit_type.label).is_empty(), &|| {
                format!("{place}.label holds characters no carrier passes")
            });
            check(self.kind(&permit_type.kind).is_some(), &|| {
                format!("{place}.kind {} is none of the kinds", permit_type.kind)
            });
            let in_range = !stages.is_empty() && stages.iter().all(|days| (1..=365).contains(days));
            check(in_range, &|| format!("{place}.stages are not within 1 to 365, or there are none"));
            let descending = stages.windows(2).all(|pair| pair[0] > pair[1]);
            check(descending, &|| format!("{place}.stages do not descend"));
        }
        let max_mb = self.documents.max_mb;
        check((1..=50).contains(&max_mb), &|| format!("documents.max_mb {max_mb} is not within 1 to 50"));
        for (name, prices) in self.prices.lists() {
            check(!prices.is_empty(), &|| format!("prices.{name} is empty"));
            let ascending = prices.windows(2).all(|pair| pair[0].from < pair[1].from);
            check(ascending, &|| format!("prices.{name} is not in order of its days"));
        }
        faults
    }

    /// The department of that code.
    #[must_use]
    pub fn department(&self, code: &DepartmentCode) -> Option<&Department> {
        self.departments.iter().find(|department| department.code == *code)
    }

    /// The kind of that code.
    #[must_use]
    pub fn kind(&self, code: &KindCode) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.code == *code)
    }

    /// The permit type of that code.
    #[must_use]
    pub fn permit_type(&self, code: &PermitTypeCode) -> Option<&PermitType> {
        self.permit_types.iter().find(|permit_type| permit_type.code == *code)
    }

    /// How long a resident's link works.
    #[must_use]
    pub fn link_lifetime(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.link_days))
    }

    /// How long the link on a letter works.
    #[must_use]
    pub fn letter_link_lifetime(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.letter_link_days))
    }
}

impl Department {
    /// The sender number as a provider takes it.
    ///
    /// # Errors
    /// When it is no Korean number.
    pub fn sender_number(&self) -> Result<PhoneNumber, InvalidPerson> {
        PhoneNumber::parse(&self.sender)
    }
}

/// The JSON Schema of the settings document.
#[must_use]
pub fn json_schema() -> serde_json::Value {
    schemars::schema_for!(Settings).to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../../../infra/settings.json");

    #[test]
    fn the_shipped_settings_are_sound_and_fit_a_parameter() {
        Settings::parse(SHIPPED).expect("sound settings");
        let minified = serde_json::from_str::<serde_json::Value>(SHIPPED).expect("JSON").to_string();
        assert!(minified.len() <= 8 * 1024, "Systems Manager takes 8 KB, these are {}", minified.len());
    }

    #[test]
    fn the_shipped_schema_is_that_of_the_types() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../infra/settings.schema.json");
        let generated = json_schema();
        let shipped = std::fs::read_to_string(path).ok().and_then(|text| serde_json::from_str(&text).ok());
        if shipped.as_ref() != Some(&generated) {
            let generated = format!("{}\n", serde_json::to_string_pretty(&generated).expect("JSON"));
            std::fs::write(path, &generated).expect("a writable schema file");
            unreachable!("infra/settings.schema.json was out of date and has been written anew: commit it");
        }
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let mut document: serde_json::Value = serde_json::from_str(SHIPPED).expect("JSON");
        document["departments"][1]["code"] = document["departments"][0]["code"].clone();
        document["departments"][0]["sender"] = "999".into();
        document["kinds"][0]["reminder_hours"] = 100.into();
        document["office"]["short_name"] = "서초🎉".into();
        document["sending_hours"]["until"] = "08:00".into();
        document["permit_types"][0]["stages"] = serde_json::json!([30, 60, 0]);
        document["permit_types"][1]["kind"] = "none".into();
        document["permit_types"][2]["label"] = document["permit_types"][3]["label"].clone();
        document["kinds"][1]["unread_hours"] = 721.into();
        document["prices"]["sms"] = serde_json::json!([]);
        document["prices"]["registered_letter"][0]["from"] = "2026-01-01".into();
        document["documents"]["max_mb"] = 0.into();
        let faults = Settings::parse(&document.to_string()).expect_err("twelve faults").faults;
        insta::assert_debug_snapshot!(faults);
    }

    #[test]
    fn outside_the_sending_hours_texts_wait_for_the_next_opening() {
        let moment = |text: &str| text.parse::<Timestamp>().expect("a moment");
        let hours = Settings::parse(SHIPPED).expect("sound settings").sending_hours;
        // 09:00 and 20:00 in Seoul are midnight and 11:00 in Greenwich.
        for within in ["2026-11-23T00:00:00Z", "2026-11-23T05:30:00Z", "2026-11-23T10:59:59Z"] {
            assert_eq!(hours.closed_until(moment(within)), None, "{within}");
        }
        for (outside, opening) in [
            ("2026-11-22T23:59:59Z", "2026-11-23T00:00:00Z"),
            ("2026-11-23T11:00:00Z", "2026-11-24T00:00:00Z"),
            ("2026-11-23T15:00:00Z", "2026-11-24T00:00:00Z"),
            ("2026-12-31T14:00:00Z", "2027-01-01T00:00:00Z"),
        ] {
            assert_eq!(hours.closed_until(moment(outside)), Some(moment(opening)), "{outside}");
        }
        let all_day = SendingHours { from: hours.from, until: hours.from };
        assert_eq!(all_day.closed_until(moment("2026-11-23T15:00:00Z")), None);
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        let mut document: serde_json::Value = serde_json::from_str(SHIPPED).expect("JSON");
        document["ofice"] = "typo".into();
        let faults = Settings::parse(&document.to_string()).expect_err("a typo").faults;
        assert!(faults[0].contains("unknown field `ofice`"), "{faults:?}");
    }
}
