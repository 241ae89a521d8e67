//! A notice asks, is chosen, arrives: each way a resident can choose.

use journeys::{Resident, Webhook, eventually, notice, setting, timeline};
use reqwest::StatusCode;

#[tokio::test]
async fn by_digit_a_guidance_is_told_in_the_text() {
    let (stack, office, resident) = setting().await;
    let mut guidance = notice("guidance", &resident.phone);
    guidance["body"] = "도로점용 허가기간이 2026년 12월 31일에 만료됩니다.".into();
    let id = office.hand_in(&guidance).await;
    let question = resident.text(1).await;
    assert!(
        question.contains("서초구") && question.contains("1문자2메일3우편") && question.contains("확인"),
        "{question}"
    );
    assert!(domain::text::fits_one_part(&question), "{question}");
    resident.answer("1").await;
    let result = resident.text(2).await;
    assert!(result.contains("도로점용 허가기간이 2026년 12월 31일에 만료됩니다."), "{result}");
    let told = office.until(&id, "sent").await;
    assert_eq!(told["state"]["route"]["channel"], "sms");
    let expected = ["accepted", "send_claimed", "asked", "channel_chosen", "send_claimed", "sent"];
    assert_eq!(timeline(&told), expected);
    stack.assert_chain_holds(&id).await;
}

#[tokio::test]
async fn by_link_a_disposition_is_announced_and_read_behind_the_second_factor() {
    let (stack, office, resident) = setting().await;
    let mut refused = notice("petition_result", &resident.phone);
    refused["refusal"] = serde_json::json!({ "reason": "구비서류 미비(소유자 승낙서)", "remedy": "60일 이내에 이의신청할 수 있습니다." });
    let id = office.hand_in(&refused).await;
    let link = Resident::link(&resident.text(1).await);
    let page = resident.open(&link).await;
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(page.headers()["referrer-policy"], "no-referrer");
    assert_eq!(page.headers()["cache-control"], "no-store");
    let page = page.text().await.expect("a page");
    assert!(!page.contains("용도변경"), "nothing of the contents before the second factor");
    assert!(!page.contains("홍길동"), "the name is masked before the second factor");
    resident.choose(&link, &[("channel", "sms"), ("scope", "notice")]).await;
    let announcement = resident.text(2).await;
    assert!(!announcement.contains("허가되었습니다"), "a disposition is only announced: {announcement}");
    let link = Resident::link(&announcement);
    office.until(&id, "sent").await;
    let wrong = resident.submit(&link, &[("do", "read"), ("answer", "900102")]).await.text().await.expect("a page");
    assert!(!wrong.contains("용도변경이 허가"), "wrong birth date");
    let read = resident.submit(&link, &[("do", "read"), ("answer", "900101")]).await;
    assert_eq!(read.status(), StatusCode::OK);
    let read = read.text().await.expect("a page");
    for expected in ["용도변경이 허가되었습니다", "소유자 승낙서", "60일 이내", "김담당", "02-2155-0101", "건축과"]
    {
        assert!(read.contains(expected), "{expected}");
    }
    let notice = office.until(&id, "read").await;
    assert_eq!(timeline(&notice).iter().filter(|event| **event == "read").count(), 1);
    stack.assert_chain_holds(&id).await;
}

#[tokio::test]
async fn email_without_an_address_is_asked_for_by_text() {
    let (stack, office, resident) = setting().await;
    let id = office.hand_in(&notice("petition_result", &resident.phone)).await;
    resident.text(1).await;
    resident.answer(" ２번 ").await;
    let request = resident.text(2).await;
    assert!(request.contains("이메일"), "{request}");
    let address = format!("hong{}@example.org", rand::random::<u32>());
    resident.answer(&address).await;
    let mail = resident.mail(&address).await;
    let text = mail["text"].as_str().expect("a text part");
    assert!(text.contains("용도변경이 허가되었습니다") && text.contains("김담당"), "{text}");
    assert!(mail["subject"].as_str().expect("a subject").contains("서초구청"), "{mail}");
    let headers = mail["headers"].to_string().to_lowercase();
    assert!(headers.contains("list-unsubscribe-post"), "{headers}");
    office.until(&id, "sent").await;
    assert_eq!(resident.texts().await.len(), 2, "the result came by mail alone");
    stack.assert_chain_holds(&id).await;
}

#[tokio::test]
async fn email_to_the_address_on_file() {
    let (_, office, resident) = setting().await;
    let address = format!("hong{}@example.org", rand::random::<u32>());
    let mut on_file = notice("petition_result", &resident.phone);
    on_file["recipient"]["email"] = address.clone().into();
    let id = office.hand_in(&on_file).await;
    resident.text(1).await;
    resident.answer("②").await;
    resident.mail(&address).await;
    let sent = office.until(&id, "sent").await;
    assert_eq!(sent["state"]["route"]["channel"], "email");
}

#[tokio::test]
async fn post_is_handed_over_exactly_once() {
    let (stack, office, resident) = setting().await;
    let mut by_post = notice("petition_result", &resident.phone);
    by_post["department"] = "sanitation".into();
    let id = office.hand_in(&by_post).await;
    resident.text(1).await;
    resident.answer("3").await;
    resident.answer("3번").await;
    let posting = office.until(&id, "posting").await;
    assert_eq!(posting["state"]["reason"], "chosen");
    assert_eq!(timeline(&posting).iter().filter(|event| **event == "channel_chosen").count(), 1);
    let handed_over = office.list("sanitation", "posting").await;
    assert_eq!(handed_over.iter().filter(|other| **other == id).count(), 1);
    let confirmation = resident.text(2).await;
    assert!(confirmation.contains("우편"), "{confirmation}");
    stack.assert_chain_holds(&id).await;
}

