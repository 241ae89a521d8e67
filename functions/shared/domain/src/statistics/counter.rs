//! The numbers an office keeps, by name.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::Bucket;
use crate::{Channel, Evidence, PostReason, Unit};

/// How a resident said which way they want it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// By answering the text.
    Text,
    /// On their page.
    Link,
    /// To an officer.
    Officer,
    /// On paper.
    Paper,
    /// Earlier, so that nobody asked.
    StandingPreference,
}

impl How {
    /// Every way.
    pub const ALL: [Self; 5] = [Self::Text, Self::Link, Self::Officer, Self::Paper, Self::StandingPreference];

    /// The way this evidence shows.
    #[must_use]
    pub const fn of(evidence: &Evidence) -> Self {
        match evidence {
            Evidence::Text { .. } => Self::Text,
            Evidence::Link { .. } => Self::Link,
            Evidence::Officer { .. } => Self::Officer,
            Evidence::Paper { .. } => Self::Paper,
            Evidence::StandingPreference => Self::StandingPreference,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Link => "link",
            Self::Officer => "officer",
            Self::Paper => "paper",
            Self::StandingPreference => "standing_preference",
        }
    }
}

/// One number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counter {
    /// Notices taken in.
    Accepted,
    /// Questions that went out.
    Asked,
    /// Choices of a channel; a change of mind is one more.
    Chosen(Channel, How),
    /// Notices by the time from acceptance to the first choice of a resident who was asked.
    ChosenAfter(Bucket),
    /// Results that a provider took.
    Sent(Channel),
    /// Results that arrived, by the first sign of it: a report, or that they were read.
    Delivered(Channel),
    /// Results that were opened.
    Read(Channel),
    /// Results that a provider refused for good.
    SendFailed(Channel),
    /// Results that did not arrive, by a provider's report.
    DeliveryFailed(Channel),
    /// Notices of which a result arrived by text or e-mail, each once.
    Reached,
    /// The same by the time from acceptance.
    ReachedAfter(Bucket),
    /// Notices handed over to post, and why.
    ToPost(PostReason),
    /// Letters given to the postal service.
    Posted,
    /// Letters of notices that had been posted before.
    PostedAgain,
    /// First letters of notices of which a result had arrived by text or e-mail.
    PostedThoughReached,
    /// Letters that came back.
    Returned,
    /// Notices that an officer must decide on.
    AttentionNeeded,
    /// Notices that an officer ended.
    Cancelled,
    /// Messages of any kind that a provider took.
    Messages(Unit),
    /// What it bills for them.
    Billed(Unit),
}

impl fmt::Display for Counter {
    /// The name under which it is stored.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted => f.write_str("accepted"),
            Self::Asked => f.write_str("asked"),
            Self::Chosen(channel, how) => write!(f, "chosen_{channel}_{}", how.as_str()),
            Self::ChosenAfter(bucket) => write!(f, "chosen_after_{:02}", bucket.number()),
            Self::Sent(channel) => write!(f, "sent_{channel}"),
            Self::Delivered(channel) => write!(f, "delivered_{channel}"),
            Self::Read(channel) => write!(f, "read_{channel}"),
            Self::SendFailed(channel) => write!(f, "send_failed_{channel}"),
            Self::DeliveryFailed(channel) => write!(f, "delivery_failed_{channel}"),
            Self::Reached => f.write_str("reached"),
            Self::ReachedAfter(bucket) => write!(f, "reached_after_{:02}", bucket.number()),
            Self::ToPost(reason) => write!(f, "to_post_{}", reason.as_str()),
            Self::Posted => f.write_str("posted"),
            Self::PostedAgain => f.write_str("posted_again"),
            Self::PostedThoughReached => f.write_str("posted_though_reached"),
            Self::Returned => f.write_str("returned"),
            Self::AttentionNeeded => f.write_str("attention_needed"),
            Self::Cancelled => f.write_str("cancelled"),
            Self::Messages(unit) => write!(f, "messages_{}", unit.as_str()),
            Self::Billed(unit) => write!(f, "billed_{}", unit.as_str()),
        }
    }
}

/// Numbers by the name of their counter; what is not there is zero.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Counts(BTreeMap<String, u64>);

impl Counts {
    /// Adds to one of them.
    pub fn add(&mut self, counter: Counter, amount: u64) {
        *self.0.entry(counter.to_string()).or_default() += amount;
    }

    /// One of them.
    #[must_use]
    pub fn of(&self, counter: Counter) -> u64 {
        self.0.get(&counter.to_string()).copied().unwrap_or_default()
    }

    /// Nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All that are there, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, amount)| (name.as_str(), *amount))
    }
}

impl AddAssign<&Self> for Counts {
    fn add_assign(&mut self, more: &Self) {
        for (name, amount) in &more.0 {
            *self.0.entry(name.clone()).or_default() += amount;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_counters_share_a_name() {
        let channels = [Channel::Sms, Channel::Email, Channel::Post];
        let mut all = vec![
            Counter::Accepted,
            Counter::Asked,
            Counter::Reached,
            Counter::Posted,
            Counter::PostedAgain,
            Counter::PostedThoughReached,
            Counter::Returned,
            Counter::AttentionNeeded,
            Counter::Cancelled,
        ];
        for channel in channels {
            all.extend(How::ALL.map(|how| Counter::Chosen(channel, how)));
            all.extend([Counter::Sent, Counter::Delivered, Counter::Read].map(|of| of(channel)));
            all.extend([Counter::SendFailed, Counter::DeliveryFailed].map(|of| of(channel)));
        }
        all.extend(Unit::ALL.iter().flat_map(|unit| [Counter::Messages(*unit), Counter::Billed(*unit)]));
        all.extend(PostReason::ALL.map(Counter::ToPost));
        all.extend(Bucket::all().flat_map(|bucket| [Counter::ChosenAfter(bucket), Counter::ReachedAfter(bucket)]));
        let names: BTreeSet<String> = all.iter().map(Counter::to_string).collect();
        assert_eq!(names.len(), all.len());
    }

    #[test]
    fn the_reasons_are_named_as_in_json() {
        for reason in PostReason::ALL {
            assert_eq!(serde_json::to_value(reason).expect("JSON"), reason.as_str());
        }
    }

    #[test]
    fn counts_add_up() {
        let mut one = Counts::default();
        one.add(Counter::Accepted, 2);
        let mut sum = one.clone();
        sum += &one;
        assert_eq!((sum.of(Counter::Accepted), sum.of(Counter::Posted)), (4, 0));
    }
}
