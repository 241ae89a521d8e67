//! Every event in `events/staff-console`, over numbers in memory; each answer as it is sent.

use std::fs;
use std::sync::Arc;

use bootstrap::Environment;
use channels::fake::{HeldSettings, StoppedClock, shipped_settings};
use domain::statistics::{Bucket, Counter, Counts, How, Line};
use domain::{Channel, DepartmentCode, KindCode, PostReason, Unit};
use jiff::SignedDuration;
use jiff::civil::Date;
use serde_json::{Value, json};
use staff_console::{Config, Console, ReadNumbers, router};
use store::Error;

const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/staff-console");

/// Numbers as the table tells them: one department's, of one year.
#[derive(Default)]
struct Memory(Vec<(Line, Counts)>);

impl Memory {
    fn add(&mut self, day: &str, department: &str, kind: &str, counted: &[(Counter, u64)]) {
        let mut counts = Counts::default();
        for (counter, amount) in counted {
            counts.add(*counter, *amount);
        }
        let line = Line {
            department: DepartmentCode::parse(department).expect("a code"),
            day: day.parse().expect("a day"),
            kind: KindCode::parse(kind).expect("a code"),
        };
        self.0.push((line, counts));
    }
}

impl ReadNumbers for Memory {
    async fn statistics(
        &self,
        department: &DepartmentCode,
        from: Date,
        to: Date,
    ) -> Result<Vec<(Line, Counts)>, Error> {
        assert_eq!(from.year(), to.year(), "a year at a time");
        let is_asked = |(line, _): &&(Line, Counts)| line.department == *department && (from..=to).contains(&line.day);
        Ok(self.0.iter().filter(is_asked).cloned().collect())
    }
}

fn hours(hours: i64) -> Bucket {
    Bucket::of(SignedDuration::from_hours(hours))
}

fn office() -> Memory {
    let mut office = Memory::default();
    let post = Counter::ToPost(PostReason::Chosen);
    for (day, department, kind) in [
        ("2025-05-31", "building", "petition_result"),
        ("2025-06-01", "building", "petition_result"),
        ("2026-11-20", "sanitation", "permit_renewal"),
        ("2026-11-24", "building", "petition_result"),
        ("2026-11-24", "sanitation", "guidance"),
    ] {
        office.add(
            day,
            department,
            kind,
            &[
                (Counter::Accepted, 100),
                (Counter::Asked, 90),
                (Counter::Chosen(Channel::Sms, How::Text), 60),
                (Counter::Chosen(Channel::Email, How::Link), 20),
                (Counter::Chosen(Channel::Post, How::StandingPreference), 10),
                (Counter::ChosenAfter(hours(2)), 70),
                (Counter::ChosenAfter(hours(20)), 10),
                (Counter::Sent(Channel::Sms), 60),
                (Counter::Delivered(Channel::Sms), 58),
                (Counter::Read(Channel::Sms), 50),
                (Counter::DeliveryFailed(Channel::Sms), 2),
                (Counter::Sent(Channel::Email), 20),
                (Counter::Delivered(Channel::Email), 20),
                (Counter::Reached, 78),
                (Counter::ReachedAfter(hours(3)), 78),
                (post, 12),
                (Counter::Posted, 12),
                (Counter::PostedAgain, 1),
                (Counter::PostedThoughReached, 1),
                (Counter::Returned, 1),
                (Counter::Cancelled, 2),
                (Counter::Messages(Unit::Sms), 160),
                (Counter::Billed(Unit::Sms), 251),
                (Counter::Messages(Unit::Email), 20),
                (Counter::Billed(Unit::Email), 20),
            ],
        );
    }
    office
}

async fn answer(numbers: Memory, event: &str) -> Value {
    let settings = HeldSettings::new(shipped_settings());
    let console = Console { numbers, settings, clock: Box::new(StoppedClock::default()) };
    crate::desk::answer(router(Arc::new(console)).merge(crate::desk::routes(&crate::desk::Memory::office())), event)
        .await
}

fn event(name: &str) -> String {
    fs::read_to_string(format!("{EVENTS}/{name}.json")).expect("an event")
}

