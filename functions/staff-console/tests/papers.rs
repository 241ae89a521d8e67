//! Papers as the office sees them: what was handed in, what is lent, and that both stand on record first.

use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use channels::Ledger;
use channels::fake::{MemoryLedger, StoppedClock, accepted, details, noon, notice_id};
use domain::{
    Access, Action, Checksum, Details, Fact, FileFault, FileWarning, KindCode, Notice, NoticeId, PhoneNumber,
    Preference, RecipientId, RequestCode, Route, Scope, SubmissionId, SubmittedFile, UploadId, Verdict,
};
use letters::fake::MemoryShelf;
use serde_json::{Value, json};
use staff_console::{KeepPapers, Papers, ReadPreference, RememberAnswers, papers};
use store::{Answered, Decision, Error, FileRecord, Finding, Inspection, RecordAccess, Submission, Transition};
use tower::ServiceExt;

#[derive(Clone, Default)]
struct Memory {
    ledger: MemoryLedger,
    submissions: Arc<Mutex<Vec<Submission>>>,
    files: Arc<Mutex<Vec<FileRecord>>>,
    accesses: Arc<Mutex<Vec<Access>>>,
    preference: Option<Preference>,
}

impl RecordAccess for Memory {
    async fn record_access(&self, access: &Access) -> Result<(), Error> {
        self.accesses.lock().expect("whole").push(access.clone());
        Ok(())
    }
}

impl ReadPreference for Memory {
    async fn preference(&self, _: &RecipientId, _: &KindCode) -> Result<Option<Preference>, Error> {
        Ok(self.preference.clone())
    }
}

impl RememberAnswers for Memory {
    async fn answered(&self, _: &str, _: &str, _: &str) -> Result<Option<Answered>, Error> {
        Ok(None)
    }
}

impl KeepPapers for Memory {
    async fn notice(&self, id: NoticeId) -> Result<Option<Notice>, Error> {
        Ok((id == notice_id()).then(|| self.ledger.notice(id)))
    }

    async fn submissions(&self, _: NoticeId) -> Result<Vec<Submission>, Error> {
        Ok(self.submissions.lock().expect("whole").clone())
    }

    async fn files(&self, _: NoticeId) -> Result<Vec<FileRecord>, Error> {
        Ok(self.files.lock().expect("whole").clone())
    }

    async fn transition<T: Send>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> Result<Transition<T>, Error> {
        self.ledger.transition(id, decide).await
    }
}

fn upload(number: u8) -> UploadId {
    UploadId::parse(&format!("01KAVQ8Z3M00000000000000P{number}")).expect("an id")
}

fn office() -> Memory {
    office_of(details())
}

fn office_of(details: Details) -> Memory {
    let memory = Memory::default();
    memory.ledger.add(accepted(details));
    memory
}

/// Four files, each with another verdict.
fn handed_in() -> Memory {
    with_files(office())
}

fn with_files(memory: Memory) -> Memory {
    let id = SubmissionId::parse("01KAVQ8Z3M0000000000000S01").expect("an id");
    let files: Vec<UploadId> = (1..=4).map(upload).collect();
    let submitted = files.iter().map(|upload| SubmittedFile { upload: *upload, request: None }).collect();
    memory.ledger.happen(
        notice_id(),
        Fact::DocumentsSubmitted { submission: id, files: submitted, confirm: true },
        noon(),
    );
    memory.submissions.lock().expect("whole").push(Submission { id, notice: notice_id(), files, at: noon() });
    let sha256 = Checksum::of(b"%PDF-1.7");
    let warnings = vec![FileWarning::Scripts, FileWarning::Encrypted];
    let verdicts = [
        Verdict::Clean { sha256: sha256.clone(), warnings: warnings.clone() },
        Verdict::Infected,
        Verdict::Refused { reason: FileFault::NotChecked },
    ];
    for (number, verdict) in (1..).zip(verdicts) {
        let finding = Finding::Sound {
            content_type: "application/pdf".to_owned(),
            sha256: sha256.clone(),
            warnings: warnings.clone(),
        };
        let (etag, name) = (format!("tag-{number}"), "임대차 계약서.pdf".to_owned());
        let inspection = Some(Inspection { etag, name, bytes: 8, request: None, finding });
        memory.files.lock().expect("whole").push(FileRecord { upload: upload(number), inspection, scans: Vec::new() });
        memory.ledger.happen(notice_id(), Fact::DocumentChecked { upload: upload(number), verdict }, noon());
    }
    memory
}

