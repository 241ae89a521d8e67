//! The page that tells whether the office sent a text, driven by the events API Gateway sends.

use axum::body::Body;
use axum::http::StatusCode;
use domain::{DepartmentCode, Message, TextCode};
use serde_json::Value;
use store::IssuedText;

use crate::memory::{Memory, Office, notice_id, now};
use crate::{Answer, check};

fn event(name: &str) -> Value {
    let path = format!("{}/../../events/select-preference/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).expect("an event")).expect("JSON")
}

async fn ask(memory: &Memory, event: &Value) -> Answer {
    let request = lambda_http::request::from_str(&event.to_string()).expect("an API Gateway event");
    crate::ask(memory, Office::Shipped, request.map(Body::new)).await
}

fn knowing(message: Message, department: &str) -> Memory {
    let memory = Memory::default();
    memory.add_text(IssuedText {
        code: TextCode::parse("7K4M2Q").expect("a code"),
        notice: notice_id(),
        message,
        department: DepartmentCode::parse(department).expect("a code"),
        label: "민원 처리결과".to_owned(),
        at: now(),
    });
    memory
}

#[tokio::test]
async fn every_question_gets_its_page() {
    for (name, status) in [
        ("verify-show", StatusCode::OK),
        ("verify-known", StatusCode::OK),
        ("verify-unknown", StatusCode::NOT_FOUND),
        ("verify-no-code", StatusCode::UNPROCESSABLE_ENTITY),
        ("verify-blank", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let answer = ask(&knowing(Message::Question, "building"), &event(name)).await;
        assert_eq!(answer.status, status, "{name}");
        assert!(answer.headers["content-security-policy"].to_str().expect("text").contains("default-src 'none'"));
        for number in ["02-2155-0000", "02-2155-0001", "02-2155-0006"] {
            assert!(answer.body.contains(number), "{name} names {number}");
        }
        check(name, &answer);
    }
}

#[tokio::test]
async fn nothing_about_the_notice_or_its_reader_is_told() {
    let answer = ask(&knowing(Message::Reminder, "building"), &event("verify-known")).await;
    for secret in ["홍길동", "1234-5678", &notice_id().to_string()] {
        assert!(!answer.body.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_department_that_has_left_the_settings_is_told_as_the_office() {
    let answer = ask(&knowing(Message::PostConfirmation, "forestry"), &event("verify-known")).await;
    assert!(answer.body.contains("<dd>서초구청</dd>"), "{}", answer.body);
}

#[tokio::test]
async fn a_source_asks_ten_times_a_minute_and_no_more() {
    let memory = knowing(Message::Question, "building");
    for _ in 0..10 {
        assert_eq!(ask(&memory, &event("verify-known")).await.status, StatusCode::OK);
    }
    let answer = ask(&memory, &event("verify-known")).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers["retry-after"], "60");
    check("verify-too-many", &answer);
    assert_eq!(ask(&memory, &event("verify-show")).await.status, StatusCode::OK, "looking is not asking");
    let mut other = event("verify-known");
    other["requestContext"]["http"]["sourceIp"] = "192.0.2.2".into();
    assert_eq!(ask(&memory, &other).await.status, StatusCode::OK);
}

#[tokio::test]
async fn sources_are_counted_by_household_and_never_named() {
    let memory = knowing(Message::Question, "building");
    for source in ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1", "192.0.2.1", "not an address", ""] {
        let mut event = event("verify-known");
        event["requestContext"]["http"]["sourceIp"] = source.into();
        ask(&memory, &event).await;
    }
    let asked = memory.asked();
    let mut counts: Vec<u32> = asked.values().copied().collect();
    counts.sort_unstable();
    assert_eq!(counts, [1, 1, 2, 2], "one /64 is one, and what has no address is one");
    assert!(asked.keys().all(|name| name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit())));
}

#[tokio::test]
async fn a_failing_table_says_so() {
    assert_eq!(ask(&Memory::broken(), &event("verify-known")).await.status, StatusCode::SERVICE_UNAVAILABLE);
}
