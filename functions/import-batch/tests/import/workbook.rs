//! Workbooks written part by part, with all the oddities that spreadsheet programs spare their users.

use std::io::{Cursor, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A sheet: its name, whether it can be seen, and the content of its `sheetData` and what follows.
pub(crate) struct Sheet<'a> {
    pub(crate) name: &'a str,
    pub(crate) state: &'a str,
    pub(crate) rows: String,
    pub(crate) after: &'a str,
}

impl<'a> Sheet<'a> {
    pub(crate) fn of(name: &'a str, rows: String) -> Self {
        Self { name, state: "visible", rows, after: "" }
    }
}

/// An archive of these parts.
pub(crate) fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(*name, SimpleFileOptions::default()).expect("a part");
        archive.write_all(content).expect("written");
    }
    archive.finish().expect("an archive").into_inner()
}

/// A workbook of these sheets. Style 1 is a date; shared strings are `strings`.
pub(crate) fn workbook(sheets: &[Sheet<'_>], strings: &[&str]) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let packages = "http://schemas.openxmlformats.org/package/2006/relationships";
    let list: Vec<String> = (1..)
        .zip(sheets)
        .map(|(n, sheet)| {
            format!(r#"<sheet name="{}" sheetId="{n}" state="{}" r:id="rId{n}"/>"#, sheet.name, sheet.state)
        })
        .collect();
    let list = list.concat();
    let links: Vec<String> = (1..=sheets.len())
        .map(|n| {
            format!(r#"<Relationship Id="rId{n}" Type="{relations}/worksheet" Target="worksheets/sheet{n}.xml"/>"#)
        })
        .collect();
    let links = links.concat();
    let texts: Vec<String> = strings.iter().map(|text| format!("<si><t>{text}</t></si>")).collect();
    let texts = texts.concat();
    let styles = format!(
        r#"<styleSheet xmlns="{main}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>"#
    );
    let book = format!(r#"<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>{list}</sheets></workbook>"#);
    let root = format!(
        r#"<Relationships xmlns="{packages}"><Relationship Id="rId1" Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
    );
    let book_links = format!(
        r#"<Relationships xmlns="{packages}">{links}<Relationship Id="rId90" Type="{relations}/styles" Target="styles.xml"/><Relationship Id="rId91" Type="{relations}/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#
    );
    let strings = format!(r#"<sst xmlns="{main}">{texts}</sst>"#);
    let named: Vec<(String, String)> = sheets
        .iter()
        .enumerate()
        .map(|(at, sheet)| {
            let content = format!(
                r#"<worksheet xmlns="{main}"><sheetData>{}</sheetData>{}</worksheet>"#,
                sheet.rows, sheet.after
            );
            (format!("xl/worksheets/sheet{}.xml", at + 1), content)
        })
        .collect();
    let mut parts: Vec<(&str, &[u8])> = vec![
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", book_links.as_bytes()),
        ("xl/styles.xml", styles.as_bytes()),
        ("xl/sharedStrings.xml", strings.as_bytes()),
    ];
    parts.extend(named.iter().map(|(name, content)| (name.as_str(), content.as_bytes())));
    archive(&parts)
}

/// A row of texts, written into the cells themselves.
pub(crate) fn row(number: u32, cells: &[&str]) -> String {
    let cells = cells.iter().enumerate().filter(|(_, text)| !text.is_empty());
    let cells: String = cells
        .map(|(at, text)| {
            let column = char::from(b'A' + u8::try_from(at).expect("a column"));
            match text.strip_prefix('<') {
                // Whatever a test wants there.
                Some(raw) => format!(r#"<c r="{column}{number}"{raw}"#),
                None => format!(r#"<c r="{column}{number}" t="inlineStr"><is><t>{text}</t></is></c>"#),
            }
        })
        .collect();
    format!(r#"<row r="{number}">{cells}</row>"#)
}
