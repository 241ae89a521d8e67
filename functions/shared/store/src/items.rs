//! The shapes of stored items, apart from the domain's types, so that neither ties the other down.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::Put;
use domain::statistics::Counts;
use domain::{
    BirthDate, Channel, Consent, ConsentId, Conversation, DepartmentCode, Details, DocumentRequest, Documents,
    EmailAddress, Entity, Entry, Event, EventHash, Evidence, Given, KindCode, Nature, Notice, NoticeId, Officer, Paper,
    PermitCycle, PersonName, PhoneNumber, PostalAddress, Preference, ProviderMessageId, Recipient, RecipientId,
    Reference, Refusal, ReplyId, Route, Scope, State,
};
use jiff::{SignedDuration, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::bindings::{Direction, Link, RETENTION, Reply, Resumption, Revocation};
use crate::keys::Key;
use crate::{BoxError, Error, SentMessage, Table, keys};

/// Inbound messages and idempotency keys are remembered this long.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 7);

type Attributes = HashMap<String, aws_sdk_dynamodb::types::AttributeValue>;

pub(crate) fn put(table: &Table, what: &'static str, item: &impl Serialize, must_be_new: bool) -> Result<Put, Error> {
    let item = serde_dynamo::to_item(item).map_err(|source| Error::corrupt(what)(source.into()))?;
    let put = Put::builder().table_name(&table.name).set_item(Some(item));
    let put = if must_be_new { put.condition_expression("attribute_not_exists(pk)") } else { put };
    put.build().map_err(|source| Error::corrupt(what)(source.into()))
}

pub(crate) fn read<T: DeserializeOwned>(what: &'static str, item: Attributes) -> Result<T, Error> {
    serde_dynamo::from_item(item).map_err(|source| Error::corrupt(what)(source.into()))
}

/// The second at which the table's time to live removes an item.
pub(crate) fn expires(at: Timestamp, after: SignedDuration) -> i64 {
    (at + after).as_second()
}

/// It has nothing to say, and so is not stored: most notices have neither papers nor conversations, and stay below 1 KB,
/// by which writes are billed.
fn is_nothing<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A notice, as far as it changes.
#[derive(Serialize, Deserialize)]
pub(crate) struct NoticeItem {
    #[serde(flatten)]
    key: Key,
    department_phase: String,
    listed_at_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_shard: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at_id: Option<String>,

    id: NoticeId,
    version: u32,
    state: State,
    #[serde(default, skip_serializing_if = "is_nothing")]
    consented: Vec<Route>,
    #[serde(default, skip_serializing_if = "is_nothing")]
    tried: Vec<Channel>,
    paper: Paper,
    ledger: BTreeMap<String, Entry>,
    has_postal_address: bool,
    #[serde(default, skip_serializing_if = "is_nothing")]
    link_locked: bool,
    #[serde(default, skip_serializing_if = "is_nothing")]
    link_unlocks: u32,
    #[serde(default, skip_serializing_if = "is_nothing")]
    conversation: Option<Conversation>,
    #[serde(default, skip_serializing_if = "is_nothing")]
    documents: Documents,
    #[serde(default, skip_serializing_if = "is_nothing")]
    acknowledged_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "is_nothing")]
    renewal_reported_at: Option<Timestamp>,
    head: EventHash,
    accepted_at: Timestamp,
    updated_at: Timestamp,
}

/// What was handed in: apart from the notice, so that it is written once and not with each of its changes.
#[derive(Serialize, Deserialize)]
pub(crate) struct DetailsItem {
    #[serde(flatten)]
    key: Key,
    reference: Reference,
    kind: KindCode,
    nature: Nature,
    department: DepartmentCode,
    title: String,
    body: String,
    refusal: Option<Refusal>,
    officer: Officer,
    recipient_id: Option<RecipientId>,
    recipient: RecipientItem,
    permit: Option<PermitCycle>,
    requests: Vec<DocumentRequest>,
}

/// Personal data, in the clear here and nowhere else; the table is encrypted with the office's key.
#[derive(Serialize, Deserialize)]
pub(crate) struct RecipientItem {
    name: String,
    phone: Option<String>,
    email: Option<String>,
    postal_code: Option<String>,
    address_line: Option<String>,
    birth_date: Option<String>,
    entity: Entity,
}

