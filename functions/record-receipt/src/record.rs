//! Binds a receipt to its notice and records what it means. Doing it twice does it once.

use bootstrap::count;
use domain::ports::Clock;
use domain::{NoticeId, Refused};
use jiff::{SignedDuration, Timestamp};
use store::{Binding, Change, Decision, SentMessage, Transition};

use crate::{KeepReceipts, Receipt, Report, Tags, UnknownWord, Verdict, weigh};

/// A receipt that overtook our own record is sent back to its source for so long: past the second of Lambda's attempts at
/// an asynchronous event, which come one and three minutes after the first.
pub const PATIENCE: SignedDuration = SignedDuration::from_secs(150);
/// What was kept apart is matched again for so long.
const MATCHED_AGAIN_FOR: SignedDuration = SignedDuration::from_hours(24);

const SCOPE: &str = "receipt";
const UNMATCHED: &str = "receipt";
const UNKNOWN: &str = "receipt_word";

/// What was done with a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It moved its notice.
    Moved,
    /// It changed nothing: not the result's, too late, or no news.
    Noted,
    /// It came before.
    Before,
    /// It belongs to no message we know, and was kept apart.
    Unmatched,
    /// Its words are unknown; it was kept apart.
    UnknownWord,
}

impl Recorded {
    /// Its name in answers and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Moved => "recorded",
            Self::Noted => "noted",
            Self::Before => "received before",
            Self::Unmatched => "unmatched",
            Self::UnknownWord => "unknown word",
        }
    }
}

/// Why a receipt changes nothing.
enum Left {
    /// It overtook our own record of its message.
    Early,
    /// It is not the result's, or says nothing new.
    NoNews,
}

/// Why a receipt was not recorded; it must come again.
#[derive(Debug, thiserror::Error)]
pub enum Unrecorded {
    /// The table failed.
    #[error("the table failed")]
    Store(#[from] store::Error),
    /// Our own record of the message may still be on its way.
    #[error("no record of the message yet")]
    TooEarly,
}

/// Records receipts.
#[derive(Debug, Clone)]
pub struct Recorder<S, C> {
    /// The one table.
    pub store: S,
    /// The time.
    pub clock: C,
}

impl<S: KeepReceipts, C: Clock> Recorder<S, C> {
    /// Takes one report in. `since` is when its source first had it; a source that cannot say is not asked to wait.
    ///
    /// # Errors
    /// When it must come again.
    pub async fn take(&self, report: Report, since: Option<Timestamp>) -> Result<Recorded, Unrecorded> {
        match report {
            Report::Receipt(receipt) => self.record(&receipt, since).await,
            Report::Nothing => Ok(Recorded::Noted),
            Report::Unknown(word) => self.keep_unknown(&word).await,
        }
    }

    async fn record(&self, receipt: &Receipt, since: Option<Timestamp>) -> Result<Recorded, Unrecorded> {
        if let Some(recorded) = self.settle(receipt).await? {
            return Ok(recorded);
        }
        let now = self.clock.now();
        if since.is_some_and(|since| now < since + PATIENCE) {
            return Err(Unrecorded::TooEarly);
        }
        let content = serde_json::to_string(receipt).unwrap_or_default();
        self.store.keep_dead(UNMATCHED, &receipt.name(), &content, now).await?;
        tracing::warn!(provider = receipt.provider, message.id = %receipt.message, "a receipt fits no message and was kept apart");
        Ok(Recorded::Unmatched)
    }

    /// Looks again at the receipts kept apart today and yesterday, and removes those that have found their notice.
    ///
    /// # Errors
    /// When the table fails.
    pub async fn match_again(&self) -> Result<(), Unrecorded> {
        let now = self.clock.now();
        for day in [now, now - MATCHED_AGAIN_FOR] {
            for dead in self.store.dead_items(UNMATCHED, day).await? {
                if dead.at + MATCHED_AGAIN_FOR < now {
                    continue;
                }
                // What cannot be read stays for an officer to look at.
                let Ok(receipt) = serde_json::from_str::<Receipt>(&dead.content) else { continue };
                if self.settle(&receipt).await?.is_some() {
                    self.store.forget_dead(UNMATCHED, &dead).await?;
                }
            }
        }
        Ok(())
    }

