//! Turns a telephone number into the keyed hash under which a person's items are kept.

use domain::{PhoneNumber, RecipientId};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The secret that keeps anyone with the table alone from guessing numbers back.
#[derive(Clone)]
pub struct RecipientKey(Hmac<Sha256>);

impl RecipientKey {
    /// Takes the secret.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        Self(Hmac::new_from_slice(secret.as_bytes()).unwrap_or_else(|_| unreachable!("HMAC takes a key of any length")))
    }

    /// The identity of whoever answers at this number.
    #[must_use]
    pub fn identify(&self, phone: &PhoneNumber) -> RecipientId {
        RecipientId::parse(&self.seal(phone.expose()))
            .unwrap_or_else(|_| unreachable!("SHA-256 has 64 hexadecimal digits"))
    }

    /// What stands for these words where they must be known again and not be read.
    #[must_use]
    pub fn seal(&self, words: &str) -> String {
        let mut mac = self.0.clone();
        mac.update(words.as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }
}

impl std::fmt::Debug for RecipientKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecipientKey(***)")
    }
}
