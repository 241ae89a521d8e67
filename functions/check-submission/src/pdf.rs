//! What an officer should know of a PDF before opening it.

use std::collections::BTreeSet;

use domain::FileWarning;
use lopdf::{Document, Object};

/// Names by which a PDF says that it runs something.
const SCRIPTS: [&[u8]; 3] = [b"JS", b"JavaScript", b"Launch"];
/// The name of what is done when it is opened: mostly a page that is turned to, which only one who reads it can tell.
const OPENED: &[u8] = b"OpenAction";
/// Names by which it says that it holds other files.
const ATTACHMENTS: [&[u8]; 2] = [b"EmbeddedFiles", b"EmbeddedFile"];

/// Whatever there is to warn of. A file that cannot be taken apart is judged by its bytes: the names stand there as they are,
/// but for packed ones.
pub(crate) fn warnings(content: &[u8]) -> Vec<FileWarning> {
    let mut found = BTreeSet::new();
    if let Ok(document) = Document::load_mem(content) {
        if document.is_encrypted() || document.trailer.has(b"Encrypt") {
            found.insert(FileWarning::Encrypted);
        }
        for object in document.objects.values() {
            look_at(object, &mut found, 0);
        }
    } else {
        let holds =
            |name: &&[u8]| content.windows(name.len() + 1).any(|window| window[0] == b'/' && window[1..] == **name);
        if SCRIPTS.iter().chain([&OPENED]).any(holds) {
            found.insert(FileWarning::Scripts);
        }
        if ATTACHMENTS.iter().any(holds) {
            found.insert(FileWarning::Attachments);
        }
        if holds(&b"Encrypt".as_slice()) {
            found.insert(FileWarning::Encrypted);
        }
    }
    found.into_iter().collect()
}

/// Objects nest; one that nests deeper than any honest one is not followed further.
const DEEPEST: u8 = 32;

#[expect(clippy::wildcard_enum_match_arm, reason = "all other objects hold no names")]
fn look_at(object: &Object, found: &mut BTreeSet<FileWarning>, depth: u8) {
    if depth > DEEPEST {
        return;
    }
    let dictionary = match object {
        Object::Dictionary(dictionary) => dictionary,
        Object::Stream(stream) => &stream.dict,
        Object::Array(items) => {
            for item in items {
                look_at(item, found, depth + 1);
            }
            return;
        }
        _ => return,
    };
    for (key, value) in dictionary {
        let named =
            |names: &[&[u8]]| names.iter().any(|name| key == name || value.as_name().is_ok_and(|value| value == *name));
        if named(&SCRIPTS) {
            found.insert(FileWarning::Scripts);
        }
        if named(&ATTACHMENTS) {
            found.insert(FileWarning::Attachments);
        }
        look_at(value, found, depth + 1);
    }
}
