//! Names of things: identifiers with a private inside and one way in.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ulid::Ulid;
use unicode_normalization::UnicodeNormalization;

use crate::ports::Entropy;

/// A text that is not the identifier it was taken for. Holds what was expected, never the text itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not {expected}")]
pub struct InvalidId {
    expected: &'static str,
}

impl InvalidId {
    pub(crate) const fn new(expected: &'static str) -> Self {
        Self { expected }
    }
}

macro_rules! ulid_id {
    ($(#[$doc:meta])* $name:ident, $expected:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Ulid);

        impl $name {
            /// A new identifier, sorted by the moment it was made.
            #[must_use]
            pub fn new(now: Timestamp, entropy: &dyn Entropy) -> Self {
                let mut random = [0; 16];
                entropy.fill(&mut random);
                let millis = u64::try_from(now.as_millisecond()).unwrap_or_default();
                Self(Ulid::from_parts(millis, u128::from_be_bytes(random)))
            }

            /// The one identifier of what `name` names: the same name at the same moment is the same identifier, however often it
            /// comes.
            #[must_use]
            pub fn derived(at: Timestamp, name: &str) -> Self {
                let digest = Sha256::digest(name.as_bytes());
                let random = digest.iter().take(10).fold(0, |random, byte| random << 8 | u128::from(*byte));
                Self(Ulid::from_parts(u64::try_from(at.as_millisecond()).unwrap_or_default(), random))
            }

            /// The moment it was made, to the millisecond.
            #[must_use]
            pub fn made_at(self) -> Timestamp {
                i64::try_from(self.0.timestamp_ms()).ok().and_then(|at| Timestamp::from_millisecond(at).ok()).unwrap_or_default()
            }

            /// Reads the 26 characters of a ULID.
            ///
            /// # Errors
            /// When the text is anything else.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                Ulid::from_string(text).map(Self).map_err(|_| InvalidId { expected: $expected })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }
    };
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $expected:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Reads the identifier from text.
            ///
            /// # Errors
            /// When the text has another shape.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.to_owned())) } else { Err(InvalidId { expected: $expected }) }
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }
    };
}

ulid_id!(
    /// One notice, from acceptance to its end.
    NoticeId, "a notice id (26 characters, ULID)"
);
ulid_id!(
    /// One text in a notice's conversation, in either direction.
    ReplyId, "a reply id (26 characters, ULID)"
);
ulid_id!(
    /// One file that a resident hands in.
    UploadId, "an upload id (26 characters, ULID)"
);
ulid_id!(
    /// What a resident handed in at one time.
    SubmissionId, "a submission id (26 characters, ULID)"
);
ulid_id!(
    /// One file of many notices or permits.
    BatchId, "a batch id (26 characters, ULID)"
);
ulid_id!(
    /// One consent on record.
    ConsentId, "a consent id (26 characters, ULID)"
);

fn is_code(text: &str) -> bool {
    (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn is_sha256_hex(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn is_run(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.len() <= 16
        && text.rsplit_once('-').is_some_and(|(day, number)| day.parse::<jiff::civil::Date>().is_ok() && digits(number))
}

fn is_printable(text: &str, longest: usize) -> bool {
    !text.is_empty() && text.chars().count() <= longest && text.trim() == text && !text.chars().any(char::is_control)
}

text_id!(
    /// A department's code in the settings.
    DepartmentCode, "a code (a-z, 0-9 and _, at most 40)", is_code
);
text_id!(
    /// A notice kind's code in the settings.
    KindCode, "a code (a-z, 0-9 and _, at most 40)", is_code
);
text_id!(
    /// A paper's code within the notice that asks for it.
    RequestCode, "a code (a-z, 0-9 and _, at most 40)", is_code
);
text_id!(
    /// The office's own number for a matter, unique per department and kind.
    Reference, "a reference (1 to 64 printable characters)", |text| is_printable(text, 64)
);
text_id!(
    /// A permit type's code in the settings.
    PermitTypeCode, "a code (a-z, 0-9 and _, at most 40)", is_code
);
text_id!(
    /// What a carrier, gateway or mail service calls a message.
    ProviderMessageId, "a provider's message id (1 to 200 printable characters)", |text| is_printable(text, 200)
);
text_id!(
    /// A person's telephone as a keyed hash: binds what belongs together without storing the number in keys.
    RecipientId, "a recipient id (64 hexadecimal digits)", is_sha256_hex
);
text_id!(
    /// A link's SHA-256: what is stored of it, and what a log may say.
    LinkId, "a link id (64 hexadecimal digits)", is_sha256_hex
);
text_id!(
    /// A file's SHA-256.
    Checksum, "a SHA-256 (64 hexadecimal digits)", is_sha256_hex
);
text_id!(
    /// One print run.
    RunId, "a run id, as 2026-11-23-1", is_run
);

impl Checksum {
    /// Of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex::encode(Sha256::digest(bytes)))
    }
}

impl RunId {
    /// The day's run of that number, counted from 1.
    #[must_use]
    pub fn of(day: jiff::civil::Date, number: u32) -> Self {
        Self(format!("{day}-{number}"))
    }
}

impl SubmissionId {
    /// What a resident reads and quotes on the telephone: the last eight characters, as `3F7K-9QX2`. Unique enough within a
    /// notice, where it is looked for.
    #[must_use]
    pub fn number(self) -> String {
        let id = self.to_string();
        format!("{}-{}", &id[18..22], &id[22..26])
    }
}

/// The office's number of a permit, as `서초-2027-0001`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PermitNumber(String);

impl PermitNumber {
    /// Reads a number of 1 to 64 printable characters. Hangul comes composed or decomposed, by the machine it was typed on:
    /// both are one number.
    ///
    /// # Errors
    /// When the text has another shape.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let number: String = text.trim().nfc().collect();
        let expected = "a permit number (1 to 64 printable characters)";
        if is_printable(&number, 64) { Ok(Self(number)) } else { Err(InvalidId { expected }) }
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PermitNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<PermitNumber> for String {
    fn from(number: PermitNumber) -> Self {
        number.0
    }
}

impl TryFrom<String> for PermitNumber {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        Self::parse(&text)
    }
}

const TOKEN_ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const TOKEN_LENGTH: usize = 12;

/// The secret part of a resident's link: 12 letters and digits, 71 bits. Short because the whole question must fit
/// one text message, letters and digits only because telephones end a link at other signs.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkToken(String);

impl LinkToken {
    /// Draws a new token.
    #[must_use]
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut token = String::with_capacity(TOKEN_LENGTH);
        while token.len() < TOKEN_LENGTH {
            let mut bytes = [0; 16];
            entropy.fill(&mut bytes);
            // Bytes past the last multiple of 62 would favour the first letters: they are drawn again.
            let fair = bytes.iter().map(|b| usize::from(*b)).filter(|b| *b < 248);
            let wanted = TOKEN_LENGTH - token.len();
            token.extend(fair.take(wanted).map(|b| char::from(TOKEN_ALPHABET[b % 62])));
        }
        Self(token)
    }

    /// Reads a token from a link's path.
    ///
    /// # Errors
    /// When the text cannot be a token.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        if text.len() == TOKEN_LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidId { expected: "a link token" })
        }
    }

    /// The token itself, for the message that carries it and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The name under which the link is stored.
    #[must_use]
    pub fn id(&self) -> LinkId {
        LinkId(hex::encode(Sha256::digest(self.0.as_bytes())))
    }
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkToken(************)")
    }
}
