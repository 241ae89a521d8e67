//! The page of papers: what it shows as they come in, and what handing in records.

use crate::memory::{Life, Memory, Office, Stopped, TOKEN, details, notice_id, sms};
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use domain::{Checksum, DocumentRequest, Fact, FileFault, PhoneNumber, RequestCode, UploadId, Verdict};
use select_preference::{App, router};
use store::{Binding, FileRecord, Finding, Inspection, Reply, Scan, ScanResult};
use tower::ServiceExt;

const PDF: &[u8] = b"%PDF-1.7 a paper";

struct Answer {
    status: StatusCode,
    policy: String,
    location: String,
    body: String,
}

async fn ask(memory: &Memory, method: Method, path: &str, form: &str) -> Answer {
    let url = "https://tongji.example".to_owned();
    let app = App::new(memory.clone(), Office::Shipped, memory.clone(), url, Stopped, memory.entropy.clone());
    let request = Request::builder().method(method).uri(format!("/c/{TOKEN}{path}"));
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let request = request.body(Body::from(form.to_owned())).expect("a request");
    let response = router(app).oneshot(request).await.expect("a router never fails");
    let header =
        |name: &str| response.headers().get(name).map_or("", |value| value.to_str().expect("ASCII")).to_owned();
    let (status, policy, location) = (response.status(), header("content-security-policy"), header("location"));
    let body = to_bytes(response.into_body(), 1024 * 1024).await.expect("a short body");
    Answer { status, policy, location, body: String::from_utf8(body.to_vec()).expect("UTF-8") }
}

async fn show(memory: &Memory) -> Answer {
    ask(memory, Method::GET, "/documents", "").await
}

async fn submit(memory: &Memory) -> Answer {
    ask(memory, Method::POST, "/documents", "do=submit").await
}

/// The page without style sheet and script.
fn shown(answer: &Answer) -> String {
    let without = |page: &str, tag: &str| match (page.find(&format!("<{tag}>")), page.find(&format!("</{tag}>"))) {
        (Some(from), Some(to)) => format!("{}<{tag}>…{}", &page[..from], &page[to..]),
        _ => page.to_owned(),
    };
    without(&without(&answer.body, "style"), "script")
}

fn requests() -> Vec<DocumentRequest> {
    let paper = |code: &str, name: &str, required, until: Option<&str>| DocumentRequest {
        code: RequestCode::parse(code).expect("a code"),
        name: name.to_owned(),
        required,
        until: until.map(|day| day.parse().expect("a day")),
    };
    vec![paper("licence", "사업자등록증", true, Some("2026-12-10")), paper("photo", "현장 사진", false, None)]
}

fn asking() -> Memory {
    Memory::with(Life::of(domain::Details { requests: requests(), ..details() }))
}

fn upload(number: u8) -> UploadId {
    UploadId::parse(&format!("01JDDDDDDDDDDDDDDDDDDDDD{number:02}")).expect("an id")
}

/// A file arrives; with what was found in it, if anything.
fn arrive(memory: &Memory, number: u8, request: &str, verdict: Option<&Verdict>) {
    let etag = memory.uploads.arrive(notice_id(), upload(number), Some(request), "서류.pdf", PDF);
    if let Some(verdict) = verdict {
        let finding = match verdict {
            Verdict::Refused { reason } => Finding::Unfit { reason: *reason },
            Verdict::Clean { .. } | Verdict::Infected => Finding::Sound {
                content_type: "application/pdf".to_owned(),
                sha256: Checksum::of(PDF),
                warnings: Vec::new(),
            },
        };
        let scans = vec![Scan { etag: etag.clone(), result: ScanResult::Clean }];
        let request = RequestCode::parse(request).ok();
        let bytes = u64::try_from(PDF.len()).expect("a length");
        let inspection = Some(Inspection { etag, name: "서류.pdf".to_owned(), bytes, request, finding });
        memory.add_record(FileRecord { upload: upload(number), inspection, scans });
        memory.happen(Fact::DocumentChecked { upload: upload(number), verdict: verdict.clone() });
    }
}