    /// Records the receipt; none when its message, or our record of it, is not there yet.
    async fn settle(&self, receipt: &Receipt) -> Result<Option<Recorded>, Unrecorded> {
        let name = receipt.name();
        if self.store.was_done(SCOPE, &name).await? {
            return Ok(Some(Recorded::Before));
        }
        let known = self.store.message(&receipt.provider, receipt.message.as_str()).await?;
        let is_known = known.is_some();
        let Some((notice, sent)) = known.or_else(|| receipt.tags.map(Tags::message)) else { return Ok(None) };
        let Receipt { verdict, .. } = *receipt;
        if verdict == Verdict::Misconfigured {
            count(&self.clock, "SendingMisconfigured");
        }
        // Before the notice: a crash between repeats what is harmless to repeat.
        if verdict.condemns_address() {
            // A provider's clock that runs ahead must not reach consents yet to come.
            self.condemn_address(notice, &sent, receipt.at.min(self.clock.now())).await?;
        }
        let now = self.clock.now();
        let decide = |before: &domain::Notice| match weigh(before, &sent, verdict) {
            // Its sender's record may still be on its way, or another sender will follow.
            _ if !is_known && before.wants(sent.cause, &sent.message) => Decision::Leave(Left::Early),
            Some(fact) => {
                let bindings = vec![Binding::Once { scope: SCOPE, key: name.clone() }];
                Decision::Record(Change { at: now, fact, bindings })
            }
            None => Decision::Leave(Left::NoNews),
        };
        let recorded = match self.store.transition(notice, decide).await? {
            Transition::Moved(_) => Recorded::Moved,
            Transition::DoneBefore(_) => Recorded::Before,
            Transition::Refused(_, Refused::OutOfPlace) | Transition::Left(Left::Early) => return Ok(None),
            Transition::Refused(_, refused) => {
                tracing::info!(notice.id = %notice, %refused, "a receipt came too late to change anything");
                Recorded::Noted
            }
            Transition::AlreadyThere(_) | Transition::Left(Left::NoNews) => Recorded::Noted,
        };
        let (verdict, recorded_as) = (verdict.as_str(), recorded.as_str());
        tracing::info!(notice.id = %notice, cause = sent.cause, provider = receipt.provider, verdict, recorded_as, "receipt");
        Ok(Some(recorded))
    }

    /// Ends the standing preferences that rest on the address the message went to: the resident is asked anew.
    async fn condemn_address(&self, id: NoticeId, sent: &SentMessage, at: Timestamp) -> Result<(), Unrecorded> {
        let Some(consent) = sent.consent else { return Ok(()) };
        let notice = self.store.notice(id).await?;
        let Some(recipient) = notice.and_then(|notice| notice.details.recipient_id) else { return Ok(()) };
        let Some(consent) = self.store.consent(&recipient, consent).await? else { return Ok(()) };
        Ok(self.store.withdraw_address(&recipient, &consent.given, at).await?)
    }

    async fn keep_unknown(&self, word: &UnknownWord) -> Result<Recorded, Unrecorded> {
        let UnknownWord { provider, message, .. } = word;
        // Nothing else need ever move the notice: whoever reads of the word must find it.
        let notice = self.store.message(provider, message.as_str()).await?.map(|(notice, _)| notice.to_string());
        let content = serde_json::to_string(word).unwrap_or_default();
        self.store.keep_dead(UNKNOWN, &format!("{provider}#{message}"), &content, self.clock.now()).await?;
        count(&self.clock, "UnknownReceiptWord");
        tracing::error!(notice.id = notice, provider, message.id = %message, "a receipt in unknown words was kept apart");
        Ok(Recorded::UnknownWord)
    }
}
