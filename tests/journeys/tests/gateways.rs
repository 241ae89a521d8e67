//! Texts by way of Twilio, pictures that come with texts, and the code by which anyone checks a text.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use journeys::{Office, Resident, Stack, Webhook, eventually, notice};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use sha1::Sha1;

/// Calls as Twilio does, and signs as its documentation says.
async fn by_twilio(stack: &Stack, fields: &BTreeMap<&str, &str>, signed: &BTreeMap<&str, &str>) -> StatusCode {
    let mut mac = Hmac::<Sha1>::new_from_slice(stack.webhook.twilio_token.as_bytes()).expect("a key");
    mac.update(format!("{}/webhooks/replies/twilio", stack.handset).as_bytes());
    for (name, value) in signed {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let url = stack.webhook.url.replace("/standard", "/twilio");
    let request = Client::new().post(url).header("X-Twilio-Signature", signature).form(fields);
    request.send().await.expect("an answer").status()
}

#[tokio::test]
async fn a_text_by_way_of_twilio_chooses_like_any_other_and_an_altered_one_is_refused() {
    let stack = Stack::running();
    let (office, resident) = (Office::sign_in(&stack).await, Resident::new(&stack));
    let id = office.hand_in(&notice("petition_result", &resident.phone)).await;
    resident.text(1).await;
    let sid = format!("SM{:032x}", rand::random::<u128>());
    let fields =
        |body| BTreeMap::from([("Body", body), ("From", &*resident.phone), ("MessageSid", &*sid), ("NumMedia", "0")]);
    let (post, text) = (fields("3"), fields("1"));
    assert_eq!(by_twilio(&stack, &text, &post).await, StatusCode::FORBIDDEN);
    assert_eq!(by_twilio(&stack, &post, &post).await, StatusCode::OK);
    assert_eq!(by_twilio(&stack, &post, &post).await, StatusCode::OK, "a redelivery is fine");
    office.until(&id, "posting").await;
    stack.assert_chain_holds(&id).await;
}

#[tokio::test]
async fn a_picture_that_comes_with_a_text_is_handed_in_as_a_paper() {
    let stack = Stack::running();
    let (office, resident) = (Office::sign_in(&stack).await, Resident::new(&stack));
    let id = office.hand_in(&notice("petition_result", &resident.phone)).await;
    resident.text(1).await;
    let picture = [&[0xff, 0xd8, 0xff, 0xe0], &[0; 2_000][..]].concat();
    let kept =
        Client::new().post(format!("{}/media", stack.handset)).header("Content-Type", "image/jpeg").body(picture);
    let kept: Value = kept.send().await.expect("a handset").json().await.expect("JSON");
    let mut message = Webhook::message(&resident.phone, "신분증 사진입니다");
    message["media"] = json!([
        { "url": kept["url"], "content_type": "image/jpeg" },
        { "url": "http://169.254.169.254/latest/meta-data", "content_type": "image/jpeg" },
    ]);
    let gateway = Webhook::new(&stack);
    assert_eq!(gateway.deliver(&message).await, StatusCode::ACCEPTED);
    assert_eq!(gateway.deliver(&message).await, StatusCode::ACCEPTED);
    let submitted = eventually("the paper", async || {
        let notice = office.notice(&id).await;
        let events = notice["events"].as_array().unwrap().clone();
        let of_it: Vec<Value> = events.into_iter().filter(|event| event["type"] == "documents_submitted").collect();
        (!of_it.is_empty()).then_some(of_it)
    })
    .await;
    assert_eq!(submitted.len(), 1, "once, however often it comes");
    let receipt = eventually("the receipt", async || {
        let texts = resident.texts().await;
        texts.iter().filter_map(|text| text["text"].as_str()).find(|text| text.contains("접수번호")).map(str::to_owned)
    })
    .await;
    assert!(receipt.contains("서류 1개를 접수했습니다"), "{receipt}");
    stack.assert_chain_holds(&id).await;
}

/// One test, for the limit is the machine's, and all tests run on one.
#[tokio::test]
async fn the_code_of_a_text_is_verified_by_anyone_and_not_more_than_ten_times_a_minute() {
    let stack = Stack::running();
    let (office, resident) = (Office::sign_in(&stack).await, Resident::new(&stack));
    office.hand_in(&notice("petition_result", &resident.phone)).await;
    let text = resident.text(1).await;
    let code = text.lines().last().and_then(|line| line.strip_prefix("확인")).expect("a code").to_lowercase();
    let page = format!("{}/verify", stack.handset);
    let shown = resident.open(&page).await;
    assert_eq!(shown.status(), StatusCode::OK);
    assert!(shown.text().await.expect("a page").contains("02-2155-0000"));
    let known = resident.submit(&page, &[("code", &code)]).await;
    assert_eq!(known.status(), StatusCode::OK);
    let known = known.text().await.expect("a page");
    assert!(known.contains("서초구청에서 보낸 문자입니다") && known.contains("서초구청 건축과"), "{known}");
    assert!(!known.contains("홍길동") && !known.contains("용도변경"), "nothing personal");
    let unknown = resident.submit(&page, &[("code", "ZZZZZZ")]).await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    assert!(unknown.text().await.expect("a page").contains("118"));
    let mut answers = Vec::new();
    // A minute may end meanwhile.
    for _ in 0..21 {
        answers.push(resident.submit(&page, &[("code", "ZZZZZZ")]).await.status());
    }
    assert!(answers.contains(&StatusCode::TOO_MANY_REQUESTS), "{answers:?}");
}
