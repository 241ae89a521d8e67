//! What a link is good for at this moment.

use domain::{Entry, Notice, PostReason, Route, State};
use jiff::Timestamp;
use store::Link;

/// Wrong second factors after which a notice's links open for nobody.
const TRIES: u32 = 5;

/// What a resident can do here now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Choose a way, or change the choice.
    Choosing,
    /// Wait a moment: the result is on its way out.
    Sending,
    /// Read the notice, after the second factor.
    Sealed,
    /// Nothing, until an officer unlocks the link.
    Locked,
    /// Nothing: an officer ended the notice.
    Cancelled,
    /// Nothing: the letter is out, or in a print run.
    Posted,
    /// Nothing: the letter came back, and an officer decides.
    Returned,
}

impl Standing {
    pub(crate) fn of(notice: &Notice, link: &Link) -> Self {
        let open = match &notice.state {
            State::Cancelled { .. } => return Self::Cancelled,
            State::Printing { .. } | State::Posted { .. } => return Self::Posted,
            State::Returned { .. } => return Self::Returned,
            State::Sending { .. } if notice.is_result_claimed() => Self::Sending,
            // It was sent before, and may still be read in place of the letter.
            State::Posting { reason: PostReason::Unread, .. }
            | State::Sent { .. }
            | State::Delivered { .. }
            | State::Read { .. } => Self::Sealed,
            State::Accepted { .. }
            | State::Asking { .. }
            | State::Sending { .. }
            | State::Posting { .. }
            | State::NeedsAttention { .. } => Self::Choosing,
        };
        if is_locked(notice, link) { Self::Locked } else { open }
    }
}

/// Too many second factors were wrong. Asked apart by what a link is good for when nothing of the notice is left to read.
pub(crate) const fn is_locked(notice: &Notice, link: &Link) -> bool {
    notice.link_locked || link.tries >= tries(notice)
}

/// Second factors that may be wrong on each link of a notice.
pub(crate) const fn tries(notice: &Notice) -> u32 {
    TRIES.saturating_mul(notice.link_unlocks.saturating_add(1))
}

/// When the sending hours begin that the result waits for; none while it waits for none.
pub(crate) fn held_until(notice: &Notice, now: Timestamp) -> Option<Timestamp> {
    let State::Sending { cause, .. } = &notice.state else { return None };
    match notice.ledger.get(cause) {
        Some(Entry::Held { until, .. }) if *until > now => Some(*until),
        Some(Entry::Held { .. } | Entry::Claimed { .. } | Entry::Queued { .. } | Entry::Done | Entry::Failed)
        | None => None,
    }
}

/// The way the result goes or went, where there is one.
pub(crate) const fn route(notice: &Notice) -> Option<Route> {
    match notice.state {
        State::Sending { route, .. }
        | State::Sent { route, .. }
        | State::Delivered { route, .. }
        | State::Read { route, .. } => Some(route),
        State::Accepted { .. }
        | State::Asking { .. }
        | State::Posting { .. }
        | State::Printing { .. }
        | State::Posted { .. }
        | State::Returned { .. }
        | State::NeedsAttention { .. }
        | State::Cancelled { .. } => None,
    }
}
