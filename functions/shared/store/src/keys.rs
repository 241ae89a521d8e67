//! Every key of the table, for writing and asking alike: the only file that joins strings into keys.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::settings::SEOUL;
use domain::statistics::Line;
use domain::{
    Access, BatchId, Checksum, ConsentId, DepartmentCode, Given, KindCode, LinkId, Notice, NoticeId, Permit,
    PermitNumber, RecipientId, Reference, ReplyId, RunId, Scope, State, SubmissionId, TextCode, UploadId,
};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The index of a department's notices by state.
pub(crate) const BY_DEPARTMENT: &str = "by_department";

/// The index of the notices and permits that wait for a clock, by the moment they wait for.
pub(crate) const BY_DUE: &str = "by_due";

/// Waiting notices and letters are spread over this many partitions, read in parallel.
pub(crate) const DUE_SHARDS: u32 = 8;

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// The item has this key's sort key.
pub(crate) fn is(item: &HashMap<String, AttributeValue>, key: &Key) -> bool {
    sort_key(item) == Some(&key.sk)
}

pub(crate) fn is_event(item: &HashMap<String, AttributeValue>) -> bool {
    sort_key(item).is_some_and(|sk| sk.starts_with(EVENT_PREFIX))
}

pub(crate) fn is_details(item: &HashMap<String, AttributeValue>) -> bool {
    sort_key(item).is_some_and(|sk| sk == DETAILS)
}

fn sort_key(item: &HashMap<String, AttributeValue>) -> Option<&String> {
    item.get("sk").and_then(|sk| sk.as_s().ok())
}

const DETAILS: &str = "NOTICE#DETAILS";
pub(crate) const EVENT_PREFIX: &str = "EVENT#";
pub(crate) const PREFERENCE_PREFIX: &str = "PREFERENCE#";
pub(crate) const OPEN_PREFIX: &str = "OPEN#";
pub(crate) const MEMBER_PREFIX: &str = "LETTER#";
pub(crate) const HEARD_PREFIX: &str = "HEARD#";
/// Texts of a telephone are counted in spans of so many seconds.
pub(crate) const HEARD_SPAN: i64 = 600;
pub(crate) const REPLY_PREFIX: &str = "REPLY#";
pub(crate) const UPLOAD_PREFIX: &str = "UPLOAD#";
pub(crate) const SUBMISSION_PREFIX: &str = "SUBMISSION#";

pub(crate) fn notice_partition(id: NoticeId) -> String {
    format!("NOTICE#{id}")
}

pub(crate) fn recipient_partition(recipient: &RecipientId) -> String {
    format!("RECIPIENT#{recipient}")
}

pub(crate) fn notice(id: NoticeId) -> Key {
    Key::new(notice_partition(id), "NOTICE")
}

/// What was handed in. Sorts right behind the notice, so that one query reads both.
pub(crate) fn details(id: NoticeId) -> Key {
    Key::new(notice_partition(id), DETAILS)
}

pub(crate) fn event(id: NoticeId, version: u32) -> Key {
    Key::new(notice_partition(id), format!("{EVENT_PREFIX}{version:06}"))
}

/// Which events of a notice were counted. Sorts before its events, and these before the notice.
pub(crate) fn counted(id: NoticeId) -> Key {
    Key::new(notice_partition(id), "COUNTED")
}

pub(crate) fn reply(id: NoticeId, reply: ReplyId) -> Key {
    Key::new(notice_partition(id), format!("{REPLY_PREFIX}{reply}"))
}

pub(crate) fn upload(id: NoticeId, upload: UploadId) -> Key {
    Key::new(notice_partition(id), format!("{UPLOAD_PREFIX}{upload}"))
}

