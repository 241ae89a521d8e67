//! What a file is by its content, whatever it is called and said to be.

use domain::{Checksum, FileFault};
use store::Finding;
use uploads::FileType;

use crate::pdf;

/// Looks into a file of at most `longest` bytes.
#[must_use]
pub fn look_into(content: &[u8], longest: u64) -> Finding {
    let unfit = |reason| Finding::Unfit { reason };
    if content.is_empty() {
        return unfit(FileFault::Empty);
    }
    if u64::try_from(content.len()).unwrap_or(u64::MAX) > longest {
        return unfit(FileFault::TooLarge);
    }
    let Some(r#type) = infer::get(content).and_then(|found| FileType::of_mime(found.mime_type())) else {
        return unfit(FileFault::WrongType);
    };
    let warnings = match r#type {
        FileType::Pdf => pdf::warnings(content),
        FileType::Jpeg | FileType::Png | FileType::Heic | FileType::Heif => Vec::new(),
    };
    Finding::Sound { content_type: r#type.mime().to_owned(), sha256: Checksum::of(content), warnings }
}