impl NoticeItem {
    pub(crate) fn of(notice: &Notice) -> Self {
        let due = keys::due(notice);
        let (due_shard, due_at_id) = due.unzip();
        Self {
            key: keys::notice(notice.id),
            department_phase: keys::department_phase(&notice.details.department, notice.state.name()),
            listed_at_id: keys::moment_id(keys::listed_at(notice), notice.id),
            due_shard,
            due_at_id,
            id: notice.id,
            version: notice.version,
            state: notice.state.clone(),
            consented: notice.consented.clone(),
            tried: notice.tried.clone(),
            paper: notice.paper.clone(),
            ledger: notice.ledger.iter().map(|(cause, entry)| (cause.to_string(), entry.clone())).collect(),
            has_postal_address: notice.has_postal_address,
            link_locked: notice.link_locked,
            link_unlocks: notice.link_unlocks,
            conversation: notice.conversation,
            documents: notice.documents.clone(),
            acknowledged_at: notice.acknowledged_at,
            renewal_reported_at: notice.renewal_reported_at,
            head: notice.head.clone(),
            accepted_at: notice.accepted_at,
            updated_at: notice.updated_at,
        }
    }

    /// The notice, whose details stand in this item.
    fn into_notice(self, details: DetailsItem) -> Result<Notice, Error> {
        let mut ledger = BTreeMap::new();
        for (cause, entry) in self.ledger {
            ledger.insert(
                cause.parse().map_err(|source: std::num::ParseIntError| Error::corrupt("notice")(source.into()))?,
                entry,
            );
        }
        Ok(Notice {
            id: self.id,
            version: self.version,
            details: details.into_details()?,
            state: self.state,
            consented: self.consented,
            tried: self.tried,
            paper: self.paper,
            ledger,
            has_postal_address: self.has_postal_address,
            link_locked: self.link_locked,
            link_unlocks: self.link_unlocks,
            conversation: self.conversation,
            documents: self.documents,
            acknowledged_at: self.acknowledged_at,
            renewal_reported_at: self.renewal_reported_at,
            head: self.head,
            accepted_at: self.accepted_at,
            updated_at: self.updated_at,
        })
    }
}

impl DetailsItem {
    pub(crate) fn of(notice: &Notice) -> Self {
        let details = notice.details.clone();
        Self {
            key: keys::details(notice.id),
            recipient: RecipientItem::of(&details.recipient),
            reference: details.reference,
            kind: details.kind,
            nature: details.nature,
            department: details.department,
            title: details.title,
            body: details.body,
            refusal: details.refusal,
            officer: details.officer,
            recipient_id: details.recipient_id,
            permit: details.permit,
            requests: details.requests,
        }
    }

    fn into_details(self) -> Result<Details, Error> {
        Ok(Details {
            reference: self.reference,
            kind: self.kind,
            nature: self.nature,
            department: self.department,
            title: self.title,
            body: self.body,
            refusal: self.refusal,
            officer: self.officer,
            recipient: self.recipient.into_recipient().map_err(Error::corrupt("details"))?,
            recipient_id: self.recipient_id,
            permit: self.permit,
            requests: self.requests,
        })
    }
}

/// Notices out of their items, in the order of the notices' own.
pub(crate) fn assembled(items: Vec<Attributes>) -> Result<Vec<Notice>, Error> {
    let (mut notices, mut details) = (Vec::new(), HashMap::new());
    for item in items {
        if keys::is_details(&item) {
            let item: DetailsItem = read("details", item)?;
            details.insert(item.key.pk.clone(), item);
        } else {
            notices.push(read::<NoticeItem>("notice", item)?);
        }
    }
    let whole = |notice: NoticeItem| {
        let details = details.remove(&notice.key.pk);
        notice.into_notice(details.ok_or_else(|| Error::corrupt("notice")("its details are missing".into()))?)
    };
    notices.into_iter().map(whole).collect()
}

impl RecipientItem {
    pub(crate) fn of(person: &Recipient) -> Self {
        let address = person.address.as_ref().map(PostalAddress::expose);
        Self {
            name: person.name.expose().to_owned(),
            phone: person.phone.as_ref().map(|phone| phone.expose().to_owned()),
            email: person.email.as_ref().map(|email| email.expose().to_owned()),
            postal_code: address.map(|(postal_code, _)| postal_code.to_owned()),
            address_line: address.map(|(_, line)| line.to_owned()),
            birth_date: person.birth_date.as_ref().map(|date| date.expose().to_owned()),
            entity: person.entity,
        }
    }

    pub(crate) fn into_recipient(self) -> Result<Recipient, BoxError> {
        let address = match (self.postal_code, self.address_line) {
            (Some(postal_code), Some(line)) => {
                Some(PostalAddress::parse(&postal_code, &line).map_err(|_| "the stored address cannot be read")?)
            }
            (None | Some(_), None) | (None, Some(_)) => None,
        };
        Ok(Recipient {
            name: PersonName::parse(&self.name)?,
            phone: self.phone.as_deref().map(PhoneNumber::parse).transpose()?,
            email: self.email.as_deref().map(EmailAddress::parse).transpose()?,
            address,
            birth_date: self.birth_date.as_deref().map(BirthDate::parse).transpose()?,
            entity: self.entity,
        })
    }
}

