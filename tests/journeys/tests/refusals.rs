//! What is refused, repeated or unmatched: at the API, at the webhook, at the page.

use journeys::{Office, Resident, Stack, Webhook, notice, setting, timeline};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn tokens_and_scopes_are_required() {
    let stack = Stack::running();
    let without = Client::new().post(format!("{}/v1/notices", stack.api)).send().await.expect("an answer");
    assert_eq!(without.status(), StatusCode::UNAUTHORIZED);
    let reader = Office::with_scopes(&stack, "notices/read").await;
    let body = notice("guidance", "+821099990000");
    let refused = reader.post("/v1/notices", &body).header("Idempotency-Key", "x").send().await.expect("an answer");
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_same_request_twice_is_one_notice() {
    let (_, office, resident) = setting().await;
    let body = notice("petition_result", &resident.phone);
    let post = async |key: &str, body: &Value| {
        let answer = office.post("/v1/notices", body).header("Idempotency-Key", key).send().await.expect("an answer");
        let (status, location) = (answer.status(), answer.headers().get("location").cloned());
        (status, location, answer.json::<Value>().await.expect("JSON"))
    };
    let key = format!("key-{}", rand::random::<u64>());
    let (status, location, first) = post(&key, &body).await;
    assert_eq!(status, StatusCode::CREATED);
    let id = first["id"].as_str().expect("an id");
    assert_eq!(location.expect("a location"), format!("/v1/notices/{id}"));
    assert_eq!(post(&key, &body).await.2, first, "the original answer");
    let mut other = body.clone();
    other["title"] = "다른 제목".into();
    let (status, _, problem) = post(&key, &other).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem["errors"][0]["header"], "Idempotency-Key");
    let (status, _, problem) = post(&format!("{key}-2"), &body).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(problem["notice"], first["id"]);
    resident.text(1).await;
    office.until(id, "asking").await;
    assert_eq!(resident.texts().await.len(), 1, "asked once");
}

#[tokio::test]
async fn the_same_request_at_once_is_one_notice() {
    let (_, office, resident) = setting().await;
    let body = notice("petition_result", &resident.phone);
    let key = format!("key-{}", rand::random::<u64>());
    let post = async || {
        let answer = office.post("/v1/notices", &body).header("Idempotency-Key", &key).send().await.expect("an answer");
        (answer.status(), answer.json::<Value>().await.expect("JSON")["id"].clone())
    };
    let answers = [tokio::join!(post(), post(), post())];
    let (first, second, third) = &answers[0];
    assert_eq!(first.0, StatusCode::CREATED);
    assert_eq!(first, second);
    assert_eq!(first, third);
}

