//! The hash chain over a notice's events: whoever alters, drops or reorders one breaks it.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Event, NoticeId};

/// SHA-256 of an event and of all before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventHash(String);

impl EventHash {
    /// What the first event names as its predecessor.
    #[must_use]
    pub fn genesis() -> Self {
        Self("0".repeat(64))
    }

    /// The hash of `event`, coming after the event with hash `previous`.
    #[must_use]
    pub fn of(previous: &Self, notice: NoticeId, event: &Event) -> Self {
        Self::of_body(previous, notice, &body(event))
    }

    fn of_body(previous: &Self, notice: NoticeId, body: &str) -> Self {
        let mut sha = Sha256::new();
        // Lines cannot be confused with one another: the first two have fixed lengths.
        sha.update(format!("{previous}\n{notice}\n{body}"));
        Self(hex::encode(sha.finalize()))
    }
}

impl fmt::Display for EventHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn body(event: &Event) -> String {
    serde_json::to_string(event).unwrap_or_else(|error| unreachable!("events hold only plain data: {error}"))
}

/// An event as it is stored: its exact text, and its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainedEvent {
    /// The event as JSON, byte for byte what was hashed.
    pub body: String,
    /// The hash of the event before it.
    pub previous: EventHash,
    /// The hash of this one.
    pub hash: EventHash,
}

impl ChainedEvent {
    /// Links `event` to its predecessor.
    #[must_use]
    pub fn new(previous: EventHash, notice: NoticeId, event: &Event) -> Self {
        let body = body(event);
        let hash = EventHash::of_body(&previous, notice, &body);
        Self { body, previous, hash }
    }

    /// The event itself.
    ///
    /// # Errors
    /// When the text is no event.
    pub fn event(&self) -> Result<Event, serde_json::Error> {
        serde_json::from_str(&self.body)
    }
}

/// Where a chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the chain of events does not hold at version {version}")]
pub struct BrokenChain {
    /// The first version at which it breaks; one past the last where the end is missing.
    pub version: u32,
}

/// Checks that `events` are whole, unaltered and in order, up to the newest hash the notice knows.
///
/// # Errors
/// The first version at which they are not.
pub fn verify_chain(notice: NoticeId, events: &[ChainedEvent], head: &EventHash) -> Result<(), BrokenChain> {
    let mut previous = EventHash::genesis();
    let mut version = 0;
    for chained in events {
        version += 1;
        let sound = chained.previous == previous
            && chained.hash == EventHash::of_body(&previous, notice, &chained.body)
            && chained.event().is_ok_and(|event| event.version == version);
        if !sound {
            return Err(BrokenChain { version });
        }
        previous = chained.hash.clone();
    }
    if previous == *head { Ok(()) } else { Err(BrokenChain { version: version + 1 }) }
}
