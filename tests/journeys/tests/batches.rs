//! Files: uploaded by whoever has the address, imported row by row, and what was wrong told so that it can be mended.

use domain::Checksum;
use encoding_rs::EUC_KR;
use journeys::{Office, Resident, eventually, setting};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

const NOTICES: &[u8] = include_bytes!("../../../functions/import-batch/tests/files/notices-cp949.csv");
const PERMITS: &[u8] = include_bytes!("../../../functions/import-batch/tests/files/permits.xlsx");

fn announced(file_name: &str, content: &[u8]) -> Value {
    let sha256 = Checksum::of(content);
    json!({ "type": "notices", "file_name": file_name, "bytes": content.len(), "sha256": sha256 })
}

/// The sample with references of this run alone, so that its rows came never before.
fn of_this_run(sample: &str) -> String {
    sample.replace("2026-민원-", &format!("{:08x}-민원-", rand::random::<u32>()))
}

fn cp949(text: &str) -> Vec<u8> {
    let (bytes, _, unmappable) = EUC_KR.encode(text);
    assert!(!unmappable);
    bytes.into_owned()
}

async fn open(office: &Office, announced: &Value) -> (StatusCode, Value) {
    let answer = office.post("/v1/batches", announced).send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

/// Puts a file where the answer says.
async fn put(opened: &Value, content: &[u8]) -> StatusCode {
    let upload = &opened["upload"];
    let mut request = Client::new().put(upload["url"].as_str().expect("an address"));
    for (name, value) in upload["headers"].as_object().expect("headers") {
        request = request.header(name, value.as_str().expect("a header"));
    }
    request.body(content.to_vec()).send().await.expect("an answer").status()
}

async fn over(office: &Office, opened: &Value) -> Value {
    let path = format!("/v1/batches/{}", opened["id"].as_str().expect("an id"));
    eventually(&path, async || {
        let batch: Value = office.get(&path).await.json().await.expect("JSON");
        (batch["state"] == "done" || batch["state"] == "refused").then_some(batch)
    })
    .await
}

/// Uploads a file and waits until it is over.
async fn imported(office: &Office, announced: &Value, content: &[u8]) -> Value {
    let (status, opened) = open(office, announced).await;
    assert_eq!(status, StatusCode::CREATED, "{opened}");
    assert_eq!(put(&opened, content).await, StatusCode::OK);
    over(office, &opened).await
}

async fn report(batch: &Value) -> Vec<u8> {
    let answer = reqwest::get(batch["report_url"].as_str().expect("a report")).await.expect("a report");
    assert_eq!(answer.status(), StatusCode::OK, "lent without an account");
    answer.bytes().await.expect("a report").to_vec()
}

#[tokio::test]
async fn the_file_of_a_department_is_read_to_its_last_row() {
    let (_, office, _) = setting().await;
    let mut announcement = announced("민원 통지.csv", NOTICES);
    announcement["dry_run"] = true.into();
    let looked = imported(&office, &announcement, NOTICES).await;
    assert_eq!(looked["counts"], json!({ "rows": 239, "stored": 230, "already_there": 0, "errors": 9 }), "{looked}");
    let expected = &looked["expected"];
    assert_eq!(
        expected["sms"]["notices"].as_u64().zip(expected["post"]["notices"].as_u64()).map(|(sms, post)| sms + post),
        Some(230)
    );
}

/// The head of the department's file, and the rows behind it that err.
fn excerpt() -> String {
    let sample = EUC_KR.decode_without_bom_handling_and_without_replacement(NOTICES).expect("CP949");
    let mut rows = sample.split_inclusive("\r\n");
    let first: String = rows.by_ref().take(10).collect();
    let errs = |row: &&str| ["567a", "미상", "@@", ",petition,", ",  ,"].iter().any(|mark| row.contains(mark));
    first + &rows.filter(errs).collect::<String>()
}

#[tokio::test]
async fn a_file_of_excel_is_imported_and_its_mended_report_brings_the_rest() {
    let (_, office, _) = setting().await;
    let file = cp949(&of_this_run(&excerpt()));
    let announcement = announced("민원 통지.csv", &file);
    let batch = imported(&office, &announcement, &file).await;
    assert_eq!(batch["state"], "done", "{batch}");
    assert_eq!(batch["read_as"], json!({ "format": "csv", "encoding": "cp949", "delimiter": "," }));
    let counts = &batch["counts"];
    assert_eq!(counts, &json!({ "rows": 16, "stored": 9, "already_there": 0, "errors": 7 }));

    let (status, again) = open(&office, &announcement).await;
    assert_eq!((status, &again["already_imported_as"]), (StatusCode::OK, &batch["id"]), "{again}");
    assert!(again.get("upload").is_none(), "nothing to put");

    let report = report(&batch).await;
    let report = EUC_KR.decode_without_bom_handling_and_without_replacement(&report).expect("as the file").into_owned();
    assert!(report.starts_with("민원번호,종류,제목,") && report.contains(",줄,오류 열,값 형태,오류\r\n"), "{report}");
    assert!(report.contains("010-NNNN-NNNa"), "{report}");
    let mended = report
        .replace("010-1234-567a", "")
        .replace("미상", "")
        .replace("hong@@example", "hong@example.org")
        .replace(",petition,", ",petition_result,")
        .replace(",  ,", ",홍길동,");
    let mended = cp949(&mended);
    let rest = imported(&office, &announced("민원 통지-오류.csv", &mended), &mended).await;
    assert_eq!(rest["counts"], json!({ "rows": 7, "stored": 7, "already_there": 0, "errors": 0 }), "{rest}");
    assert!(rest.get("report_url").is_none(), "nothing to tell: {rest}");

    // The same rows in another file: each is known by its number.
    let longer = [file.as_slice(), b"\r\n"].concat();
    let known = imported(&office, &announced("다시.csv", &longer), &longer).await;
    assert_eq!(known["counts"], json!({ "rows": 16, "stored": 0, "already_there": 9, "errors": 7 }), "{known}");
    let path = format!("/v1/batches/{}/errors", known["id"].as_str().expect("an id"));
    let told = office.get(&path).await.bytes().await.expect("a report");
    assert!(EUC_KR.decode(&told).0.contains("이미 접수됨: "), "by way of a redirect");
}

#[tokio::test]
async fn a_row_is_a_notice_like_any_other() {
    let (_, office, resident) = setting().await;
    let number = rand::random::<u64>();
    let file = format!(
        "\u{feff}민원번호;종류;제목;내용;부서;성명;휴대전화;이메일;우편번호;주소;생년월일;구분\r\n\
         2026-민원-{number};민원 처리결과;처리결과 안내;허가되었습니다.;building;홍길동;{};;6628;서울특별시 서초구 동광로 475;900101;개인\r\n",
        resident.phone,
    );
    let batch = imported(&office, &announced("one.csv", file.as_bytes()), file.as_bytes()).await;
    assert_eq!(batch["counts"]["stored"], 1, "{batch}");
    assert!(resident.text(1).await.contains("결과 1문자"));
}

#[tokio::test]
async fn a_dry_run_stores_nothing_and_tells_what_would_be_sent() {
    let (_, office, resident) = setting().await;
    let file = of_this_run(&one_row(&resident));
    let mut announcement = announced("dry.csv", file.as_bytes());
    announcement["dry_run"] = true.into();
    let looked = imported(&office, &announcement, file.as_bytes()).await;
    assert_eq!((&looked["state"], &looked["counts"]["stored"]), (&json!("done"), &json!(1)), "{looked}");
    assert_eq!(looked["expected"]["sms"], json!({ "notices": 1, "parts": 1, "krw": 12 }));
    announcement["dry_run"] = false.into();
    let batch = imported(&office, &announcement, file.as_bytes()).await;
    assert_eq!(batch["counts"]["stored"], 1, "the dry run took nothing: {batch}");
    resident.text(1).await;
    assert_eq!(resident.texts().await.len(), 1);
}

fn one_row(resident: &Resident) -> String {
    format!(
        "민원번호,종류,제목,내용,부서,성명,휴대전화,이메일,우편번호,주소,생년월일,구분\n\
         2026-민원-1,guidance,위생교육 안내,안내드립니다.,위생과,홍길동,{},,06628,서울특별시 서초구 동광로 475,,person\n",
        resident.phone,
    )
}

#[tokio::test]
async fn with_all_or_nothing_one_bad_row_keeps_all_others_out() {
    let (_, office, resident) = setting().await;
    let file = of_this_run(&format!("{}2026-민원-2,없는 종류,제목,내용,위생과,홍길동,,,,,,개인\n", one_row(&resident)));
    let mut announcement = announced("all.csv", file.as_bytes());
    announcement["all_or_nothing"] = true.into();
    let batch = imported(&office, &announcement, file.as_bytes()).await;
    assert_eq!((&batch["state"], &batch["counts"]["errors"]), (&json!("refused"), &json!(1)), "{batch}");
    assert_eq!(batch["counts"]["stored"], 0, "what was found sound is not stored");
    let report = String::from_utf8(report(&batch).await).expect("UTF-8");
    assert!(report.contains("등록되지 않은 값입니다"), "{report}");
    assert_eq!(resident.texts().await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_workbook_of_permits_goes_into_the_register() {
    let (_, office, _) = setting().await;
    let mut announcement = announced("허가대장.xlsx", PERMITS);
    announcement["type"] = "permits".into();
    announcement["dry_run"] = true.into();
    let batch = imported(&office, &announcement, PERMITS).await;
    assert_eq!(batch["state"], "done", "{batch}");
    assert_eq!(batch["counts"]["rows"], 300);
    announcement["dry_run"] = false.into();
    let (_, opened) = open(&office, &announcement).await;
    if opened["already_imported_as"].is_null() {
        assert_eq!(put(&opened, PERMITS).await, StatusCode::OK);
        let done = over(&office, &opened).await;
        assert_eq!(done["counts"]["stored"], batch["counts"]["stored"], "{done}");
    }
    let permit = office.get("/v1/permits/서초-2027-0001").await;
    assert_eq!(permit.status(), StatusCode::OK);
}

#[tokio::test]
async fn only_the_announced_content_can_be_put_and_what_cannot_be_read_is_refused() {
    let (_, office, _) = setting().await;
    let content = format!("이름,전화\n홍길동,{}\n", rand::random::<u32>());
    let (_, opened) = open(&office, &announced("other.csv", content.as_bytes())).await;
    assert_ne!(put(&opened, content.replace('홍', "김").as_bytes()).await, StatusCode::OK, "another content");
    let (status, again) = open(&office, &announced("other.csv", content.as_bytes())).await;
    assert_eq!((status, &again["id"]), (StatusCode::OK, &opened["id"]), "a fresh address for the same batch");
    let mut otherwise = announced("other.csv", content.as_bytes());
    otherwise["all_or_nothing"] = true.into();
    let (status, _) = open(&office, &otherwise).await;
    assert_eq!(status, StatusCode::CONFLICT, "it would not be stored as announced");
    assert_eq!(put(&again, content.as_bytes()).await, StatusCode::OK);
    let refused = over(&office, &opened).await;
    assert_eq!(refused["state"], "refused");
    let reason = refused["reason"].as_str().expect("a reason");
    assert!(reason.contains("빠진 열: 민원번호") && reason.contains("알 수 없는 열: 이름, 전화"), "{reason}");
    let (status, anew) = open(&office, &announced("other.csv", content.as_bytes())).await;
    assert_eq!(status, StatusCode::CREATED, "what failed may be tried again");
    assert_ne!(anew["id"], opened["id"]);
    let bad = json!({ "type": "letters", "file_name": "a.xlsx", "bytes": 40_000_000, "sha256": "x", "dry_run": 1 });
    let (status, problem) = open(&office, &bad).await;
    assert_eq!(
        (status, problem["errors"].as_array().map(Vec::len)),
        (StatusCode::UNPROCESSABLE_ENTITY, Some(4)),
        "{problem}"
    );
}