pub(crate) fn submission(id: NoticeId, submission: SubmissionId) -> Key {
    Key::new(notice_partition(id), format!("{SUBMISSION_PREFIX}{submission}"))
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

/// An address of theirs that failed, named by its hash: an address may hold any character.
pub(crate) fn failed_address(recipient: &RecipientId, given: &Given) -> Key {
    let address = match given {
        Given::Sms(phone) => phone.expose(),
        Given::Email(email) => email.expose(),
    };
    Key::new(recipient_partition(recipient), format!("FAILED#{}", hex::encode(Sha256::digest(address))))
}

pub(crate) fn open(recipient: &RecipientId, id: NoticeId) -> Key {
    Key::new(recipient_partition(recipient), format!("{OPEN_PREFIX}{id}"))
}

/// The question which of several notices a text is about.
pub(crate) fn clarifying(recipient: &RecipientId) -> Key {
    Key::new(recipient_partition(recipient), "CLARIFYING")
}

/// A telephone's texts of ten minutes.
pub(crate) fn heard(recipient: &RecipientId, at: Timestamp) -> Key {
    Key::new(recipient_partition(recipient), format!("{HEARD_PREFIX}{:013}", at.as_second().div_euclid(HEARD_SPAN)))
}

pub(crate) fn link(link: &LinkId) -> Key {
    Key::new(format!("LINK#{link}"), "LINK")
}

pub(crate) fn issued_text(code: &TextCode) -> Key {
    Key::new(format!("VERIFY#{code}"), "VERIFY")
}

/// What one source tried within one minute, since 1970.
pub(crate) fn attempts(scope: &str, source: &str, minute: i64) -> Key {
    Key::new(format!("ATTEMPTS#{scope}#{source}#{minute}"), "ATTEMPTS")
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

/// A line of the access record: within its day by moment, and unique by the request and what it shows.
pub(crate) fn access(access: &Access) -> Key {
    let (at, object) = (access.at.as_millisecond(), access.object.as_deref().unwrap_or_default());
    let name = format!("{at:013}#{}#{}#{object}", access.caller.request, access.action.as_str());
    Key::new(access_partition(SEOUL.to_datetime(access.at).date()), name)
}

/// The accesses of a day in Seoul.
pub(crate) fn access_partition(day: Date) -> String {
    format!("ACCESS#{day}")
}

/// How a notice's conversation stands, in its department's inbox.
pub(crate) fn conversation(id: NoticeId) -> Key {
    Key::new(notice_partition(id), "CONVERSATION")
}

/// In the index of departments, apart from the states of notices.
pub(crate) fn inbox(department: &DepartmentCode, unread: bool) -> String {
    format!("INBOX#{department}#{}", if unread { "unread" } else { "read" })
}

pub(crate) fn department_phase(department: &DepartmentCode, phase: &str) -> String {
    format!("DEPT#{department}#{phase}")
}

/// A department's numbers of a year.
pub(crate) fn statistics_partition(department: &DepartmentCode, year: i16) -> String {
    format!("STATS#{department}#{year:04}")
}

pub(crate) fn statistics(line: &Line) -> Key {
    let Line { department, day, kind } = line;
    Key::new(statistics_partition(department, day.year()), format!("{day}#{kind}"))
}

/// The department's line that has this key.
pub(crate) fn line(department: &DepartmentCode, key: &Key) -> Option<Line> {
    let (day, kind) = key.sk.split_once('#')?;
    Some(Line { department: department.clone(), day: day.parse().ok()?, kind: KindCode::parse(kind).ok()? })
}

/// Sorts before every line of that day.
pub(crate) fn statistics_from(day: Date) -> String {
    day.to_string()
}

/// Sorts after every line of that day, and before the next one's.
pub(crate) fn statistics_until(day: Date) -> String {
    format!("{day}$")
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

pub(crate) fn batch(id: BatchId) -> Key {
    Key::new(format!("BATCH#{id}"), "BATCH")
}

/// What makes a file's content unique among those of its type.
pub(crate) fn batch_content(r#type: &str, sha256: &Checksum) -> Key {
    Key::new(format!("CONTENT#{type}#{sha256}"), "CONTENT")
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

/// Where in the due index a notice waits; none when it waits for no clock. By the minute: what happens within one leaves the
/// index as it is, and whoever looks a little early finds nothing to do yet.
pub(crate) fn due(notice: &Notice) -> Option<(String, String)> {
    const MINUTE: i64 = 60;
    let at = notice.due_at()?;
    let at = Timestamp::from_second(at.as_second() - at.as_second().rem_euclid(MINUTE)).unwrap_or(at);
    Some((due_shard(shard(notice.id)), moment_id(at, notice.id)))
}

/// Where a notice stands among those of its department in its state: by the moment it came into it, where the state says
/// so, so that whatever else happens to it leaves the index as it is.
pub(crate) fn listed_at(notice: &Notice) -> Timestamp {
    match notice.state {
        State::Accepted { .. } | State::Sending { .. } => notice.accepted_at,
        State::Asking { choose_by, .. } => choose_by,
        State::Sent { at, .. }
        | State::Delivered { at, .. }
        | State::Read { at, .. }
        | State::Posted { at, .. }
        | State::Returned { at }
        | State::Cancelled { at } => at,
        State::Posting { since, .. } | State::Printing { since, .. } | State::NeedsAttention { since, .. } => since,
    }
}

pub(crate) fn due_shard(number: u32) -> String {
    format!("DUE#{number}")
}

/// Sorts after every notice that is due by `until`, and before those due later.
pub(crate) fn due_until(until: Timestamp) -> String {
    format!("{:013}$", until.as_millisecond())
}

pub(crate) fn permit(number: &PermitNumber) -> Key {
    Key::new(format!("PERMIT#{number}"), "PERMIT")
}

/// Where in the due index a permit waits; none when nobody is to be reminded. Permits for good may end in 9999: their
/// moments have more digits than notices'.
pub(crate) fn renewal(permit: &Permit) -> Option<(String, String)> {
    let (at, number) = (permit.due_at()?, &permit.details.number);
    let spread = number.as_str().bytes().fold(0, |sum: u32, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    Some((renewal_shard(spread % DUE_SHARDS), format!("{:015}#{number}", at.as_millisecond())))
}

pub(crate) fn renewal_shard(number: u32) -> String {
    format!("RENEWAL#{number}")
}

/// As [`due_until`], for permits.
pub(crate) fn renewal_until(until: Timestamp) -> String {
    format!("{:015}$", until.as_millisecond())
}

pub(crate) fn permit_of_renewal(renewal: &str) -> Option<PermitNumber> {
    renewal.split_once('#').and_then(|(_, number)| PermitNumber::parse(number).ok())
}
