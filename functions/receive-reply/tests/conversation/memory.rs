//! The store in memory, over the real `Notice::apply`; its worker dies before or after any write.

#![expect(clippy::wildcard_enum_match_arm, reason = "the few that matter here are named")]

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use channels::fake::{HeldSettings, StoppedClock, details, shipped_settings};
use domain::ports::{Clock, Entropy};
use domain::{
    Details, Event, Fact, Message, Notice, NoticeId, Opening, Outcome, PhoneNumber, ProviderMessageId, RecipientId,
    Reference, ReplyId, Route, State,
};
use jiff::{SignedDuration, Timestamp};
use receive_reply::{Inbound, KeepReplies, Provider, Received, Receiver, Sender, Unreceived};
use store::{
    Binding, Clarifying, Decision, Direction, Error, Heard, RecipientKey, Reply, SentMessage, Transition,
    UnmatchedText, Withdrawal,
};

pub(crate) const PHONE: &str = "010-1234-5678";

pub(crate) fn key() -> RecipientKey {
    RecipientKey::new("a key for tests")
}

pub(crate) fn resident() -> RecipientId {
    key().identify(&PhoneNumber::parse(PHONE).expect("a number"))
}

/// Bytes that never come twice.
#[derive(Default)]
pub(crate) struct Numbered(AtomicU64);

impl Entropy for Numbered {
    fn fill(&self, bytes: &mut [u8]) {
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let from = bytes.len() - number.len();
        bytes[from..].copy_from_slice(&number);
    }
}

#[derive(Default)]
pub(crate) struct Shelf {
    pub(crate) notices: BTreeMap<NoticeId, Notice>,
    pub(crate) facts: Vec<(NoticeId, Fact)>,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) replies: BTreeMap<ReplyId, Reply>,
    pub(crate) unmatched: Vec<UnmatchedText>,
    pub(crate) opted_out: bool,
    messages: HashMap<String, (NoticeId, SentMessage)>,
    once: HashMap<String, NoticeId>,
    said: HashMap<String, Timestamp>,
    heard: Vec<(Timestamp, String)>,
    clarifying: Option<Clarifying>,
    /// The write before which, or after which, the worker dies.
    death: Option<(u32, bool)>,
}

/// The table.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Shelf>>);

fn died() -> Error {
    Error::DynamoDb { operation: "a call", source: "out of order".into() }
}

impl Memory {
    pub(crate) fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().expect("one thread")
    }

    fn write<T>(&self, write: impl FnOnce(&mut Shelf) -> T) -> Result<T, Error> {
        let mut held = self.shelf();
        let dies = match held.death {
            Some((0, after)) => Some(after),
            Some((left, after)) => {
                held.death = Some((left - 1, after));
                None
            }
            None => None,
        };
        if dies.is_some() {
            held.death = None;
        }
        if dies == Some(false) {
            return Err(died());
        }
        let written = write(&mut held);
        if dies == Some(true) { Err(died()) } else { Ok(written) }
    }

    pub(crate) fn dies(&self, at: u32, after: bool) {
        self.shelf().death = Some((at, after));
    }
}

impl Shelf {
    pub(crate) fn forget_death(&mut self) {
        self.death = None;
    }

    fn is_taken(&self, binding: &Binding, now: Timestamp) -> bool {
        match binding {
            Binding::Once { scope, key } => self.once.contains_key(&format!("{scope}#{key}")),
            Binding::Said { seal } => self.said.get(seal).is_some_and(|at| *at + SignedDuration::from_secs(10) > now),
            _ => false,
        }
    }

    fn bind(&mut self, notice: NoticeId, at: Timestamp, binding: Binding) {
        match binding.clone() {
            Binding::Reply(reply) => {
                assert!(self.replies.insert(reply.id, reply).is_none(), "each text is written once");
            }
            Binding::Once { scope, key } => {
                self.once.insert(format!("{scope}#{key}"), notice);
            }
            Binding::Said { seal } => {
                self.said.insert(seal, at);
            }
            Binding::Heard { seal, .. } => self.heard.push((at, seal)),
            Binding::Clarifying(clarifying) => self.clarifying = Some(clarifying),
            _ => {}
        }
        self.bindings.push(binding);
    }
}

impl KeepReplies for Memory {
    async fn done_on(&self, scope: &str, key: &str) -> Result<Option<NoticeId>, Error> {
        Ok(self.shelf().once.get(&format!("{scope}#{key}")).copied())
    }