fn clean() -> Verdict {
    Verdict::Clean { sha256: Checksum::of(PDF), warnings: Vec::new() }
}

#[tokio::test]
async fn the_page_says_what_is_asked_for_and_lets_files_go_to_the_bucket_alone() {
    let answer = show(&asking()).await;
    assert_eq!(answer.status, StatusCode::OK);
    for personal in ["홍길동", "1234-5678", "용도변경", "450408"] {
        assert!(!answer.body.contains(personal), "{personal}");
    }
    assert!(answer.policy.contains("form-action 'self' https://bucket.example;"), "{}", answer.policy);
    assert!(answer.policy.contains("connect-src 'self' https://bucket.example;"), "{}", answer.policy);
    assert!(answer.policy.contains("script-src 'sha256-") && !answer.policy.contains("unsafe"), "{}", answer.policy);
    insta::assert_snapshot!("documents", shown(&answer));
}

#[tokio::test]
async fn who_has_no_mobile_is_promised_no_text() {
    let mut recipient = details().recipient;
    recipient.phone = Some(PhoneNumber::parse("02-555-0101").expect("a landline"));
    let memory = Memory::with(Life::of(domain::Details { requests: requests(), recipient, ..details() }));
    arrive(&memory, 1, "licence", Some(&clean()));
    submit(&memory).await;
    let page = show(&memory).await.body;
    assert!(page.contains("접수번호를 적어 두십시오") && !page.contains("문자로"), "{page}");
}

#[tokio::test]
async fn files_stand_as_they_came_and_were_checked() {
    let memory = asking();
    arrive(&memory, 1, "licence", Some(&clean()));
    arrive(&memory, 2, "photo", Some(&Verdict::Refused { reason: FileFault::WrongType }));
    insta::assert_snapshot!("documents-brought", shown(&show(&memory).await));
    assert_eq!(submit(&memory).await.location, "documents");
    arrive(&memory, 3, "photo", None);
    assert_eq!(submit(&memory).await.location, "documents");
    insta::assert_snapshot!("documents-handed-in", shown(&show(&memory).await));
}

#[tokio::test]
async fn a_file_is_taken_back_until_it_is_handed_in() {
    let memory = asking();
    arrive(&memory, 1, "licence", None);
    arrive(&memory, 2, "photo", Some(&clean()));
    for number in [1, 2] {
        let form = format!("do=discard&upload={}", upload(number));
        assert_eq!(ask(&memory, Method::POST, "/documents", &form).await.location, "documents");
        assert!(!memory.uploads.is_quarantined(notice_id(), upload(number)));
    }
    memory.happen(Fact::DocumentChecked { upload: upload(1), verdict: clean() });
    assert!(!show(&memory).await.body.contains("올리신 파일"), "nothing waits, whatever is found of it later");
    assert_eq!(submit(&memory).await.status, StatusCode::UNPROCESSABLE_ENTITY, "nothing is left to hand in");

    arrive(&memory, 3, "licence", None);
    assert_eq!(submit(&memory).await.location, "documents");
    ask(&memory, Method::POST, "/documents", &format!("do=discard&upload={}", upload(3))).await;
    assert!(memory.uploads.is_quarantined(notice_id(), upload(3)), "the office has it");
}

#[tokio::test]
async fn handing_in_takes_what_the_bucket_holds_and_puts_clean_files_in_safety() {
    let memory = asking();
    arrive(&memory, 1, "licence", Some(&clean()));
    arrive(&memory, 2, "photo", Some(&Verdict::Infected));
    arrive(&memory, 3, "photo", None);
    let answer = submit(&memory).await;
    assert_eq!((answer.status, answer.location.as_str()), (StatusCode::SEE_OTHER, "documents"));
    let Some(Fact::DocumentsSubmitted { submission, files, .. }) = memory.facts().pop() else {
        unreachable!("handed in")
    };
    assert_eq!(files.iter().map(|file| file.upload).collect::<Vec<_>>(), [upload(1), upload(3)], "no infected one");
    assert_eq!(memory.uploads.clean(notice_id(), upload(1)).as_deref(), Some(PDF));
    assert!(memory.uploads.is_quarantined(notice_id(), upload(3)), "not checked yet");
    let kept = memory
        .bindings()
        .into_iter()
        .any(|binding| matches!(binding, Binding::Submission(kept) if kept.id == submission));
    assert!(kept, "the submission is kept");
    assert_eq!(submit(&memory).await.location, "documents", "a second click");
    assert_eq!(memory.facts().len(), 1, "hands nothing in twice");
}

