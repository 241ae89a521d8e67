//! The report on a batch: every row that was not stored, as it stands in the file, and what to mend in it.

use std::borrow::Cow;

use csv::{ByteRecord, Terminator, WriterBuilder};
use store::{FileEncoding, Layout};

use crate::cells::Flaw;
use crate::headings::{ADDED, Columns};
use crate::split::Row;
use crate::text::{BYTE_ORDER_MARK, encode, guarded, unguarded};

/// How a report is written: as the file is, so that it opens where the file did and can be uploaded again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Style {
    /// Its characters.
    pub(crate) encoding: FileEncoding,
    /// What parts its cells.
    pub(crate) delimiter: u8,
}

impl Style {
    /// The style of a file; a workbook's report is what spreadsheets call CSV UTF-8.
    #[must_use]
    pub(crate) fn of(layout: &Layout) -> Self {
        match layout {
            Layout::Csv { encoding, delimiter } => {
                Self { encoding: *encoding, delimiter: u8::try_from(*delimiter).unwrap_or(b',') }
            }
            Layout::Xlsx { .. } => Self { encoding: FileEncoding::Utf8Bom, delimiter: b',' },
        }
    }

    /// What HTTP calls it.
    #[must_use]
    pub(crate) const fn content_type(self) -> &'static str {
        match self.encoding {
            FileEncoding::Utf8 | FileEncoding::Utf8Bom => "text/csv; charset=utf-8",
            FileEncoding::Cp949 => "text/csv; charset=euc-kr",
        }
    }
}

/// A part of the report.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    style: Style,
    columns: &'a Columns,
    lines: Vec<ByteRecord>,
}

impl<'a> Report<'a> {
    /// An empty part of a report on a file of these columns.
    #[must_use]
    pub(crate) const fn new(style: Style, columns: &'a Columns) -> Self {
        Self { style, columns, lines: Vec::new() }
    }

    /// How the report begins: its headings.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(crate) fn head(style: Style, headings: &[String]) -> Result<Vec<u8>, csv::Error> {
        let own = headings.iter().map(|heading| heading.trim()).filter(|heading| !ADDED.contains(heading));
        let mut line = ByteRecord::new();
        for heading in own.chain(ADDED) {
            line.push_field(&guarded(&encode(style.encoding, heading)));
        }
        let mark = if style.encoding == FileEncoding::Utf8Bom { BYTE_ORDER_MARK } else { b"" };
        Ok([mark, &written(style, &[line])?].concat())
    }

    /// Adds a row and all that is wrong with it.
    pub(crate) fn add(&mut self, row: &Row, flaws: &[Flaw]) {
        let own = (0..self.columns.count).filter(|index| !self.columns.added.contains(index));
        let beyond = self.columns.count..row.cells.len();
        let mut line = ByteRecord::new();
        for index in own {
            line.push_field(&self.cell(row, index));
        }
        let each = |part: fn(&Flaw) -> Cow<'_, str>| {
            let parts: Vec<_> = flaws.iter().map(part).filter(|part| !part.is_empty()).collect();
            parts.join(" / ")
        };
        let heading = each(|flaw| Cow::Borrowed(&flaw.heading));
        let shape = each(|flaw| Cow::Borrowed(&flaw.shape));
        let reason = each(|flaw| Cow::Owned(told(flaw)));
        for text in [row.number.to_string(), heading, shape, reason] {
            line.push_field(&guarded(&encode(self.style.encoding, &text)));
        }
        // Cells that stood under no heading are kept as well.
        for index in beyond {
            line.push_field(&self.cell(row, index));
        }
        self.lines.push(line);
    }

    fn cell<'r>(&self, row: &'r Row, index: usize) -> Cow<'r, [u8]> {
        let cell = row.cells.get(index).unwrap_or_default();
        guarded(if self.columns.is_report() { unguarded(cell) } else { cell })
    }

    /// Its lines; none if there are none.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(crate) fn finish(self) -> Result<Option<Vec<u8>>, csv::Error> {
        if self.lines.is_empty() { Ok(None) } else { written(self.style, &self.lines).map(Some) }
    }
}

fn told(flaw: &Flaw) -> String {
    let reason = flaw.reason.korean();
    if flaw.heading.is_empty() { reason } else { format!("{}: {reason}", flaw.heading) }
}

fn written(style: Style, lines: &[ByteRecord]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = WriterBuilder::new()
        .delimiter(style.delimiter)
        .terminator(Terminator::CRLF)
        .flexible(true)
        .from_writer(Vec::new());
    for line in lines {
        writer.write_byte_record(line)?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}
