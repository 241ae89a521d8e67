//! A request that comes again gets its answer again, whatever has changed since; the function's own binary over a table in
//! memory, which counts what it is asked.

use std::fs;
use std::path::{Path, PathBuf};

use bench::cloud::Cloud;
use bench::host::{Copy, Program};
use serde_json::{Value, json};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn program() -> Program {
    let environment = [("TABLE", "table"), ("SETTINGS_PARAMETER", "/settings"), ("RECIPIENT_KEY_SECRET", "key")];
    Program {
        name: "intake-notice".to_owned(),
        command: vec![PathBuf::from(env!("CARGO_BIN_EXE_intake-notice"))],
        memory_megabytes: 256,
        environment: environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
    }
}

async fn answer(copy: &Copy, event: &Value) -> (u64, Value) {
    let answered = copy.invoke(event.to_string()).await.expect("an answer");
    let answer: Value = serde_json::from_slice(&answered.body).expect("JSON");
    let body = serde_json::from_str(answer["body"].as_str().expect("a body")).expect("JSON");
    (answer["statusCode"].as_u64().expect("a status"), body)
}

#[tokio::test]
async fn what_was_accepted_once_gets_its_answer_again_though_it_would_be_refused_now() {
    let root = Path::new(ROOT);
    let settings = fs::read_to_string(root.join("infra/settings.json")).expect("settings");
    let create = fs::read_to_string(root.join("events/intake-notice/create.json")).expect("an event");
    let event: Value = serde_json::from_str(&create).expect("JSON");
    let cloud = Cloud::start(settings.clone()).await.expect("a cloud");
    let copy = Copy::start(&program(), &cloud.url()).await.expect("started");
    let (status, first) = answer(&copy, &event).await;
    assert_eq!(status, 201);
    let reads = || cloud.held().usage["intake-notice"].calls_of("dynamodb:GetItem");
    assert_eq!(reads(), 0, "a new request needs no look for an earlier one");
    assert_eq!(answer(&copy, &event).await, (201, first.clone()));

    // The department is gone: the same request gets the same answer, and no other does.
    cloud.held().settings = settings.replace("\"code\": \"tax\"", "\"code\": \"taxes\"");
    let copy = Copy::start(&program(), &cloud.url()).await.expect("started");
    assert_eq!(answer(&copy, &event).await, (201, first));
    let mut other_body = event.clone();
    other_body["body"] = json!(event["body"].as_str().expect("a body").replace("감면", "면제"));
    let (status, problem) = answer(&copy, &other_body).await;
    assert_eq!((status, &problem["errors"][0]["header"]), (422, &json!("Idempotency-Key")));
    let mut other_key = event.clone();
    other_key["headers"]["idempotency-key"] = json!("another");
    let (status, problem) = answer(&copy, &other_key).await;
    assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!("#/department")));
    assert_eq!(cloud.held().memory.states().values().sum::<usize>(), 1);
}
