//! Why a provider did not take a message, and whether to ask it again.

use domain::Failure;

/// What the provider or the way to it answered. Carries codes only: providers quote numbers and addresses in their words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{provider} answered {code} (request {request})")]
pub struct Fault {
    /// Whose answer.
    pub provider: &'static str,
    /// The provider's code, or how the call broke off.
    pub code: String,
    /// The provider's name for the call, for its support; `-` when there was no answer.
    pub request: String,
}

/// A message that did not go out, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The queue tries again: an outage, a throttle, or a fault of ours that an operator mends. The outcome may be
    /// unknown: the provider can have taken the message before the call broke off.
    #[error("not sent for now")]
    Retryable {
        /// What was answered.
        #[source]
        source: Fault,
    },
    /// This message to this address will never go.
    #[error("refused for good ({reason:?})")]
    Permanent {
        /// In our words.
        reason: Failure,
        /// What was answered.
        #[source]
        source: Fault,
    },
}

/// What a provider's answer means for the message; each adapter has one table from its provider's words to these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It may pass by itself.
    Later,
    /// Permissions, keys, sender or configuration are wrong: every message fails until an operator mends it, so it must
    /// end in the dead-letter queue and its alarm, never with residents' results in the post.
    OurFault,
    /// It will never go.
    Never(Failure),
}

impl Verdict {
    pub(crate) fn into_error(self, source: Fault) -> SendError {
        match self {
            Self::Later | Self::OurFault => SendError::Retryable { source },
            Self::Never(reason) => SendError::Permanent { reason, source },
        }
    }
}