/// An event, with the exact text that was hashed.
#[derive(Serialize, Deserialize)]
pub(crate) struct EventItem {
    #[serde(flatten)]
    pub(crate) key: Key,
    pub(crate) notice: NoticeId,
    #[serde(rename = "type")]
    pub(crate) fact: String,
    pub(crate) body: String,
    pub(crate) previous: EventHash,
    pub(crate) hash: EventHash,
}

impl EventItem {
    pub(crate) fn event(&self) -> Result<Event, Error> {
        serde_json::from_str(&self.body).map_err(|source| Error::corrupt("event")(source.into()))
    }
}

/// Which events of a notice were counted.
#[derive(Deserialize)]
pub(crate) struct CountedItem {
    pub(crate) versions: BTreeSet<u32>,
}

/// A line of statistics.
#[derive(Deserialize)]
pub(crate) struct StatisticsItem {
    #[serde(flatten)]
    pub(crate) key: Key,
    #[serde(flatten)]
    pub(crate) counts: Counts,
}

/// The event that a record of the table's stream carries, and its notice.
///
/// # Errors
/// When the record is no event.
pub fn streamed_event(record: serde_dynamo::Item) -> Result<(NoticeId, Event), Error> {
    let item: EventItem = serde_dynamo::from_item(record).map_err(|source| Error::corrupt("event")(source.into()))?;
    Ok((item.notice, item.event()?))
}

#[derive(Serialize, Deserialize)]
pub(crate) struct LinkItem {
    #[serde(flatten)]
    key: Key,
    notice: NoticeId,
    expires_at: Timestamp,
    tries: u32,
    expires: i64,
}

impl LinkItem {
    pub(crate) fn of(link: &Link) -> Self {
        Self {
            key: keys::link(&link.id),
            notice: link.notice,
            expires_at: link.expires_at,
            tries: link.tries,
            expires: expires(link.expires_at, RETENTION),
        }
    }

