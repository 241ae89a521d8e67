//! Every event under `events/import-batch` through the handler, on a table with one batch whose file has one bad row.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use domain::Action;
use import_batch::handle;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::Value;
use store::BatchType;

use crate::files::{HEADINGS, line};
use crate::world::World;

async fn answer(world: &World, payload: Value) -> Value {
    let mut context = Context::default();
    context.deadline = 1_900_000_000_000;
    handle(&world.importer(), LambdaEvent::new(payload, context)).await.expect("an answer")
}

/// The answer, with its body as JSON.
fn legible(mut answer: Value) -> Value {
    if let Some(body) = answer["body"].as_str().and_then(|body| serde_json::from_str(body).ok()) {
        answer["body"] = body;
    }
    answer
}

fn world() -> (World, domain::BatchId) {
    let world = World::new();
    let file = format!("{HEADINGS}\n{}\n{}\n", line(1), line(2).replace("홍길동", ""));
    let id = world.uploaded(BatchType::Notices, 1, file.as_bytes()).id;
    (world, id)
}

#[tokio::test]
async fn every_event_has_its_answer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/import-batch");
    let mut answers = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("events") {
        let path = entry.expect("an event").path();
        let event: Value = serde_json::from_str(&fs::read_to_string(&path).expect("an event")).expect("JSON");
        let (world, id) = world();
        let answer = answer(&world, event).await;
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let stage = format!("{:?}", world.batch_now(id).stage);
        answers.insert(name, serde_json::json!({ "answer": legible(answer), "the batch is then": stage }));
    }
    assert!(answers.len() > 12);
    insta::assert_json_snapshot!(answers);
}

#[tokio::test]
async fn a_batch_is_told_when_it_is_over_and_its_report_lent() {
    let (world, id) = world();
    world.import(id).await;
    for (route, name) in [("GET /v1/batches/{id}", "read"), ("GET /v1/batches/{id}/errors", "errors")] {
        let event = serde_json::json!({
            "routeKey": route, "pathParameters": { "id": id.to_string() }, "requestContext": { "http": { "method": "GET" } },
        });
        insta::assert_json_snapshot!(format!("over-{name}"), legible(answer(&world, event).await));
    }
    let accesses = world.stored().accesses.clone();
    let told = accesses.iter().map(|access| (access.action, access.object.clone()));
    assert_eq!(
        told.collect::<Vec<_>>(),
        vec![(Action::ReadBatchErrors, Some(id.to_string())); 2],
        "both lend the rows"
    );
}

#[tokio::test]
async fn the_same_content_is_the_same_batch_and_a_dry_run_another() {
    let (world, id) = world();
    let batch = world.batch_now(id);
    let announce = |dry_run: bool| {
        let body = serde_json::json!({
            "type": "notices", "file_name": "a.csv", "bytes": batch.bytes, "sha256": batch.sha256, "dry_run": dry_run,
        });
        serde_json::json!({ "routeKey": "POST /v1/batches", "body": body.to_string(), "requestContext": { "http": { "method": "POST" } } })
    };
    let waiting = legible(answer(&world, announce(false)).await);
    assert_eq!((&waiting["statusCode"], &waiting["body"]["id"]), (&200.into(), &id.to_string().into()));
    assert!(waiting["body"]["upload"].is_object(), "its upload never came: a fresh address");
    let dry = legible(answer(&world, announce(true)).await);
    assert_eq!(dry["statusCode"], 201);
    world.import(id).await;
    let done = legible(answer(&world, announce(false)).await);
    assert_eq!((&done["statusCode"], &done["body"]["already_imported_as"]), (&200.into(), &id.to_string().into()));
    assert!(done["body"]["upload"].is_null());
}
