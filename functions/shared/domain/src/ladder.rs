//! The ladder: where a notice goes when a way did not work. The one place that decides it.

use serde::{Deserialize, Serialize};

use crate::{AttentionReason, Channel, Notice, PostReason, Route, State};

/// Why a message did not get through, in our words; each provider's words are translated at the adapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Failure {
    /// The number or address does not exist or cannot take messages.
    UnreachableAddress,
    /// The person blocks such messages, at the carrier or at the provider.
    BlockedByRecipient,
    /// The carrier or mail service blocks the message.
    BlockedByCarrier,
    /// The provider does not accept the message as it is.
    MessageRefused,
    /// The provider stopped trying.
    GaveUp,
    /// The mail was reported as unwanted.
    Complaint,
    /// The result was not opened in time.
    Unread,
    /// The consent it rests on is no longer there.
    ConsentMissing,
}

/// The state after the way by `tried` failed or was withdrawn: the newest other channel the resident consented to and
/// that has not failed before, else post, else an officer.
#[must_use]
pub fn next_step(notice: &Notice, reason: PostReason, cause: u32, at: jiff::Timestamp) -> State {
    let untried = |route: &&Route| !notice.tried.contains(&route.channel());
    match notice.consented.iter().rev().find(untried) {
        Some(route) => State::Sending { route: *route, cause },
        None => post(notice, reason, at),
    }
}

/// The hand-off to post, or an officer's decision where there is no address to post to.
pub(crate) fn post(notice: &Notice, reason: PostReason, at: jiff::Timestamp) -> State {
    if notice.has_postal_address {
        State::Posting { reason, since: at }
    } else {
        State::NeedsAttention { reason: AttentionReason::NoAddress, since: at }
    }
}

impl Notice {
    /// Notes that a channel did not work, once.
    pub(crate) fn note_tried(&mut self, channel: Channel) {
        if !self.tried.contains(&channel) {
            self.tried.push(channel);
        }
    }
}
