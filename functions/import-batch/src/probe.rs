//! What fuzzing, the tests of its corpus and the bench do with any bytes: read them, and panic where the reading contradicts
//! itself.

use domain::settings::Settings;
use jiff::Timestamp;
use store::{Arrival, Created, Error, FileEncoding, Looked, Position, RecipientKey};

use crate::cells::Cells;
use crate::headings::Columns;
use crate::notices::{HEADINGS, Notices, TakeIn};
use crate::rows::RowType;
use crate::source::len;
use crate::split::{Broken, Row, Splitter, Step};
use crate::survey::{survey_text, survey_workbook};

/// All rows of a text that comes in pieces of this size, or where it breaks.
///
/// # Errors
/// As [`Splitter::next`].
pub fn rows(text: &[u8], delimiter: u8, size: usize, from: Position) -> Result<Vec<(Row, Position)>, Broken> {
    let mut splitter = Splitter::new(delimiter, from);
    let start = usize::try_from(from.offset).unwrap_or(usize::MAX).min(text.len());
    let mut pieces = text[start..].chunks(size).peekable();
    let (mut found, mut rest) = (Vec::new(), pieces.next().unwrap_or_default());
    loop {
        match splitter.next(&mut rest, pieces.peek().is_none())? {
            Step::Row(row) => found.push((row, splitter.next_row())),
            Step::More => rest = pieces.next().unwrap_or_default(),
            Step::End => return Ok(found),
        }
    }
}

/// A text: the same rows in any pieces.
///
/// # Panics
/// When they differ.
pub fn csv(text: &[u8]) {
    let _ = survey_text(text, std::str::from_utf8(text).is_ok(), true, HEADINGS);
    let whole = rows(text, b',', usize::MAX, Position::default());
    assert_eq!(rows(text, b',', 3, Position::default()), whole);
    assert!(whole.iter().flatten().all(|(_, next)| next.offset <= len(text)));
}

/// A workbook.
///
/// # Panics
/// When it gives CSV that is none.
pub fn workbook(bytes: &[u8]) {
    if let Ok(survey) = survey_workbook(bytes, HEADINGS) {
        let sheet = survey.sheet.unwrap_or_default();
        let rows = rows(&sheet, b',', usize::MAX, survey.start);
        assert!(matches!(rows, Ok(_) | Err(Broken::TooLong { .. })), "a sheet is sound CSV");
    }
}

/// The rows of a text with all headings: notices, or told what is wrong with them.
///
/// # Panics
/// When a row is no notice, and nothing is wrong with it.
pub fn row(text: &[u8], settings: &Settings, encoding: FileEncoding) {
    let headings: Vec<String> = HEADINGS.iter().map(|heading| heading.korean.to_owned()).collect();
    let Ok(columns) = Columns::read(HEADINGS, &headings) else { unreachable!("these are the headings") };
    let recipient_key = RecipientKey::new("secret");
    let notices = Notices { table: &Nowhere, settings, recipient_key: &recipient_key, public_url: "" };
    for (row, _) in rows(text, b',', usize::MAX, Position::default()).unwrap_or_default() {
        let read = Cells::read(HEADINGS, &columns, encoding, &row, |cells| notices.read(cells, Timestamp::UNIX_EPOCH));
        assert!(read.is_ok() || read.is_err_and(|flaws| !flaws.is_empty()));
    }
}

/// Takes nothing in.
#[derive(Debug)]
pub struct Nowhere;

impl TakeIn for Nowhere {
    async fn look(&self, _: &[Arrival]) -> Result<Vec<Looked>, Error> {
        Ok(Vec::new())
    }

    async fn take_in_all(&self, _: &[Arrival]) -> Result<Vec<Created>, Error> {
        Ok(Vec::new())
    }
}
