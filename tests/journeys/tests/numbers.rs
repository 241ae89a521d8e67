//! The office's numbers through the deployed stack: what three residents did adds up, to the part of a text and the won.

use domain::text::TextSize;
use journeys::{Office, Resident, eventually, notice, setting};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// No other journey is handed in for it.
const DEPARTMENT: &str = "bangbaebon";

async fn numbers(office: &Office, path: &str) -> Value {
    let answer = office.get(&format!("{path}?department={DEPARTMENT}")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.expect("JSON")
}

/// Every whole number of `after`, less what stood there before.
fn since(before: &Value, after: &Value) -> Value {
    match after {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), since(&before[name], value))).collect()
        }
        Value::Number(number) => match (before.as_i64(), number.as_i64()) {
            (Some(before), Some(after)) => (after - before).into(),
            (Some(_) | None, Some(_) | None) => Value::Null,
        },
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) => Value::Null,
    }
}

async fn parts(residents: &[&Resident]) -> usize {
    let mut parts = 0;
    for resident in residents {
        let texts = resident.texts().await;
        parts += texts.iter().map(|text| TextSize::of(text["text"].as_str().expect("a text")).parts).sum::<usize>();
    }
    parts
}

#[tokio::test]
async fn what_residents_chose_and_got_adds_up_and_so_does_what_it_cost() {
    let (stack, office, by_text) = setting().await;
    let (by_mail, by_post) = (Resident::new(&stack), Resident::new(&stack));
    let room = Office::print_room(&stack).await;
    let before = numbers(&office, "/v1/stats").await;
    let saved_before = numbers(&office, "/v1/stats/savings").await;

    let address = format!("resident-{}@example.org", rand::random::<u32>());
    let mut ids = Vec::new();
    for resident in [&by_text, &by_mail, &by_post] {
        let mut body = notice("petition_result", &resident.phone);
        body["department"] = DEPARTMENT.into();
        body["recipient"]["email"] = address.clone().into();
        ids.push(office.hand_in(&body).await);
    }
    for (resident, answer) in [(&by_text, "1"), (&by_mail, "2"), (&by_post, "3")] {
        resident.text(1).await;
        resident.answer(answer).await;
    }
    let result = by_text.text(2).await;
    office.until(&ids[0], "sent").await;
    let read = by_text.submit(&Resident::link(&result), &[("do", "read"), ("answer", "900101")]).await;
    assert_eq!(read.status(), StatusCode::OK);
    by_mail.mail(&address).await;
    office.until(&ids[1], "sent").await;
    by_post.text(2).await;
    office.until_letter(&ids[2]).await;
    eventually("the letter is posted", async || {
        let run = room.post("/v1/letters/runs", &json!({})).send().await.expect("an answer");
        assert_eq!(run.status(), StatusCode::ACCEPTED);
        (office.notice(&ids[2]).await["state"]["name"] == "posted").then_some(())
    })
    .await;

    let parts = parts(&[&by_text, &by_mail, &by_post]).await;
    assert!(parts >= 5, "three questions, a result and a confirmation");
    let expected = json!({
        "accepted": 3, "asked": 3, "attention_needed": 0, "cancelled": 0, "cost_krw": null,
        "chosen": {
            "sms": { "text": 1, "link": 0, "officer": 0, "paper": 0, "standing_preference": 0 },
            "email": { "text": 1, "link": 0, "officer": 0, "paper": 0, "standing_preference": 0 },
            "post": { "text": 1, "link": 0, "officer": 0, "paper": 0, "standing_preference": 0 },
        },
        "sms": { "sent": 1, "delivered": 1, "read": 1, "send_failed": 0, "delivery_failed": 0 },
        "email": { "sent": 1, "delivered": 0, "read": 0, "send_failed": 0, "delivery_failed": 0 },
        "post": { "handed_over": null, "posted": 1, "posted_again": 0, "returned": 0 },
        "billed": { "texts": 5, "sms_parts": parts, "lms": 0, "emails": 1 },
    });
    let after = eventually("the numbers of three notices", async || {
        let after = numbers(&office, "/v1/stats").await;
        let mut counted = since(&before["total"], &after["total"]);
        assert_eq!(counted["post"]["handed_over"]["chosen"].as_i64().map(|chosen| chosen <= 1), Some(true));
        counted["post"]["handed_over"] = Value::Null;
        counted["cost_krw"] = Value::Null;
        (counted == expected).then_some(after)
    })
    .await;
    let hours = &after["median_hours"];
    assert!(hours["to_choice"].is_number() && hours["to_delivery"].is_number(), "{hours}");

    let saved = numbers(&office, "/v1/stats/savings").await;
    let more = since(&saved_before, &saved);
    assert_eq!(more["all_as_letters"], json!({ "count": 3, "krw": 3 * 2830 }));
    assert_eq!(more["delivered"], 2, "nothing tells yet that the e-mail arrived");
    assert_eq!(more["spent"]["sms_parts"], json!({ "count": parts, "krw": parts * 12 }));
    assert_eq!(more["spent"]["letters"], json!({ "count": 1, "krw": 2830 }));
    assert_eq!(more["spent"]["emails"]["count"], 1);
    let spent = |what: &str| saved["spent"][what]["count"].as_i64().expect("a number");
    // In thousandths: an e-mail is 0.14 won.
    let thousandths = spent("sms_parts") * 12_000 + spent("emails") * 140 + spent("letters") * 2_830_000;
    assert_eq!(saved["spent"]["krw"].as_i64(), Some((thousandths + 500) / 1000));
    assert_eq!(after["total"]["cost_krw"], saved["spent"]["krw"]);
    let difference = saved["all_as_letters"]["krw"].as_i64().expect("a number") * 1000 - thousandths;
    assert_eq!(saved["saved_krw"].as_i64(), Some((difference + 500).div_euclid(1000)));
}

#[tokio::test]
async fn numbers_are_for_those_who_may_read_notices_and_come_as_sheets_too() {
    let (stack, office, _) = setting().await;
    let stranger = Office::with_scopes(&stack, "notices/write").await;
    for path in ["/v1/stats", "/v1/stats/savings"] {
        assert_eq!(stranger.get(path).await.status(), StatusCode::FORBIDDEN, "{path}");
        let sheet = office.get(&format!("{path}?format=csv")).await;
        assert_eq!(sheet.headers()["content-type"], "text/csv; charset=utf-8");
        let sheet = sheet.bytes().await.expect("a sheet");
        assert!(sheet.starts_with("\u{feff}".as_bytes()), "{path}: Korean Excel wants its mark");
        let wrong = office.get(&format!("{path}?from=2026-13-01")).await;
        assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let problem: Value = wrong.json().await.expect("JSON");
        assert_eq!(problem["errors"][0]["parameter"], "from");
    }
}
