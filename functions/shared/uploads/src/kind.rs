//! The types of file that are taken.

use serde::{Deserialize, Serialize};

/// A type of file that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileType {
    /// A photograph.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// An image.
    #[serde(rename = "image/png")]
    Png,
    /// A photograph, as telephones of one make take them.
    #[serde(rename = "image/heic")]
    Heic,
    /// The same, by its other name.
    #[serde(rename = "image/heif")]
    Heif,
    /// A document.
    #[serde(rename = "application/pdf")]
    Pdf,
}

impl FileType {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Jpeg, Self::Png, Self::Heic, Self::Heif, Self::Pdf];

    /// Its name in HTTP.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Heic => "image/heic",
            Self::Heif => "image/heif",
            Self::Pdf => "application/pdf",
        }
    }

    /// What names of such files end with.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Heic => "heic",
            Self::Heif => "heif",
            Self::Pdf => "pdf",
        }
    }

    /// The type of this name; none for one that is not taken.
    #[must_use]
    pub fn of_mime(mime: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r#type| r#type.mime() == mime)
    }
}