async fn ask(memory: &Memory, method: &str, path: &str, body: &Value) -> (StatusCode, Value) {
    let desk =
        Papers { table: memory.clone(), files: MemoryShelf::default(), clock: Box::new(StoppedClock::default()) };
    let request = Request::builder().method(method).uri(path).header("idempotency-key", "once");
    let request = request.body(Body::from(body.to_string())).expect("a request");
    let response = papers(Arc::new(desk)).oneshot(request).await.expect("a router never fails");
    let status = response.status();
    let body = to_bytes(response.into_body(), 1024 * 1024).await.expect("a short body");
    (status, serde_json::from_slice(&body).expect("JSON"))
}

#[tokio::test]
async fn only_clean_files_are_lent_and_every_look_stands_on_record() {
    let memory = handed_in();
    let (status, shown) = ask(&memory, "GET", &format!("/v1/notices/{}/submissions", notice_id()), &json!({})).await;
    assert_eq!(status, StatusCode::OK);
    let lent = shown["submissions"][0]["files"].as_array().expect("files").iter();
    assert_eq!(lent.filter(|file| !file["download"].is_null()).count(), 1);
    let accesses = memory.accesses.lock().expect("whole").clone();
    let actions: Vec<_> = accesses.iter().map(|access| access.action).collect();
    assert_eq!(actions, [Action::ListSubmissions, Action::DownloadSubmission]);
    assert_eq!(accesses[1].object.as_deref(), Some(&*upload(1).to_string()));
    insta::assert_json_snapshot!(shown);
}

#[tokio::test]
async fn whom_no_text_tells_of_a_bad_file_the_officer_must_call() {
    let mut recipient = details().recipient;
    recipient.phone = Some(PhoneNumber::parse("02-555-0101").expect("a landline"));
    let memory = with_files(office_of(Details { recipient, ..details() }));
    let (_, shown) = ask(&memory, "GET", &format!("/v1/notices/{}/submissions", notice_id()), &json!({})).await;
    for bad in [1, 2] {
        let text = shown["submissions"][0]["files"][bad]["verdict_text"].as_str().expect("words");
        assert!(text.ends_with("전화로 알려 주십시오."), "{text}");
    }
}

#[tokio::test]
async fn who_opted_out_is_asked_for_nothing_by_text() {
    let opted_out = Preference { route: Route::Post, scope: Scope::Everything, opted_out: true };
    let memory = Memory { preference: Some(opted_out), ..office() };
    let body = json!({
        "requests": [{ "code": "lease", "name": "임대차계약서" }],
        "officer": { "unit": "건축과", "name": "김담당", "phone": "02-2155-0101" },
    });
    let (status, told) = ask(&memory, "POST", &format!("/v1/notices/{}/requests", notice_id()), &body).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(told["detail"].as_str().expect("why").contains("wants no messages"), "{told}");
    assert!(memory.ledger.notice(notice_id()).documents.requests.is_empty());
}

#[tokio::test]
async fn an_officer_asks_for_papers() {
    let memory = office();
    let path = format!("/v1/notices/{}/requests", notice_id());
    let body = json!({
        "requests": [{ "code": "lease", "name": "임대차계약서", "until": "2099-12-31" }, { "code": "photo", "name": "사진", "required": false }],
        "officer": { "unit": "건축과", "name": "김담당", "phone": "02-2155-0101" },
    });
    let (status, asked) = ask(&memory, "POST", &path, &body).await;
    assert_eq!(status, StatusCode::OK, "{asked}");
    assert_eq!(asked["complete"], false);
    let Some(Fact::DocumentsRequested { requests, officer }) = memory.ledger.facts(notice_id()).pop() else {
        unreachable!("asked for")
    };
    assert_eq!((requests[0].required, requests[1].required, officer.as_str()), (true, false, "김담당"));
    assert_eq!(requests[0].code, RequestCode::parse("lease").expect("a code"));
    let twice = json!([{ "code": "a", "name": "가" }, { "code": "a", "name": "나\n다", "until": "2020-01-01" }]);
    let wrong = json!({ "requests": twice, "officer": body["officer"] });
    let (status, faults) = ask(&memory, "POST", &path, &wrong).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    insta::assert_json_snapshot!(faults);
    let nothing = json!({ "requests": [], "officer": body["officer"] });
    assert_eq!(ask(&memory, "POST", &path, &nothing).await.1["errors"][0]["detail"], "expected at least one paper");
    let unknown = ask(&memory, "POST", "/v1/notices/01KAVQ8Z3M0000000000000009/requests", &body).await;
    assert_eq!(unknown.0, StatusCode::NOT_FOUND);
}
