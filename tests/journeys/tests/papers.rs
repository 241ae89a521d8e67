//! A resident hands papers in from their page, and the office gets what is clean.

use journeys::{Office, PaperForm, Resident, Stack, eventually, notice, setting, timeline};
use reqwest::StatusCode;
use serde_json::{Value, json};

const JPEG: &[u8] = include_bytes!("files/photo.jpg");
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\nxref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000058 00000 n \ntrailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n110\n%%EOF\n";

/// The test string that every scanner takes for malicious code, in a PDF.
fn infected() -> Vec<u8> {
    let eicar = concat!(r"X5O!P%@AP[4\PZX54(P^)7CC)7}$", "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*");
    [PDF, eicar.as_bytes()].concat()
}

fn asking(phone: &str) -> Value {
    let mut asking = notice("petition_result", phone);
    asking["requests"] = json!([
        { "code": "licence", "name": "사업자등록증", "required": true, "until": "2099-12-31" },
        { "code": "photo", "name": "현장 사진", "required": false },
    ]);
    asking
}

/// The notice, and the page of its papers.
async fn asked(office: &Office, resident: &Resident) -> (String, String) {
    let id = office.hand_in(&asking(&resident.phone)).await;
    let page = format!("{}/documents", Resident::link(&resident.text(1).await));
    (id, page)
}

