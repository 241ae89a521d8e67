//! The floor answers, and writes what it is handed.

use std::path::PathBuf;

use bench::cloud::Cloud;
use bench::host::{Copy, Program};
use serde_json::{Value, json};

fn program(binary: &str) -> Program {
    Program {
        name: "floor".to_owned(),
        command: vec![PathBuf::from(binary)],
        memory_megabytes: 128,
        environment: Vec::new(),
    }
}

#[tokio::test]
async fn hello_answers() {
    let copy = Copy::start(&program(env!("CARGO_BIN_EXE_hello")), "http://127.0.0.1:1").await.expect("started");
    assert_eq!(copy.invoke("{}").await.expect("answered").body, br#"{"statusCode":200}"#);
}

#[tokio::test]
async fn bare_writes_its_transactions_and_tells_how_long_that_took() {
    let cloud = Cloud::start(String::new()).await.expect("a cloud");
    let copy = Copy::start(&program(env!("CARGO_BIN_EXE_bare")), &cloud.url()).await.expect("started");
    let put = |pk: &str| json!({ "TransactItems": [{ "Put": { "TableName": "bench", "Item": { "pk": { "S": pk }, "sk": { "S": "A" } } } }] });
    let answered = copy.invoke(put("1").to_string()).await.expect("answered");
    let answer: Value = serde_json::from_slice(&answered.body).expect("JSON");
    assert!(answer["micros"].as_u64().is_some_and(|micros| micros > 0));
    let file = std::env::temp_dir().join(format!("transactions-{}.jsonl", std::process::id()));
    std::fs::write(&file, format!("{}\n{}\n", put("2"), put("3"))).expect("written");
    let replay = json!({ "replay": file, "at_once": 2 });
    copy.invoke(replay.to_string()).await.expect("answered");
    std::fs::remove_file(&file).expect("removed");
    assert_eq!(cloud.held().memory.len(), 3);
    assert_eq!(cloud.held().usage["floor"].calls_of("dynamodb:TransactWriteItems"), 3);
}
