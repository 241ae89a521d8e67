//! The characters of a file: told from its bytes, read cell by cell, written back the same way.

use std::borrow::Cow;

use encoding_rs::{EUC_KR, UTF_8};
use store::FileEncoding;

/// The mark that UTF-8 files of spreadsheets begin with.
pub const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Signs that make a spreadsheet take a cell for a formula.
const FORMULA_SIGNS: &[u8] = b"=+-@\t\r";

/// A cell as text; none if its bytes are of another encoding.
#[must_use]
pub fn decode(encoding: FileEncoding, cell: &[u8]) -> Option<Cow<'_, str>> {
    match encoding {
        FileEncoding::Utf8 | FileEncoding::Utf8Bom => UTF_8.decode_without_bom_handling_and_without_replacement(cell),
        // By chance most UTF-8 can be read as CP949, and gives Hanja nobody wrote.
        FileEncoding::Cp949 if is_korean_utf8(cell) => None,
        FileEncoding::Cp949 => EUC_KR.decode_without_bom_handling_and_without_replacement(cell),
    }
}

/// A text in the file's own encoding.
#[must_use]
pub fn encode(encoding: FileEncoding, text: &str) -> Cow<'_, [u8]> {
    match encoding {
        FileEncoding::Utf8 | FileEncoding::Utf8Bom => Cow::Borrowed(text.as_bytes()),
        FileEncoding::Cp949 => EUC_KR.encode(text).0,
    }
}

/// The bytes are UTF-8 and hold Hangul.
#[must_use]
pub(crate) fn is_korean_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| text.chars().any(|c| ('가'..='힣').contains(&c)))
}

/// A cell that no spreadsheet takes for a formula; [`unguarded`] gives it back.
#[must_use]
pub fn guarded(cell: &[u8]) -> Cow<'_, [u8]> {
    if begins_formula(cell) { Cow::Owned([b"'", cell].concat()) } else { Cow::Borrowed(cell) }
}

/// The cell that was guarded.
#[must_use]
pub fn unguarded(cell: &[u8]) -> &[u8] {
    match cell {
        [b'\'', rest @ ..] if begins_formula(rest) => rest,
        _ => cell,
    }
}

/// It does, or looks as if it had been kept from it.
fn begins_formula(cell: &[u8]) -> bool {
    cell.first().is_some_and(|first| *first == b'\'' || FORMULA_SIGNS.contains(first))
}

/// What a value looks like, without telling it: `010-NNNN-NNNa`.
#[must_use]
pub fn shape(text: &str) -> String {
    const LONGEST: usize = 30;
    let text = text.trim();
    // The first digits of a mobile number are no secret, and show that one was meant.
    let (shown, hidden) = text.split_at(if text.starts_with("010") { 3 } else { 0 });
    let mut shape: String = shown.to_owned();
    shape.extend(hidden.chars().take(LONGEST).map(|c| match c {
        c if c.is_numeric() => 'N',
        c if c.is_ascii_lowercase() => 'a',
        c if c.is_ascii_uppercase() => 'A',
        c if c.is_alphabetic() => '가',
        c if c.is_whitespace() => ' ',
        c if c.is_ascii_punctuation() => c,
        _ => '?',
    }));
    if hidden.chars().count() > LONGEST {
        shape.push('~');
    }
    shape
}

/// Tells the encoding of a file from how it begins, and whether all of it can be UTF-8.
#[must_use]
pub(crate) fn encoding_of(head: &[u8], is_utf8: bool) -> FileEncoding {
    let first_line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if head.starts_with(BYTE_ORDER_MARK) {
        FileEncoding::Utf8Bom
    } else if is_utf8 || is_korean_utf8(first_line) {
        FileEncoding::Utf8
    } else {
        FileEncoding::Cp949
    }
}

/// Looks whether bytes that come in pieces are UTF-8.
#[derive(Debug, Default)]
pub(crate) struct Utf8Check {
    /// The beginning of a character that the last piece cut off.
    cut: Vec<u8>,
    is_other: bool,
}