    async fn message(&self, provider: &str, id: &str) -> Result<Option<(NoticeId, SentMessage)>, Error> {
        Ok(self.shelf().messages.get(&format!("{provider}#{id}")).cloned())
    }

    async fn notice(&self, id: NoticeId) -> Result<Option<Notice>, Error> {
        Ok(self.shelf().notices.get(&id).cloned())
    }

    async fn reply(&self, notice: NoticeId, id: ReplyId) -> Result<Option<Reply>, Error> {
        Ok(self.shelf().replies.get(&id).filter(|reply| reply.notice == notice).cloned())
    }

    async fn open(&self, recipient: &RecipientId, limit: i32) -> Result<Vec<Notice>, Error> {
        let held = self.shelf();
        let theirs =
            held.notices.values().rev().filter(|notice| notice.details.recipient_id.as_ref() == Some(recipient));
        let open = theirs.filter(|notice| notice.state.hears_replies());
        Ok(open.take(usize::try_from(limit).expect("few")).cloned().collect())
    }

    async fn clarifying(&self, _: &RecipientId) -> Result<Option<Clarifying>, Error> {
        Ok(self.shelf().clarifying.clone())
    }

    async fn heard(&self, _: &RecipientId, now: Timestamp) -> Result<Heard, Error> {
        let held = self.shelf();
        let within = held.heard.iter().filter(|(at, _)| *at + SignedDuration::from_hours(1) >= now);
        let newest = within.clone().next_back().map(|(_, seal)| seal.clone());
        Ok(Heard { texts: u32::try_from(within.count()).expect("few"), newest })
    }

    async fn transition<T>(
        &self,
        id: NoticeId,
        mut decide: impl FnMut(&Notice) -> Decision<T>,
    ) -> Result<Transition<T>, Error> {
        let before = self.shelf().notices.get(&id).cloned().ok_or(Error::NotFound)?;
        let change = match decide(&before) {
            Decision::Record(change) => change,
            Decision::Leave(why) => return Ok(Transition::Left(why)),
        };
        let at = change.at.max(before.updated_at);
        let event = Event { version: before.version + 1, at, fact: change.fact.clone() };
        let after = match before.clone().apply(&event) {
            Outcome::Moved(after) => after,
            Outcome::AlreadyThere => return Ok(Transition::AlreadyThere(Box::new(before))),
            Outcome::Invalid(refused) => return Ok(Transition::Refused(Box::new(before), refused)),
        };
        self.write(|held| {
            if change.bindings.iter().any(|binding| held.is_taken(binding, at)) {
                return Transition::DoneBefore(Box::new(before));
            }
            for binding in change.bindings {
                held.bind(id, at, binding);
            }
            held.facts.push((id, change.fact));
            held.notices.insert(id, (*after).clone());
            Transition::Moved(after)
        })
    }

    async fn withdraw_everywhere(&self, _: &Withdrawal) -> Result<(), Error> {
        self.write(|held| held.opted_out = true)
    }

    async fn resume(&self, _: &RecipientId) -> Result<(), Error> {
        self.write(|held| held.opted_out = false)
    }

    async fn keep_unmatched(&self, _: &str, text: &UnmatchedText, _: Timestamp) -> Result<(), Error> {
        self.write(|held| held.unmatched.push(text.clone()))
    }
}

/// An office, and one resident's telephone.
pub(crate) struct Office {
    pub(crate) table: Memory,
    pub(crate) clock: StoppedClock,
    receiver: Receiver<Memory, HeldSettings, StoppedClock, Numbered>,
}

impl Office {
    pub(crate) fn new() -> Self {
        let (table, clock) = (Memory::default(), StoppedClock::default());
        let receiver = Receiver {
            table: table.clone(),
            settings: HeldSettings::new(shipped_settings()),
            recipient_key: key(),
            clock: clock.clone(),
            entropy: Numbered::default(),
        };
        Self { table, clock, receiver }
    }

    pub(crate) fn pass(&self, time: SignedDuration) {
        self.clock.advance(time);
    }

    /// A notice to the resident, who is asked at once.
    pub(crate) fn ask(&self) -> NoticeId {
        let id = self.accept(&Opening::Ask);
        self.asked_now(id, 1);
        id
    }

    /// A notice that waits for its day.
    pub(crate) fn put_by(&self) -> NoticeId {
        let id = self.accept(&Opening::Ask);
        let mut held = self.table.shelf();
        let notice = held.notices.get_mut(&id).expect("a notice");
        notice.state = State::Accepted { not_before: Some(self.clock.now()), cause: 1 };
        id
    }

