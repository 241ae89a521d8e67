//! Asking a gateway, against a stand-in of its API: what it gave out is taken in once, or handed on, and never lost.

use std::collections::VecDeque;
use std::sync::Mutex;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bootstrap::SystemClock;
use domain::ports::Clock;
use journeys::OwnTable;
use receive_reply::{Credentials, MessageHub, Polled};
use serde_json::{Value, json};
use sha2::{Digest, Sha512};

use crate::world::server::{Asked, Does, machine};
use crate::world::{World, notified, taken_in};

type Page = (&'static str, Value);

/// A gateway that gives these pages out one after the other, then empty ones.
async fn gateway(pages: impl IntoIterator<Item = Page>) -> MessageHub {
    let pages: Mutex<VecDeque<Page>> = Mutex::new(pages.into_iter().collect());
    let port = machine(move |asked| {
        let (status, told) = match asked.what.strip_prefix("POST /auth/v1/") {
            Some(once) => sign_in(once, &asked),
            None if asked.what == "GET /mo/v1/msg" => texts(&asked, &pages),
            None => ("404 Not Found", Value::Null),
        };
        Does::Answers(status, "content-type: application/json\r\n".to_owned(), told.to_string().into_bytes())
    })
    .await;
    let credentials = Credentials::parse(r#"{"api_key":"office","api_password":"password"}"#);
    MessageHub::new(format!("http://127.0.0.1:{port}"), credentials.expect("credentials"))
}

fn sign_in(once: &str, asked: &Asked) -> Page {
    let hashed = |text: String| STANDARD.encode(Sha512::digest(text));
    let password = hashed(format!("{}.{once}", hashed("password".to_owned())));
    let told: Value = serde_json::from_str(&asked.body).expect("JSON");
    if told == json!({ "apiKey": "office", "apiPwd": password }) && once.len() <= 20 {
        ("200 OK", json!({ "code": "10000", "message": "성공", "data": { "token": "leave" } }))
    } else {
        ("401 Unauthorized", json!({ "code": "20002", "message": "비밀번호 불일치" }))
    }
}

fn texts(asked: &Asked, pages: &Mutex<VecDeque<Page>>) -> Page {
    if !asked.headers.lines().any(|line| line.eq_ignore_ascii_case("authorization: Bearer leave")) {
        return ("401 Unauthorized", json!({ "code": "29011", "message": "권한 없음" }));
    }
    pages.lock().expect("a lock").pop_front().unwrap_or_else(|| page_of(&[]))
}

fn page_of(texts: &[Value]) -> Page {
    let data = json!({ "moCnt": texts.len(), "moLst": texts });
    ("200 OK", json!({ "code": "10000", "message": "성공", "data": data }))
}

fn mo(key: &str, from: &str, text: &str) -> Value {
    json!({
        "moKey": key, "moNumber": "0221550001", "moType": "SMSMO", "moCallback": from, "productCode": "SMSMO",
        "moTitle": null, "moMsg": text, "telco": "LGU", "contentCnt": 0, "contentInfoLst": null,
        "moRecvDt": "2026-11-27 11:36:38",
    })
}

async fn said(own: &OwnTable, notice: domain::NoticeId) -> Vec<String> {
    own.table().replies(notice).await.expect("a readable table").into_iter().map(|reply| reply.text).collect()
}

#[tokio::test]
async fn pages_are_asked_for_until_there_is_no_more_and_each_text_is_taken_in_once() {
    let own = OwnTable::create().await;
    let (notice, phone) = taken_in(&own.table(), SystemClock.now()).await;
    let mut world = World::over(own.table()).await;
    let local = phone.replace("+82", "0");
    let mut picture = mo("key-3", &local, "사진");
    picture["moTitle"] = "신분증".into();
    picture["contentInfoLst"] =
        json!([{ "contentName": "a", "contentSize": "3", "contentExt": "JPG", "contentUrl": "https://a/1" }]);
    let mut nameless = mo("", &local, "이름 없음");
    nameless["moKey"] = Value::Null;
    let first = page_of(&[mo("key-1", &local, "첫째"), mo("key-2", &local, "둘째")]);
    let second = page_of(&[mo("key-2", &local, "둘째"), picture, nameless.clone(), nameless]);
    world.function.message_hub = Some(gateway([first, second]).await);
    assert_eq!(world.function.poll().await, Polled { taken_in: 4, handed_on: 0, lost: 0 });
    assert_eq!(
        said(&own, notice).await,
        [
            "첫째",
            "둘째",
            "신분증\n사진\n[사진이나 파일 1개를 함께 보냈습니다. 제출 서류에서 보실 수 있습니다.]",
            "이름 없음"
        ]
    );
    assert_eq!(world.function.media.taken()[0].2, "image/jpeg");
    own.drop().await;
}

#[tokio::test]
async fn what_cannot_be_kept_at_once_is_handed_on_and_taken_in_from_there() {
    let own = OwnTable::create().await;
    let (notice, phone) = taken_in(&own.table(), SystemClock.now()).await;
    let mut world = World::over(own.table()).await;
    let unknown = json!({ "moKey": "key-2", "text": "새 모양" });
    world.function.message_hub = Some(gateway([page_of(&[mo("key-1", &phone, "첫째"), unknown.clone()])]).await);
    let none_left = tokio::time::Instant::now();
    assert_eq!(world.function.poll_until(none_left).await, Polled { taken_in: 0, handed_on: 2, lost: 0 });
    let handed_on = world.function.later.handed_on();
    assert_eq!(serde_json::from_str::<Value>(&handed_on[1]).expect("JSON"), unknown, "as it came");
    world.outcome(notified(&handed_on[0])).await.expect("taken in");
    assert_eq!(said(&own, notice).await, ["첫째"]);
    world.function.later.break_down();
    let page = page_of(&[json!({})]);
    world.function.message_hub = Some(gateway([page]).await);
    assert_eq!(world.function.poll().await.lost, 1, "and an alarm says so");
    own.drop().await;
}

#[tokio::test]
async fn what_there_is_no_time_for_is_handed_on() {
    let own = OwnTable::create().await;
    let (notice, phone) = taken_in(&own.table(), SystemClock.now()).await;
    let mut world = World::over(own.table()).await;
    let pages =
        [page_of(&[mo("key-1", &phone, "첫째"), mo("key-2", &phone, "둘째")]), page_of(&[mo("key-3", &phone, "셋째")])];
    world.function.message_hub = Some(gateway(pages).await);
    let none_left = tokio::time::Instant::now();
    assert_eq!(world.function.poll_until(none_left).await, Polled { taken_in: 0, handed_on: 2, lost: 0 });
    assert_eq!(world.function.later.handed_on().len(), 2);
    assert_eq!(
        world.function.poll().await,
        Polled { taken_in: 1, handed_on: 0, lost: 0 },
        "the gateway keeps the rest"
    );
    assert_eq!(said(&own, notice).await, ["셋째"]);
    own.drop().await;
}

#[tokio::test]
async fn a_gateway_that_fails_is_asked_again_by_the_next_run() {
    let own = OwnTable::create().await;
    let (notice, phone) = taken_in(&own.table(), SystemClock.now()).await;
    let mut world = World::over(own.table()).await;
    for broken in [
        ("503 Service Unavailable", json!("busy")),
        ("400 Bad Request", json!({ "code": "29002", "message": "CPS 초과" })),
        ("200 OK", json!({ "code": "29002", "message": "CPS 초과" })),
        ("200 OK", json!([])),
    ] {
        world.function.message_hub = Some(gateway([broken, page_of(&[mo("key-9", &phone, "네")])]).await);
        let _ = world.function.poll().await;
        let _ = world.function.poll().await;
    }
    assert_eq!(said(&own, notice).await, ["네"]);
    own.drop().await;
}

#[tokio::test]
async fn an_office_without_such_a_gateway_asks_nobody() {
    assert_eq!(World::new().await.function.poll().await, Polled::default());
}
