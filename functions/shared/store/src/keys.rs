//! Every key of the table, for writing and asking alike: the only file that joins strings into keys.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    ConsentId, DepartmentCode, KindCode, LinkId, Notice, NoticeId, RecipientId, Reference, ReplyId, RunId, Scope, State,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// The index of a department's notices by state.
pub(crate) const BY_DEPARTMENT: &str = "by_department";

/// The index of the notices that wait for a clock, by the moment they wait for.
pub(crate) const BY_DUE: &str = "by_due";

/// Waiting notices and letters are spread over this many partitions, read in parallel.
pub(crate) const DUE_SHARDS: u32 = 8;

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }

    pub(crate) fn into_attributes(self) -> HashMap<String, AttributeValue> {
        HashMap::from([("pk".to_owned(), AttributeValue::S(self.pk)), ("sk".to_owned(), AttributeValue::S(self.sk))])
    }
}

pub(crate) const EVENT_PREFIX: &str = "EVENT#";
pub(crate) const PREFERENCE_PREFIX: &str = "PREFERENCE#";
pub(crate) const OPEN_PREFIX: &str = "OPEN#";
pub(crate) const MEMBER_PREFIX: &str = "LETTER#";

pub(crate) fn notice_partition(id: NoticeId) -> String {
    format!("NOTICE#{id}")
}

pub(crate) fn recipient_partition(recipient: &RecipientId) -> String {
    format!("RECIPIENT#{recipient}")
}

pub(crate) fn notice(id: NoticeId) -> Key {
    Key::new(notice_partition(id), "NOTICE")
}

pub(crate) fn event(id: NoticeId, version: u32) -> Key {
    Key::new(notice_partition(id), format!("{EVENT_PREFIX}{version:06}"))
}

pub(crate) fn reply(id: NoticeId, reply: ReplyId) -> Key {
    Key::new(notice_partition(id), format!("REPLY#{reply}"))
}

/// A standing preference; none for a scope that stands for one notice only.
pub(crate) fn preference(recipient: &RecipientId, scope: &Scope) -> Option<Key> {
    let reach = match scope {
        Scope::Notice(_) => return None,
        Scope::Kind(kind) => format!("{PREFERENCE_PREFIX}{kind}"),
        Scope::Everything => format!("{PREFERENCE_PREFIX}*"),
    };
    Some(Key::new(recipient_partition(recipient), reach))
}

pub(crate) fn consent(recipient: &RecipientId, id: ConsentId) -> Key {
    Key::new(recipient_partition(recipient), format!("CONSENT#{id}"))
}

pub(crate) fn open(recipient: &RecipientId, id: NoticeId) -> Key {
    Key::new(recipient_partition(recipient), format!("{OPEN_PREFIX}{id}"))
}

pub(crate) fn link(link: &LinkId) -> Key {
    Key::new(format!("LINK#{link}"), "LINK")
}

pub(crate) fn message(provider: &str, id: &str) -> Key {
    Key::new(format!("MESSAGE#{provider}#{id}"), "MESSAGE")
}

pub(crate) fn once(scope: &str, key: &str) -> Key {
    Key::new(format!("ONCE#{scope}#{key}"), "ONCE")
}

/// What makes an office's own number unique: department and kind cannot hold `#`, so no two matters share a key.
pub(crate) fn reference(department: &DepartmentCode, kind: &KindCode, reference: &Reference) -> Key {
    once("reference", &format!("{department}#{kind}#{reference}"))
}

/// What fits no notice, by the day it came and the name it came under: the same thing twice is one item.
pub(crate) fn dead(at: Timestamp, what: &str, name: &str) -> Key {
    Key::new(dead_partition(at), dead_prefix(what) + name)
}

pub(crate) fn dead_partition(day: Timestamp) -> String {
    format!("DEAD#{}", TimeZone::UTC.to_datetime(day).date())
}

pub(crate) fn dead_prefix(what: &str) -> String {
    format!("{what}#")
}

pub(crate) fn department_phase(department: &DepartmentCode, phase: &str) -> String {
    format!("DEPT#{department}#{phase}")
}

/// Sorts by moment, then by notice: fixed width, so that text order is time order.
pub(crate) fn moment_id(at: Timestamp, id: NoticeId) -> String {
    format!("{:013}#{id}", at.as_millisecond())
}

pub(crate) fn notice_of_moment_id(moment_id: &str) -> Option<NoticeId> {
    moment_id.split_once('#').and_then(|(_, id)| NoticeId::parse(id).ok())
}

/// The one run that is open.
pub(crate) fn open_run() -> Key {
    Key::new("RUN".to_owned(), "OPEN")
}

pub(crate) fn run_partition(id: &RunId) -> String {
    format!("RUN#{id}")
}

pub(crate) fn run(id: &RunId) -> Key {
    Key::new(run_partition(id), "RUN")
}

pub(crate) fn member(run: &RunId, notice: NoticeId) -> Key {
    Key::new(run_partition(run), format!("{MEMBER_PREFIX}{notice}"))
}

/// The hand-off to post: where a notice waits for a print run; none while it does not.
pub(crate) fn awaiting_run(notice: &Notice) -> Option<Key> {
    let State::Posting { since, .. } = notice.state else { return None };
    Some(Key::new(letters_shard(shard(notice.id)), moment_id(since, notice.id)))
}

pub(crate) fn letters_shard(number: u32) -> String {
    format!("LETTERS#{number}")
}

/// The end of a ULID is random: it spreads evenly.
fn shard(id: NoticeId) -> u32 {
    id.to_string().bytes().rev().take(4).fold(0, |sum: u32, byte| sum * 31 + u32::from(byte)) % DUE_SHARDS
}

/// Where in the due index a notice waits; none when it waits for no clock.
pub(crate) fn due(notice: &Notice) -> Option<(String, String)> {
    let at = notice.due_at()?;
    Some((due_shard(shard(notice.id)), moment_id(at, notice.id)))
}

pub(crate) fn due_shard(number: u32) -> String {
    format!("DUE#{number}")
}

/// Sorts after every notice that is due by `until`, and before those due later.
pub(crate) fn due_until(until: Timestamp) -> String {
    format!("{:013}$", until.as_millisecond())
}
