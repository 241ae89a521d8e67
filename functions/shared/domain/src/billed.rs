//! What a provider bills for a message it took.

use serde::{Deserialize, Serialize};

/// What is counted on the bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A part of a text: a long text has several.
    Sms,
    /// A whole long text, as domestic gateways count it.
    Lms,
    /// An e-mail.
    Email,
}

impl Unit {
    /// Every unit.
    pub const ALL: [Self; 3] = [Self::Sms, Self::Lms, Self::Email];

    /// The unit's name in JSON and in counters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Lms => "lms",
            Self::Email => "email",
        }
    }
}

/// What one message costs, in units; what a unit costs stands in the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Billed {
    /// What is counted.
    pub unit: Unit,
    /// How many.
    pub count: u32,
}

impl Billed {
    /// A text of so many parts.
    #[must_use]
    pub const fn parts(count: u32) -> Self {
        Self { unit: Unit::Sms, count }
    }

    /// One e-mail.
    #[must_use]
    pub const fn email() -> Self {
        Self { unit: Unit::Email, count: 1 }
    }
}
