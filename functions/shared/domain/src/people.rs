//! Personal data: parsed once at the edge, masked in `Debug`, shown only through `expose`.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use phonenumber::country::Id::KR;
use phonenumber::metadata::Database;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Text that is not the personal detail it was taken for. Says what was expected, never what came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{expected}")]
pub struct InvalidPerson {
    expected: &'static str,
}

const fn invalid(expected: &'static str) -> InvalidPerson {
    InvalidPerson { expected }
}

macro_rules! masked_debug {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.masked())
            }
        }
    };
}

/// Korea's numbering plan. The library's own database compiles the patterns of every country when it is first asked, which
/// would be a large part of each function's cold start.
static PLAN: LazyLock<Database> = LazyLock::new(|| {
    let plan = include_str!("../data/phone-numbers-of-korea.xml");
    Database::parse(plan).unwrap_or_else(|error| unreachable!("the file is part of this crate: {error}"))
});

/// A Korean telephone number in E.164 (`+821012345678`).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PhoneNumber(String);

impl PhoneNumber {
    /// Reads a number as people and files write it: `010-1234-5678`, `01012345678`, `+82 10-1234-5678`, full-width
    /// digits, and `1012345678`, from which a spreadsheet has eaten the leading zero.
    ///
    /// # Errors
    /// When it is no Korean number.
    pub fn parse(text: &str) -> Result<Self, InvalidPerson> {
        const EXPECTED: &str = "expected a Korean telephone number such as 010-1234-5678";
        let plain: String = text.trim().nfkc().collect();
        // A letter would be dialled as the key it stands on, and reach somebody else.
        if plain.contains(char::is_alphabetic) {
            return Err(invalid(EXPECTED));
        }
        let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
        // 15881234-type numbers carry no area code and E.164 cannot name them; they are never a resident's.
        let lost_its_zero = !plain.starts_with(['+', '0']) && digits.len() >= 9 && !digits.starts_with("82");
        let dialled = if lost_its_zero { format!("0{digits}") } else { plain };
        let number = phonenumber::parse_with(&PLAN, Some(KR), &dialled).map_err(|_| invalid(EXPECTED))?;
        if number.country().code() != 82 || !phonenumber::is_valid_with(&PLAN, &number) {
            return Err(invalid(EXPECTED));
        }
        // The library's formatter loads every country's plan, whichever it is given.
        Ok(Self(format!("+82{}", number.national())))
    }

    /// The number takes text messages: 010, and the older 011 and 016 to 019.
    #[must_use]
    pub fn is_mobile(&self) -> bool {
        let national = self.0.trim_start_matches("+82");
        ["10", "11", "16", "17", "18", "19"].iter().any(|prefix| national.starts_with(prefix))
    }

    /// E.164, for the provider that must dial it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `010-****-5678`, `02-****-6000`.
    #[must_use]
    pub fn masked(&self) -> String {
        let national = format!("0{}", self.0.trim_start_matches("+82"));
        let area = if national.starts_with("02") { 2 } else { 3 };
        let (head, tail) =
            (national.get(..area).unwrap_or("***"), national.get(national.len() - 4..).unwrap_or("****"));
        format!("{head}-****-{tail}")
    }
}

masked_debug!(PhoneNumber);

/// An e-mail address.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Reads an address such as `name@example.org`.
    ///
    /// # Errors
    /// When it is none, or names no public domain.
    pub fn parse(text: &str) -> Result<Self, InvalidPerson> {
        const EXPECTED: &str = "expected an e-mail address such as name@example.org";
        let plain: String = text.trim().nfkc().collect();
        let address = email_address::EmailAddress::from_str(&plain).map_err(|_| invalid(EXPECTED))?;
        // Valid by RFC 5321 yet never a resident's: quoted names, addresses on bare hosts, letters SES does not take.
        let deliverable = address.domain().contains('.') && !address.domain().starts_with('[') && plain.is_ascii();
        if deliverable && !plain.contains('"') && plain.len() <= 254 { Ok(Self(plain)) } else { Err(invalid(EXPECTED)) }
    }

    /// The address, for the mail that must carry it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `na***@example.org`.
    #[must_use]
    pub fn masked(&self) -> String {
        let (local, host) = self.0.split_once('@').unwrap_or(("", &self.0));
        let shown: String = local.chars().take(if local.len() > 3 { 2 } else { 1 }).collect();
        format!("{shown}***@{host}")
    }
}

