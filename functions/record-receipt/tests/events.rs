//! Every event in `events/record-receipt`, signed where its door wants a signature: the answer, and what it did to a notice
//! whose result is out under the name `result`.

mod memory;

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use channels::fake::{by_mail, by_text, details, noon};
use domain::{Channel, Given};
use jiff::SignedDuration;
use lambda_runtime::{Context, LambdaEvent};
use memory::Memory;
use record_receipt::handle;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

const SECRET: &str = "c2VjcmV0IGZvciB0ZXN0cyBvbmx5";

/// A disposition, waiting to be read, by the channel of the event's provider.
fn memory(name: &str) -> Memory {
    let read_by = Some(noon() + SignedDuration::from_hours(120));
    match name.split('-').next() {
        Some("ses") => Memory::with_result(Channel::Email, details(), read_by),
        Some("standard") => {
            let memory = Memory::default();
            memory.asked(details());
            let cause = memory.chose(by_text());
            memory.sent("standard", "result", cause, read_by);
            memory
        }
        _ => Memory::with_result(Channel::Sms, details(), read_by),
    }
}

fn signed(mut event: Value) -> Value {
    if let Some(body) = event["body"].as_str() {
        #[expect(clippy::disallowed_methods, reason = "a signature is as old as the clock says")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        let now = i64::try_from(now).expect("a time");
        let signature =
            Webhook::new(SECRET).and_then(|webhook| webhook.sign("m", now, body.as_bytes())).expect("a signature");
        event["headers"]["webhook-id"] = "m".into();
        event["headers"]["webhook-timestamp"] = now.to_string().into();
        event["headers"]["webhook-signature"] = signature.into();
    }
    event
}

async fn answer(memory: &Memory, event: Value) -> Result<Value, String> {
    let (recorder, _) = memory.recorder();
    handle(&recorder, SECRET, LambdaEvent::new(event, Context::default())).await.map_err(|error| error.to_string())
}

fn events() -> Vec<(String, Value)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/record-receipt");
    let mut files: Vec<_> = fs::read_dir(folder).expect("events").map(|file| file.expect("a file").path()).collect();
    files.sort();
    let read = |file: std::path::PathBuf| {
        let name = file.file_stem().and_then(|name| name.to_str()).expect("a name").to_owned();
        (name, serde_json::from_str(&fs::read_to_string(file).expect("an event")).expect("JSON"))
    };
    files.into_iter().map(read).collect()
}

fn event(name: &str) -> Value {
    events().into_iter().find(|(of, _)| of == name).expect("the event").1
}

#[tokio::test]
async fn every_event_gets_its_answer_and_does_what_it_means() {
    let events = events();
    assert!(events.len() >= 40, "the events are there");
    for (name, event) in events {
        let memory = memory(&name);
        let answer = answer(&memory, signed(event)).await;
        let state = memory.state().name();
        let kept = memory.dead();
        let address_withdrawn = memory.withdrawn() == [by_mail().given] || memory.withdrawn() == [by_text().given];
        let seen = json!({
            "answer": answer,
            "happened": memory.happened(),
            "state": state,
            "kept_apart": kept,
            "address_withdrawn": address_withdrawn,
        });
        let mut settings = insta::Settings::clone_current();
        settings.set_sort_maps(true);
        settings.bind(|| insta::assert_json_snapshot!(name, seen));
    }
}

#[tokio::test]
async fn every_event_twice_does_no_more_than_once() {
    for (name, event) in events() {
        let memory = memory(&name);
        let first = answer(&memory, signed(event.clone())).await;
        let (happened, state) = (memory.happened(), memory.state());
        let second = answer(&memory, signed(event)).await;
        assert_eq!((memory.happened(), memory.state()), (happened, state), "{name}");
        assert_eq!(first.is_ok(), second.is_ok(), "{name}");
    }
}

#[tokio::test]
async fn nothing_personal_is_kept_apart() {
    for (name, event) in events() {
        let memory = memory(&name);
        let _ = answer(&memory, signed(event)).await;
        let kept = memory.dead_contents();
        for personal in ["hong@example.org", "1012345678"] {
            assert!(!kept.contains(personal), "{name}: {kept}");
        }
    }
}

#[tokio::test]
async fn a_webhook_without_a_signature_is_refused_whatever_it_says() {
    for (name, event) in events().into_iter().filter(|(name, _)| name.starts_with("standard")) {
        let memory = memory(&name);
        assert_eq!(answer(&memory, event).await.expect("an answer")["statusCode"], 401, "{name}");
        assert!(!memory.happened().contains(&"delivered"), "{name}");
    }
}

#[tokio::test]
async fn an_altered_body_is_refused() {
    let mut event = signed(event("standard-failed"));
    event["body"] = event["body"].as_str().expect("a body").replace("failed", "delivered").into();
    assert_eq!(answer(&memory("standard"), event).await.expect("an answer")["statusCode"], 401);
}

#[tokio::test]
async fn a_webhook_that_must_come_again_is_asked_to() {
    let memory = memory("standard");
    let waits = answer(&memory, signed(event("standard-too-early"))).await.expect("an answer");
    assert_eq!(waits["statusCode"], 503);
    assert_eq!(memory.dead(), [""; 0], "it still comes by itself");
}

#[tokio::test]
async fn garbage_is_an_error_and_never_a_panic() {
    for garbage in
        [Value::Null, Value::from("text"), json!([]), json!({ "Records": 3 }), json!({ "awslogs": { "data": 3 } })]
    {
        assert!(answer(&memory("ses"), garbage).await.is_err());
    }
}

#[tokio::test]
async fn a_bounce_condemns_the_address_it_names_and_a_full_mailbox_does_not() {
    for (name, condemned) in [
        ("ses-bounce-permanent", true),
        ("ses-complaint", true),
        ("ses-bounce-transient", false),
        ("ses-reject", false),
    ] {
        let memory = memory(name);
        answer(&memory, event(name)).await.expect("taken in");
        let expected: Vec<Given> = if condemned { vec![by_mail().given] } else { Vec::new() };
        assert_eq!(memory.withdrawn(), expected, "{name}");
    }
}
