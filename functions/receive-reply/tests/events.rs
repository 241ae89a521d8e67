//! Every event in `events/receive-reply`, signed where its door wants a signature; each answer as it is sent.

mod fetch;
mod files;
mod poll;
mod world;

use std::fs;

use serde_json::Value;
use world::{World, signed_by_standard, signed_by_twilio};

fn events() -> Vec<(String, Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/receive-reply");
    let mut files: Vec<_> = fs::read_dir(folder).expect("events").map(|file| file.expect("a file").path()).collect();
    files.sort();
    let read = |file: std::path::PathBuf| {
        let name = file.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        (name, serde_json::from_str(&fs::read_to_string(file).expect("an event")).expect("JSON"))
    };
    files.into_iter().map(read).collect()
}

fn event(name: &str) -> Value {
    events().into_iter().find(|(of, _)| of == name).expect(name).1
}

fn signed(name: &str, event: Value) -> Value {
    if name.starts_with("twilio") { signed_by_twilio(event) } else { signed_by_standard(event) }
}

#[tokio::test]
async fn every_event_gets_its_answer() {
    let (events, world) = (events(), World::new().await);
    assert!(events.len() >= 14, "the events are there");
    let mut settings = insta::Settings::clone_current();
    settings.set_sort_maps(true);
    for (name, event) in events {
        let outcome = world.outcome(signed(&name, event)).await;
        settings.bind(|| insta::assert_json_snapshot!(name, outcome));
    }
}

#[tokio::test]
async fn a_webhook_without_a_signature_is_refused_whatever_it_says() {
    let world = World::new().await;
    for (name, event) in events() {
        let refused = match name.split('-').next() {
            Some("standard") => 401,
            Some("twilio") => 403,
            Some(_) | None => continue,
        };
        assert_eq!(world.outcome(event).await.expect("an answer")["statusCode"], refused, "{name}");
    }
}

#[tokio::test]
async fn an_altered_body_is_refused() {
    let world = World::new().await;
    for (name, refused) in [("standard", 401), ("twilio", 403)] {
        let mut event = signed(name, event(name));
        let altered =
            event["body"].as_str().expect("a body").replace("2000-0001", "2000-0002").replace("20000001", "20000002");
        assert_ne!(event["body"], altered);
        event["body"] = altered.into();
        assert_eq!(world.outcome(event).await.expect("an answer")["statusCode"], refused, "{name}");
    }
}

#[tokio::test]
async fn a_body_longer_than_any_text_is_refused_before_it_is_read() {
    let world = World::new().await;
    for name in ["standard", "twilio"] {
        let mut event = event(name);
        event["body"] = "x".repeat(64 * 1024 + 1).into();
        assert_eq!(world.outcome(event).await.expect("an answer")["statusCode"], 413, "{name}");
    }
}

#[tokio::test]
async fn garbage_is_an_error_and_never_a_panic() {
    let world = World::new().await;
    for garbage in [Value::Null, Value::from("text"), serde_json::json!([]), serde_json::json!({ "Records": 3 })] {
        assert!(world.outcome(garbage).await.is_err());
    }
}