#[tokio::test]
async fn a_mind_may_change_until_the_result_is_sent() {
    let (_, office, resident) = setting().await;
    let id = office.hand_in(&notice("petition_result", &resident.phone)).await;
    let link = Resident::link(&resident.text(1).await);
    resident.choose(&link, &[("channel", "post"), ("scope", "notice")]).await;
    office.until(&id, "posting").await;
    assert!(office.list("building", "posting").await.contains(&id));
    resident.choose(&link, &[("channel", "sms"), ("scope", "notice")]).await;
    office.until(&id, "sent").await;
    eventually("no longer in the post", async || {
        (!office.list("building", "posting").await.contains(&id)).then_some(())
    })
    .await;
    // Too late: it stays a text, and what they wrote is kept for the officer.
    resident.answer("3").await;
    let kept = eventually("the late answer kept", async || {
        let notice = office.notice(&id).await;
        timeline(&notice).contains(&"reply_received").then_some(notice)
    })
    .await;
    assert_eq!(kept["state"]["name"], "sent");
}

#[tokio::test]
async fn a_standing_preference_skips_the_question() {
    let (_, office, resident) = setting().await;
    let first = office.hand_in(&notice("petition_result", &resident.phone)).await;
    let link = Resident::link(&resident.text(1).await);
    resident.choose(&link, &[("channel", "sms"), ("scope", "kind")]).await;
    office.until(&first, "sent").await;
    let second = office.hand_in(&notice("petition_result", &resident.phone)).await;
    let sent = office.until(&second, "sent").await;
    assert_eq!(timeline(&sent), ["accepted", "channel_chosen", "send_claimed", "sent"]);
    assert_eq!(sent["events"][1]["how"], "standing_preference");
    // Another kind is asked about as ever.
    let other = office.hand_in(&notice("guidance", &resident.phone)).await;
    office.until(&other, "asking").await;
}

#[tokio::test]
async fn opting_out_ends_every_electronic_way() {
    let (stack, office, resident) = setting().await;
    let first = office.hand_in(&notice("petition_result", &resident.phone)).await;
    resident.text(1).await;
    let second = office.hand_in(&notice("guidance", &resident.phone)).await;
    resident.text(2).await;
    office.until(&second, "asking").await;
    office.until(&first, "asking").await;
    resident.answer("수신거부").await;
    for id in [&first, &second] {
        let posting = office.until(id, "posting").await;
        assert_eq!(posting["state"]["reason"], "opted_out");
        stack.assert_chain_holds(id).await;
    }
    let confirmation = resident.text(3).await;
    assert!(confirmation.contains("수신거부"), "{confirmation}");
    let third = office.hand_in(&notice("petition_result", &resident.phone)).await;
    let posting = office.until(&third, "posting").await;
    assert_eq!(timeline(&posting), ["accepted", "post_required"]);
    assert_eq!(resident.texts().await.len(), 3, "nothing more is texted");
}

#[tokio::test]
async fn refusing_on_one_page_reaches_the_other_notices() {
    let (stack, office, resident) = setting().await;
    let first = office.hand_in(&notice("petition_result", &resident.phone)).await;
    let link = Resident::link(&resident.text(1).await);
    resident.choose(&link, &[("channel", "sms"), ("scope", "kind")]).await;
    office.until(&first, "sent").await;
    let second = office.hand_in(&notice("guidance", &resident.phone)).await;
    office.until(&second, "asking").await;
    let refused = resident.submit(&format!("{link}/opt-out"), &[("do", "all")]).await;
    assert_eq!(refused.status(), StatusCode::OK);
    assert_eq!(office.until(&second, "posting").await["state"]["reason"], "opted_out");
    assert!(timeline(&office.notice(&first).await).contains(&"consent_revoked"));
    let third = office.hand_in(&notice("petition_result", &resident.phone)).await;
    assert_eq!(office.until(&third, "posting").await["state"]["reason"], "opted_out");
    stack.assert_chain_holds(&second).await;
}

#[tokio::test]
async fn words_are_kept_and_acknowledged_once() {
    let (stack, office, resident) = setting().await;
    let id = office.hand_in(&notice("petition_result", &resident.phone)).await;
    resident.text(1).await;
    let words = Webhook::message(&resident.phone, "내일 방문해도 되나요?");
    let gateway = Webhook::new(&stack);
    assert_eq!(gateway.deliver(&words).await, StatusCode::ACCEPTED);
    let acknowledgement = resident.text(2).await;
    assert!(acknowledgement.contains("서초구"), "{acknowledgement}");
    assert_eq!(gateway.deliver(&words).await, StatusCode::ACCEPTED, "a redelivery");
    resident.answer("다시 여쭙니다").await;
    let kept = eventually("both kept", async || {
        let notice = office.notice(&id).await;
        (timeline(&notice).iter().filter(|event| **event == "reply_received").count() == 2).then_some(notice)
    })
    .await;
    assert_eq!(kept["state"]["name"], "asking", "words are no choice");
    // The choice still stands open, and its answer is the next text: nothing else was sent in between.
    resident.answer("1").await;
    office.until(&id, "sent").await;
    assert_eq!(resident.texts().await.len(), 3, "acknowledged once");
    stack.assert_chain_holds(&id).await;
}
