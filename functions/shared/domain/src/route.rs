//! Channels, and the route a result takes: electronic only with the consent that allows it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ConsentId;

/// A way to reach a resident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A text message.
    Sms,
    /// An e-mail.
    Email,
    /// A letter.
    Post,
}

impl Channel {
    /// The channel's name in JSON, logs and keys.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Post => "post",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a result travels. An electronic route cannot be built without naming a consent (행정절차법 §14③).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "channel", rename_all = "snake_case")]
pub enum Route {
    /// By text, to the number the consent designates.
    Sms {
        /// The consent that allows it.
        consent: ConsentId,
    },
    /// By e-mail, to the address the consent designates.
    Email {
        /// The consent that allows it.
        consent: ConsentId,
    },
    /// By letter, which needs no consent.
    Post,
}

impl Route {
    /// The channel of this route.
    #[must_use]
    pub const fn channel(self) -> Channel {
        match self {
            Self::Sms { .. } => Channel::Sms,
            Self::Email { .. } => Channel::Email,
            Self::Post => Channel::Post,
        }
    }

    /// The consent that allows this route; none for post.
    #[must_use]
    pub const fn consent(self) -> Option<ConsentId> {
        match self {
            Self::Sms { consent } | Self::Email { consent } => Some(consent),
            Self::Post => None,
        }
    }
}
