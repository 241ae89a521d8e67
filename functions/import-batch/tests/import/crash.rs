//! Workers that die between any two calls, and workers that run out of time: every row once a notice or in the report.

use jiff::SignedDuration;
use store::{BatchStage, BatchType};

use crate::files::{HEADINGS, line};
use crate::world::World;

/// Rows of more than two chunks, some of which err.
fn file() -> String {
    let mut text = HEADINGS.to_owned();
    for number in 0..1_100 {
        let row = match number % 100 {
            7 => line(number).replace("홍길동", ""),
            8 => line(number % 300),
            _ => line(number),
        };
        text += "\r\n";
        text += &row;
    }
    text
}

/// The rows in a report, in its order.
fn reported(world: &World, id: domain::BatchId) -> Vec<u32> {
    let report = String::from_utf8(world.report(id).unwrap_or_default()).expect("UTF-8");
    let cells = report.lines().skip(1).map(|line| line.split(',').nth(12).expect("the row's number").to_owned());
    cells.map(|cell| cell.parse().expect("a number")).collect()
}

fn expect_the_same(world: &World, id: domain::BatchId, whole: &World, whole_id: domain::BatchId, how: &str) {
    let (batch, expected) = (world.batch_now(id), whole.batch_now(whole_id));
    assert_eq!(batch.stage, expected.stage, "{how}");
    assert_eq!(batch.counts, expected.counts, "{how}");
    assert_eq!(world.stored().notices.len(), whole.stored().notices.len(), "{how}");
    assert!(world.stored().notices.keys().eq(whole.stored().notices.keys()), "{how}: the same ids");
    assert_eq!(reported(world, id), reported(whole, whole_id), "{how}");
}

async fn undisturbed(all_or_nothing: bool, text: &str) -> (World, domain::BatchId) {
    let whole = World::new();
    let id = whole.uploaded(BatchType::Notices, 1, text.as_bytes()).id;
    whole.change(id, |batch| batch.all_or_nothing = all_or_nothing);
    whole.import(id).await;
    (whole, id)
}

#[tokio::test]
async fn a_worker_may_die_at_any_call() {
    let text = file();
    let (whole, whole_id) = undisturbed(false, &text).await;
    let counts = whole.batch_now(whole_id).counts;
    assert_eq!((counts.rows, counts.errors), (1_100, 11 + 8));
    assert_eq!(reported(&whole, whole_id).len(), 19);
    for calls in 0.. {
        let world = World::new();
        let id = world.uploaded(BatchType::Notices, 1, text.as_bytes()).id;
        let lived = world.import_and_die(id, calls).await;
        world.import(id).await;
        expect_the_same(&world, id, &whole, whole_id, &format!("died at call {calls}"));
        if lived {
            assert!(calls > 15, "every call was a death: {calls}");
            break;
        }
    }
}

#[tokio::test]
async fn workers_may_die_again_and_again() {
    let text = file();
    let (whole, whole_id) = undisturbed(true, &text.replace("위생과,,,,", "위생과,홍길동,,,")).await;
    assert_eq!(whole.batch_now(whole_id).stage, BatchStage::Refused, "its twins err");
    let sound = format!("{HEADINGS}\n{}", (0..1_100).map(|number| line(number) + "\n").collect::<String>());
    for text in [text, sound] {
        for all_or_nothing in [false, true] {
            let (whole, whole_id) = undisturbed(all_or_nothing, &text).await;
            let world = World::new();
            let id = world.uploaded(BatchType::Notices, 1, text.as_bytes()).id;
            world.change(id, |batch| batch.all_or_nothing = all_or_nothing);
            let mut calls = 3;
            while !world.batch_now(id).stage.is_over() {
                world.import_and_die(id, calls).await;
                calls = if calls > 11 { 3 } else { calls + 1 };
            }
            expect_the_same(&world, id, &whole, whole_id, "died again and again");
        }
    }
}

#[tokio::test]
async fn workers_without_time_hand_over_and_nothing_differs() {
    let text = file();
    for all_or_nothing in [false, true] {
        let (whole, whole_id) = undisturbed(all_or_nothing, &text).await;
        let mut world = World::new();
        let id = world.uploaded(BatchType::Notices, 1, text.as_bytes()).id;
        world.change(id, |batch| batch.all_or_nothing = all_or_nothing);
        world.pace = 1;
        let rounds = world.import_in_haste(id, 3).await;
        assert!(rounds > 2, "{rounds}");
        assert_eq!(world.stored().orders, rounds - 1, "each handed over once");
        expect_the_same(&world, id, &whole, whole_id, "in haste");
    }
}

#[tokio::test]
async fn two_workers_never_hold_the_same_batch() {
    let world = World::new();
    let id = world.uploaded(BatchType::Notices, 1, file().as_bytes()).id;
    // It dies with the batch in its hands.
    world.import_and_die(id, 6).await;
    world.pass(SignedDuration::from_secs(-200));
    let order = import_batch::ImportOrder { batch: id };
    let held = world.importer().import(order, jiff::Timestamp::MAX).await;
    assert!(matches!(held, Err(import_batch::Unimported::Held(batch)) if batch == id));
    world.pass(SignedDuration::from_secs(200));
    assert_eq!(world.import(id).await.stage, BatchStage::Done);
    world.import(id).await;
    assert_eq!(world.stored().notices.len(), 1_081, "over is over");
}
