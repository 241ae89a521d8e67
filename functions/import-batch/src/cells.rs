//! Reads a row cell by cell and collects every fault, so that an officer mends them all at once.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use store::FileEncoding;

use crate::Reason;
use crate::headings::{Columns, Heading};
use crate::split::Row;
use crate::text::{decode, shape, unguarded};

/// What is wrong with one cell of a row, or with the whole of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Heading of the cell; empty where it is about the row.
    pub heading: String,
    /// What its value looks like, masked.
    pub shape: String,
    /// Why it was not taken.
    pub reason: Reason,
}

impl Flaw {
    /// About the row as a whole.
    #[must_use]
    pub const fn of_row(reason: Reason) -> Self {
        Self { heading: String::new(), shape: String::new(), reason }
    }
}

/// A spreadsheet's error values, as they stand in files.
const ERROR_VALUES: [&str; 7] = ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"];

/// One row being read.
#[derive(Debug)]
pub struct Cells<'a> {
    known: &'static [Heading],
    columns: &'a Columns,
    encoding: FileEncoding,
    row: &'a Row,
    flaws: Vec<Flaw>,
}

impl<'a> Cells<'a> {
    /// Reads `row` by `read`.
    ///
    /// # Errors
    /// Every flaw found; at least one where `read` gave nothing.
    pub fn read<T>(
        known: &'static [Heading],
        columns: &'a Columns,
        encoding: FileEncoding,
        row: &'a Row,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Result<T, Vec<Flaw>> {
        let mut cells = Self { known, columns, encoding, row, flaws: Vec::new() };
        cells.look_beyond();
        match read(&mut cells) {
            Some(value) if cells.flaws.is_empty() => Ok(value),
            Some(_) | None => Err(cells.flaws),
        }
    }

    /// Cells that stand under no heading.
    fn look_beyond(&mut self) {
        let beyond = self.columns.count..self.row.cells.len();
        let mut stray = self.columns.unnamed.iter().copied().chain(beyond);
        let is_filled =
            |index: usize| self.row.cells.get(index).is_some_and(|cell| !cell.iter().all(u8::is_ascii_whitespace));
        if stray.any(is_filled) {
            self.flaws.push(Flaw::of_row(Reason::Extra));
        }
    }

    /// Adds a flaw of a field.
    pub fn flaw(&mut self, field: &'static str, reason: Reason) {
        let shape =
            self.raw(field).and_then(|cell| decode(self.encoding, cell)).map_or_else(String::new, |text| shape(&text));
        self.flaws.push(Flaw { heading: self.heading(field).to_owned(), shape, reason });
    }

    fn heading(&self, field: &'static str) -> &'static str {
        self.known.iter().find(|heading| heading.field == field).map_or(field, |heading| heading.korean)
    }

    fn raw(&self, field: &str) -> Option<&'a [u8]> {
        let cell = self.row.cells.get(self.columns.of(field)?)?;
        Some(if self.columns.is_report() { unguarded(cell) } else { cell })
    }

    /// Whether the file has a column for it.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.columns.of(field).is_some()
    }

    /// A cell's text, trimmed; none if it is blank or cannot be read.
    pub fn text(&mut self, field: &'static str) -> Option<Cow<'a, str>> {
        let Some(text) = decode(self.encoding, self.raw(field)?) else {
            self.flaw(field, Reason::Undecodable);
            return None;
        };
        let text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        let reason = match &*text {
            "" => return None,
            text if text.starts_with('=') => Reason::Formula,
            text if ERROR_VALUES.contains(&text) => Reason::ErrorValue,
            text if text.contains(is_control) => Reason::Control,
            _ => return Some(text),
        };
        self.flaw(field, reason);
        None
    }

    /// The cell is blank, and nothing is wrong with it.
    fn is_blank(&self, field: &str) -> bool {
        self.raw(field).is_none_or(|cell| decode(self.encoding, cell).is_some_and(|text| text.trim().is_empty()))
    }

    /// A value that may be missing, and that `parse` must accept when it is there.
    pub fn optional<T>(&mut self, field: &'static str, parse: impl FnOnce(&str) -> Result<T, Reason>) -> Option<T> {
        let text = self.text(field)?;
        parse(&text).map_err(|reason| self.flaw(field, reason)).ok()
    }

    /// A value that must be there.
    pub fn required<T>(&mut self, field: &'static str, parse: impl FnOnce(&str) -> Result<T, Reason>) -> Option<T> {
        if self.is_blank(field) {
            self.flaw(field, Reason::Blank);
            return None;
        }
        self.optional(field, parse)
    }

    /// A text of so many characters that must be there.
    pub fn words(&mut self, field: &'static str, length: RangeInclusive<usize>) -> Option<String> {
        self.required(field, |text| within(text, &length))
    }

    /// A text of so many characters that may be missing.
    pub fn optional_words(&mut self, field: &'static str, length: RangeInclusive<usize>) -> Option<String> {
        self.optional(field, |text| within(text, &length))
    }

    /// Two texts that stand together or not at all.
    pub fn pair(
        &mut self,
        first: (&'static str, RangeInclusive<usize>),
        second: (&'static str, RangeInclusive<usize>),
    ) -> Option<(String, String)> {
        match (self.is_blank(first.0), self.is_blank(second.0)) {
            (true, true) => return None,
            (true, false) => self.flaw(first.0, Reason::Half { other: self.heading(second.0) }),
            (false, true) => self.flaw(second.0, Reason::Half { other: self.heading(first.0) }),
            (false, false) => {}
        }
        let (one, two) = (self.optional_words(first.0, first.1), self.optional_words(second.0, second.1));
        Some((one?, two?))
    }

    /// Something was found wrong so far.
    #[must_use]
    pub fn is_flawed(&self, field: &'static str) -> bool {
        let heading = self.heading(field);
        self.flaws.iter().any(|flaw| flaw.heading == heading)
    }
}

fn within(text: &str, length: &RangeInclusive<usize>) -> Result<String, Reason> {
    // Cells of spreadsheets end their lines in more than one way.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if length.contains(&text.chars().count()) {
        Ok(text)
    } else {
        Err(Reason::Length { from: *length.start(), to: *length.end() })
    }
}
