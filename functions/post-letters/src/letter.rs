//! Reads one letter's PDF: its pages with all they draw from, or why it cannot be printed.

use std::collections::BTreeMap;
use std::io;

use domain::NoticeId;
use flate2::read::ZlibDecoder;
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId, Stream};

/// A letter that cannot be printed. The bundle is as it was before it.
#[derive(Debug, thiserror::Error)]
#[error("the letter of notice {notice} cannot be read")]
pub struct Unreadable {
    /// Whose letter.
    pub notice: NoticeId,
    #[source]
    pub(crate) fault: Fault,
}

/// What is wrong with a PDF.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("no PDF")]
    Format(#[from] lopdf::Error),
    #[error("encrypted")]
    Encrypted,
    #[error("pages are {found} where {promised} are promised")]
    PageCount { promised: i64, found: usize },
    #[error("a page has no size")]
    PageSize,
    #[error("a page has an annotation that is no link")]
    Annotation,
    #[error("object {0} is missing or draws from itself")]
    Missing(u32),
    #[error("objects are nested too deep")]
    Depth,
    #[error("a stream does not inflate")]
    Stream(#[source] io::Error),
    #[error("the bundle is full")]
    Full,
    #[error("not written")]
    Write(#[from] io::Error),
}

/// References followed from a page to the last thing it draws from. Letters need six (page, resources, font, descendant,
/// descriptor, font file); more than this is a damaged file.
const DEEPEST: usize = 32;

/// What a page takes from the nodes above it (ISO 32000-1, 7.7.3.4).
const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];
/// What decides how a page prints. The rest serves readers on a screen: tags, links, thumbnails.
const PRINTED: [&[u8]; 10] = [
    b"Resources",
    b"MediaBox",
    b"CropBox",
    b"BleedBox",
    b"TrimBox",
    b"ArtBox",
    b"Rotate",
    b"UserUnit",
    b"Group",
    b"Contents",
];
/// What decides a page's size on paper.
const SIZE: [&[u8]; 4] = [b"MediaBox", b"CropBox", b"Rotate", b"UserUnit"];
/// Objects that tie a page to its old document.
const LEFT_BEHIND: [&[u8]; 5] = [b"Catalog", b"Pages", b"Page", b"StructTreeRoot", b"StructElem"];

/// Where a letter's objects go. Numbers them in the file that is being made.
pub(crate) trait Store {
    /// Stores an object whose references are already the new file's, or finds its equal.
    fn put(&mut self, object: &Object) -> Result<ObjectId, Fault>;
}

/// One letter, taken apart page by page.
pub(crate) struct Letter {
    rest: BTreeMap<ObjectId, Object>,
    moved: BTreeMap<ObjectId, Object>,
    pages: Vec<Dictionary>,
}

impl Letter {
    /// Reads a whole PDF. A file that other readers would repair is refused: ours are made whole.
    pub(crate) fn read(pdf: &[u8]) -> Result<Self, Fault> {
        let strict = LoadOptions { strict: true, ..LoadOptions::default() };
        let document = Document::load_mem_with_options(pdf, strict)?;
        if document.is_encrypted() || document.was_encrypted() {
            return Err(Fault::Encrypted);
        }
        // Verified here, since only what they hold is moved.
        let containers = document.objects.values().filter_map(|object| object.as_stream().ok());
        containers.filter(|stream| stream.dict.has_type(b"ObjStm")).try_for_each(verify)?;
        let root = document.catalog()?.get(b"Pages")?.as_reference()?;
        let promised = document.get_dictionary(root)?.get(b"Count")?.as_i64()?;
        let mut letter = Self { rest: document.objects, moved: BTreeMap::new(), pages: Vec::new() };
        letter.collect(root, &Dictionary::new(), 0)?;
        let found = letter.pages.len();
        if found == 0 || usize::try_from(promised) != Ok(found) {
            return Err(Fault::PageCount { promised, found });
        }
        Ok(letter)
    }

    /// The pages beneath a node, in order, each with what it inherits.
    fn collect(&mut self, id: ObjectId, above: &Dictionary, depth: usize) -> Result<(), Fault> {
        if depth > DEEPEST {
            return Err(Fault::Depth);
        }
        let Some(Object::Dictionary(mut node)) = self.rest.remove(&id) else { return Err(Fault::Missing(id.0)) };
        self.moved.insert(id, Object::Null);
        for key in INHERITED {
            if let (false, Ok(value)) = (node.has(key), above.get(key)) {
                node.set(key, value.clone());
            }
        }
        if !node.has_type(b"Pages") {
            self.pages.push(node);
            return Ok(());
        }
        let kids = node.get(b"Kids")?.as_array()?.clone();
        kids.iter().try_for_each(|kid| self.collect(kid.as_reference()?, &node, depth + 1))
    }

    /// Moves all that the pages draw from, and gives the pages as the new file's dictionaries, still without parent.
    pub(crate) fn move_to(mut self, store: &mut impl Store) -> Result<Vec<Dictionary>, Fault> {
        let pages = std::mem::take(&mut self.pages);
        pages.into_iter().map(|page| self.page(page, store)).collect()
    }

    fn page(&mut self, mut page: Dictionary, store: &mut impl Store) -> Result<Dictionary, Fault> {
        self.only_links(&page)?;
        let mut moved = Dictionary::new();
        moved.set("Type", Object::Name(b"Page".to_vec()));
        for key in PRINTED {
            let Some(value) = page.remove(key) else { continue };
            let value = if SIZE.contains(&key) { self.resolved(&value)? } else { value };
            set(&mut moved, key, self.relocated(value, store, 0)?);
        }
        let number = |value: &Object| value.as_float().is_ok();
        let sized = moved.get(b"MediaBox").and_then(Object::as_array);
        if sized.is_ok_and(|sides| sides.len() == 4 && sides.iter().all(number)) {
            Ok(moved)
        } else {
            Err(Fault::PageSize)
        }
    }

    /// Links draw nothing on paper and are left out. Anything else that lies over a page would be missed there.
    fn only_links(&self, page: &Dictionary) -> Result<(), Fault> {
        let Ok(annotations) = page.get(b"Annots") else { return Ok(()) };
        for annotation in self.resolved(annotations)?.as_array()? {
            let annotation = self.resolved(annotation)?;
            if annotation.as_dict()?.get(b"Subtype")?.as_name()? != b"Link" {
                return Err(Fault::Annotation);
            }
        }
        Ok(())
    }

    fn resolved(&self, value: &Object) -> Result<Object, Fault> {
        let Object::Reference(id) = value else { return Ok(value.clone()) };
        self.rest.get(id).cloned().ok_or(Fault::Missing(id.0))
    }

    /// The value with its references turned into the new file's, and what they refer to stored there first.
    fn relocated(&mut self, value: Object, store: &mut impl Store, depth: usize) -> Result<Object, Fault> {
        if depth > DEEPEST {
            return Err(Fault::Depth);
        }
        match value {
            Object::Reference(id) => self.moved(id, store, depth + 1),
            Object::Array(items) => {
                let items = items.into_iter().map(|item| self.relocated(item, store, depth + 1));
                Ok(Object::Array(items.collect::<Result<_, _>>()?))
            }
            Object::Dictionary(entries) => Ok(Object::Dictionary(self.entries(entries, store, depth)?)),
            Object::Stream(Stream { mut dict, content, .. }) => {
                // The length may stand in an object of its own: it is known here.
                dict.remove(b"Length");
                let dict = self.entries(dict, store, depth)?;
                Ok(Object::Stream(Stream::new(dict, content)))
            }
            plain @ (Object::Null
            | Object::Boolean(_)
            | Object::Integer(_)
            | Object::Real(_)
            | Object::Name(_)
            | Object::String(..)) => Ok(plain),
        }
    }

    fn entries(&mut self, entries: Dictionary, store: &mut impl Store, depth: usize) -> Result<Dictionary, Fault> {
        let mut moved = Dictionary::new();
        for (key, value) in entries {
            // They point into the tree of tags, which stays behind.
            if key == b"StructParent" || key == b"StructParents" {
                continue;
            }
            set(&mut moved, key, self.relocated(value, store, depth + 1)?);
        }
        Ok(moved)
    }

    fn moved(&mut self, id: ObjectId, store: &mut impl Store, depth: usize) -> Result<Object, Fault> {
        if let Some(known) = self.moved.get(&id) {
            return Ok(known.clone());
        }
        // Taken out while it is being moved: an object that draws from itself does not find itself again.
        let object = self.rest.remove(&id).ok_or(Fault::Missing(id.0))?;
        let left_behind = LEFT_BEHIND.iter().any(|name| object.as_dict().is_ok_and(|entries| entries.has_type(name)));
        let place = if left_behind {
            Object::Null
        } else {
            let object = self.relocated(object, store, depth)?;
            Object::Reference(store.put(&object)?)
        };
        self.moved.insert(id, place.clone());
        Ok(place)
    }
}

/// An entry that is null is the same as none (ISO 32000-1, 7.3.7).
fn set(entries: &mut Dictionary, key: impl Into<Vec<u8>>, value: Object) {
    if !value.is_null() {
        entries.set(key, value);
    }
}

/// A page without marks, of the same size as another one.
pub(crate) fn blank_like(page: &Dictionary) -> Dictionary {
    let mut blank = Dictionary::new();
    blank.set("Type", Object::Name(b"Page".to_vec()));
    for key in SIZE {
        if let Ok(value) = page.get(key) {
            blank.set(key, value.clone());
        }
    }
    blank.set("Resources", Dictionary::new());
    blank
}

/// Inflates a stream to nothing: its checksum tells a damaged font or page from a whole one.
pub(crate) fn verify(stream: &Stream) -> Result<(), Fault> {
    let inflates = stream.filters().is_ok_and(|filters| filters.first() == Some(&b"FlateDecode".as_slice()));
    if inflates {
        io::copy(&mut ZlibDecoder::new(stream.content.as_slice()), &mut io::sink()).map_err(Fault::Stream)?;
    }
    Ok(())
}
