//! Takes a new notice in: once per idempotency key or derived id, and once per the office's own number.

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, TransactWriteItem};
use domain::{
    ChainedEvent, Details, Event, EventHash, Notice, NoticeId, Opening, Preference, RecipientId, Scope, State,
};
use jiff::Timestamp;

use crate::error::cancellations;
use crate::items::{DetailsItem, EventItem, NoticeItem, OnceItem, OpenItem, PreferenceItem, put, read};
use crate::keys::{self, Key};
use crate::transition::ATTEMPTS;
use crate::{Error, Table};

/// A request that may come again, and the answer it must then get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Whose keys these are.
    pub scope: String,
    /// The caller's key.
    pub key: String,
    /// SHA-256 of the request's body.
    pub request_hash: String,
    /// The answer.
    pub answer: String,
}

/// All that is stored when a notice is taken in.
#[derive(Debug, Clone)]
pub struct NewNotice {
    /// The notice after its first events.
    pub notice: Notice,
    /// Those events.
    pub events: Vec<Event>,
    /// How it set out.
    pub opening: Opening,
    /// The request that brought it; none where its id is derived from what brought it, so that the same comes twice under
    /// the same id.
    pub once: Option<Once>,
}

/// A notice that nobody waits for an answer to: a row of a file, a permit that runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Derived from what brought it.
    pub id: NoticeId,
    /// What it says, and to whom.
    pub details: Details,
    /// Corporations of this kind get letters.
    pub corporations_by_post: bool,
    /// Ask no earlier than this.
    pub not_before: Option<Timestamp>,
    /// When it came.
    pub at: Timestamp,
}

/// What became of a new notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// It is stored.
    Stored,
    /// The same request came before; this was its answer.
    Before {
        /// The answer then.
        answer: String,
    },
    /// The notice of that id was stored before.
    There,
    /// The idempotency key came before with another request.
    KeyReused,
    /// The office's own number belongs to another notice.
    ReferenceTaken {
        /// That notice.
        notice: NoticeId,
    },
    /// The resident changed their standing preference in between: decide anew.
    PreferenceChanged,
}