masked_debug!(EmailAddress);

/// A person's or corporation's name.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonName(String);

impl PersonName {
    /// Reads a name of 1 to 60 characters.
    ///
    /// # Errors
    /// When it is blank, too long or holds control characters.
    pub fn parse(text: &str) -> Result<Self, InvalidPerson> {
        let name: String = text.trim().nfc().collect();
        if (1..=60).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
            Ok(Self(name))
        } else {
            Err(invalid("expected a name of 1 to 60 characters"))
        }
    }

    /// The name, for the document that must carry it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `홍*동`: all but the first and last character hidden.
    #[must_use]
    pub fn masked(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        match letters.as_slice() {
            [] => String::new(),
            [first] | [first, _] => format!("{first}*"),
            [first, hidden @ .., last] => format!("{first}{}{last}", "*".repeat(hidden.len())),
        }
    }
}

masked_debug!(PersonName);

/// A business's name (업소명), which is often its owner's.
#[derive(Clone, PartialEq, Eq)]
pub struct BusinessName(PersonName);

impl BusinessName {
    /// Reads a name of 1 to 60 characters.
    ///
    /// # Errors
    /// When it is blank, too long or holds control characters.
    pub fn parse(text: &str) -> Result<Self, InvalidPerson> {
        PersonName::parse(text).map(Self)
    }

    /// The name, for the document that must carry it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// As a person's.
    #[must_use]
    pub fn masked(&self) -> String {
        self.0.masked()
    }
}

masked_debug!(BusinessName);

/// A birth date as Korean offices write it: `YYMMDD`.
#[derive(Clone, PartialEq, Eq)]
pub struct BirthDate(String);

impl BirthDate {
    /// Reads six digits, month and day in range.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidPerson> {
        let plain: String = text.trim().nfkc().collect();
        let part = |range: std::ops::Range<usize>| plain.get(range).and_then(|digits| digits.parse::<u8>().ok());
        let in_range = |from, value: Option<u8>, to| value.is_some_and(|value| (from..=to).contains(&value));
        let valid = plain.len() == 6 && plain.bytes().all(|b| b.is_ascii_digit());
        if valid && in_range(1, part(2..4), 12) && in_range(1, part(4..6), 31) {
            Ok(Self(plain))
        } else {
            Err(invalid("expected a birth date of six digits, YYMMDD"))
        }
    }

    /// The six digits.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `******`.
    #[must_use]
    pub fn masked(&self) -> String {
        "******".to_owned()
    }
}

masked_debug!(BirthDate);

/// A postal address in Korea.
#[derive(Clone, PartialEq, Eq)]
pub struct PostalAddress {
    postal_code: String,
    line: String,
}

impl PostalAddress {
    /// Reads a five-digit postal code and a street address of 5 to 200 characters.
    ///
    /// # Errors
    /// Names of the fields that are wrong (`postal_code`, `line`), each with what was expected.
    pub fn parse(postal_code: &str, line: &str) -> Result<Self, Vec<(&'static str, InvalidPerson)>> {
        let (postal_code, line) = (postal_code.trim(), line.trim());
        let mut wrong = Vec::new();
        if postal_code.len() != 5 || !postal_code.bytes().all(|b| b.is_ascii_digit()) {
            wrong.push(("postal_code", invalid("expected a postal code of five digits")));
        }
        if !(5..=200).contains(&line.chars().count()) || line.chars().any(char::is_control) {
            wrong.push(("line", invalid("expected a street address of 5 to 200 characters")));
        }
        if wrong.is_empty() {
            Ok(Self { postal_code: postal_code.to_owned(), line: line.to_owned() })
        } else {
            Err(wrong)
        }
    }

