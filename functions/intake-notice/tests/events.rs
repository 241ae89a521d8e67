//! Every event in `events/intake-notice`, handled over the emulator's table; each answer as it is sent.

use std::fs;
use std::sync::Arc;

use axum::body::to_bytes;
use bootstrap::{Environment, SettingsFeed, SystemClock, SystemEntropy};
use intake_notice::{Config, Intake, router};
use journeys::Stack;
use serde_json::{Value, json};
use store::RecipientKey;
use tower::ServiceExt;

const EVENTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/intake-notice");

async fn answer(event: &str) -> Value {
    let stack = Stack::running();
    let aws = stack.aws().await;
    let intake = Intake {
        table: stack.table().await,
        settings: SettingsFeed::connect(&aws, "/tongji/settings", SystemClock),
        recipient_key: RecipientKey::new("a key for tests"),
        clock: SystemClock,
        entropy: SystemEntropy,
    };
    let request = lambda_http::request::from_str(event).expect("an API event");
    let response = router(Arc::new(intake))
        .oneshot(request.map(|body| axum::body::Body::from(body.to_vec())))
        .await
        .expect("an answer");
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    let header = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap_or_default().to_owned());
    json!({
        "status": parts.status.as_u16(),
        "content-type": header("content-type"),
        "location": header("location"),
        "body": serde_json::from_slice::<Value>(&body).expect("JSON"),
    })
}

#[tokio::test]
async fn every_event_gets_its_answer() {
    let mut files: Vec<_> = fs::read_dir(EVENTS).expect("events").map(|file| file.expect("a file").path()).collect();
    files.sort();
    assert!(files.len() >= 12, "the events are there");
    let mut settings = insta::Settings::clone_current();
    settings.set_sort_maps(true);
    settings.add_filter(r"01[0-9A-HJKMNP-TV-Z]{24}", "[id]");
    settings.add_filter(r"\d{4}-\d{2}-\d{2}T[\d:.]+Z", "[moment]");
    for file in files {
        let name = file.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        let answer = answer(&fs::read_to_string(&file).expect("an event")).await;
        settings.bind(|| insta::assert_json_snapshot!(name, answer));
    }
}

#[tokio::test]
async fn a_body_over_256_kilobytes_is_refused() {
    let event = fs::read_to_string(format!("{EVENTS}/create.json")).expect("an event");
    let mut event: Value = serde_json::from_str(&event).expect("JSON");
    event["body"] = format!("{{\"body\":\"{}\"}}", "x".repeat(256 * 1024)).into();
    assert_eq!(answer(&event.to_string()).await["status"], 413);
}

#[test]
fn garbage_is_no_request() {
    for garbage in ["", "null", "[]", "{\"version\":\"2.0\"}", "\u{0}"] {
        assert!(lambda_http::request::from_str(garbage).is_err(), "{garbage}");
    }
}

#[test]
fn the_description_names_every_field_that_is_read() {
    let description = serde_json::to_value(intake_notice::openapi()).expect("JSON");
    let schemas = &description["components"]["schemas"];
    let create = fs::read_to_string(format!("{EVENTS}/create.json")).expect("an event");
    let event: Value = serde_json::from_str(&create).expect("JSON");
    let body: Value = serde_json::from_str(event["body"].as_str().expect("a body")).expect("JSON");
    for (schema, object) in [
        ("NoticeRequest", &body),
        ("Officer", &body["officer"]),
        ("Recipient", &body["recipient"]),
        ("Address", &body["recipient"]["address"]),
    ] {
        for field in object.as_object().expect("an object").keys() {
            assert!(schemas[schema]["properties"][field].is_object(), "{schema}.{field}");
        }
        for required in schemas[schema]["required"].as_array().expect("required fields") {
            assert!(!object[required.as_str().expect("a name")].is_null(), "{schema}.{required} is required");
        }
    }
}

#[test]
fn a_missing_variable_stops_the_start() {
    let environment = Environment::recording();
    Config::read(&environment).expect("all there");
    assert_eq!(environment.asked(), ["RECIPIENT_KEY_SECRET", "SETTINGS_PARAMETER", "TABLE"]);
}
