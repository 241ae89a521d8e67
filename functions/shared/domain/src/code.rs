//! The short code on every text, by which anyone can ask whether the office sent it.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use crate::InvalidId;
use crate::ports::Entropy;

/// Crockford's: no I, L, O and U, which people take for other signs.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 6;

/// Six characters of Crockford's alphabet, as `7K4M2Q`: 30 bits. Opens nothing and tells nothing personal, so it need not
/// be a secret; long enough that guesses hardly ever hit one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TextCode(String);

impl TextCode {
    /// Draws a new code.
    #[must_use]
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; LENGTH];
        entropy.fill(&mut bytes);
        Self(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
    }

    /// Reads what somebody typed: any case, with spaces, hyphens or the label before it, O for 0, I or L for 1.
    ///
    /// # Errors
    /// When the text cannot be a code.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let typed: String = text.nfkc().filter(|c| !c.is_whitespace() && !c.is_control() && *c != '-').collect();
        let typed = typed.strip_prefix("확인코드").or_else(|| typed.strip_prefix("확인")).unwrap_or(&typed);
        let typed = typed.to_ascii_uppercase().replace('O', "0").replace(['I', 'L'], "1");
        if typed.len() == LENGTH && typed.bytes().all(|byte| ALPHABET.contains(&byte)) {
            Ok(Self(typed))
        } else {
            Err(InvalidId::new("a code of six letters and digits"))
        }
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TextCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<TextCode> for String {
    fn from(code: TextCode) -> Self {
        code.0
    }
}

impl TryFrom<String> for TextCode {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_type_is_understood() {
        for typed in ["7K4M2Q", "7k4m2q", " 7K4 M2Q ", "7K4-M2Q", "확인코드 7K4M2Q", "확인7k4m2q", "７Ｋ４Ｍ２Ｑ"]
        {
            assert_eq!(TextCode::parse(typed).expect(typed).as_str(), "7K4M2Q", "{typed}");
        }
        assert_eq!(TextCode::parse("oiL012").expect("a code").as_str(), "011012");
    }

    #[test]
    fn anything_else_is_no_code() {
        for typed in ["", "7K4M2", "7K4M2QQ", "7K4M2U", "7K4M2!", "확인코드", "가나다라마바"] {
            assert!(TextCode::parse(typed).is_err(), "{typed}");
        }
    }

    struct Fixed(Vec<u8>);

    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.copy_from_slice(&self.0);
        }
    }

    proptest! {
        #[test]
        fn a_drawn_code_is_read_back(bytes in proptest::collection::vec(any::<u8>(), LENGTH)) {
            let code = TextCode::new(&Fixed(bytes));
            prop_assert_eq!(TextCode::parse(&code.as_str().to_lowercase()), Ok(code));
        }

        #[test]
        fn nothing_typed_panics(text in any::<String>()) {
            let _ = TextCode::parse(&text);
        }
    }
}