async fn submissions(office: &Office, id: &str) -> Value {
    let answer = office.get(&format!("/v1/notices/{id}/submissions")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.expect("JSON")
}

/// Waits until so many of the notice's files have this verdict.
async fn until_verdicts(office: &Office, id: &str, verdict: &str, count: usize) -> Value {
    eventually(&format!("{count} files {verdict}"), async || {
        let shown = submissions(office, id).await;
        let files = shown["submissions"].as_array().expect("submissions").iter();
        let files = files.flat_map(|submission| submission["files"].as_array().expect("files"));
        (files.filter(|file| file["verdict"] == verdict).count() == count).then_some(shown)
    })
    .await
}

async fn until_event(office: &Office, id: &str, event: &str) -> Value {
    eventually(event, async || {
        let notice = office.notice(id).await;
        timeline(&notice).contains(&event).then_some(notice)
    })
    .await
}

async fn page(resident: &Resident, page: &str) -> String {
    let answer = resident.open(page).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.text().await.expect("a page")
}

#[tokio::test]
async fn papers_are_handed_in_receipted_and_downloaded() {
    let (stack, office, resident) = setting().await;
    let (id, documents) = asked(&office, &resident).await;
    let shown = page(&resident, &documents).await;
    assert!(shown.contains("사업자등록증") && shown.contains("필수"), "{shown}");
    assert!(!shown.contains("홍길동") && !shown.contains("용도변경"), "nothing personal");
    // One by the plain form, which comes back by a redirect, and one by the script's.
    let plain = PaperForm::of_page(&shown, "licence");
    let back = plain.send(PDF).await;
    assert_eq!(back.status(), StatusCode::SEE_OTHER, "{}", back.text().await.unwrap_or_default());
    let location = back.headers()["location"].to_str().expect("an address");
    assert!(location.starts_with(&documents), "{location}");
    resident.bring(&documents, "photo", "현장 사진 (1).jpg", "image/jpeg", JPEG).await;
    let brought = page(&resident, &documents).await;
    assert!(brought.contains("올리신 파일 2개"), "{brought}");
    let answer = resident.submit(&documents, &[("do", "submit")]).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{}", answer.text().await.unwrap_or_default());
    let receipt = resident.text(2).await;
    assert!(receipt.contains("서류 2개를 접수했습니다") && receipt.contains("접수번호"), "{receipt}");
    let shown = until_verdicts(&office, &id, "clean", 2).await;
    assert_eq!(shown["complete"], true, "{shown}");
    let submission = &shown["submissions"][0];
    assert!(receipt.contains(submission["number"].as_str().expect("a number")), "{receipt}");
    for (request, name, content) in [("licence", "사업자등록증.pdf", PDF), ("photo", "현장 사진 (1).jpg", JPEG)]
    {
        let files = submission["files"].as_array().expect("files");
        let file = files.iter().find(|file| file["request"] == request).expect("the paper");
        assert_eq!(file["name"], name);
        let url = file["download"]["url"].as_str().expect("a link");
        let file = eventually("the file among the clean ones", async || {
            let answer = reqwest::get(url).await.expect("an answer");
            answer.status().is_success().then_some(answer)
        })
        .await;
        assert!(file.headers()["content-disposition"].to_str().expect("a header").starts_with("attachment"));
        assert_eq!(file.bytes().await.expect("a file"), content);
    }
    let notice = until_event(&office, &id, "document_checked").await;
    assert!(timeline(&notice).contains(&"documents_submitted"));
    let done = page(&resident, &documents).await;
    assert!(done.contains("접수되었습니다") && done.contains("필요한 서류를 모두 내셨습니다"), "{done}");
    // A second click hands nothing in twice.
    resident.submit(&documents, &[("do", "submit")]).await;
    assert_eq!(submissions(&office, &id).await["submissions"].as_array().expect("submissions").len(), 1);
    stack.assert_chain_holds(&id).await;
    let record = Office::auditors(&stack).await.get(&format!("/v1/access?notice={id}")).await;
    let record: Value = record.json().await.expect("JSON");
    for action in ["list_submissions", "download_submission"] {
        let accesses = record["accesses"].as_array().expect("accesses");
        assert!(accesses.iter().any(|access| access["action"] == action), "{action}: {record}");
    }
}

#[tokio::test]
async fn an_infected_file_is_told_of_and_lent_to_nobody() {
    let (_, office, resident) = setting().await;
    let (id, documents) = asked(&office, &resident).await;
    resident.bring(&documents, "licence", "등록증.pdf", "application/pdf", &infected()).await;
    let told = resident.text(2).await;
    assert!(told.contains("사업자등록증") || told.contains("파일을 받지 못했습니다"), "{told}");
    assert!(told.contains("악성코드"), "{told}");
    let shown = page(&resident, &documents).await;
    assert!(shown.contains("다시 내 주십시오"), "{shown}");
    // Nothing is left to hand in; and what the office sees has no link.
    assert_eq!(resident.submit(&documents, &[("do", "submit")]).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(submissions(&office, &id).await["complete"], false);
    assert!(timeline(&office.notice(&id).await).contains(&"document_checked"));
}

#[tokio::test]
async fn the_content_decides_whatever_the_name_says() {
    let (_, office, resident) = setting().await;
    let (id, documents) = asked(&office, &resident).await;
    resident.bring(&documents, "licence", "등록증.pdf", "application/pdf", b"#!/bin/sh\necho no paper").await;
    let told = resident.text(2).await;
    assert!(told.contains("사진(JPG, PNG, HEIC)이나 PDF"), "{told}");
    // Brought again, and right this time.
    resident.bring(&documents, "licence", "등록증.pdf", "application/pdf", PDF).await;
    resident.submit(&documents, &[("do", "submit")]).await;
    let shown = until_verdicts(&office, &id, "clean", 1).await;
    assert_eq!(shown["complete"], true);
}

#[tokio::test]
async fn the_bucket_takes_only_what_the_form_allows() {
    let (_, office, resident) = setting().await;
    let (_, documents) = asked(&office, &resident).await;
    let form = resident.ticket(&documents, "licence", "등록증.pdf", "application/pdf").await;
    let elsewhere = format!("clean/{}", form.field("key").trim_start_matches("quarantine/"));
    for (what, other) in [
        ("another key", form.clone().with("key", &elsewhere)),
        ("another type", form.clone().with("Content-Type", "text/html")),
        ("another signature", form.clone().with("x-amz-signature", &"0".repeat(64))),
    ] {
        assert_eq!(other.send(PDF).await.status(), StatusCode::FORBIDDEN, "{what}");
    }
    let too_large = form.send(&vec![b' '; 20 * 1024 * 1024 + 1]).await;
    assert_eq!(too_large.status(), StatusCode::BAD_REQUEST);
    assert!(too_large.text().await.expect("a text").contains("EntityTooLarge"));
    assert_eq!(form.send(b"").await.status(), StatusCode::BAD_REQUEST, "nothing in it");
    let wrong =
        resident.submit(&documents, &[("do", "ticket"), ("name", "a.exe"), ("type", "application/x-msdownload")]).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    // What failed is tried again, by the same form.
    assert_eq!(form.send(PDF).await.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn word_of_a_file_may_come_again_and_in_any_order() {
    let (stack, office, resident) = setting().await;
    let (id, documents) = asked(&office, &resident).await;
    let form = resident.bring(&documents, "licence", "등록증.pdf", "application/pdf", PDF).await;
    resident.submit(&documents, &[("do", "submit")]).await;
    until_verdicts(&office, &id, "clean", 1).await;
    for message in [
        searched(form.field("key"), "THREATS_FOUND"),
        arrived(form.field("key")),
        searched(form.field("key"), "NO_THREATS_FOUND"),
    ] {
        tell(&stack, &message).await;
    }
    // Of a file that is not there yet: the search first, and the file after it.
    let later = resident.ticket(&documents, "photo", "사진.jpg", "image/jpeg").await;
    tell(&stack, &searched(later.field("key"), "NO_THREATS_FOUND")).await;
    assert_eq!(later.send(JPEG).await.status(), StatusCode::CREATED);
    resident.submit(&documents, &[("do", "submit")]).await;
    let shown = until_verdicts(&office, &id, "clean", 2).await;
    assert_eq!(shown["submissions"].as_array().expect("submissions").len(), 2);
    let notice = office.notice(&id).await;
    let checked = timeline(&notice).iter().filter(|event| **event == "document_checked").count();
    assert_eq!(checked, 2, "the first word holds");
    stack.assert_chain_holds(&id).await;
}

fn arrived(key: &str) -> Value {
    json!({ "Records": [{ "s3": { "object": { "key": key } } }] })
}

fn searched(key: &str, status: &str) -> Value {
    json!({
        "source": "aws.guardduty",
        "detail-type": "GuardDuty Malware Protection Object Scan Result",
        "detail": {
            "scanStatus": "COMPLETED",
            "s3ObjectDetails": { "objectKey": key, "eTag": "of another content" },
            "scanResultDetails": { "scanResultStatus": status },
        },
    })
}

async fn tell(stack: &Stack, message: &Value) {
    let queue = stack.outputs["CheckQueueUrl"].as_str().expect("an output");
    let client = aws_sdk_sqs::Client::new(&stack.aws().await);
    client.send_message().queue_url(queue).message_body(message.to_string()).send().await.expect("taken by the queue");
}

#[tokio::test]
async fn an_officer_asks_for_papers_later_and_once() {
    let (_, office, resident) = setting().await;
    let id = office.hand_in(&notice("petition_result", &resident.phone)).await;
    resident.text(1).await;
    let body = json!({
        "requests": [{ "code": "lease", "name": "임대차계약서", "until": "2099-12-31" }],
        "officer": { "unit": "건축과 건축허가팀", "name": "김담당", "phone": "02-2155-0101" },
    });
    let path = format!("/v1/notices/{id}/requests");
    for _ in 0..2 {
        let answer = office.post(&path, &body).header("Idempotency-Key", "once").send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK, "{}", answer.text().await.unwrap_or_default());
    }
    let mut other = body.clone();
    other["requests"][0]["code"] = "seal".into();
    let reused = office.post(&path, &other).header("Idempotency-Key", "once").send().await.expect("an answer");
    let (status, reused): (_, Value) = (reused.status(), reused.json().await.expect("JSON"));
    assert_eq!((status, &reused["errors"][0]["header"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("Idempotency-Key")));
    let text = resident.text(2).await;
    assert!(text.contains("임대차계약서") && text.contains("12월 31일까지"), "{text}");
    let documents = format!("{}/documents", Resident::link(&text));
    resident.bring(&documents, "lease", "계약서.pdf", "application/pdf", PDF).await;
    resident.submit(&documents, &[("do", "submit")]).await;
    resident.text(3).await;
    assert_eq!(timeline(&office.notice(&id).await).iter().filter(|event| **event == "documents_requested").count(), 1);
    let wrong = office.post(&path, &json!({ "requests": [{ "code": "Lease!", "name": "" }] })).send().await;
    let wrong: Value = wrong.expect("an answer").json().await.expect("JSON");
    let pointers: Vec<_> = wrong["errors"].as_array().expect("faults").iter().map(|fault| &fault["pointer"]).collect();
    assert_eq!(pointers, ["#/officer", "#/requests/0/code", "#/requests/0/name"]);
}
