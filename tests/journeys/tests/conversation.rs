//! Residents write, officers answer, and whoever reads stands on record.

use journeys::{Office, eventually, notice, setting};
use reqwest::StatusCode;
use serde_json::{Value, json};

fn officer() -> Value {
    json!({ "unit": "건축과 건축허가팀", "name": "김담당" })
}

async fn thread(office: &Office, id: &str) -> Value {
    let answer = office.get(&format!("/v1/notices/{id}/thread")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.expect("JSON")
}

/// A conversation of the department's inbox, wherever it stands in it.
async fn in_inbox(office: &Office, unread: bool, id: &str) -> Option<(Value, u64)> {
    let mut cursor = String::new();
    loop {
        let page = office.get(&format!("/v1/inbox?department=building&unread={unread}{cursor}")).await;
        assert_eq!(page.status(), StatusCode::OK);
        let page: Value = page.json().await.expect("JSON");
        let total = page["unread_total"].as_u64().expect("a number");
        let mut conversations = page["conversations"].as_array().expect("conversations").iter();
        if let Some(found) = conversations.find(|conversation| conversation["notice"] == id) {
            return Some((found.clone(), total));
        }
        match page["cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", next.replace('#', "%23")),
            None => return None,
        }
    }
}

async fn answer(office: &Office, id: &str, key: &str, text: &str) -> (StatusCode, Value) {
    let body = json!({ "text": text, "officer": officer() });
    let request = office.post(&format!("/v1/notices/{id}/answers"), &body).header("Idempotency-Key", key);
    let answer = request.send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

fn key() -> String {
    rand::random::<u64>().to_string()
}

#[tokio::test]
async fn what_a_stranger_writes_is_shown_to_officers_and_stands_in_the_record() {
    let (stack, office, stranger) = setting().await;
    let words = format!("제게 온 문자가 맞나요? {}", key());
    stranger.answer(&words).await;
    let listed = eventually("the text", async || {
        let day: Value = office.get("/v1/inbox/unmatched").await.json().await.expect("JSON");
        day["texts"].as_array().expect("texts").iter().find(|text| text["text"] == words.as_str()).cloned()
    });
    assert_eq!(listed.await["from"], stranger.phone.as_str());
    assert!(stranger.texts().await.is_empty(), "nobody answers by machine");
    let auditors = Office::auditors(&stack).await;
    let record: Value = auditors.get("/v1/access").await.json().await.expect("JSON");
    let mut accesses = record["accesses"].as_array().expect("accesses").iter();
    assert!(accesses.any(|access| access["action"] == "read_unmatched"), "{record}");
    assert_eq!(auditors.get("/v1/inbox/unmatched").await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_text_is_read_and_answered_once_and_the_answer_arrives() {
    let (stack, office, resident) = setting().await;
    let id = office.hand_in(&notice("petition_result", &resident.phone)).await;
    resident.text(1).await;
    resident.answer("내일 방문해도 되나요?").await;
    let acknowledgement = resident.text(2).await;
    assert!(acknowledgement.contains("평일 09:00~18:00"), "{acknowledgement}");

    let (listed, total) = eventually("the inbox", async || in_inbox(&office, true, &id).await).await;
    assert!(total >= 1);
    assert_eq!((&listed["unread"], &listed["newest_text"]), (&json!(1), &json!("내일 방문해도 되나요?")));
    assert_eq!(listed["recipient"]["name"], "홍*동");
    let told = thread(&office, &id).await;
    assert_eq!((&told["answered_by"], &told["unread"]), (&json!("sms"), &json!(1)));
    assert_eq!(told["entries"][0]["direction"], "inbound");

    let key = key();
    let (status, first) = answer(&office, &id, &key, "네, 오전 9시부터 오시면 됩니다.").await;
    assert_eq!((status, &first["channel"]), (StatusCode::CREATED, &json!("sms")), "{first}");
    assert!(first["billed"]["parts"].as_u64().is_some_and(|parts| parts >= 1), "{first}");
    assert_eq!(answer(&office, &id, &key, "네, 오전 9시부터 오시면 됩니다.").await, (status, first));
    assert_eq!(answer(&office, &id, &key, "아니요").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let text = resident.text(3).await;
    assert!(text.contains("네, 오전 9시부터 오시면 됩니다."), "{text}");
    eventually("the answer is sent", async || {
        (thread(&office, &id).await["entries"][1]["delivery"] == "sent").then_some(())
    })
    .await;
    assert_eq!(resident.texts().await.len(), 3, "once");

    resident.answer("고맙습니다").await;
    eventually("another text", async || in_inbox(&office, true, &id).await).await;
    let read = office.post(&format!("/v1/notices/{id}/read"), &json!({ "officer": officer() })).send().await;
    assert_eq!(read.expect("an answer").json::<Value>().await.expect("JSON")["unread"], 0);
    eventually("it is read", async || in_inbox(&office, false, &id).await).await;
    assert!(in_inbox(&office, true, &id).await.is_none());
    stack.assert_chain_holds(&id).await;
}

#[tokio::test]
async fn an_officer_learns_what_no_carrier_passes() {
    let (_, office, resident) = setting().await;
    let id = office.hand_in(&notice("petition_result", &resident.phone)).await;
    let (status, problem) = answer(&office, &id, &key(), "축하합니다🎉").await;
    assert_eq!((status, &problem["errors"][0]["pointer"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("#/text")));
    assert!(problem["errors"][0]["detail"].as_str().expect("a detail").contains("U+1F389"), "{problem}");
}

#[tokio::test]
async fn who_is_served_by_mail_is_answered_by_mail() {
    let (stack, office, resident) = setting().await;
    let id = office.hand_in(&notice("petition_result", &resident.phone)).await;
    resident.text(1).await;
    let address = format!("hong{}@example.org", rand::random::<u32>());
    resident.answer(&address).await;
    office.until(&id, "sent").await;
    resident.answer("이메일로 답해 주세요").await;
    let (status, taken) = answer(&office, &id, &key(), "네, 이메일로 답변드립니다 🎉").await;
    assert_eq!((status, &taken["channel"]), (StatusCode::CREATED, &json!("email")), "{taken}");
    let mails = eventually("two mails", async || {
        let mails = resident.mails(&address).await;
        (mails.len() == 2).then_some(mails)
    })
    .await;
    let answered = mails.iter().find(|mail| mail["text"].as_str().is_some_and(|text| text.contains("답변드립니다 🎉")));
    assert!(
        answered.is_some_and(|mail| mail["subject"].as_str().is_some_and(|subject| subject.contains("답변"))),
        "{mails:?}"
    );
    stack.assert_chain_holds(&id).await;
}

#[tokio::test]
async fn of_two_notices_the_resident_says_which() {
    let (stack, office, resident) = setting().await;
    let older = office.hand_in(&notice("petition_result", &resident.phone)).await;
    resident.text(1).await;
    let newer = office.hand_in(&notice("guidance", &resident.phone)).await;
    resident.text(2).await;
    resident.answer("서류가 더 필요한가요?").await;
    let question = resident.text(3).await;
    assert!(question.contains("1 건축과 안내") && question.contains("2 건축과 민원 처리결과"), "{question}");
    assert_eq!(thread(&office, &newer).await["unread"], 1, "kept at once");
    resident.answer("2").await;
    let told = eventually("it moved", async || {
        let told = thread(&office, &older).await;
        (told["unread"] == 1).then_some(told)
    })
    .await;
    assert_eq!(told["entries"][0]["text"], "서류가 더 필요한가요?");
    eventually("it is no longer read where it stood", async || {
        let left = thread(&office, &newer).await;
        (left["unread"] == 0 && left["entries"][0]["moved_to"] == json!(older)).then_some(())
    })
    .await;
    resident.text(4).await;
    resident.answer("빠른 답변 부탁드립니다").await;
    eventually("the conversation goes on there", async || (thread(&office, &older).await["unread"] == 2).then_some(()))
        .await;
    assert_eq!(resident.texts().await.len(), 4, "asked once, acknowledged once");
    for id in [older, newer] {
        stack.assert_chain_holds(&id).await;
    }
}

#[tokio::test]
async fn whoever_refused_comes_back_by_text_and_is_asked_again() {
    let (stack, office, resident) = setting().await;
    let first = office.hand_in(&notice("petition_result", &resident.phone)).await;
    resident.text(1).await;
    resident.answer("수신거부").await;
    resident.text(2).await;
    office.until(&first, "posting").await;
    let second = office.hand_in(&notice("petition_result", &resident.phone)).await;
    office.until(&second, "posting").await;
    resident.answer("수신동의").await;
    let confirmation = resident.text(3).await;
    assert!(confirmation.contains("방법을 문자로 여쭙겠습니다"), "{confirmation}");
    let third = office.hand_in(&notice("petition_result", &resident.phone)).await;
    resident.text(4).await;
    office.until(&third, "asking").await;
    stack.assert_chain_holds(&second).await;
}

#[tokio::test]
async fn every_read_stands_in_the_access_record_for_auditors_alone() {
    let (stack, office, resident) = setting().await;
    let id = office.hand_in(&notice("petition_result", &resident.phone)).await;
    resident.text(1).await;
    resident.answer("문의드립니다").await;
    resident.text(2).await;
    office.notice(&id).await;
    thread(&office, &id).await;
    eventually("the inbox", async || in_inbox(&office, true, &id).await).await;
    office.list("building", "asking").await;
    let auditors = Office::auditors(&stack).await;
    let record = auditors.get(&format!("/v1/access?notice={id}")).await;
    assert_eq!(record.status(), StatusCode::OK);
    let record: Value = record.json().await.expect("JSON");
    let accesses = record["accesses"].as_array().expect("accesses");
    for action in ["read_notice", "read_thread", "read_inbox", "list_notices"] {
        // Each as often as it was read, and with whom and from where.
        let access =
            accesses.iter().find(|access| access["action"] == action).unwrap_or_else(|| unreachable!("{action}"));
        assert_eq!(access["client"], stack.office_client.client_id, "{access}");
        assert!(access["source"].is_string() && access["request"].is_string(), "{access}");
        assert!(access["notices"].as_array().is_some_and(|notices| notices.contains(&json!(id))), "{access}");
    }
    let others = auditors.get("/v1/access?who=nobody").await.json::<Value>().await.expect("JSON");
    assert_eq!(others["accesses"], json!([]));
    assert_eq!(office.get("/v1/access").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(auditors.get(&format!("/v1/notices/{id}")).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_same_text_under_two_names_is_one() {
    let (_, office, resident) = setting().await;
    let id = office.hand_in(&notice("petition_result", &resident.phone)).await;
    resident.text(1).await;
    for _ in 0..3 {
        resident.answer("여보세요").await;
    }
    let told = thread(&office, &id).await;
    assert_eq!((&told["unread"], told["entries"].as_array().map(Vec::len)), (&json!(1), Some(1)), "{told}");
}
