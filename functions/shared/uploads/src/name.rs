//! What a resident calls a file, made harmless.

use domain::text::shown;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::FileType;

/// Longer than anybody names a file by hand.
const LONGEST: usize = 80;

/// A file's name: one line without a path, composed (NFC), of at most 80 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FileName(String);

impl FileName {
    /// Makes a name of whatever a browser or a gateway says; `서류` where nothing is left of it.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
        let composed: String = shown(last).nfc().filter(|c| !matches!(c, '\n' | '"')).collect();
        let name = composed.trim().trim_start_matches('.');
        let (stem, extension) = match name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() && (1..=5).contains(&extension.chars().count()) => {
                (stem, Some(extension))
            }
            Some(_) | None => (name, None),
        };
        let kept = LONGEST - extension.map_or(0, |extension| extension.chars().count() + 1);
        let stem: String = stem.chars().take(kept).collect();
        let stem = if stem.is_empty() { "서류" } else { &stem };
        Self(extension.map_or_else(|| stem.to_owned(), |extension| format!("{stem}.{extension}")))
    }

    /// Reads what [`FileName::encoded`] wrote.
    #[must_use]
    pub fn decode(text: &str) -> Self {
        Self::of(&percent_decode_str(text).decode_utf8_lossy())
    }

    /// As a header carries it: percent-encoded UTF-8.
    #[must_use]
    pub fn encoded(&self) -> String {
        utf8_percent_encode(&self.0, NON_ALPHANUMERIC).to_string()
    }

    /// The name under which a file of this type is kept: it ends as such files do.
    #[must_use]
    pub fn for_type(&self, r#type: FileType) -> Self {
        let lower = self.0.to_lowercase();
        let ends = |extension: &str| lower.ends_with(&format!(".{extension}"));
        if ends(r#type.extension()) || (r#type == FileType::Jpeg && ends("jpeg")) {
            return self.clone();
        }
        Self(format!("{}.{}", self.0, r#type.extension()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_paths_tricks_and_length() {
        let decomposed = "사업자등록증.pdf".nfd().collect::<String>();
        for (given, name) in [
            ("사업자등록증.pdf", "사업자등록증.pdf"),
            (&decomposed, "사업자등록증.pdf"),
            ("C:\\fakepath\\IMG_0001.HEIC", "IMG_0001.HEIC"),
            ("../../etc/passwd", "passwd"),
            ("", "서류"),
            ("/", "서류"),
            (".htaccess", "htaccess"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("a\r\nb: c.png", "ab: c.png"),
        ] {
            assert_eq!(FileName::of(given).as_str(), name);
        }
        let long = FileName::of(&format!("{}.pdf", "가".repeat(300)));
        assert_eq!(long.as_str().chars().count(), LONGEST);
        assert_eq!(long.as_str().rsplit_once('.').map(|(_, ending)| ending), Some("pdf"));
    }

    #[test]
    fn a_name_survives_a_header_and_ends_as_its_type_does() {
        let name = FileName::of("임대차 계약서 (1).jpeg");
        assert!(name.encoded().is_ascii());
        assert_eq!(FileName::decode(&name.encoded()), name);
        assert_eq!(name.for_type(FileType::Jpeg), name);
        assert_eq!(name.for_type(FileType::Pdf).as_str(), "임대차 계약서 (1).jpeg.pdf");
    }
}
