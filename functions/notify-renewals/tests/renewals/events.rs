//! Every event in `events/notify-renewals` over permits in memory: each answer as it is sent.

use std::fs;

use crate::memory::{Memory, morning, put, renewals};
use domain::{Action, PermitDetails, PermitPut, PermitStatus, PermitTypeCode};
use lambda_runtime::{Context, LambdaEvent};
use notify_renewals::{Config, Report, handle};
use serde_json::{Value, json};

/// One of which two stages were dealt with, one that is closed, one whose holder said that it is renewed.
async fn office() -> Memory {
    let (known, closed) = (put("서초-2027-0001", "2027-01-20"), put("서초-2027-0002", "2027-01-20"));
    let memory = Memory::holding([known, closed, put("서초-2027-0003", "2027-01-20")]);
    renewals(&memory, morning(30)).run(jiff::Timestamp::MAX).await;
    let closed = PermitPut { status: Some(PermitStatus::Closed), ..put("서초-2027-0002", "2027-01-20") };
    memory.put_by_another(closed);
    memory.report_renewed("서초-2027-0003");
    memory
}

async fn answer(memory: &Memory, event: Value) -> Result<Value, String> {
    let mut context = Context::default();
    context.deadline = u64::try_from(morning(28).as_millisecond()).expect("after 1970");
    let event = LambdaEvent::new(event, context);
    let answer = handle(&renewals(memory, morning(29)), event).await.map_err(|error| error.to_string())?;
    let body = answer["body"].as_str().map(|body| serde_json::from_str::<Value>(body).expect("JSON"));
    Ok(match body {
        Some(body) => {
            json!({ "status": answer["statusCode"], "type": answer["headers"]["content-type"], "body": body })
        }
        None => answer,
    })
}

fn event(name: &str) -> Value {
    let path = format!("{}/../../events/notify-renewals/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(path).expect("an event")).expect("JSON")
}

#[tokio::test]
async fn every_event_gets_its_answer() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/notify-renewals");
    let mut files: Vec<_> = fs::read_dir(folder).expect("events").map(|file| file.expect("a file").path()).collect();
    files.sort();
    assert!(files.len() >= 15, "the events are there");
    let mut settings = insta::Settings::clone_current();
    settings.set_sort_maps(true);
    for file in files {
        let name = file.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        let answer = answer(&office().await, event(&name)).await;
        settings.bind(|| insta::assert_json_snapshot!(name, answer));
    }
}

#[tokio::test]
async fn a_put_is_there_to_be_read_and_the_same_again_changes_nothing() {
    let memory = Memory::default();
    let created = answer(&memory, event("put")).await.expect("an answer");
    assert_eq!((&created["status"], &created["body"]["version"]), (&json!(201), &json!(1)));
    let again = answer(&memory, event("put")).await.expect("an answer");
    assert_eq!((&again["status"], &again["body"]), (&json!(200), &created["body"]));
    let mut read = event("read");
    read["pathParameters"]["number"] = "%EC%84%9C%EC%B4%88-2027-0009".into();
    assert_eq!(answer(&memory, read).await.expect("an answer")["body"], created["body"], "by its encoded number too");
}

#[tokio::test]
async fn who_reads_a_permit_stands_on_record_or_does_not_read_it() {
    let memory = office().await;
    answer(&memory, event("read")).await.expect("an answer");
    let accesses = memory.kept.lock().expect("one thread").accesses.clone();
    let [access] = &accesses[..] else { unreachable!("one line") };
    assert_eq!((access.action, access.object.as_deref()), (Action::ReadPermit, Some("서초-2027-0001")));
    assert!(access.recipient.is_some(), "whose permit");
    memory.kept.lock().expect("one thread").record_is_full = true;
    assert_eq!(answer(&memory, event("read")).await.expect("an answer")["status"], 503);
}

#[tokio::test]
async fn an_answer_holds_nobody_s_data() {
    for name in ["put", "read", "put-changed"] {
        let text = answer(&office().await, event(name)).await.expect("an answer").to_string();
        for secret in ["홍길동", "1234", "hong@", "동광로", "06628"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

#[tokio::test]
async fn a_morning_s_run_that_leaves_something_undone_comes_again() {
    let memory = office().await;
    let morning = event("morning");
    assert_eq!(answer(&memory, morning.clone()).await, Ok(json!(Report::default())));
    memory.put_by_another(PermitPut {
        details: PermitDetails {
            permit_type: PermitTypeCode::parse("gone").expect("a code"),
            ..put("서초-2027-0004", "2027-01-20").details
        },
        ..put("서초-2027-0004", "2027-01-20")
    });
    let failed = answer(&memory, morning).await.expect_err("it must come again");
    assert!(failed.contains("failed: 1"), "{failed}");
    assert_eq!(memory.permit_of("서초-2027-0004").version, 1, "as it was");
}

#[test]
fn a_missing_variable_stops_the_start() {
    let environment = bootstrap::Environment::recording();
    Config::read(&environment).expect("all there");
    assert_eq!(environment.asked(), ["RECIPIENT_KEY_SECRET", "SETTINGS_PARAMETER", "TABLE"]);
}
