//! Letters: made before anything goes out, the same file by mail, by link and by post, and each posted once.

use domain::Checksum;
use encoding_rs::EUC_KR;
use futures_util::future::join_all;
use journeys::{Office, Resident, eventually, notice, setting};
use reqwest::StatusCode;
use serde_json::{Value, json};

const OFFICER: &str = "이영희";

/// The checksum that the timeline records.
fn recorded(notice: &Value) -> String {
    let events = notice["events"].as_array().expect("events");
    let rendered = events.iter().find(|event| event["type"] == "letter_rendered").expect("a letter");
    rendered["sha256"].as_str().expect("a checksum").to_owned()
}

/// Has a run printed and tells it once it is over.
async fn printed(room: &Office) -> Value {
    let answer = room.post("/v1/letters/runs", &json!({})).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let run: Value = answer.json().await.expect("JSON");
    let path = format!("/v1/letters/runs/{}", run["id"].as_str().expect("an id"));
    eventually(&path, async || {
        let run: Value = room.get(&path).await.json().await.expect("JSON");
        (run["stage"] == "done").then_some(run)
    })
    .await
}

async fn file(run: &Value, name: &str) -> Vec<u8> {
    let files = run["files"].as_array().expect("files");
    let found = files.iter().find(|file| file["name"] == name).unwrap_or_else(|| unreachable!("{name} in {files:?}"));
    let answer = reqwest::get(found["url"].as_str().expect("an address")).await.expect("a file");
    assert_eq!(answer.status(), StatusCode::OK, "lent without an account");
    let content = answer.bytes().await.expect("a file").to_vec();
    assert_eq!(Checksum::of(&content).as_str(), found["sha256"], "{name}");
    content
}

fn line(manifest: &str, id: &str) -> Option<String> {
    manifest.lines().find(|line| line.contains(id)).map(str::to_owned)
}

#[tokio::test]
async fn a_letter_is_printed_once_posted_once_and_may_come_back_and_go_out_again() {
    let (stack, office, resident) = setting().await;
    let room = Office::print_room(&stack).await;
    let id = office.hand_in(&notice("petition_result", &resident.phone)).await;
    resident.text(1).await;
    resident.answer("3").await;
    office.until(&id, "posting").await;

    let forbidden = office.post("/v1/letters/runs", &json!({})).send().await.expect("an answer");
    assert_eq!(forbidden.status(), StatusCode::FORBIDDEN, "the petition system prints nothing");
    let early = room.post(&format!("/v1/notices/{id}/returned"), &json!({})).send().await.expect("an answer");
    assert_eq!(early.status(), StatusCode::CONFLICT, "no letter is out");

    // Ordered by several at once: nobody's letter is printed twice.
    let runs = join_all((0..3).map(|_| printed(&room))).await;
    let posted = office.until(&id, "posted").await;
    let run = room.get(&format!("/v1/letters/runs/{}", posted["state"]["run"].as_str().expect("a run"))).await;
    let run: Value = run.json().await.expect("JSON");
    let mut lines = Vec::new();
    for run in runs.iter().filter(|run| run["letters"] != 0) {
        let manifest = String::from_utf8(file(run, "manifest.csv").await).expect("UTF-8");
        lines.extend(line(&manifest, &id).map(|line| (run["id"].clone(), line)));
    }
    lines.dedup();
    let [(listed_in, row)] = &lines[..] else { unreachable!("in one run: {lines:?}") };
    assert_eq!(*listed_in, run["id"]);
    for cell in ["홍길동", "06628", "서울특별시 서초구 동광로 475", "letters-1.pdf"] {
        assert!(row.contains(cell), "{cell} in {row}");
    }
    let cp949 = file(&run, "manifest-cp949.csv").await;
    let cp949 = EUC_KR.decode_without_bom_handling_and_without_replacement(&cp949).expect("CP949");
    assert_eq!(line(&cp949, &id).as_ref(), Some(row));
    assert!(file(&run, "letters-1.pdf").await.starts_with(b"%PDF-1.7"));
    let sums = String::from_utf8(file(&run, "SHA256SUMS").await).expect("UTF-8");
    assert_eq!(sums.lines().count(), run["files"].as_array().expect("files").len() - 1);

    let events: Vec<_> = posted["events"].as_array().expect("events").iter().map(|event| &event["type"]).collect();
    for fact in ["letter_rendered", "joined_run", "posted"] {
        assert_eq!(events.iter().filter(|event| **event == fact).count(), 1, "{fact} in {events:?}");
    }
    stack.assert_chain_holds(&id).await;

    for _ in 0..2 {
        let back = room.post(&format!("/v1/notices/{id}/returned"), &json!({})).send().await.expect("an answer");
        assert_eq!(back.status(), StatusCode::OK, "scanned twice is returned once");
    }
    office.until(&id, "returned").await;
    let officer = json!({ "officer": { "unit": "건축과", "name": OFFICER, "phone": "02-2155-0101" } });
    let again = office.post(&format!("/v1/notices/{id}/post"), &officer).send().await.expect("an answer");
    assert_eq!(again.status(), StatusCode::OK);
    printed(&room).await;
    let second = office.until(&id, "posted").await;
    assert_ne!(second["state"]["run"], posted["state"]["run"]);
    assert_eq!(recorded(&second), recorded(&posted), "the same letter");
}

#[tokio::test]
async fn the_mail_and_the_page_hold_the_very_letter_that_was_recorded() {
    let (_, office, resident) = setting().await;
    let address = format!("resident-{}@example.org", rand::random::<u32>());
    let mut body = notice("petition_result", &resident.phone);
    body["recipient"]["email"] = address.clone().into();
    let id = office.hand_in(&body).await;
    resident.text(1).await;
    resident.answer("2").await;
    let mail = resident.mail(&address).await;
    let sent = office.until(&id, "sent").await;
    let attached = resident.attachment(&mail).await;
    assert_eq!(Checksum::of(&attached).as_str(), recorded(&sent));

    let link = Resident::link(mail["text"].as_str().expect("a text"));
    let page = resident.submit(&link, &[("do", "read"), ("answer", "900101")]).await;
    assert_eq!(page.status(), StatusCode::OK);
    let page = page.text().await.expect("a page");
    let href = page.split("href=\"").map(|rest| rest.split('"').next().unwrap_or_default());
    let href = href.into_iter().find(|href| href.contains(&recorded(&sent))).expect("an address of the letter");
    let download = reqwest::get(href.replace("&#38;", "&").replace("&amp;", "&")).await.expect("a file");
    assert_eq!(download.status(), StatusCode::OK);
    assert_eq!(download.bytes().await.expect("a file"), attached);
}