impl Table {
    /// The answer to an earlier request under this key, if there was one.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn earlier(&self, scope: &str, key: &str, request_hash: &str) -> Result<Option<Created>, Error> {
        let Some(item) = self.get(keys::once(scope, key)).await? else { return Ok(None) };
        let once: OnceItem = read("once", item)?;
        Ok(Some(match (once.request_hash, once.answer) {
            (Some(hash), Some(answer)) if hash == request_hash => Created::Before { answer },
            (_, _) => Created::KeyReused,
        }))
    }

    /// Stores a new notice, its events, its pointers and its marks in one transaction.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn create(&self, new: &NewNotice) -> Result<Created, Error> {
        let NewNotice { notice, once, .. } = new;
        let (writes, preference_checks_from) = self.first_writes(new)?;
        let reference = reference_key(&notice.details);
        for _ in 0..ATTEMPTS {
            let request = self.client.transact_write_items().set_transact_items(Some(writes.clone()));
            let Err(error) = request.send().await else { return Ok(Created::Stored) };
            let reasons = cancellations(&error);
            let failed = |index: usize| reasons.get(index) == Some(&"ConditionalCheckFailed");
            if let Some(once) = once.as_ref().filter(|_| failed(2)) {
                let earlier = self.earlier(&once.scope, &once.key, &once.request_hash).await?;
                return Ok(earlier.unwrap_or(Created::KeyReused));
            }
            if failed(0) {
                return Ok(Created::There);
            }
            if failed(1) {
                let item = self.get(reference).await?.ok_or(Error::NotFound)?;
                return Ok(Created::ReferenceTaken { notice: read::<OnceItem>("once", item)?.notice });
            }
            if (preference_checks_from..reasons.len()).any(failed) {
                return Ok(Created::PreferenceChanged);
            }
            // The same request at the same moment: whoever came first is known at the next look.
            if !reasons.contains(&"TransactionConflict") {
                return Err(Error::dynamo("TransactWriteItems")(error));
            }
        }
        Err(Error::Contention { attempts: ATTEMPTS })
    }

    /// What a new notice writes, and from where on the writes are checks of its resident's preference. The notice and its
    /// reference come first, then the request.
    pub(crate) fn first_writes(&self, new: &NewNotice) -> Result<(Vec<TransactWriteItem>, usize), Error> {
        let NewNotice { notice, events, opening, once } = new;
        let at = notice.accepted_at;
        let details = &notice.details;
        let mut puts = vec![
            put(self, "notice", &NoticeItem::of(notice), true)?,
            put(self, "once", &OnceItem::reference(reference_key(details), notice.id), true)?,
        ];
        if let Some(Once { scope, key, request_hash, answer }) = once {
            puts.push(put(self, "once", &OnceItem::request(scope, key, notice.id, request_hash, answer, at), true)?);
        }
        puts.push(put(self, "details", &DetailsItem::of(notice), true)?);
        let mut previous = EventHash::genesis();
        for event in events {
            let chained = ChainedEvent::new(previous, notice.id, event);
            previous = chained.hash.clone();
            puts.push(put(self, "event", &event_item(notice.id, event, chained), true)?);
        }
        if let Some(recipient) = details.recipient_id.as_ref().filter(|_| notice.state.hears_replies()) {
            // Its time runs from when the resident is asked.
            let from = if let State::Accepted { not_before: Some(day), .. } = notice.state { day.max(at) } else { at };
            puts.push(put(self, "open", &OpenItem::of(recipient, notice.id, from), false)?);
        }
        let mut writes: Vec<_> = puts.into_iter().map(|put| TransactWriteItem::builder().put(put).build()).collect();
        writes.extend(self.hand_to_post(None, notice)?);
        let preference_checks_from = writes.len();
        if let (Opening::Standing(preference), Some(recipient)) = (opening, &details.recipient_id) {
            writes.extend(self.still_stands(recipient, preference)?);
        }
        Ok((writes, preference_checks_from))
    }

    /// Takes a notice in that is known by its id, deciding anew when the resident changes their preference at that moment.
    ///
    /// # Errors
    /// When the table cannot be read or written.
    pub async fn take_in(&self, arrival: &Arrival) -> Result<Created, Error> {
        let Arrival { id, details, corporations_by_post, not_before, at } = arrival;
        for _ in 0..ATTEMPTS {
            let opening = self.opening(details, *corporations_by_post).await?;
            let (notice, events) = Notice::accept(*id, details.clone(), &opening, *not_before, *at);
            match self.create(&NewNotice { notice, events, opening, once: None }).await? {
                Created::PreferenceChanged => {}
                created @ (Created::Stored
                | Created::There
                | Created::Before { .. }
                | Created::KeyReused
                | Created::ReferenceTaken { .. }) => return Ok(created),
            }
        }
        Err(Error::Contention { attempts: ATTEMPTS })
    }

    /// How a notice sets out, by what its resident wants now.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn opening(&self, details: &Details, corporations_by_post: bool) -> Result<Opening, Error> {
        let preference = match &details.recipient_id {
            Some(recipient) => self.preference(recipient, &details.kind).await?,
            None => None,
        };
        Ok(Opening::of(details, corporations_by_post, preference))
    }

    /// The standing preference for a kind, or for everything; an opt-out outranks both.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn preference(
        &self,
        recipient: &RecipientId,
        kind: &domain::KindCode,
    ) -> Result<Option<Preference>, Error> {
        Ok(standing(&self.preferences(recipient).await?, recipient, kind))
    }

    /// Checks that fail the transaction unless the preference is still the one it was decided by, and the resident has
    /// not opted out meanwhile.
    fn still_stands(&self, recipient: &RecipientId, preference: &Preference) -> Result<Vec<TransactWriteItem>, Error> {
        let (Some(decided_by), Some(everything), Some(consent)) = (
            keys::preference(recipient, &preference.scope),
            keys::preference(recipient, &Scope::Everything),
            preference.route.consent(),
        ) else {
            return Ok(Vec::new());
        };
        let mut checks =
            vec![self.check(decided_by.clone(), "consent = :value", AttributeValue::S(consent.to_string()))?];
        if decided_by != everything {
            let not_opted_out = "attribute_not_exists(pk) OR opted_out = :value";
            checks.push(self.check(everything, not_opted_out, AttributeValue::Bool(false))?);
        }
        Ok(checks)
    }

    fn check(&self, key: Key, condition: &str, value: AttributeValue) -> Result<TransactWriteItem, Error> {
        let check = ConditionCheck::builder()
            .table_name(&self.name)
            .set_key(Some(key.into_attributes()))
            .condition_expression(condition)
            .expression_attribute_values(":value", value)
            .build()
            .map_err(|source| Error::corrupt("preference")(source.into()))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }
}

/// Under which an office's own number is kept.
pub(crate) fn reference_key(details: &Details) -> Key {
    keys::reference(&details.department, &details.kind, &details.reference)
}

/// The preference that counts for a kind, of all that a person has.
pub(crate) fn standing(
    items: &[PreferenceItem],
    recipient: &RecipientId,
    kind: &domain::KindCode,
) -> Option<Preference> {
    let of = |scope: Scope| {
        let key = keys::preference(recipient, &scope)?;
        items.iter().find(|item| item.key == key).map(|item| item.preference(scope))
    };
    let everything = of(Scope::Everything);
    match everything {
        Some(Preference { opted_out: true, .. }) => everything,
        Some(_) | None => of(Scope::Kind(kind.clone())).or(everything),
    }
}

pub(crate) fn event_item(notice: NoticeId, event: &Event, chained: ChainedEvent) -> EventItem {
    EventItem {
        key: keys::event(notice, event.version),
        notice,
        fact: event.fact.name().to_owned(),
        body: chained.body,
        previous: chained.previous,
        hash: chained.hash,
    }
}
