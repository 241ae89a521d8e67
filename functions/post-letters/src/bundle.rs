//! Merges letters into one print file, and keeps every letter on sheets of its own.

use std::collections::HashMap;
use std::fmt;
use std::io::Write;

use domain::NoticeId;
use lopdf::{Dictionary, Object, ObjectId, Writer};
use sha2::{Digest, Sha256};

use crate::letter::{Fault, Letter, Store, Unreadable, blank_like, verify};

/// How many letters go into one print file unless the office sets another number.
///
/// Memory does not ask for parts: it grows by what a letter adds to the file, which was some 35 KB for letters of
/// 60 KB (tags left out, fonts' equal subsets stored once), so 500 letters make 17 MB and 2,000 make 70 MB. Parts
/// are for whoever prints: a file that is lost on its way, or a jam that calls for printing again, costs one part.
pub const LETTERS_PER_PART: usize = 500;

/// How the printer prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sides {
    /// One page a sheet.
    One,
    /// Two pages a sheet. A letter with an odd number of pages is followed by a blank one, so that no letter starts on
    /// the back of another, wherever it stands in the file.
    #[default]
    Two,
}

/// Where a letter stands in its print file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pages {
    /// Its first page, counted from 1.
    pub first: u32,
    /// Its own pages, without the blank one that may follow.
    pub count: u32,
    /// The sheets of paper it takes.
    pub sheets: u32,
}

/// A print file in the making: letters in the order they were added, as one PDF 1.7.
///
/// Fonts, colour profiles and whatever else is the same in several letters are stored once. Tags, outlines and links
/// of the letters are left out: paper has none. What is held in memory is the file itself, one letter, and some 50 bytes
/// for each object. The same letters always give the same bytes.
pub struct Bundle {
    sides: Sides,
    file: Vec<u8>,
    /// Where each object starts: the first is number 1. Zero until it is written.
    offsets: Vec<usize>,
    pages: Vec<u32>,
    /// What is stored, by its SHA-256.
    stored: HashMap<[u8; 32], u32>,
}

const CATALOG: u32 = 1;
const PAGE_TREE: u32 = 2;

impl Bundle {
    /// An empty print file.
    #[must_use]
    pub fn new(sides: Sides) -> Self {
        // Bytes above 127 in the second line tell transfer programs that this is no text (ISO 32000-1, 7.5.2).
        let file = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
        Self { sides, file, offsets: vec![0; 2], pages: Vec::new(), stored: HashMap::new() }
    }

    /// Adds a letter at the end.
    ///
    /// # Errors
    /// When the letter is damaged: cut short, a stream whose checksum is wrong, an object that is missing, no page,
    /// encrypted, or a page with an annotation other than a link. The bundle is then as it was. A change outside
    /// streams that leaves a sound PDF cannot be told from one that was meant.
    pub fn add(&mut self, notice: NoticeId, pdf: &[u8]) -> Result<Pages, Unreadable> {
        let unreadable = |fault| Unreadable { notice, fault };
        let letter = Letter::read(pdf).map_err(unreadable)?;
        let mut draft = Draft { bundle: self, file: Vec::new(), offsets: Vec::new(), stored: HashMap::new() };
        let (numbers, count) = draft.pages(letter).map_err(unreadable)?;
        let Draft { file, offsets, stored, .. } = draft;
        let first = u32::try_from(self.pages.len() + 1).map_err(|_| unreadable(Fault::Full))?;
        self.file.extend(file);
        self.offsets.extend(offsets);
        self.stored.extend(stored);
        self.pages.extend(numbers);
        let sheets = match self.sides {
            Sides::One => count,
            Sides::Two => count.div_ceil(2),
        };
        Ok(Pages { first, count, sheets })
    }

    /// Whether no letter was added yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    /// The file's bytes so far: what it will have, but for its table of contents.
    #[must_use]
    pub fn size(&self) -> usize {
        self.file.len()
    }