    /// Postal code and street address, for the letter.
    #[must_use]
    pub fn expose(&self) -> (&str, &str) {
        (&self.postal_code, &self.line)
    }

    /// City and district only: `서울특별시 서초구 ***`.
    #[must_use]
    pub fn masked(&self) -> String {
        let shown: Vec<&str> = self.line.split_whitespace().take(2).collect();
        format!("{} ***", shown.join(" "))
    }
}

masked_debug!(PostalAddress);

/// Whether the recipient is a person or a corporation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// 개인
    Person,
    /// 법인
    Corporation,
}

#[cfg(test)]
mod tests {
    use phonenumber::Mode;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn korea_s_part_says_of_a_number_what_the_whole_plan_says(text in "(\\+82|0)[1-9][0-9]{6,10}") {
            let number = phonenumber::parse(Some(KR), &text).ok();
            let number = number.filter(|number| number.country().code() == 82 && phonenumber::is_valid(number));
            let e164 = number.map(|number| number.format().mode(Mode::E164).to_string());
            let phone = PhoneNumber::parse(&text).ok();
            prop_assert_eq!(phone.map(|phone| phone.expose().to_owned()), e164);
        }
    }

    #[test]
    fn phone_numbers_are_read_as_offices_write_them() {
        for text in [
            "010-1234-5678",
            "01012345678",
            "+82 10-1234-5678",
            "1012345678",
            " 010 1234 5678 ",
            "０１０－１２３４－５６７８",
            "+821012345678",
            "82-10-1234-5678",
        ] {
            let phone = PhoneNumber::parse(text).unwrap_or_else(|_| unreachable!("{text} is a phone"));
            assert_eq!(phone.expose(), "+821012345678", "{text}");
            assert!(phone.is_mobile());
        }
        let landline = PhoneNumber::parse("02-2155-6000").expect("a landline");
        assert_eq!(landline.expose(), "+82221556000");
        assert!(!landline.is_mobile());
        assert_eq!(landline.masked(), "02-****-6000");
        assert!(!PhoneNumber::parse("031-123-4567").expect("a landline").is_mobile());
        assert!(PhoneNumber::parse("016-234-5678").expect("an old handset").is_mobile());
        for text in ["", "abc", "010-1234-567a", "010-12", "+1 425 555 0182", "000-0000-0000", "0101234567890123"] {
            assert!(PhoneNumber::parse(text).is_err(), "{text} is no Korean number");
        }
    }

    #[test]
    fn personal_data_is_masked_in_debug() {
        let phone = PhoneNumber::parse("01012345678").expect("a phone");
        assert_eq!(format!("{phone:?}"), "PhoneNumber(010-****-5678)");
        let email = EmailAddress::parse("hwanghyeonjun@example.com").expect("an address");
        assert_eq!(format!("{email:?}"), "EmailAddress(hw***@example.com)");
        assert_eq!(PersonName::parse("홍길동").expect("a name").masked(), "홍*동");
        assert_eq!(PersonName::parse("허균").expect("a name").masked(), "허*");
        let birth = BirthDate::parse("450408").expect("a birth date");
        assert_eq!(format!("{birth:?}"), "BirthDate(******)");
        let address = PostalAddress::parse("06628", "서울특별시 서초구 동광로 475").expect("an address");
        assert_eq!(format!("{address:?}"), "PostalAddress(서울특별시 서초구 ***)");
    }

    #[test]
    fn malformed_details_are_refused() {
        for text in ["", "plain", "a@b", "a b@example.org", "a@example..org", "한글@example.org", "\"a b\"@example.org"]
        {
            assert!(EmailAddress::parse(text).is_err(), "{text}");
        }
        for text in ["", "1945-04-08", "451308", "450432", "45040", "45０40８x"] {
            assert!(BirthDate::parse(text).is_err(), "{text}");
        }
        assert!(PersonName::parse("  ").is_err());
        let wrong = PostalAddress::parse("6628", "가").expect_err("both are wrong");
        assert_eq!(wrong.iter().map(|(field, _)| *field).collect::<Vec<_>>(), ["postal_code", "line"]);
    }
}
