//! Consent: the record without which nothing electronic is sent (행정절차법 §14③).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ConsentId, EmailAddress, KindCode, LinkId, NoticeId, PhoneNumber, ProviderMessageId, RecipientId, Route};

/// How far a choice reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// This notice only.
    Notice(NoticeId),
    /// Every notice of this kind.
    Kind(KindCode),
    /// Everything the office sends.
    Everything,
}

/// How the resident expressed it, with the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Evidence {
    /// On the resident's page.
    Link {
        /// The link they came by.
        link: LinkId,
    },
    /// By answering a text.
    Text {
        /// The inbound message.
        message: ProviderMessageId,
    },
    /// On the telephone with an officer.
    Officer {
        /// The officer's name.
        officer: String,
    },
    /// On a paper form.
    Paper {
        /// The form's number.
        form: String,
    },
    /// Earlier, for this kind or for everything.
    StandingPreference,
}

/// The address a consent designates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// Consent to texts at this number.
    Sms(PhoneNumber),
    /// Consent to e-mail at this address.
    Email(EmailAddress),
}

/// One consent. Append-only: a later one replaces it, a revocation ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// Its identity.
    pub id: ConsentId,
    /// Whose.
    pub recipient: RecipientId,
    /// To what.
    pub given: Given,
    /// For what.
    pub scope: Scope,
    /// The version of the wording they saw.
    pub wording: String,
    /// How, with evidence.
    pub evidence: Evidence,
    /// When.
    pub at: Timestamp,
}

impl Consent {
    /// The route this consent allows.
    #[must_use]
    pub const fn route(&self) -> Route {
        match self.given {
            Given::Sms(_) => Route::Sms { consent: self.id },
            Given::Email(_) => Route::Email { consent: self.id },
        }
    }
}

/// What a resident wants without being asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preference {
    /// The route they chose.
    pub route: Route,
    /// For what.
    pub scope: Scope,
    /// They take nothing electronic at all.
    pub opted_out: bool,
}