    /// The whole print file. Readers refuse a PDF without pages: there is nothing to print in an empty bundle.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        // The identifier is made of the content, so that equal runs give equal files.
        let id = hex::encode_upper(&Sha256::digest(&self.file)[..16]);
        let kids: Vec<String> = self.pages.iter().map(|number| format!("{number} 0 R")).collect();
        self.write(CATALOG, &format!("<</Type/Catalog/Pages {PAGE_TREE} 0 R>>"));
        self.write(PAGE_TREE, &format!("<</Type/Pages/Count {}/Kids[{}]>>", kids.len(), kids.join(" ")));
        let (start, size) = (self.file.len(), self.offsets.len() + 1);
        self.file.extend(format!("xref\n0 {size}\n0000000000 65535 f \n").bytes());
        for offset in &self.offsets {
            self.file.extend(format!("{offset:010} 00000 n \n").bytes());
        }
        let trailer = format!("trailer\n<</Size {size}/Root {CATALOG} 0 R/ID[<{id}><{id}>]>>\n");
        self.file.extend(format!("{trailer}startxref\n{start}\n%%EOF\n").bytes());
        self.file
    }

    fn write(&mut self, number: u32, body: &str) {
        if let Some(offset) = self.offsets.get_mut(number as usize - 1) {
            *offset = self.file.len();
        }
        self.file.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
}

impl fmt::Debug for Bundle {
    /// Never what the letters say.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Bundle");
        shown.field("pages", &self.pages.len()).field("size", &self.size()).finish_non_exhaustive()
    }
}

/// A letter on its way into the bundle: dropped as a whole when it turns out to be damaged.
struct Draft<'a> {
    bundle: &'a Bundle,
    file: Vec<u8>,
    offsets: Vec<usize>,
    stored: HashMap<[u8; 32], u32>,
}

impl Draft<'_> {
    /// Stores the letter's pages and what they draw from. Gives the pages' numbers, blank ones included, and how many
    /// are the letter's own.
    fn pages(&mut self, letter: Letter) -> Result<(Vec<u32>, u32), Fault> {
        let mut pages = letter.move_to(self)?;
        let count = u32::try_from(pages.len()).map_err(|_| Fault::Full)?;
        if let (Sides::Two, true, Some(last)) = (self.bundle.sides, count % 2 == 1, pages.last()) {
            pages.push(blank_like(last));
        }
        let numbers = pages.into_iter().map(|page| self.page(page)).collect::<Result<_, _>>()?;
        Ok((numbers, count))
    }

    fn page(&mut self, mut page: Dictionary) -> Result<u32, Fault> {
        page.set("Parent", Object::Reference((PAGE_TREE, 0)));
        self.append(&written(&Object::Dictionary(page))?)
    }

    fn append(&mut self, body: &[u8]) -> Result<u32, Fault> {
        let before = self.bundle.offsets.len() + self.offsets.len();
        let number = u32::try_from(before + 1).map_err(|_| Fault::Full)?;
        self.offsets.push(self.bundle.file.len() + self.file.len());
        writeln!(self.file, "{number} 0 obj")?;
        self.file.extend(body);
        self.file.extend(b"\nendobj\n");
        Ok(number)
    }
}

impl Store for Draft<'_> {
    fn put(&mut self, object: &Object) -> Result<ObjectId, Fault> {
        let body = written(object)?;
        let digest: [u8; 32] = Sha256::digest(&body).into();
        if let Some(number) = self.bundle.stored.get(&digest).or_else(|| self.stored.get(&digest)) {
            return Ok((*number, 0));
        }
        if let Ok(stream) = object.as_stream() {
            verify(stream)?;
        }
        let number = self.append(&body)?;
        self.stored.insert(digest, number);
        Ok((number, 0))
    }
}

fn written(object: &Object) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    Writer::write_object(&mut body, object)?;
    Ok(body)
}
