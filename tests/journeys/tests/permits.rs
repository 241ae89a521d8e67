//! A permit from the office's system to its holder's telephone, and the holder's word back.

use jiff::Timestamp;
use jiff::civil::Date;
use journeys::{Office, Resident, Stack, eventually, timeline};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// So many days from today, as the calendar stands in Seoul.
#[expect(clippy::disallowed_methods, reason = "the stack's functions live by the system's clock")]
fn in_days(days: i64) -> Date {
    let today = domain::settings::SEOUL.to_datetime(Timestamp::now()).date();
    today + jiff::Span::new().days(days)
}

/// A permit that nobody else in the run has.
fn number() -> String {
    format!("서초-2027-{}", rand::random::<u64>())
}

fn permit(phone: &str, expires_on: Date) -> Value {
    json!({
        "permit_type": "road_occupation", "business": "한빛상사", "department": "traffic",
        "issued_on": "2024-01-21", "expires_on": expires_on,
        "holder": {
            "name": "홍길동", "phone": phone, "entity": "person",
            "address": { "postal_code": "06628", "line": "서울특별시 서초구 동광로 475, 102동 1904호 (서초동)" },
        },
    })
}

async fn put(office: &Office, number: &str, permit: &Value) -> (StatusCode, Value) {
    let answer = office.put(&format!("/v1/permits/{number}"), permit).await;
    (answer.status(), answer.json().await.expect("JSON"))
}

async fn told(office: &Office, number: &str) -> Value {
    let answer = office.get(&format!("/v1/permits/{number}")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.expect("JSON")
}

/// Twice at once, as a schedule may.
async fn mornings(stack: &Stack) {
    let event = json!({ "remind": true });
    let run = || stack.try_to_invoke_with("NotifyRenewalsName", &event);
    let (first, second) = tokio::join!(run(), run());
    first.and(second).expect("two runs that leave nothing undone");
}

fn outcomes(permit: &Value) -> Vec<String> {
    let stages = permit["stages"].as_array().expect("stages").iter();
    stages.map(|stage| format!("{} {}", stage["days"], stage["outcome"].as_str().unwrap_or("to come"))).collect()
}

#[tokio::test]
async fn a_holder_is_reminded_once_and_says_that_it_is_renewed() {
    let (stack, office, resident) = journeys::setting().await;
    let (number, mut body) = (number(), permit(&resident.phone, in_days(29)));
    let (status, created) = put(&office, &number, &body).await;
    assert_eq!(
        (status, &created["number"], &created["status"]),
        (StatusCode::CREATED, &json!(number), &json!("active"))
    );
    assert_eq!(created["holder"]["name"], "홍*동");
    mornings(&stack).await;
    let question = resident.text(1).await;
    assert!(question.contains("답장"), "{question}");
    let reminded = told(&office, &number).await;
    assert_eq!(outcomes(&reminded), ["60 skipped", "30 sent", "7 to come"]);
    let notice = reminded["stages"][1]["notice"].as_str().expect("a notice").to_owned();

    resident.answer("1").await;
    let result = resident.text(2).await;
    let expiry = in_days(29);
    assert!(result.contains(&format!("{}년 {}월 {}일입니다", expiry.year(), expiry.month(), expiry.day())), "{result}");
    assert!(result.contains(&number) && result.contains("한빛상사") && result.contains("29일 남음"), "{result}");

    resident.answer("갱신 완료").await;
    let confirmation = resident.text(3).await;
    assert!(confirmation.contains("갱신 완료로 접수했습니다"), "{confirmation}");
    let reported = told(&office, &number).await;
    assert!(reported["reported_renewed_at"].is_string() && reported["remind_at"].is_null(), "{reported}");
    let timeline_of = timeline(&office.notice(&notice).await).join(" ");
    assert!(timeline_of.contains("renewal_reported"), "{timeline_of}");
    stack.assert_chain_holds(&notice).await;

    // The office does not believe it, and the date comes nearer.
    body["expires_on"] = json!(in_days(29));
    body["remind_anyway"] = true.into();
    assert_eq!(put(&office, &number, &body).await.1["remind_anyway"], true);
    mornings(&stack).await;
    assert_eq!(outcomes(&told(&office, &number).await), ["60 skipped", "30 sent", "7 to come"]);
    assert_eq!(resident.texts().await.len(), 3, "one question, whoever looked how often");
}

#[tokio::test]
async fn a_renewed_or_closed_permit_is_quiet_and_a_new_date_begins_anew() {
    let (stack, office, resident) = journeys::setting().await;
    let other = Resident::new(&stack);
    let (renewed, closed, waiting) = (number(), number(), number());
    // Said as they are put: another test's morning may come at any moment. The stage of 60 days came yesterday, whatever the
    // hour now.
    for (number, status) in [(&renewed, "renewed"), (&closed, "closed")] {
        let mut body = permit(&resident.phone, in_days(59));
        body["status"] = status.into();
        let (answer, told) = put(&office, number, &body).await;
        assert_eq!((answer, &told["status"]), (StatusCode::CREATED, &json!(status)));
        assert!(told["remind_at"].is_null(), "{told}");
    }
    put(&office, &waiting, &permit(&other.phone, in_days(59))).await;
    mornings(&stack).await;
    // The one that waits was asked, so whoever was to be asked was.
    other.text(1).await;
    assert!(resident.texts().await.is_empty());
    for number in [&renewed, &closed] {
        assert_eq!(outcomes(&told(&office, number).await), ["60 to come", "30 to come", "7 to come"]);
    }
    let (status, anew) = put(&office, &renewed, &permit(&resident.phone, in_days(365))).await;
    assert_eq!(
        (status, &anew["status"], &anew["expires_on"]),
        (StatusCode::OK, &json!("active"), &json!(in_days(365)))
    );
    assert!(anew["remind_at"].is_string(), "{anew}");
}

#[tokio::test]
async fn the_same_words_to_a_notice_about_no_permit_are_for_the_officer() {
    let (_, office, resident) = journeys::setting().await;
    let id = office.hand_in(&journeys::notice("petition_result", &resident.phone)).await;
    office.until(&id, "asking").await;
    resident.answer("갱신완료").await;
    eventually("the reply", async || timeline(&office.notice(&id).await).contains(&"reply_received").then_some(()))
        .await;
    assert!(!timeline(&office.notice(&id).await).contains(&"renewal_reported"));
}

#[tokio::test]
async fn permits_are_put_and_read_with_their_scopes_only() {
    let (stack, office, resident) = journeys::setting().await;
    let (number, body) = (number(), permit(&resident.phone, in_days(400)));
    let reader = Office::with_scopes(&stack, "notices/read").await;
    assert_eq!(reader.put(&format!("/v1/permits/{number}"), &body).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(reader.get(&format!("/v1/permits/{number}")).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(put(&office, &number, &body).await.0, StatusCode::CREATED);
    assert_eq!(put(&office, &number, &body).await.0, StatusCode::OK);
    assert_eq!(told(&reader, &number).await["number"], number);
    let (status, problem) = put(&office, &number, &json!({ "permit_type": "fishing" })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(problem.to_string().contains("road_occupation"), "{problem}");
}
