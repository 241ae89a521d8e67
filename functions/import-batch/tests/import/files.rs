//! The office's own files and far worse ones: what becomes of each, to the last row.

use domain::{BirthDate, ConsentId, Entity, PhoneNumber, Preference, Route, Scope};
use encoding_rs::EUC_KR;
use store::{BatchType, Forecast};

use crate::workbook::{Sheet, archive, row, workbook};
use crate::world::World;

const CP949: &[u8] = include_bytes!("../files/notices-cp949.csv");
const UTF8_BOM: &[u8] = include_bytes!("../files/notices-utf8-bom.csv");
const PERMITS: &[u8] = include_bytes!("../files/permits.xlsx");

pub(crate) const HEADINGS: &str = "민원번호,종류,제목,내용,부서,성명,휴대전화,이메일,우편번호,주소,생년월일,구분";

/// A sound row.
pub(crate) fn line(number: u32) -> String {
    format!(
        "2026-민원-{number:05},guidance,위생교육 안내,안내드립니다.,위생과,홍길동,,,06628,서울특별시 서초구 동광로 475,,개인"
    )
}

fn csv(lines: &[&str]) -> String {
    let mut text = HEADINGS.to_owned();
    for line in lines {
        text += "\r\n";
        text += line;
    }
    text + "\r\n"
}

fn cp949(text: &str) -> Vec<u8> {
    EUC_KR.encode(text).0.into_owned()
}