#[tokio::test]
async fn nothing_to_hand_in_says_what_to_do() {
    let answer = submit(&asking()).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("먼저 파일을 올려 주십시오"), "{}", answer.body);
}

#[tokio::test]
async fn leave_is_given_for_the_types_that_are_taken_and_not_without_end() {
    let memory = asking();
    let ticket = |r#type: &'static str| {
        let memory = memory.clone();
        async move {
            ask(&memory, Method::POST, "/documents", &format!("do=ticket&request=licence&name=a&type={type}")).await
        }
    };
    let given = ticket("image/jpeg").await;
    assert_eq!(given.status, StatusCode::OK);
    assert!(given.body.contains("quarantine/"), "{}", given.body);
    assert_eq!(ticket("text/html").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    for number in 0..50 {
        arrive(&memory, number, "photo", None);
    }
    assert_eq!(ticket("image/jpeg").await.status, StatusCode::CONFLICT);
    let full = show(&memory).await;
    assert!(!full.body.contains("enctype=") && full.body.contains("더 올리실 수 없습니다"), "{}", full.body);
    assert_eq!(submit(&memory).await.status, StatusCode::SEE_OTHER, "what is there can be handed in");
}

#[tokio::test]
async fn a_locked_or_cancelled_notice_takes_no_papers() {
    let locked = Memory::with(Life::accepted().chosen(&sms()).sent(domain::Channel::Sms).then(Fact::LinkLocked));
    assert_eq!(show(&locked).await.status, StatusCode::LOCKED);
    let cancelled =
        Fact::Cancelled { officer: "김서초".to_owned(), unit: "건축과".to_owned(), reason: "중복".to_owned() };
    let cancelled = Memory::with(Life::accepted().then(cancelled));
    assert_eq!(show(&cancelled).await.status, StatusCode::GONE);
    assert_eq!(submit(&cancelled).await.status, StatusCode::GONE);
    assert_eq!(show(&Memory::with_link(Life::accepted(), crate::memory::NOW, 0)).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn other_pages_lead_here_and_the_conversation_stands_behind_the_second_factor() {
    let memory = asking();
    assert!(ask(&memory, Method::GET, "", "").await.body.contains("value=\"documents\""));
    assert_eq!(ask(&memory, Method::POST, "", "do=documents").await.location, format!("{TOKEN}/documents"));
    let sent = Memory::with(Life::accepted().chosen(&sms()).sent(domain::Channel::Sms));
    for (number, direction, text) in [
        (1, store::Direction::Inbound, "내일 가도 되나요? <script>alert(1)</script>"),
        (2, store::Direction::Outbound, "네, 오후 2시에 오십시오. https://example.org"),
    ] {
        let id = domain::ReplyId::parse(&format!("01JDDDDDDDDDDDDDDDDDDDDD{number:02}")).expect("an id");
        sent.add_reply(Reply {
            id,
            notice: notice_id(),
            direction,
            text: text.to_owned(),
            officer: None,
            at: crate::memory::now(),
        });
    }
    assert!(!ask(&sent, Method::GET, "", "").await.body.contains("내일 가도"), "not before the second factor");
    let read = ask(&sent, Method::POST, "", "do=read&answer=450408").await.body;
    let talk =
        read.split("<ol class=\"talk\">").nth(1).and_then(|rest| rest.split("</ol>").next()).expect("a conversation");
    assert!(!talk.contains("<a ") && !talk.contains("<script"), "{talk}");
    insta::assert_snapshot!("conversation", talk);
}