#[tokio::test]
async fn every_event_gets_its_answer() {
    let mut files: Vec<_> = fs::read_dir(EVENTS).expect("events").map(|file| file.expect("a file").path()).collect();
    files.sort();
    assert!(files.len() >= 9, "the events are there");
    for file in files {
        let name = file.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        insta::assert_json_snapshot!(name.clone(), answer(office(), &event(&name)).await);
    }
}

fn savings(from: &str, to: &str) -> String {
    let mut event: Value = serde_json::from_str(&event("savings")).expect("JSON");
    event["rawQueryString"] = format!("from={from}&to={to}").into();
    event["queryStringParameters"] = json!({ "from": from, "to": to });
    event.to_string()
}

/// What the office itself says: 39,600 notices a year, KRW 430 and 2,100 each, over KRW 100 million.
#[tokio::test]
async fn the_offices_own_claim_comes_out_to_the_won() {
    let mut year = Memory::default();
    let day = |number: i64| {
        let first: Date = "2024-01-01".parse().expect("a day");
        first.saturating_add(jiff::Span::new().days(number)).to_string()
    };
    for number in 0..360 {
        year.add(&day(number), "building", "petition_result", &[(Counter::Accepted, 110)]);
    }
    let answer = answer(year, &savings("2024-01-01", "2024-12-31")).await;
    assert_eq!(answer["body"]["all_as_letters"], json!({ "count": 39_600, "krw": 100_188_000 }));
    assert_eq!(answer["body"]["saved_krw"], 100_188_000);
    assert_eq!(answer["body"]["prices"]["registered_letter"], json!([{ "from": "2020-01-01", "krw": 2530 }]));
}

#[tokio::test]
async fn fractions_of_a_won_are_added_up_before_they_are_rounded() {
    let mut office = Memory::default();
    for day in ["2026-11-22", "2026-11-23", "2026-11-24"] {
        office.add(day, "tax", "guidance", &[(Counter::Accepted, 1), (Counter::Billed(Unit::Email), 3)]);
    }
    let answer = answer(office, &savings("2026-11-01", "2026-11-30")).await;
    // Nine times 0.14 is 1.26; three times 0.42 would be nothing.
    assert_eq!(answer["body"]["spent"]["emails"], json!({ "count": 9, "krw": 1 }));
    assert_eq!(answer["body"]["saved_krw"], 3 * 2830 - 1);
}

/// Every member of the answer stands in the description of the API, and the other way round.
fn is_described(description: &Value, schema: &Value, answer: &Value) {
    let schema = match schema["$ref"].as_str() {
        Some(name) => &description["components"]["schemas"][name.rsplit('/').next().expect("a name")],
        None => schema,
    };
    if let Some(items) = answer.as_array() {
        for item in items {
            is_described(description, &schema["items"], item);
        }
    } else if let Some(members) = answer.as_object() {
        if !schema["additionalProperties"].is_null() {
            return;
        }
        let of_all = schema["allOf"].as_array().into_iter().flatten();
        let part = |part: &Value| match part["$ref"].as_str() {
            Some(name) => description["components"]["schemas"][name.rsplit('/').next().expect("a name")].clone(),
            None => part.clone(),
        };
        let parts: Vec<Value> = of_all.map(part).chain([schema.clone()]).collect();
        let described: Vec<_> = parts.iter().filter_map(|part| part["properties"].as_object()).flatten().collect();
        for (name, value) in members {
            let (_, of) = described.iter().find(|(known, _)| *known == name).unwrap_or_else(|| unreachable!("{name}"));
            is_described(description, of, value);
        }
        for (name, _) in described {
            assert!(members.contains_key(name), "{name} is described and not there");
        }
    }
}

#[tokio::test]
async fn the_description_is_that_of_the_answers() {
    let description = serde_json::to_value(intake_notice::openapi()).expect("JSON");
    for (path, name) in [("/v1/stats", "stats"), ("/v1/stats/savings", "savings")] {
        let schema = &description["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{path}");
        is_described(&description, schema, &answer(office(), &event(name)).await["body"]);
    }
}

#[test]
fn a_missing_variable_stops_the_start() {
    let environment = Environment::recording();
    Config::read(&environment).expect("all there");
    assert_eq!(environment.asked(), ["SETTINGS_PARAMETER", "SUBMISSION_BUCKET", "TABLE"]);
}
