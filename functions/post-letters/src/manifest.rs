//! Writes the list that goes to the postal contractor with the print files: who gets which pages.

use std::fmt;

use domain::text::plain_cell;
use domain::{NoticeId, PersonName, PostalAddress, Reference};
use encoding_rs::EUC_KR;

/// One letter in the list.
#[derive(Debug, Clone)]
pub struct Row {
    /// Running number in the print run, from 1.
    pub number: u32,
    /// The notice it tells of.
    pub notice: NoticeId,
    /// 문서번호: the office's own number.
    pub reference: Reference,
    /// Who gets it.
    pub name: PersonName,
    /// Where, with the postal code.
    pub address: PostalAddress,
    /// The name of the print file that holds it.
    pub file: String,
    /// Its first page in that file, from 1.
    pub first_page: u32,
    /// Its own pages, without a blank one after them.
    pub pages: u32,
    /// Sheets of paper.
    pub sheets: u32,
}

/// Characters that CP949 lacks, and which therefore stand as `〓` in its list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// The row's running number.
    pub number: u32,
    /// How many characters.
    pub characters: usize,
}

/// The list, twice. A comma between cells, CRLF at the end of a line, headings in the first.
///
/// Cells that a spreadsheet would take for a formula start with an apostrophe. The postal code stands as its five
/// digits: Excel drops a leading zero when it opens a list by a double click, and keeps it when the column is imported
/// as text. `="06253"` would keep it too, but is a formula and no postal code to any other program.
#[derive(Clone, PartialEq, Eq)]
pub struct Manifest {
    /// UTF-8 with a byte order mark: whole.
    pub utf8: Vec<u8>,
    /// CP949 (windows-949), for programs that read nothing else.
    pub cp949: Vec<u8>,
    /// The rows in which the list in CP949 says less than the one in UTF-8.
    pub replaced: Vec<Replaced>,
}

const HEADINGS: [&str; 10] =
    ["일련번호", "통지번호", "문서번호", "수취인", "우편번호", "주소", "인쇄파일", "시작쪽", "쪽수", "매수"];

/// Stands where Korean and Japanese printers lack a character. CP949 has it (0xA1EB).
const GETA: char = '〓';

impl Manifest {
    /// Writes the rows in the order given.
    ///
    /// # Errors
    /// When memory cannot be written to.
    pub fn write<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Result<Self, csv::Error> {
        let (mut whole, mut narrow) = (writer(), writer());
        whole.write_record(HEADINGS)?;
        narrow.write_record(HEADINGS)?;
        let mut replaced = Vec::new();
        for row in rows {
            let cells = cells(row);
            whole.write_record(&cells)?;
            let lacking = cells.iter().flat_map(|cell| cell.chars()).filter(|c| !in_cp949(*c)).count();
            if lacking > 0 {
                replaced.push(Replaced { number: row.number, characters: lacking });
            }
            narrow.write_record(cells.map(|cell| cell.chars().map(or_geta).collect::<String>()))?;
        }
        let mut utf8 = "\u{feff}".as_bytes().to_vec();
        utf8.extend(written(whole)?);
        let narrow = written(narrow)?;
        let (cp949, _, _) = EUC_KR.encode(std::str::from_utf8(&narrow).unwrap_or_default());
        Ok(Self { utf8, cp949: cp949.into_owned(), replaced })
    }
}

impl fmt::Debug for Manifest {
    /// Never whom the list names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manifest").field("replaced", &self.replaced).finish_non_exhaustive()
    }
}

fn cells(row: &Row) -> [String; 10] {
    let (postal_code, line) = row.address.expose();
    [
        row.number.to_string(),
        row.notice.to_string(),
        plain_cell(row.reference.as_str()),
        plain_cell(row.name.expose()),
        postal_code.to_owned(),
        plain_cell(line),
        plain_cell(&row.file),
        row.first_page.to_string(),
        row.pages.to_string(),
        row.sheets.to_string(),
    ]
}

