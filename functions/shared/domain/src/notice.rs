//! A notice: what was handed in, where it stands, and what it caused so far.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Channel, Details, Documents, Entity, Entry, Event, EventHash, Evidence, Fact, NoticeId, Paper, PostReason,
    Preference, Route, State,
};

/// A notice at one version. Changes only by [`Notice::apply`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Identity.
    pub id: NoticeId,
    /// Number of events so far.
    pub version: u32,
    /// What was handed in.
    pub details: Details,
    /// Where it stands.
    pub state: State,
    /// Electronic routes the resident consented to for it, oldest first.
    pub consented: Vec<Route>,
    /// Channels that did not work.
    pub tried: Vec<Channel>,
    /// The result on paper.
    pub paper: Paper,
    /// Outgoing messages by the version of the event that caused them.
    pub ledger: BTreeMap<u32, Entry>,
    /// The result can be posted. Kept apart from the address, which retention strips.
    pub has_postal_address: bool,
    /// Too many wrong second factors: its links open for nobody until an officer unlocks them.
    pub link_locked: bool,
    /// How often an officer did: each time every link of it takes as many wrong ones more.
    pub link_unlocks: u32,
    /// What the resident and the office wrote to each other; none while the resident wrote nothing.
    pub conversation: Option<Conversation>,
    /// Papers asked for and handed in.
    pub documents: Documents,
    /// When the resident's texts were last acknowledged.
    pub acknowledged_at: Option<Timestamp>,
    /// When the resident said that the permit it is about is renewed.
    pub renewal_reported_at: Option<Timestamp>,
    /// Hash of the newest event.
    pub head: EventHash,
    /// When it was taken in.
    pub accepted_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// How a conversation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// When either side last wrote.
    pub newest_at: Timestamp,
    /// Texts of the resident, and submissions, that no officer has read.
    pub unread: u32,
    /// When an officer last read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_at: Option<Timestamp>,
}

/// How a notice sets out, known before it is stored or, if it waits for its day, when that day has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opening {
    /// Ask the resident.
    Ask,
    /// They said before what they want.
    Standing(Preference),
    /// Straight to post.
    Post(PostReason),
}

impl Opening {
    /// Decides how a notice sets out: no consent, no electronic result; no mobile, no question.
    #[must_use]
    pub fn of(details: &Details, post_only: bool, preference: Option<Preference>) -> Self {
        let recipient = &details.recipient;
        match (&recipient.phone, preference) {
            _ if post_only && recipient.entity == Entity::Corporation => Self::Post(PostReason::Corporation),
            (None, _) => Self::Post(PostReason::NoPhone),
            (Some(_), Some(Preference { opted_out: true, .. })) => Self::Post(PostReason::OptedOut),
            // No text reaches a landline, but its owner may have asked for e-mail.
            (Some(phone), Some(preference))
                if !phone.is_mobile() && matches!(preference.route, Route::Email { .. }) =>
            {
                Self::Standing(preference)
            }
            (Some(phone), _) if !phone.is_mobile() => Self::Post(PostReason::NotAMobile),
            (Some(_), Some(Preference { route: Route::Post, .. })) => Self::Post(PostReason::StandingPreference),
            (Some(_), Some(preference)) => Self::Standing(preference),
            (Some(_), None) => Self::Ask,
        }
    }

    /// What happens in place of the question; none where the resident is asked.
    #[must_use]
    pub fn skips_the_question(&self) -> Option<Fact> {
        match self {
            Self::Ask => None,
            Self::Standing(preference) => {
                Some(Fact::ChannelChosen { route: preference.route, evidence: Evidence::StandingPreference })
            }
            Self::Post(reason) => Some(Fact::PostRequired { reason: *reason }),
        }
    }

    /// What happens to a notice that waited for its day, once that day has come.
    #[must_use]
    pub fn at_last(&self) -> Fact {
        self.skips_the_question().unwrap_or(Fact::Released)
    }
}

impl Notice {
    /// An officer ended it.
    #[must_use]
    pub const fn is_cancelled(&self) -> bool {
        matches!(self.state, State::Cancelled { .. })
    }

    /// A consent withdrawn for one channel, or for all, changes what may become of it, or of what would still be sent.
    #[must_use]
    pub fn is_touched_by_withdrawal(&self, only: Option<Channel>) -> bool {
        let to_be_asked = matches!(self.state, State::Accepted { .. } | State::Asking { .. });
        let is_withdrawn = |route: &Route| only.is_none_or(|channel| channel == route.channel());
        let to_be_reminded = self.documents.remind_at().is_some();
        (only.is_none() && (to_be_asked || to_be_reminded)) || self.consented.iter().any(is_withdrawn)
    }

    /// A new notice with its first events: accepted, and, where nobody needs to be asked, the way it goes.
    #[must_use]
    pub fn accept(
        id: NoticeId,
        details: Details,
        opening: &Opening,
        not_before: Option<Timestamp>,
        at: Timestamp,
    ) -> (Self, Vec<Event>) {
        // Only the question waits for its hour here; a letter is printed by the run that follows.
        let accepted = Event { version: 1, at, fact: Fact::Accepted { not_before } };
        let mut notice = Self {
            id,
            version: 1,
            has_postal_address: details.recipient.address.is_some(),
            documents: Documents::requested(details.requests.clone()),
            details,
            state: State::Accepted { not_before, cause: 1 },
            consented: Vec::new(),
            tried: Vec::new(),
            paper: Paper::awaited(0, at),
            ledger: BTreeMap::new(),
            link_locked: false,
            link_unlocks: 0,
            conversation: None,
            acknowledged_at: None,
            renewal_reported_at: None,
            head: EventHash::of(&EventHash::genesis(), id, &accepted),
            accepted_at: at,
            updated_at: at,
        };
        let mut events = vec![accepted];
        if let Some(fact) = opening.skips_the_question().filter(|_| not_before.is_none()) {
            let event = Event { version: 2, at, fact };
            if let crate::Outcome::Moved(moved) = notice.clone().apply(&event) {
                notice = *moved;
                events.push(event);
            }
        }
        (notice, events)
    }
}