/// What became of a file, told as an officer learns of it.
async fn told(r#type: BatchType, content: &[u8]) -> String {
    let world = World::new();
    let batch = world.uploaded(r#type, 1, content);
    let batch = world.import(batch.id).await;
    let stored = world.stored().len();
    let mut told = format!(
        "{:?}: {}\n{:?}\n{:?}\nin the table: {stored}\n",
        batch.stage,
        batch.refused.as_deref().unwrap_or("-"),
        batch.counts,
        batch.layout
    );
    if let Some(report) = world.report(batch.id) {
        let text = match std::str::from_utf8(&report) {
            Ok(text) => text.to_owned(),
            Err(_) => format!("(CP949) {}", EUC_KR.decode(&report).0),
        };
        told += &text.replace('\r', "").replace('\u{feff}', "(mark)");
    }
    told
}

async fn told_of_notices(content: &[u8]) -> String {
    told(BatchType::Notices, content).await
}

#[tokio::test]
async fn the_office_s_own_files() {
    insta::assert_snapshot!("cp949", told_of_notices(CP949).await);
    insta::assert_snapshot!("utf8_bom", told_of_notices(UTF8_BOM).await);
    insta::assert_snapshot!("permits", told(BatchType::Permits, PERMITS).await);
}

#[tokio::test]
async fn headings_in_any_order_and_language_and_any_delimiter_or_line_end() {
    let plain = csv(&[&line(1), &line(2)]);
    for content in [
        plain.clone(),
        plain.replace("\r\n", "\n"),
        plain.replace("\r\n", "\r"),
        plain.replace(',', ";"),
        plain.replace(',', "\t"),
        format!("\u{feff}{plain}"),
        format!("\r\n\r\n{plain}\r\n\r\n"),
        plain.replace(
            HEADINGS,
            "reference, KIND ,title,body,department,name,phone,email,postal_code,address,birth_date,entity",
        ),
        plain.trim_end().to_owned(),
        plain + ",,,,,,,,,,,\r\n",
    ] {
        let told = told_of_notices(content.as_bytes()).await;
        assert!(told.contains("Counts { rows: 2, stored: 2, already_there: 0, errors: 0 }"), "{content:?}: {told}");
    }
}

#[tokio::test]
async fn files_that_are_refused_as_a_whole() {
    let good = csv(&[&line(1)]);
    let wide = format!("{}\n", "열,".repeat(1_000_000));
    let utf16: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked: Vec<u8> = [0xff, 0xfe].into_iter().chain(utf16.iter().copied()).collect();
    let bomb = archive(&[("xl/workbook.xml", &vec![b' '; 30_000_000])]);
    let hidden = Sheet { state: "hidden", ..Sheet::of("숨김", row(1, &["민원번호"])) };
    let not_a_heading = good.replace("민원번호", "접수번호").replace("이메일", "휴대전화");
    let mut all = String::new();
    for (name, content) in [
        ("empty", Vec::new()),
        ("blank", b"\r\n \r\n".to_vec()),
        ("headings only", HEADINGS.as_bytes().to_vec()),
        ("headings missing, unknown and doubled", not_a_heading.into_bytes()),
        ("rows without headings", "2026-1,petition_result,안내,내용,위생과,홍길동,010-1234-5678\n".into()),
        ("a million columns", wide.into_bytes()),
        ("UTF-16 with a mark", marked),
        ("UTF-16 without a mark", utf16),
        ("an image", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0".to_vec()),
        ("a PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj".to_vec()),
        ("a file of Excel before XLSX, or an encrypted one", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest".to_vec()),
        ("an archive that is no workbook", archive(&[("readme.txt", b"hello")])),
        ("half a workbook", PERMITS[..PERMITS.len() / 2].to_vec()),
        ("a bomb", bomb),
        ("a workbook whose sheets are hidden", workbook(&[hidden], &[])),
        (
            "a quote that is never closed",
            csv(&[&line(1), &line(2).replace("안내드립니다", "\"안내드립니다"), &line(3)]).into_bytes(),
        ),
        ("a row without end", csv(&[&line(1), &line(2).replace("안내드립니다", &"가".repeat(100_000))]).into_bytes()),
        ("a row of many columns", csv(&[&line(1), &",".repeat(300)]).into_bytes()),
    ] {
        all.extend(["── ", name, "\n", &told_of_notices(&content).await, "\n"]);
    }
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn a_file_that_was_cut_off_is_refused_before_anything_is_stored() {
    let whole = csv(&[&line(1), &line(2)]);
    let world = World::new();
    let batch = world.uploaded(BatchType::Notices, 1, whole.as_bytes());
    world.shelf.put(&letters::upload_key(batch.id), &whole.as_bytes()[..whole.len() - 10]);
    let batch = world.import(batch.id).await;
    assert!(batch.refused.expect("refused").contains("잘렸거나"));
    assert_eq!(world.stored().notices.len(), 0);
}

#[tokio::test]
async fn rows_that_err_name_every_bad_cell() {
    let row = line(9);
    let lines = [
        row.replace("guidance", "없는종류").replace("위생과", "없는과").replace("홍길동", ""),
        row.replace("위생교육 안내", &"제".repeat(201)),
        row.replace("위생교육 안내", "축하합니다🎉"),
        row.replace(",,,06628", ",1234,hong@@example,6628"),
        row.replace(",,,06628", ",1588-1234,,ABCDE"),
        row.replace("06628,서울특별시 서초구 동광로 475,,개인", ",,,개인"),
        row.replace("06628", ""),
        row.replace("475,,개인", "475,901301,단체"),
        row.replace("안내드립니다.", "=HYPERLINK(\"\"x\"\")"),
        row.replace("안내드립니다.", "#REF!"),
        row.replace("안내드립니다.", "안내\0드립니다."),
        row.clone() + ",남는 칸",
        row.replace("2026-민원-00009", ""),
        row.clone(),
        row.clone(),
        row.replace("2026-민원-00009", "+82 10-1234-5678").replace("개인", "-"),
    ];
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    insta::assert_snapshot!(told_of_notices(csv(&lines).as_bytes()).await);
}

#[tokio::test]
async fn rows_in_another_encoding_are_named_and_keep_no_other_out() {
    let odd = line(2);
    let mut mixed = cp949(&csv(&[&line(1)]));
    mixed.extend(odd.as_bytes());
    mixed.extend(b"\r\n");
    mixed.extend(cp949(&line(3)));
    let mixed_utf8 = [csv(&[&line(1)]).as_bytes(), &cp949(&odd), b"\r\n", line(3).as_bytes()].concat();
    for content in [mixed, mixed_utf8] {
        let world = World::new();
        let id = world.uploaded(BatchType::Notices, 1, &content).id;
        let batch = world.import(id).await;
        assert_eq!((batch.counts.stored, batch.counts.errors), (2, 1));
        let report = world.report(id).expect("a report");
        assert!(
            report.windows(odd.len() / 4).any(|part| odd.as_bytes().starts_with(part) || cp949(&odd).starts_with(part)),
            "its bytes as they were"
        );
        assert!(report.windows(3).any(|part| part == b",3,"), "its row");
    }
}

#[tokio::test]
async fn workbooks_with_all_that_spreadsheets_hold() {
    let headings: Vec<&str> = HEADINGS.split(',').chain(["발송일시"]).collect();
    let sound = [
        "2026-1",
        "guidance",
        "안내",
        "내용",
        "위생과",
        "홍길동",
        "< t=\"n\"><v>1012345678</v></c>",
        "",
        "< t=\"n\"><v>6628</v></c>",
        "서울특별시 서초구 동광로 475",
        "< t=\"n\"><v>50408</v></c>",
        "개인",
        "< s=\"1\" t=\"n\"><v>46357.375</v></c>",
    ];
    let with = |at: usize, text: &'static str| {
        let mut cells = sound;
        cells[at] = text;
        cells[0] = ["2026-a", "2026-b", "2026-c", "2026-d", "2026-e", "2026-f", "2026-g"][at % 7];
        cells
    };
    let rows = [
        row(1, &headings),
        row(2, &sound),
        // A gap: rows keep their numbers.
        row(5, &with(3, "< ><f>A1</f><v>3</v></c>")),
        row(6, &with(2, "< t=\"s\"><v>0</v></c>")),
        row(7, &with(4, "< t=\"e\"><v>#N/A</v></c>")),
        // The second of two merged cells is empty.
        row(8, &with(5, "")),
        row(9, &with(10, "< s=\"1\" t=\"n\"><v>16535</v></c>")),
    ];
    let shown = Sheet {
        after: r#"<mergeCells count="1"><mergeCell ref="F7:F8"/></mergeCells>"#,
        ..Sheet::of("통지", rows.concat())
    };
    let hidden = Sheet { state: "hidden", ..Sheet::of("메모", row(1, &["비밀"])) };
    let book = workbook(&[hidden, shown, Sheet::of("참고", String::new())], &["공유된 글"]);
    let world = World::new();
    let id = world.uploaded(BatchType::Notices, 1, &book).id;
    world.import(id).await;
    insta::assert_snapshot!(told_of_notices(&book).await);
    let notices: Vec<_> = world.stored().notices.values().cloned().collect();
    let first = notices.iter().find(|notice| notice.details.reference.as_str() == "2026-1").expect("the first row");
    let recipient = &first.details.recipient;
    assert_eq!(recipient.phone.as_ref().map(PhoneNumber::expose), Some("+821012345678"));
    assert_eq!(recipient.address.as_ref().map(|address| address.expose().0), Some("06628"));
    assert_eq!(recipient.birth_date.as_ref().map(BirthDate::expose), Some("050408"));
    assert_eq!(first.not_before.map(|at| at.to_string()).as_deref(), Some("2026-12-01T00:00:00Z"));
    assert!(notices.iter().any(|notice| notice.details.title == "공유된 글"));
    assert!(
        notices
            .iter()
            .any(|notice| notice.details.recipient.birth_date.as_ref().map(BirthDate::expose) == Some("450408"))
    );
}

#[tokio::test]
async fn a_report_can_be_mended_and_uploaded_again() {
    let bad = [
        line(1).replace("홍길동,,", "홍길동,+82 10-1234-567a,").replace("안내드립니다.", "\"-답\n=답\""),
        line(2).replace("홍길동", ""),
    ];
    let world = World::new();
    let first = world.uploaded(BatchType::Notices, 1, csv(&[&bad[0], &bad[1], &line(3)]).as_bytes());
    world.import(first.id).await;
    let report = String::from_utf8(world.report(first.id).expect("a report")).expect("UTF-8");
    assert!(report.contains(",'+82 10") && report.contains("\"'-답\n=답\""), "{report}");
    let mended = report.replace("1234-567a", "1234-5678").replace("위생과,,", "위생과,김철수,");
    let second = world.uploaded(BatchType::Notices, 2, mended.as_bytes());
    let second = world.import(second.id).await;
    assert_eq!((second.counts.stored, second.counts.errors), (2, 0), "{mended}");
    assert_eq!(world.report(second.id), None);
    let bodies: Vec<String> = world.stored().notices.values().map(|notice| notice.details.body.clone()).collect();
    assert!(bodies.contains(&"-답\n=답".to_owned()), "{bodies:?}");
}

#[tokio::test]
async fn a_dry_run_counts_the_parts_of_what_would_be_told_by_text() {
    let consent = ConsentId::parse("01KAVQ8Z3M0000000000000C01").expect("an id");
    let preference = Preference { route: Route::Sms { consent }, scope: Scope::Everything, opted_out: false };
    let mut world = World::new();
    world.preference = Some(preference);
    let reached = line(1).replace("홍길동,", "홍길동,010-1234-5678");
    let long = reached.replace("00001", "00002").replace("안내드립니다.", &"안내드립니다. ".repeat(40));
    let announced = reached.replace("00001", "00003").replace("guidance", "petition_result");
    let file = csv(&[&reached, &long, &announced]);
    let id = world.uploaded(BatchType::Notices, 1, file.as_bytes()).id;
    world.change(id, |batch| batch.dry_run = true);
    let batch = world.import(id).await;
    assert_eq!(batch.forecast, Forecast { by_text: 3, text_parts: 11, ..Forecast::default() });
    assert_eq!(world.stored().len(), 0);
}

#[tokio::test]
async fn what_came_before_is_named_with_its_notice_and_twins_with_their_row() {
    let world = World::new();
    let first = world.uploaded(BatchType::Notices, 1, csv(&[&line(1)]).as_bytes());
    world.import(first.id).await;
    // Far enough from each other that they are not worked on together.
    let many: Vec<String> = (2..=700).map(line).collect();
    let mut lines: Vec<&str> = many.iter().map(String::as_str).collect();
    let (before, twin) = (line(1), line(3));
    lines.extend([before.as_str(), twin.as_str()]);
    let second = world.uploaded(BatchType::Notices, 2, csv(&lines).as_bytes());
    let second = world.import(second.id).await;
    let counts = second.counts;
    assert_eq!((counts.rows, counts.stored, counts.already_there, counts.errors), (701, 699, 1, 1));
    let report = String::from_utf8(world.report(second.id).expect("a report")).expect("UTF-8");
    let notice = import_batch::row_id(&first, 2).to_string();
    assert!(report.contains(&format!("이미 접수됨: {notice}")), "{report}");
    assert!(report.contains("민원번호: 3행과 중복됩니다."), "{report}");
}

#[tokio::test]
async fn a_register_without_columns_for_it_leaves_what_its_holders_are_as_it_was() {
    fn register(headings: &str, cells: &str) -> String {
        let columns = "허가번호,허가종류,업소명,성명,휴대전화,이메일,우편번호,주소,허가일,만료일,부서";
        let row = "서초-2027-0001,도로점용허가,한빛상사,홍길동,010-1234-5678,,06628,서울특별시 서초구 동광로 475,2024-01-21,2027-01-20,건축과";
        format!("{columns}{headings}\r\n{row}{cells}\r\n")
    }
    let world = World::new();
    let mut number = 0;
    let mut import = async |text: &str| {
        number += 1;
        let batch = world.uploaded(BatchType::Permits, number, text.as_bytes());
        let counts = world.import(batch.id).await.counts;
        assert_eq!((counts.rows, counts.errors), (1, 0), "{text}");
        let holder = world.stored().permits.values().next().expect("the permit").details.holder.clone();
        let born = holder.birth_date.as_ref().map(|date| date.expose().to_owned());
        (born, holder.entity, counts.stored, counts.already_there)
    };
    let said = register(",생년월일,구분", ",800101,법인");
    let known = (Some("800101".to_owned()), Entity::Corporation);
    assert_eq!(import(&said).await, (known.0.clone(), known.1, 1, 0));
    assert_eq!(import(&register("", "")).await, (known.0.clone(), known.1, 0, 1), "as it was, and so it is counted");
    let other = register("", "").replace("홍길동", "성춘향");
    assert_eq!(import(&other).await, (None, Entity::Person, 1, 0), "of somebody else nothing is known");
    assert_eq!(import(&said).await, (known.0, known.1, 1, 0));
    assert_eq!(import(&register(",구분,생년월일", ",개인,")).await, (None, Entity::Person, 1, 0), "blank is an answer");
}