fn in_cp949(character: char) -> bool {
    character.is_ascii() || !EUC_KR.encode(character.encode_utf8(&mut [0; 4])).2
}

fn or_geta(character: char) -> char {
    if in_cp949(character) { character } else { GETA }
}

fn writer() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new())
}

fn written(writer: csv::Writer<Vec<u8>>) -> Result<Vec<u8>, csv::Error> {
    writer.into_inner().map_err(|error| error.into_error().into())
}

#[cfg(test)]
mod tests {
    use unicode_normalization::UnicodeNormalization;

    use super::*;

    fn row(number: u32, reference: &str, name: &str, postal_code: &str, line: &str) -> Row {
        Row {
            number,
            notice: NoticeId::parse("01JDC8Q5T0000000000000000A").expect("a notice id"),
            reference: Reference::parse(reference).expect("a reference"),
            name: PersonName::parse(name).expect("a name"),
            address: PostalAddress::parse(postal_code, line).expect("an address"),
            file: "letters-2026-11-23-1.pdf".to_owned(),
            first_page: number * 2 - 1,
            pages: 1,
            sheets: 1,
        }
    }

    fn rows() -> Vec<Row> {
        vec![
            row(1, "건축과-1", "홍길동", "06253", "서울특별시 가상구 남부순환로 2584, 101동 1001호"),
            row(2, "+건축과-2", "=1+1", "63001", "@SUM(A1) \"한빛\" 빌라"),
            row(3, "－건축과-3", "㈜뷁쀍퓛", "01234", "서울특별시 가상구 동광로 475"),
            row(4, "-4", "가\u{1f3e0}𠮷", "01234", "서울특별시 가상구 서문길 12–3"),
        ]
    }

    #[test]
    fn the_list_is_whole_in_utf8() {
        let manifest = Manifest::write(&rows()).expect("a list");
        let text = String::from_utf8(manifest.utf8).expect("UTF-8");
        assert_eq!(text.matches("\r\n").count(), text.matches('\n').count());
        insta::assert_snapshot!(text.replace('\u{feff}', "<BOM>").replace("\r\n", "<CRLF>\n"));
    }

    #[test]
    fn the_list_in_cp949_differs_only_where_it_says_so() {
        let manifest = Manifest::write(&rows()).expect("a list");
        let replaced = [Replaced { number: 4, characters: 3 }];
        assert_eq!(manifest.replaced, replaced);
        let shown = "Manifest { replaced: [Replaced { number: 4, characters: 3 }], .. }";
        assert_eq!(format!("{manifest:?}"), shown, "no name, no address");
        let (text, _, damaged) = EUC_KR.decode(&manifest.cp949);
        assert!(!damaged);
        let whole = String::from_utf8(manifest.utf8).expect("UTF-8");
        let expected = whole.trim_start_matches('\u{feff}').replace(['\u{1f3e0}', '𠮷', '–'], "〓");
        assert_eq!(text, expected);
        assert!(manifest.cp949.starts_with(b"\xC0\xCF\xB7\xC3\xB9\xF8\xC8\xA3,"), "일련번호 in CP949");
        assert_eq!(manifest.cp949.windows(2).filter(|bytes| bytes == b"\xA1\xEB").count(), 3);
    }

    #[test]
    fn letters_written_apart_are_composed() {
        let apart: String = "서울특별시 가상구".nfd().collect();
        let manifest = Manifest::write(&[row(1, "1", "홍길동", "06253", &apart)]).expect("a list");
        assert_eq!(manifest.replaced, []);
        assert!(EUC_KR.decode(&manifest.cp949).0.contains("서울특별시 가상구"));
    }

    #[test]
    fn an_empty_run_has_headings() {
        let manifest = Manifest::write(&[]).expect("a list");
        assert_eq!(String::from_utf8_lossy(&manifest.utf8).lines().count(), 1);
    }
}
