//! How long a text is to each carrier, and what none of them passes.
//!
//! Domestic gateways count EUC-KR bytes: 90 for SMS, 2,000 for LMS. AWS counts GSM-7 or UCS-2 units: 160 or 70, and
//! 153 or 67 for each part of several (docs.aws.amazon.com/sns, "Sending SMS messages").

use encoding_rs::EUC_KR;

const SMS_BYTES: usize = 90;
const LMS_BYTES: usize = 2_000;
/// AWS takes at most this many characters outside GSM-7 in one message.
const UCS2_LONGEST: usize = 630;

const GSM7_BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const GSM7_EXTENDED: &str = "^{}\\[]~|€";

/// The alphabet AWS sends a text in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// 7-bit, 160 units.
    Gsm7,
    /// 16-bit, 70 units.
    Ucs2,
}

/// What a text measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextSize {
    /// Bytes in EUC-KR; none when it holds a character EUC-KR lacks.
    pub euc_kr_bytes: Option<usize>,
    /// AWS's alphabet for it.
    pub encoding: Encoding,
    /// Units in that alphabet.
    pub units: usize,
    /// Parts AWS bills.
    pub parts: usize,
}

impl TextSize {
    /// Measures a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let gsm7: Option<usize> = text
            .chars()
            .map(|c| match c {
                c if GSM7_BASIC.contains(c) => Some(1),
                c if GSM7_EXTENDED.contains(c) => Some(2),
                _ => None,
            })
            .sum();
        let (encoding, units, whole, part) = match gsm7 {
            Some(units) => (Encoding::Gsm7, units, 160, 153),
            None => (Encoding::Ucs2, text.encode_utf16().count(), 70, 67),
        };
        let parts = if units <= whole { 1 } else { units.div_ceil(part) };
        Self { euc_kr_bytes: text.chars().map(euc_kr_bytes).sum(), encoding, units, parts }
    }
}

/// Bytes of one character in EUC-KR (KS X 1001). The wider CP949 repertoire does not pass: gateways drop it.
fn euc_kr_bytes(c: char) -> Option<usize> {
    if c.is_ascii() {
        return (!c.is_ascii_control() || c == '\n' || c == '\r').then_some(1);
    }
    let mut utf8 = [0; 4];
    let (bytes, _, unmappable) = EUC_KR.encode(c.encode_utf8(&mut utf8));
    // encoding_rs follows the web's "euc-kr", which is CP949: its additions have a byte below 0xA1.
    let in_ks_x_1001 = !unmappable && bytes.len() == 2 && bytes.iter().all(|byte| *byte >= 0xA1);
    in_ks_x_1001.then_some(2)
}

/// The characters of `text` that no Korean carrier passes, each once.
#[must_use]
pub fn unsupported(text: &str) -> Vec<char> {
    let mut found = Vec::new();
    for c in text.chars().filter(|c| euc_kr_bytes(*c).is_none()) {
        if !found.contains(&c) {
            found.push(c);
        }
    }
    found
}

/// `text` with every character that no Korean carrier passes left out.
#[must_use]
pub fn carrier_safe(text: &str) -> String {
    text.chars().filter(|c| euc_kr_bytes(*c).is_some()).collect()
}

/// The text is a single SMS to AWS and to domestic gateways alike.
#[must_use]
pub fn fits_one_part(text: &str) -> bool {
    let size = TextSize::of(text);
    size.parts == 1 && size.euc_kr_bytes.is_some_and(|bytes| bytes <= SMS_BYTES)
}

/// The text goes as one message, SMS or LMS, in several parts if need be.
#[must_use]
pub fn fits_one_text(text: &str) -> bool {
    let size = TextSize::of(text);
    let within_aws = size.encoding == Encoding::Gsm7 || size.units <= UCS2_LONGEST;
    within_aws && size.euc_kr_bytes.is_some_and(|bytes| bytes <= LMS_BYTES)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hangul_counts_two_bytes_to_gateways_and_one_unit_to_aws() {
        let size = TextSize::of("서초구청 1문자");
        assert_eq!(size.euc_kr_bytes, Some(8 + 1 + 1 + 4));
        assert_eq!((size.encoding, size.units, size.parts), (Encoding::Ucs2, 8, 1));
    }

    #[test]
    fn parts_follow_the_limits_of_each_alphabet() {
        let parts = |text: &str| TextSize::of(text).parts;
        assert_eq!(parts(&"a".repeat(160)), 1);
        assert_eq!(parts(&"a".repeat(161)), 2);
        assert_eq!(parts(&"a".repeat(306)), 2);
        assert_eq!(parts(&"a".repeat(307)), 3);
        assert_eq!(parts(&"가".repeat(70)), 1);
        assert_eq!(parts(&"가".repeat(71)), 2);
        assert_eq!(parts(&"가".repeat(134)), 2);
        assert_eq!(parts(&"가".repeat(135)), 3);
        assert_eq!(TextSize::of("[a]").units, 5, "brackets count twice in GSM-7");
    }

    #[test]
    fn characters_outside_ks_x_1001_do_not_pass() {
        assert_eq!(unsupported("가각힝 ㈜ ㎡ 漢字"), [], "Hangul, signs and Hanja of KS X 1001 pass");
        assert_eq!(unsupported("축하🎉 뷁 쀍🎉"), ['🎉', '뷁', '쀍']);
        assert_eq!(TextSize::of("🎉").euc_kr_bytes, None);
        assert_eq!(TextSize::of("🎉").units, 2);
        assert_eq!(carrier_safe("축하🎉합니다"), "축하합니다");
        assert!(!fits_one_part("축하🎉"));
    }

    #[test]
    fn one_part_means_ninety_bytes_and_seventy_units() {
        assert!(fits_one_part(&"가".repeat(45)));
        assert!(!fits_one_part(&"가".repeat(46)));
        assert!(fits_one_text(&"가".repeat(630)));
        assert!(!fits_one_text(&"가".repeat(631)));
    }

    proptest! {
        #[test]
        fn what_is_carrier_safe_is_supported(text in any::<String>()) {
            prop_assert!(unsupported(&carrier_safe(&text)).is_empty());
        }

        #[test]
        fn more_text_never_takes_fewer_parts(text in any::<String>(), more in any::<String>()) {
            let longer = text.clone() + &more;
            prop_assert!(TextSize::of(&longer).parts >= TextSize::of(&text).parts);
        }
    }
}