#[tokio::test]
async fn every_bad_field_is_named_at_once() {
    let (_, office, _) = setting().await;
    let mut body = notice("no_such_kind", "010-12");
    body["titel"] = "오타".into();
    body["officer"]["name"] = Value::Null;
    body["recipient"]["email"] = "not-an-address".into();
    body["recipient"]["address"]["postal_code"] = "6628".into();
    let answer = office.post("/v1/notices", &body).header("Idempotency-Key", "bad").send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let problem: Value = answer.json().await.expect("JSON");
    let mut pointers: Vec<&str> = problem["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|fault| fault["pointer"].as_str().expect("a pointer"))
        .collect();
    pointers.sort_unstable();
    let expected = [
        "#/kind",
        "#/officer/name",
        "#/recipient/address/postal_code",
        "#/recipient/email",
        "#/recipient/phone",
        "#/titel",
    ];
    assert_eq!(pointers, expected);
    assert!(!problem.to_string().contains("not-an-address"), "what came is not repeated");
}

#[tokio::test]
async fn a_recipient_must_be_reachable_and_bodies_bearable() {
    let (_, office, resident) = setting().await;
    let mut nowhere = notice("guidance", &resident.phone);
    nowhere["recipient"] = serde_json::json!({ "name": "홍길동", "entity": "person" });
    let answer =
        office.post("/v1/notices", &nowhere).header("Idempotency-Key", "nowhere").send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.json::<Value>().await.expect("JSON")["errors"][0]["pointer"], "#/recipient");
    let mut large = notice("guidance", &resident.phone);
    large["body"] = "가".repeat(100_000).into();
    let answer = office.post("/v1/notices", &large).header("Idempotency-Key", "large").send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let without_key = office.post("/v1/notices", &notice("guidance", &resident.phone)).send().await.expect("an answer");
    assert_eq!(without_key.status(), StatusCode::BAD_REQUEST);
    assert_eq!(office.get("/v1/notices/01ARZ3NDEKTSV4RRFFQ69G5FAV").await.status(), StatusCode::NOT_FOUND);
    let listed = office.get("/v1/notices?department=nowhere&phase=lost").await;
    assert_eq!(listed.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn the_api_describes_itself() {
    let stack = Stack::running();
    let answer = Client::new().get(format!("{}/v1/openapi.json", stack.api)).send().await.expect("an answer");
    let description: Value = answer.json().await.expect("JSON");
    assert!(description["openapi"].as_str().expect("a version").starts_with("3.1"), "{}", description["openapi"]);
    assert!(description["paths"]["/v1/notices"]["post"].is_object());
}

#[tokio::test]
async fn who_cannot_be_asked_gets_a_letter_and_no_text() {
    let (_, office, resident) = setting().await;
    let mut landline = notice("petition_result", "02-2155-7777");
    landline["reference"] = format!("2026-유선-{}", rand::random::<u32>()).into();
    let id = office.hand_in(&landline).await;
    let posting = office.until(&id, "posting").await;
    assert_eq!(posting["state"]["reason"], "not_a_mobile");
    let mut corporation = notice("petition_result", &resident.phone);
    corporation["recipient"]["entity"] = "corporation".into();
    let id = office.hand_in(&corporation).await;
    assert_eq!(office.until(&id, "posting").await["state"]["reason"], "corporation");
    let mut nowhere = notice("petition_result", "02-2155-7777");
    nowhere["recipient"]["address"] = Value::Null;
    let id = office.hand_in(&nowhere).await;
    assert_eq!(office.until(&id, "needs_attention").await["state"]["reason"], "no_address");
    assert!(resident.texts().await.is_empty());
}

#[tokio::test]
async fn an_officer_cancels_and_nothing_more_goes_out() {
    let (stack, office, resident) = setting().await;
    let id = office.hand_in(&notice("petition_result", &resident.phone)).await;
    let link = Resident::link(&resident.text(1).await);
    office.until(&id, "asking").await;
    let path = format!("/v1/notices/{id}/cancel");
    let nameless = office.post(&path, &serde_json::json!({ "reason": "중복" })).send().await.expect("an answer");
    assert_eq!(nameless.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let body = serde_json::json!({ "officer": { "unit": "건축과", "name": "김담당", "phone": "02-2155-0101" }, "reason": "중복 접수" });
    let answer = office.post(&path, &body).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    let cancelled: Value = answer.json().await.expect("JSON");
    assert_eq!(cancelled["state"]["name"], "cancelled");
    let last = cancelled["events"].as_array().and_then(|events| events.last()).expect("events");
    assert_eq!((last["officer"].as_str(), last["reason"].as_str()), (Some("김담당"), Some("중복 접수")));
    assert_eq!(
        office.post(&path, &body).send().await.expect("an answer").status(),
        StatusCode::OK,
        "again does nothing"
    );
    assert_eq!(resident.open(&link).await.status(), StatusCode::GONE);
    let gateway = Webhook::new(&stack);
    assert_eq!(gateway.deliver(&Webhook::message(&resident.phone, "1")).await, StatusCode::ACCEPTED, "kept, unmatched");
    let after = office.notice(&id).await;
    assert_eq!(after["version"], cancelled["version"]);
    assert_eq!(resident.texts().await.len(), 1);
}

#[tokio::test]
async fn webhooks_must_be_signed_fresh_and_known() {
    let (stack, office, resident) = setting().await;
    let id = office.hand_in(&notice("petition_result", &resident.phone)).await;
    resident.text(1).await;
    office.until_letter(&id).await;
    let asking = office.until(&id, "asking").await;
    let gateway = Webhook::new(&stack);
    let message = Webhook::message(&resident.phone, "3");
    assert_eq!(gateway.deliver_signed(&message, 0, &Webhook::wrong_secret()).await, StatusCode::UNAUTHORIZED);
    assert_eq!(gateway.deliver_signed(&message, 600, gateway.secret()).await, StatusCode::UNAUTHORIZED);
    assert_eq!(gateway.of_provider("nobody").deliver(&message).await, StatusCode::NOT_FOUND);
    assert_eq!(office.notice(&id).await["version"], asking["version"], "nothing happened");
    assert_eq!(gateway.deliver(&message).await, StatusCode::ACCEPTED);
    let posting = office.until(&id, "posting").await;
    assert_eq!(gateway.deliver(&message).await, StatusCode::ACCEPTED, "a redelivery");
    let choices = |notice: &Value| timeline(notice).iter().filter(|event| **event == "channel_chosen").count();
    assert_eq!(choices(&posting), 1);
    assert_eq!(choices(&office.notice(&id).await), 1);
    let stranger = Resident::new(&stack);
    stranger.answer("누구세요?").await;
    assert!(stranger.texts().await.is_empty());
}

#[tokio::test]
async fn five_wrong_answers_lock_the_notice() {
    let (_, office, resident) = setting().await;
    let id = office.hand_in(&notice("petition_result", &resident.phone)).await;
    resident.text(1).await;
    resident.answer("1").await;
    let link = Resident::link(&resident.text(2).await);
    office.until(&id, "sent").await;
    for wrong in ["900102", "900103", "900104", "홍길동"] {
        let page = resident.submit(&link, &[("do", "read"), ("answer", wrong)]).await;
        assert_eq!(page.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let fifth = resident.submit(&link, &[("do", "read"), ("answer", "900105")]).await;
    assert_eq!(fifth.status(), StatusCode::LOCKED);
    let right = resident.submit(&link, &[("do", "read"), ("answer", "900101")]).await;
    assert_eq!(right.status(), StatusCode::LOCKED, "even the right answer no longer opens it");
    assert!(right.text().await.expect("a page").contains("02-2155-0101"), "whom to call");
    let locked = office.notice(&id).await;
    assert_eq!(locked["state"]["name"], "sent");
    assert!(timeline(&locked).contains(&"link_locked"));
    let officer = json!({ "officer": { "unit": "건축과", "name": "김담당", "phone": "02-2155-0101" } });
    let unlocked = office.post(&format!("/v1/notices/{id}/unlock"), &officer).send().await.expect("an answer");
    assert_eq!(unlocked.status(), StatusCode::OK);
    let read = resident.submit(&link, &[("do", "read"), ("answer", "900101")]).await;
    assert_eq!(read.status(), StatusCode::OK, "the same link, and the right answer");
    office.until(&id, "read").await;
}

#[tokio::test]
async fn unknown_links_say_nothing_of_anyone() {
    let (stack, _, resident) = setting().await;
    let unknown = resident.open(&format!("{}/c/AAAAAAAAAAAA", stack.handset)).await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    let unknown = unknown.text().await.expect("a page");
    assert!(unknown.contains("02-2155-0000"), "whom to call");
    let malformed = resident.open(&format!("{}/c/x", stack.handset)).await;
    assert_eq!(malformed.text().await.expect("a page"), unknown);
}

#[tokio::test]
async fn texts_by_aws_two_way_are_taken_in() {
    let (stack, office, resident) = setting().await;
    let id = office.hand_in(&notice("petition_result", &resident.phone)).await;
    resident.text(1).await;
    office.until(&id, "asking").await;
    let topic = stack.outputs["InboundTopicArn"].as_str().expect("an output");
    let message = serde_json::json!({
        "originationNumber": resident.phone, "destinationNumber": "+82221550001", "messageKeyword": "KEYWORD_1",
        "messageBody": "우편", "inboundMessageId": format!("in-{}", rand::random::<u64>()),
    });
    let sns = aws_sdk_sns::Client::new(&stack.aws().await);
    sns.publish().topic_arn(topic).message(message.to_string()).send().await.expect("published");
    office.until(&id, "posting").await;
}
