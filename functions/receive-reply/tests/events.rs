//! Every event in `events/receive-reply`, signed where its door wants a signature; each answer as it is sent.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use bootstrap::{SettingsFeed, SystemClock, SystemEntropy};
use journeys::Stack;
use lambda_runtime::{Context, LambdaEvent};
use receive_reply::{Receiver, handle};
use serde_json::Value;
use standardwebhooks::Webhook;
use store::RecipientKey;

const SECRET: &str = "c2VjcmV0IGZvciB0ZXN0cyBvbmx5";

async fn outcome(mut event: Value, signed: bool) -> Result<Value, String> {
    let stack = Stack::running();
    let aws = stack.aws().await;
    let receiver = Receiver {
        table: stack.table().await,
        settings: SettingsFeed::connect(&aws, "/tongji/settings", SystemClock),
        recipient_key: RecipientKey::new("a key for tests"),
        clock: SystemClock,
        entropy: SystemEntropy,
    };
    if signed && let Some(body) = event["body"].as_str() {
        let body = if event["isBase64Encoded"] == true {
            "{\"id\":\"mo-event-3\",\"from\":\"010-2000-0001\",\"text\":\"base64\"}"
        } else {
            body
        };
        #[expect(clippy::disallowed_methods, reason = "a signature is as old as the clock says")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        let now = i64::try_from(now).expect("a time");
        let signature =
            Webhook::new(SECRET).and_then(|webhook| webhook.sign("m", now, body.as_bytes())).expect("a signature");
        event["headers"]["webhook-id"] = "m".into();
        event["headers"]["webhook-timestamp"] = now.to_string().into();
        event["headers"]["webhook-signature"] = signature.into();
    }
    handle(&receiver, SECRET, LambdaEvent::new(event, Context::default())).await.map_err(|error| error.to_string())
}

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

#[tokio::test]
async fn every_event_gets_its_answer() {
    let events = events();
    assert!(events.len() >= 8, "the events are there");
    let mut settings = insta::Settings::clone_current();
    settings.set_sort_maps(true);
    for (name, event) in events {
        let outcome = outcome(event, true).await;
        settings.bind(|| insta::assert_json_snapshot!(name, outcome));
    }
}

#[tokio::test]
async fn a_webhook_without_a_signature_is_refused_whatever_it_says() {
    for (name, event) in events().into_iter().filter(|(name, _)| name.starts_with("standard")) {
        assert_eq!(outcome(event, false).await.expect("an answer")["statusCode"], 401, "{name}");
    }
}

#[tokio::test]
async fn an_altered_body_is_refused() {
    let (_, event) = events().into_iter().find(|(name, _)| name == "standard").expect("the event");
    let mut signed = event.clone();
    signed["body"] = event["body"].as_str().expect("a body").replace("안녕", "안농").into();
    signed["headers"]["webhook-id"] = "m".into();
    signed["headers"]["webhook-timestamp"] = "1795395600".into();
    signed["headers"]["webhook-signature"] = "v1,AAAA".into();
    assert_eq!(outcome(signed, false).await.expect("an answer")["statusCode"], 401);
}

#[tokio::test]
async fn garbage_is_an_error_and_never_a_panic() {
    for garbage in [Value::Null, Value::from("text"), serde_json::json!([]), serde_json::json!({ "Records": 3 })] {
        assert!(outcome(garbage, false).await.is_err());
    }
}