    pub(crate) fn into_link(self, id: domain::LinkId) -> Link {
        Link { id, notice: self.notice, expires_at: self.expires_at, tries: self.tries }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct MessageItem {
    #[serde(flatten)]
    key: Key,
    pub(crate) notice: NoticeId,
    #[serde(flatten)]
    pub(crate) sent: SentMessage,
    expires: i64,
}

impl MessageItem {
    pub(crate) fn of(
        provider: &str,
        id: &ProviderMessageId,
        sent: SentMessage,
        notice: NoticeId,
        at: Timestamp,
    ) -> Self {
        Self { key: keys::message(provider, id.as_str()), notice, sent, expires: expires(at, RETENTION) }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct OpenItem {
    #[serde(flatten)]
    key: Key,
    pub(crate) notice: NoticeId,
    expires: i64,
}

impl OpenItem {
    pub(crate) fn of(recipient: &RecipientId, notice: NoticeId, at: Timestamp) -> Self {
        Self { key: keys::open(recipient, notice), notice, expires: expires(at, RETENTION) }
    }
}

/// A letter that waits for a print run.
#[derive(Serialize)]
pub(crate) struct AwaitingRunItem {
    #[serde(flatten)]
    pub(crate) key: Key,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ConsentItem {
    #[serde(flatten)]
    key: Key,
    id: ConsentId,
    recipient: RecipientId,
    channel: Channel,
    address: String,
    scope: Scope,
    wording: String,
    #[serde(flatten)]
    evidence: Evidence,
    at: Timestamp,
}

impl ConsentItem {
    pub(crate) fn of(consent: &Consent) -> Self {
        let (channel, address) = match &consent.given {
            Given::Sms(phone) => (Channel::Sms, phone.expose()),
            Given::Email(email) => (Channel::Email, email.expose()),
        };
        Self {
            key: keys::consent(&consent.recipient, consent.id),
            id: consent.id,
            recipient: consent.recipient.clone(),
            channel,
            address: address.to_owned(),
            scope: consent.scope.clone(),
            wording: consent.wording.clone(),
            evidence: consent.evidence.clone(),
            at: consent.at,
        }
    }

    pub(crate) fn into_consent(self) -> Result<Consent, Error> {
        let given = match self.channel {
            Channel::Sms => PhoneNumber::parse(&self.address).map(Given::Sms),
            Channel::Email => EmailAddress::parse(&self.address).map(Given::Email),
            Channel::Post => return Err(Error::corrupt("consent")("post needs no consent".into())),
        };
        Ok(Consent {
            id: self.id,
            recipient: self.recipient,
            given: given.map_err(|source| Error::corrupt("consent")(source.into()))?,
            scope: self.scope,
            wording: self.wording,
            evidence: self.evidence,
            at: self.at,
        })
    }
}

/// An address that failed.
#[derive(Serialize, Deserialize)]
pub(crate) struct FailedAddressItem {
    #[serde(flatten)]
    pub(crate) key: Key,
    /// Consents up to then are of no more use. Milliseconds: numbers compare as moments do.
    pub(crate) until: i64,
}

#[derive(Serialize)]
pub(crate) struct RevocationItem {
    #[serde(flatten)]
    key: Key,
    revokes: &'static str,
    #[serde(flatten)]
    evidence: Evidence,
    at: Timestamp,
}

impl RevocationItem {
    pub(crate) fn of(revocation: &Revocation) -> Self {
        Self {
            key: keys::consent(&revocation.recipient, revocation.id),
            revokes: revocation.only.map_or("everything", Channel::as_str),
            evidence: revocation.evidence.clone(),
            at: revocation.at,
        }
    }
}

#[derive(Serialize)]
pub(crate) struct ResumptionItem {
    #[serde(flatten)]
    key: Key,
    resumes: &'static str,
    #[serde(flatten)]
    evidence: Evidence,
    at: Timestamp,
}

impl ResumptionItem {
    pub(crate) fn of(resumption: &Resumption) -> Self {
        let Resumption { id, recipient, evidence, at } = resumption.clone();
        Self { key: keys::consent(&recipient, id), resumes: "asking", evidence, at }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct PreferenceItem {
    #[serde(flatten)]
    pub(crate) key: Key,
    #[serde(flatten)]
    pub(crate) route: Route,
    pub(crate) opted_out: bool,
    pub(crate) at: Timestamp,
}

impl PreferenceItem {
    pub(crate) const fn preference(&self, scope: Scope) -> Preference {
        Preference { route: self.route, scope, opted_out: self.opted_out }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ReplyItem {
    #[serde(flatten)]
    key: Key,
    id: ReplyId,
    notice: NoticeId,
    direction: Direction,
    text: String,
    officer: Option<String>,
    at: Timestamp,
    expires: i64,
}

impl ReplyItem {
    pub(crate) fn of(reply: &Reply) -> Self {
        Self {
            key: keys::reply(reply.notice, reply.id),
            id: reply.id,
            notice: reply.notice,
            direction: reply.direction,
            text: reply.text.clone(),
            officer: reply.officer.clone(),
            at: reply.at,
            expires: expires(reply.at, RETENTION),
        }
    }

    pub(crate) fn into_reply(self) -> Reply {
        let Self { key: _, id, notice, direction, text, officer, at, expires: _ } = self;
        Reply { id, notice, direction, text, officer, at }
    }
}

/// What was done once: an inbound message, an idempotent request, an office's own number.
#[derive(Serialize, Deserialize)]
pub(crate) struct OnceItem {
    #[serde(flatten)]
    pub(crate) key: Key,
    pub(crate) notice: NoticeId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
}

impl OnceItem {
    pub(crate) fn mark(scope: &str, key: &str, notice: NoticeId, at: Timestamp) -> Self {
        let expires = Some(expires(at, REMEMBERED));
        Self { key: keys::once(scope, key), notice, request_hash: None, answer: None, expires }
    }

    pub(crate) fn request(scope: &str, key: &str, notice: NoticeId, hash: &str, answer: &str, at: Timestamp) -> Self {
        let item = Self::mark(scope, key, notice, at);
        Self { request_hash: Some(hash.to_owned()), answer: Some(answer.to_owned()), ..item }
    }

    /// An office's own number stays taken for good.
    pub(crate) const fn reference(key: Key, notice: NoticeId) -> Self {
        Self { key, notice, request_hash: None, answer: None, expires: None }
    }
}

#[derive(Serialize)]
pub(crate) struct DeadItem {
    #[serde(flatten)]
    key: Key,
    what: &'static str,
    content: String,
    at: Timestamp,
    expires: i64,
}

impl DeadItem {
    pub(crate) fn of(what: &'static str, name: &str, content: &str, at: Timestamp) -> Self {
        let key = keys::dead(at, what, name);
        Self { key, what, content: content.to_owned(), at, expires: expires(at, RETENTION) }
    }
}

/// A dead item as it comes back.
#[derive(Deserialize)]
pub(crate) struct KeptDeadItem {
    #[serde(flatten)]
    pub(crate) key: Key,
    pub(crate) content: String,
    pub(crate) at: Timestamp,
}