    /// Its day has come, and the resident is asked.
    pub(crate) fn set_out(&self, id: NoticeId) {
        self.happens(id, Fact::Released);
        self.asked_now(id, 2);
    }

    fn asked_now(&self, id: NoticeId, cause: u32) {
        let provider_id = ProviderMessageId::parse(&format!("sms-{id}")).expect("an id");
        let (now, hour) = (self.clock.now(), SignedDuration::from_hours(1));
        let message = Message::Question;
        let lease_until = now + SignedDuration::from_secs(90);
        self.happens(
            id,
            Fact::SendClaimed { cause, message: message.clone(), attempt: 1, lease_until, possible_duplicate: false },
        );
        let (remind_at, choose_by) = (now + hour * 24, now + hour * 72);
        let billed = domain::Billed::parts(1);
        self.happens(id, Fact::Asked { cause, provider_id: provider_id.clone(), billed, remind_at, choose_by });
        self.sends(id, message, provider_id.as_str());
    }

    /// A notice to the resident that goes by letter.
    pub(crate) fn post(&self) -> NoticeId {
        self.accept(&Opening::Post(domain::PostReason::OptedOut))
    }

    fn accept(&self, opening: &Opening) -> NoticeId {
        let now = self.clock.now();
        let id = NoticeId::new(now, &self.receiver.entropy);
        let reference = Reference::parse(&format!("건축과-{id}")).expect("a reference");
        let details = Details { reference, recipient_id: Some(resident()), ..details() };
        let (notice, _) = Notice::accept(id, details, opening, None, now);
        self.table.shelf().notices.insert(id, notice);
        id
    }

    pub(crate) fn happens(&self, id: NoticeId, fact: Fact) {
        let mut held = self.table.shelf();
        let before = held.notices[&id].clone();
        let event = Event { version: before.version + 1, at: self.clock.now(), fact };
        let Outcome::Moved(after) = before.apply(&event) else { unreachable!("it can happen") };
        held.notices.insert(id, *after);
    }

    pub(crate) fn sends(&self, notice: NoticeId, message: Message, name: &str) {
        let sent = SentMessage { cause: 1, message, consent: None };
        self.table.shelf().messages.insert(format!("sns#{name}"), (notice, sent));
    }

    pub(crate) async fn text(&self, id: &str, text: &str) -> Received {
        self.texts(id, text, None).await.expect("taken in")
    }

    pub(crate) async fn texts(&self, id: &str, text: &str, answers: Option<&str>) -> Result<Received, Unreceived> {
        let inbound = Inbound {
            provider: Provider::Standard,
            id: ProviderMessageId::parse(id).expect("an id"),
            from: Sender::Phone(PhoneNumber::parse(PHONE).expect("a number")),
            text: text.to_owned(),
            in_reply_to: answers.map(str::to_owned),
            media: Vec::new(),
            note: None,
        };
        self.receiver.receive(inbound).await
    }

    pub(crate) fn facts(&self, id: NoticeId) -> Vec<&'static str> {
        let held = self.table.shelf();
        held.facts.iter().filter(|(notice, _)| *notice == id).map(|(_, fact)| fact.name()).collect()
    }

    pub(crate) fn unread(&self, id: NoticeId) -> u32 {
        self.table.shelf().notices[&id].conversation.map_or(0, |conversation| conversation.unread)
    }

    /// What the resident's texts with this notice say, but for those that have moved away.
    pub(crate) fn stands(&self, id: NoticeId) -> Vec<String> {
        let held = self.table.shelf();
        let moved = |reply: &Reply| {
            held.facts
                .iter()
                .any(|(_, fact)| matches!(fact, Fact::ReplyMoved { reply: moved, .. } if *moved == reply.id))
        };
        let texts = held.replies.values().filter(|reply| reply.notice == id && reply.direction == Direction::Inbound);
        texts.filter(|reply| !moved(reply)).map(|reply| reply.text.clone()).collect()
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        let held = self.table.shelf();
        let asked = held.replies.values().filter(|reply| reply.direction == Direction::Outbound);
        asked.map(|reply| reply.text.clone()).collect()
    }

    pub(crate) fn chosen(&self, id: NoticeId) -> Option<Route> {
        let held = self.table.shelf();
        held.facts.iter().rev().find_map(|(notice, fact)| match fact {
            Fact::ChannelChosen { route, .. } if *notice == id => Some(*route),
            _ => None,
        })
    }
}
