//! The first look at a file: whether it came whole, what it is, and where its rows begin. Nothing is stored before.

use domain::Checksum;
use letters::ReadFile;
use sha2::{Digest, Sha256};
use store::{FileEncoding, Layout, Position};

use crate::Refused;
use crate::headings::{Columns, Heading, headings_of, known_in};
use crate::limits::{BLOCK_BYTES, WORKBOOK_BYTES};
use crate::source::len;
use crate::split::{Row, Splitter, Step};
use crate::text::{BYTE_ORDER_MARK, Utf8Check, encoding_of};
use crate::workbook::{COMPOUND_MARK, ZIP_MARK, first_visible_sheet};

/// What cells may be parted by.
const DELIMITERS: &[u8] = b",;\t";

/// Bytes by which a text is told from anything else.
const FIRST_LOOK: usize = 1024;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// How the file is read.
    pub layout: Layout,
    /// Its headings.
    pub headings: Vec<String>,
    /// Where its rows begin.
    pub start: Position,
    /// The sheet of a workbook, as CSV.
    pub sheet: Option<Vec<u8>>,
}

/// Looks through a file that was announced with this length and content.
///
/// # Errors
/// When the file cannot be fetched; within, when it is not one of these headings' type.
pub(crate) async fn survey<F: ReadFile>(
    files: &F,
    key: &str,
    bytes: u64,
    sha256: &Checksum,
    known: &'static [Heading],
) -> Result<Result<Survey, Refused>, letters::Error> {
    let (mut hash, mut utf8) = (Sha256::new(), Utf8Check::default());
    let (mut head, mut from) = (Vec::new(), 0);
    while from < bytes {
        let block = files.read(key, from..bytes.min(from + BLOCK_BYTES)).await?;
        if block.is_empty() {
            break;
        }
        hash.update(&block);
        utf8.look(&block);
        from += len(&block);
        let is_workbook = head.starts_with(ZIP_MARK);
        if head.is_empty() || is_workbook && len(&head) < WORKBOOK_BYTES {
            head.extend(block);
        }
    }
    if hex::encode(hash.finalize()) != sha256.as_str() {
        return Ok(Err(Refused::Checksum));
    }
    if head.starts_with(ZIP_MARK) {
        if bytes > WORKBOOK_BYTES {
            return Ok(Err(Refused::TooLarge { most: WORKBOOK_BYTES / 1024 / 1024 }));
        }
        return Ok(survey_workbook(&head, known));
    }
    Ok(survey_text(&head, utf8.is_utf8(), len(&head) == bytes, known))
}

/// Looks at a workbook.
///
/// # Errors
/// When it is none of these headings' type.
pub fn survey_workbook(workbook: &[u8], known: &'static [Heading]) -> Result<Survey, Refused> {
    let sheet = first_visible_sheet(workbook)?;
    let (row, start) = first_row(&sheet.csv, b',', Position::default(), true)?.ok_or(Refused::Empty)?;
    let headings = headings_of(FileEncoding::Utf8, &row.cells);
    Columns::read(known, &headings)?;
    let layout = Layout::Xlsx { sheet: sheet.name, ignored: sheet.ignored, bytes: len(&sheet.csv) };
    Ok(Survey { layout, headings, start, sheet: Some(sheet.csv) })
}

/// Looks at how a text begins, or at the whole of it.
///
/// # Errors
/// When it is none of these headings' type.
pub fn survey_text(head: &[u8], is_utf8: bool, is_whole: bool, known: &'static [Heading]) -> Result<Survey, Refused> {
    if head.starts_with(COMPOUND_MARK) {
        return Err(Refused::Protected);
    }
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Err(Refused::Utf16);
    }
    let first_line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let first_line = &first_line[..first_line.len().min(FIRST_LOOK)];
    let zeros = first_line.iter().fold(0, |zeros, byte| zeros + usize::from(*byte == 0));
    if zeros > 0 {
        // Every delimiter, Latin letter and digit has one in UTF-16.
        return Err(if zeros * 10 > first_line.len() { Refused::Utf16 } else { Refused::Binary });
    }
    let encoding = encoding_of(head, is_utf8);
    let mark = if encoding == FileEncoding::Utf8Bom { BYTE_ORDER_MARK.len() } else { 0 };
    let begin = Position { offset: len(&head[..mark]), ..Position::default() };
    let mut best: Option<(usize, u8, Row, Position)> = None;
    for delimiter in DELIMITERS {
        let Some((row, start)) = first_row(&head[mark..], *delimiter, begin, is_whole)? else {
            return Err(Refused::Empty);
        };
        let fit = known_in(known, encoding, &row.cells);
        if best.as_ref().is_none_or(|(best, ..)| fit > *best) {
            best = Some((fit, *delimiter, row, start));
        }
    }
    let Some((_, delimiter, row, start)) = best else { return Err(Refused::Empty) };
    let headings = headings_of(encoding, &row.cells);
    Columns::read(known, &headings)?;
    let layout = Layout::Csv { encoding, delimiter: char::from(delimiter) };
    Ok(Survey { layout, headings, start, sheet: None })
}

/// The first row in which anything stands, and where the next one begins.
fn first_row(text: &[u8], delimiter: u8, from: Position, is_whole: bool) -> Result<Option<(Row, Position)>, Refused> {
    let mut splitter = Splitter::new(delimiter, from);
    let mut rest = text;
    loop {
        match splitter.next(&mut rest, is_whole).map_err(Refused::Broken)? {
            Step::Row(row) if row.is_blank() => {}
            Step::Row(row) => return Ok(Some((row, splitter.next_row()))),
            Step::More | Step::End => return Ok(None),
        }
    }
}