impl Utf8Check {
    /// Looks at the next piece.
    pub(crate) fn look(&mut self, piece: &[u8]) {
        if self.is_other {
            return;
        }
        let mut rest = piece;
        while !self.cut.is_empty() {
            let Some((first, more)) = rest.split_first() else { return };
            self.cut.push(*first);
            rest = more;
            match std::str::from_utf8(&self.cut) {
                Ok(_) => self.cut.clear(),
                Err(error) if error.error_len().is_some() => {
                    self.is_other = true;
                    return;
                }
                Err(_) => {}
            }
        }
        if let Err(error) = std::str::from_utf8(rest) {
            match error.error_len() {
                Some(_) => self.is_other = true,
                None => self.cut.extend(&rest[error.valid_up_to()..]),
            }
        }
    }

    /// All of it was.
    #[must_use]
    pub(crate) fn is_utf8(&self) -> bool {
        !self.is_other && self.cut.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_guarded_cell_comes_back_and_begins_no_formula(text in any::<String>()) {
            for text in [text.clone(), format!("={text}"), format!("'+{text}")] {
                let guarded = guarded(text.as_bytes());
                prop_assert!(guarded.first().is_none_or(|first| !FORMULA_SIGNS.contains(first)));
                prop_assert_eq!(unguarded(&guarded), text.as_bytes());
            }
        }

        #[test]
        fn utf8_is_told_whatever_the_pieces(bytes in any::<Vec<u8>>(), text in any::<String>(), size in 1..5_usize) {
            for bytes in [bytes.as_slice(), text.as_bytes(), &[text.as_bytes(), &bytes].concat()] {
                let mut check = Utf8Check::default();
                bytes.chunks(size).for_each(|piece| check.look(piece));
                prop_assert_eq!(check.is_utf8(), std::str::from_utf8(bytes).is_ok());
            }
        }

        #[test]
        fn a_shape_tells_no_digit_but_a_mobile_prefix(text in "[0-9a-z가-힣@. -]{0,50}") {
            let shape = shape(&text);
            let told = shape.strip_prefix("010").unwrap_or(&shape);
            prop_assert!(!told.contains(|c: char| c.is_ascii_digit() || c.is_ascii_lowercase() && c != 'a'));
        }
    }

    #[test]
    fn cells_are_read_in_the_encoding_they_are_in() {
        let (cp949, _, _) = EUC_KR.encode("뷁 홍길동 김민");
        assert_eq!(decode(FileEncoding::Cp949, &cp949).as_deref(), Some("뷁 홍길동 김민"));
        assert_eq!(decode(FileEncoding::Utf8, &cp949), None);
        assert_eq!(decode(FileEncoding::Cp949, "김민".as_bytes()), None, "UTF-8 that CP949 would read as Hanja");
        assert_eq!(decode(FileEncoding::Cp949, b"\xc8\xab").as_deref(), Some("홍"), "though it is UTF-8 by chance");
        assert_eq!(encode(FileEncoding::Cp949, "오류").as_ref(), b"\xbf\xc0\xb7\xf9");
    }

    #[test]
    fn an_encoding_is_told_from_mark_whole_and_headings() {
        let (cp949, _, _) = EUC_KR.encode("민원번호,종류\r\n");
        assert_eq!(encoding_of(b"\xef\xbb\xbfa", true), FileEncoding::Utf8Bom);
        assert_eq!(encoding_of(b"a,b", true), FileEncoding::Utf8);
        assert_eq!(encoding_of(&cp949, false), FileEncoding::Cp949);
        assert_eq!(
            encoding_of("민원번호,종류\r\n".as_bytes(), false),
            FileEncoding::Utf8,
            "one bad row is one bad row"
        );
        assert_eq!(encoding_of(b"reference,kind\r\n", false), FileEncoding::Cp949);
    }

    #[test]
    fn a_shape_is_what_an_officer_can_find_the_cell_by() {
        assert_eq!(shape("010-1234-567a"), "010-NNNN-NNNa");
        assert_eq!(shape("hong@@example"), "aaaa@@aaaaaaa");
        assert_eq!(shape("미상"), "가가");
    }
}
