//! The headings of a file: which column holds what, in Korean or by the API's names, in any order.

use std::collections::BTreeMap;

use csv::ByteRecord;
use store::FileEncoding;

use crate::Refused;
use crate::text::decode;

/// What a column of a type's files holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heading {
    /// Its name in the API.
    pub field: &'static str,
    /// Its name in offices' files.
    pub korean: &'static str,
    /// A file without it is refused.
    pub required: bool,
}

impl Heading {
    /// One that must be there.
    #[must_use]
    pub const fn required(field: &'static str, korean: &'static str) -> Self {
        Self { field, korean, required: true }
    }

    /// One that may be missing.
    #[must_use]
    pub const fn optional(field: &'static str, korean: &'static str) -> Self {
        Self { field, korean, required: false }
    }
}

/// Headings that a report adds to a file's own; a report that is uploaded again has them.
pub const ADDED: [&str; 4] = ["줄", "오류 열", "값 형태", "오류"];

/// Unknown headings that are named; a file of something else has too many of them.
const NAMED: usize = 10;
/// Characters of each.
const NAME_LENGTH: usize = 20;

/// Which column holds what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The column of each field that has one.
    by_field: BTreeMap<&'static str, usize>,
    /// Columns that a report added.
    pub added: Vec<usize>,
    /// Columns without a heading.
    pub unnamed: Vec<usize>,
    /// All columns.
    pub count: usize,
}

impl Columns {
    /// Reads the headings of a file.
    ///
    /// # Errors
    /// When some are missing, unknown or doubled: all of them at once.
    pub fn read(known: &'static [Heading], headings: &[String]) -> Result<Self, Refused> {
        let mut columns =
            Self { by_field: BTreeMap::new(), added: Vec::new(), unnamed: Vec::new(), count: headings.len() };
        let (mut unknown, mut doubled) = (Vec::new(), Vec::new());
        for (index, text) in headings.iter().enumerate() {
            let text = text.trim();
            let heading =
                known.iter().find(|heading| heading.korean == text || heading.field.eq_ignore_ascii_case(text));
            match heading {
                Some(heading) if columns.by_field.insert(heading.field, index).is_none() => {}
                Some(heading) => doubled.push(heading.korean),
                None if text.is_empty() => columns.unnamed.push(index),
                None if ADDED.contains(&text) => columns.added.push(index),
                None => unknown.push(shortened(text)),
            }
        }
        let missing = known.iter().filter(|heading| heading.required && !columns.by_field.contains_key(heading.field));
        let missing: Vec<_> = missing.map(|heading| heading.korean).collect();
        doubled.dedup();
        // With hardly a heading the first row may be somebody's, which what is said of the file must not repeat.
        let is_data = |cell: &String| cell.contains(|c: char| c.is_ascii_digit() || c == '@');
        if columns.by_field.len() < unknown.len() && unknown.iter().any(is_data) {
            unknown.clear();
        }
        unknown.truncate(NAMED);
        if missing.is_empty() && unknown.is_empty() && doubled.is_empty() {
            Ok(columns)
        } else {
            Err(Refused::Headings { missing, unknown, doubled })
        }
    }

    /// The column of a field.
    #[must_use]
    pub fn of(&self, field: &str) -> Option<usize> {
        self.by_field.get(field).copied()
    }

    /// The file is a report of ours: signs that make formulas are guarded in it.
    #[must_use]
    pub fn is_report(&self) -> bool {
        self.added.len() == ADDED.len()
    }
}

/// How many of a type's headings stand in a row.
#[must_use]
pub(crate) fn known_in(known: &[Heading], encoding: FileEncoding, row: &ByteRecord) -> usize {
    let is_known = |cell: &&[u8]| {
        let text = decode(encoding, cell);
        let text = text.as_deref().map_or("", str::trim);
        known.iter().any(|heading| heading.korean == text || heading.field.eq_ignore_ascii_case(text))
    };
    row.iter().filter(is_known).count()
}

/// A row as headings; what cannot be decoded is an unknown heading.
#[must_use]
pub(crate) fn headings_of(encoding: FileEncoding, row: &ByteRecord) -> Vec<String> {
    row.iter()
        .map(|cell| decode(encoding, cell).map_or_else(|| "?".to_owned(), |text| text.trim().to_owned()))
        .collect()
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(NAME_LENGTH).collect();
    if short.chars().count() < text.chars().count() {
        short.push('…');
    }
    short
}
