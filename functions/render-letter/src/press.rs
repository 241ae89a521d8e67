//! Lays letters out and makes PDF of them, from the template and the fonts beside this crate and nothing else.

use std::collections::BTreeSet;

use serde_json::Value;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::glyphs::Covered;
use crate::{Letter, glyphs, qr};

const TEMPLATE: &str = include_str!("../templates/letter.typ");

/// In the order in which the template names their families; see `fonts/README.md`.
const FONTS: [&[u8]; 3] = [
    include_bytes!("../fonts/NotoSerifKR-Regular.otf"),
    include_bytes!("../fonts/NotoSansKR-Regular.otf"),
    include_bytes!("../fonts/NotoSansKR-Bold.otf"),
];

/// Layouts that a compilation may leave behind for the next ones: the template's own, which every letter repeats.
const KEPT_COMPILATIONS: usize = 2;

/// Prints letters.
pub struct Press {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    covered: Covered,
    template: Source,
    letter: FileId,
    code: FileId,
    standards: PdfStandards,
}

/// A letter on paper.
#[derive(Clone, PartialEq, Eq)]
pub struct Printed {
    /// The PDF.
    pub pdf: Vec<u8>,
    /// Its pages.
    pub pages: u32,
}

/// A letter that cannot be printed.
#[derive(Debug, thiserror::Error)]
pub enum Unprintable {
    /// Its link does not fit a QR code.
    #[error("the link fits no QR code")]
    Link(#[source] qrcode::types::QrError),
    /// The template does not take it.
    #[error("the letter cannot be laid out: {0}")]
    Layout(String),
    /// What was laid out does not go into a PDF.
    #[error("the letter does not go into a PDF: {0}")]
    Export(String),
}

impl Press {
    /// Loads fonts and template, once for all letters.
    #[must_use]
    pub fn new() -> Self {
        let fonts: Vec<Font> = FONTS.into_iter().flat_map(|data| Font::iter(Bytes::new(data))).collect();
        Self {
            library: LazyHash::new(Library::default()),
            book: LazyHash::new(FontBook::from_fonts(&fonts)),
            covered: Covered::by(&fonts),
            fonts,
            template: Source::new(file("letter.typ"), TEMPLATE.to_owned()),
            letter: file("letter.json"),
            code: file("link.svg"),
            standards: PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
                .unwrap_or_else(|_| unreachable!("both are of PDF 1.7")),
        }
    }

    /// Prints a letter. The same letter gives the same bytes.
    ///
    /// # Errors
    /// When its link is too long for a QR code; otherwise only if the template is wrong.
    pub fn print(&self, letter: &Letter) -> Result<Printed, Unprintable> {
        let code = qr::svg(&letter.link).map_err(Unprintable::Link)?;
        let words = glyphs::printable(words(letter), &self.covered);
        let sheet =
            Sheet { press: self, letter: Bytes::from_string(words.to_string()), code: Bytes::from_string(code) };
        let printed = sheet.print(letter);
        typst::comemo::evict(KEPT_COMPILATIONS);
        printed
    }

    /// The characters of a letter that no font has: each is printed as `□`. They may be of a name: count, don't log them.
    #[must_use]
    pub fn uncovered(&self, letter: &Letter) -> BTreeSet<char> {
        glyphs::uncovered(&words(letter), &self.covered)
    }
}

impl Default for Press {
    fn default() -> Self {
        Self::new()
    }
}

fn words(letter: &Letter) -> Value {
    serde_json::to_value(letter).unwrap_or_else(|_| unreachable!("a letter is strings and flags"))
}

fn file(name: &str) -> FileId {
    let path = VirtualPath::new(name).unwrap_or_else(|_| unreachable!("a plain file name is a path"));
    FileId::new(RootedPath::new(VirtualRoot::Project, path))
}

/// One letter on the press: all that the template can see.
struct Sheet<'a> {
    press: &'a Press,
    letter: Bytes,
    code: Bytes,
}

impl Sheet<'_> {
    fn print(&self, letter: &Letter) -> Result<Printed, Unprintable> {
        let document: PagedDocument =
            typst::compile(self).output.map_err(|faults| Unprintable::Layout(said(&faults)))?;
        let (year, month, day) = (letter.day.year(), letter.day.month(), letter.day.day());
        let number = |part: i8| u8::try_from(part).unwrap_or_default();
        // The day alone: printed again on that day, the letter is the same file.
        let midnight = Datetime::from_ymd_hms(year.into(), number(month), number(day), 0, 0, 0);
        let options = PdfOptions {
            ident: Smart::Custom(letter.notice.to_string()),
            creator: Smart::Custom(Some("Tongji".to_owned())),
            timestamp: midnight.and_then(|midnight| Timestamp::new_local(midnight, 9 * 60)),
            standards: self.press.standards.clone(),
            ..PdfOptions::default()
        };
        let pdf = typst_pdf::pdf(&document, &options).map_err(|faults| Unprintable::Export(said(&faults)))?;
        Ok(Printed { pdf, pages: u32::try_from(document.pages().len()).unwrap_or(u32::MAX) })
    }
}

fn said(faults: &[SourceDiagnostic]) -> String {
    faults.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>().join("; ")
}

impl World for Sheet<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.press.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.press.book
    }

    fn main(&self) -> FileId {
        self.press.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main() { Ok(self.press.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match id {
            id if id == self.press.letter => Ok(self.letter.clone()),
            id if id == self.press.code => Ok(self.code.clone()),
            _ => Err(FileError::AccessDenied),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.press.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
