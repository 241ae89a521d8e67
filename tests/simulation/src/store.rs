//! The store in memory: the table's verbs over the real `Notice::apply`, with its version condition and its one stream.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use channels::Ledger;
use domain::statistics::{Counted, Counts, Line, count};
use domain::{
    ChainedEvent, Channel, Consent, ConsentId, Event, Fact, Given, KindCode, Notice, NoticeId, Opening, Outcome,
    Preference, RecipientId, ReplyId, Route, RunId, Scope, State,
};
use jiff::{SignedDuration, Timestamp};
use letters::{FetchLetter, KeepFile, letter_key};
use receive_reply::KeepReplies;
use record_receipt::KeepReceipts;
use relay_events::KeepCounts;
use store::{
    Binding, Clarifying, Dead, Decision, DueCursor, DuePage, DueShard, Entered, Error, Heard, Link, Reply, SentMessage,
    Tally, Transition, UnmatchedText, Withdrawal,
};
use watch_deadlines::{FindDue, MoveNotice, ReadPreference};

use crate::cloud::Cloud;
use crate::jobs::{Job, OfficerDoes};
use crate::world::World;

/// As the table has it.
const ATTEMPTS: u32 = 8;
const SHARDS: usize = 8;

/// A notice as stored, with all that happened to it.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) resident: usize,
    /// After its first event.
    pub(crate) first: Notice,
    pub(crate) notice: Notice,
    pub(crate) events: Vec<Event>,
    pub(crate) chain: Vec<ChainedEvent>,
    /// When each event was written: events bear the moment at which their worker looked at its clock.
    pub(crate) written: Vec<Timestamp>,
}

/// A standing preference.
#[derive(Debug, Clone)]
struct Standing {
    route: Route,
    opted_out: bool,
}

/// A consent and when it was written.
#[derive(Debug, Clone)]
pub(crate) struct KeptConsent {
    pub(crate) consent: Consent,
    pub(crate) written: Timestamp,
}

/// All that is stored.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    pub(crate) files: BTreeMap<NoticeId, File>,
    pub(crate) due: [BTreeSet<(Timestamp, NoticeId)>; SHARDS],
    pub(crate) awaiting_run: BTreeSet<(Timestamp, NoticeId)>,
    pub(crate) consents: HashMap<ConsentId, KeptConsent>,
    pub(crate) members: BTreeMap<RunId, Vec<NoticeId>>,
    pub(crate) dead: Vec<(&'static str, Dead)>,
    open: BTreeMap<RecipientId, BTreeSet<NoticeId>>,
    preferences: BTreeMap<RecipientId, BTreeMap<Option<KindCode>, Standing>>,
    /// When each person began, or ceased, to refuse everything electronic.
    refusals: BTreeMap<RecipientId, Vec<(Timestamp, bool)>>,
    links: HashMap<String, Link>,
    messages: HashMap<String, (NoticeId, SentMessage)>,
    replies: HashMap<ReplyId, Reply>,
    /// What was done once, and on which notice.
    once: HashMap<String, NoticeId>,
    /// When each text was said last, by its seal.
    said: HashMap<String, Timestamp>,
    heard: BTreeMap<RecipientId, Vec<(Timestamp, String)>>,
    clarifying: BTreeMap<RecipientId, Clarifying>,
    files_kept: HashMap<String, Vec<u8>>,
    pub(crate) counted: BTreeMap<NoticeId, BTreeSet<u32>>,
    pub(crate) numbers: BTreeMap<Line, Counts>,
    /// The newest event of each notice that the stream brought and that was relayed.
    pub(crate) relayed: BTreeMap<NoticeId, u32>,
}

/// The events of a notice on their way through the stream, in order.
#[derive(Debug, Default)]
pub(crate) struct Lane {
    pub(crate) events: VecDeque<Event>,
    pub(crate) busy: bool,
}

enum Written {
    Done,
    DoneBefore,
    Overtaken,
    Clash,
}

fn shard(id: NoticeId) -> usize {
    usize::from(id.to_string().as_bytes()[25]) % SHARDS
}

const fn awaits_run(notice: &Notice) -> Option<Timestamp> {
    if let State::Posting { since, .. } = &notice.state { Some(*since) } else { None }
}

/// So many events in ten thousand are lost for good by the stream.
const LOST: u64 = 40;
/// So many come hours late.
const LATE: u64 = 20;

impl World {
    /// Takes a notice in, as `intake-notice` does in one transaction.
    pub(crate) fn accept(
        &mut self,
        id: NoticeId,
        details: domain::Details,
        not_before: Option<Timestamp>,
        resident: usize,
    ) {
        let post_only = self.settings.kind(&details.kind).is_some_and(|kind| kind.corporations_by_post);
        let preference = details.recipient_id.as_ref().and_then(|of| self.shelf.preference(of, &details.kind));
        let opening = Opening::of(&details, post_only, preference);
        let (first, _) = Notice::accept(id, details.clone(), &Opening::Ask, not_before, self.now);
        let (notice, events) = Notice::accept(id, details, &opening, not_before, self.now);
        let mut chain: Vec<ChainedEvent> = Vec::new();
        for event in &events {
            let previous = chain.last().map_or_else(domain::EventHash::genesis, |last| last.hash.clone());
            chain.push(ChainedEvent::new(previous, id, event));
        }
        self.shelf.index(None, &notice);
        let written = vec![self.now; events.len()];
        self.shelf.files.insert(id, File { resident, first, notice, events: events.clone(), chain, written });
        self.tally.accepted += 1;
        for event in events {
            self.stream(id, event);
        }
    }

    /// Writes the notice at its next version, the event, and what it binds, all or nothing.
    fn write(&mut self, before: &Notice, after: &Notice, event: &Event, bindings: Vec<Binding>) -> Written {
        let id = before.id;
        let stored = self.shelf.files.get(&id).expect("it was read before");
        if stored.notice.version != before.version {
            self.tally.overtaken += 1;
            return Written::Overtaken;
        }
        for binding in &bindings {
            if let Binding::Once { scope, key } = binding
                && self.shelf.once.contains_key(&format!("{scope}#{key}"))
            {
                return Written::DoneBefore;
            }
            if let Binding::Said { seal } = binding
                && self.shelf.said.get(seal).is_some_and(|at| *at + SignedDuration::from_secs(10) > self.now)
            {
                return Written::DoneBefore;
            }
            if let Binding::Member { run } = binding
                && self.shelf.members.get(run).is_some_and(|members| members.contains(&id))
            {
                return Written::Clash;
            }
        }
        for binding in bindings {
            self.shelf.bind(id, self.now, binding);
        }
        self.shelf.index(Some(before), after);
        let now = self.now;
        let file = self.shelf.files.get_mut(&id).expect("it is there");
        file.chain.push(ChainedEvent::new(before.head.clone(), id, event));
        file.events.push(event.clone());
        file.written.push(now);
        file.notice = after.clone();
        if let Fact::ReplyReceived { .. } = event.fact
            && self.chance.hits(3_000)
        {
            let after = self.chance.minutes(10, 3_000);
            self.start(after, Job::Officer { notice: id, does: OfficerDoes::Answer });
        }
        self.stream(id, event.clone());
        Written::Done
    }

    fn stream(&mut self, id: NoticeId, event: Event) {
        if self.chance.hits(LOST) {
            self.tally.lost_events += 1;
            return;
        }
        let lane = self.lanes.entry(id).or_default();
        lane.events.push_back(event);
        if !std::mem::replace(&mut lane.busy, true) {
            let delay =
                if self.chance.hits(LATE) { self.chance.minutes(10, 360) } else { self.chance.millis(50, 1_500) };
            self.start(delay, Job::Relay { notice: id, again: None });
        }
    }
}

impl Shelf {
    fn bind(&mut self, notice: NoticeId, now: Timestamp, binding: Binding) {
        match binding {
            Binding::Link(link) => {
                self.links.insert(link.id.to_string(), link);
            }
            Binding::Message { provider, id, sent } => {
                self.messages.insert(format!("{provider}#{id}"), (notice, sent));
            }
            Binding::Consent(consent) => self.keep_consent(consent, now),
            Binding::Preference { recipient, scope, route } => {
                self.prefer(&recipient, &scope, route, false);
                self.note_refusal(&recipient, now);
            }
            // Nobody hands permits in here, looks at what was handed in, or asks about a text.
            Binding::Revocation(_)
            | Binding::Resumption(_)
            | Binding::RenewalReported(_)
            | Binding::Submission(_)
            | Binding::Text(_)
            | Binding::Request(_) => {}
            Binding::Reply(reply) => {
                self.replies.insert(reply.id, reply);
            }
            Binding::Member { run } => self.members.entry(run).or_default().push(notice),
            Binding::Clarifying(clarifying) => {
                self.clarifying.insert(clarifying.recipient.clone(), clarifying);
            }
            Binding::Heard { recipient, seal } => self.heard.entry(recipient).or_default().push((now, seal)),
            Binding::Said { seal } => {
                self.said.insert(seal, now);
            }
            Binding::Once { scope, key } => {
                self.once.insert(format!("{scope}#{key}"), notice);
            }
        }
    }

    pub(crate) fn keep_consent(&mut self, consent: Consent, written: Timestamp) {
        self.consents.insert(consent.id, KeptConsent { consent, written });
    }

    pub(crate) fn prefer(&mut self, recipient: &RecipientId, scope: &Scope, route: Route, opted_out: bool) {
        let reach = match scope {
            Scope::Notice(_) => return,
            Scope::Kind(kind) => Some(kind.clone()),
            Scope::Everything => None,
        };
        self.preferences.entry(recipient.clone()).or_default().insert(reach, Standing { route, opted_out });
    }

    fn note_refusal(&mut self, recipient: &RecipientId, now: Timestamp) {
        let standing = self.preferences.get(recipient).and_then(|standing| standing.get(&None));
        let refuses = standing.is_some_and(|standing| standing.opted_out);
        let noted = self.refusals.entry(recipient.clone()).or_default();
        if noted.last().is_some_and(|(_, before)| *before) != refuses {
            noted.push((now, refuses));
        }
    }

    /// At some moment between the two the person did not refuse everything electronic.
    pub(crate) fn was_welcome(&self, recipient: &RecipientId, from: Timestamp, to: Timestamp) -> bool {
        let noted = self.refusals.get(recipient).map_or(&[][..], Vec::as_slice);
        let at_first = noted.iter().rev().find(|(at, _)| *at <= from).is_none_or(|(_, refuses)| !refuses);
        at_first || noted.iter().any(|(at, refuses)| *at > from && *at <= to && !refuses)
    }

    fn preference(&self, recipient: &RecipientId, kind: &KindCode) -> Option<Preference> {
        let standing = self.preferences.get(recipient)?;
        let of = |reach: Option<KindCode>, scope| {
            let Standing { route, opted_out } = standing.get(&reach)?.clone();
            Some(Preference { route, scope, opted_out })
        };
        let everything = of(None, Scope::Everything);
        match everything {
            Some(Preference { opted_out: true, .. }) => everything,
            Some(_) | None => of(Some(kind.clone()), Scope::Kind(kind.clone())).or(everything),
        }
    }

    fn withdraw(&mut self, recipient: &RecipientId, only: Option<Channel>) {
        let standing = self.preferences.entry(recipient.clone()).or_default();
        standing.retain(|_, standing| only.is_some_and(|only| only != standing.route.channel()));
        if only.is_none() {
            standing.insert(None, Standing { route: Route::Post, opted_out: true });
        }
    }

    /// Keeps the pointers: what waits for a clock, for a print run, and for a text.
    fn enter(&mut self, tally: &Tally) -> Entered {
        let is_counted = |(id, versions): (&NoticeId, &BTreeSet<u32>)| {
            self.counted.get(id).is_some_and(|counted| !counted.is_disjoint(versions))
        };
        if tally.events().iter().any(is_counted) {
            return Entered::Overtaken;
        }
        for (id, versions) in tally.events() {
            self.counted.entry(*id).or_default().extend(versions);
        }
        for (line, counts) in tally.lines() {
            *self.numbers.entry(line.clone()).or_default() += counts;
        }
        Entered::Whole
    }

    fn index(&mut self, before: Option<&Notice>, after: &Notice) {
        let id = after.id;
        let due = &mut self.due[shard(id)];
        if let Some(at) = before.and_then(Notice::due_at) {
            due.remove(&(at, id));
        }
        if let Some(at) = after.due_at() {
            due.insert((at, id));
        }
        if let Some(since) = before.and_then(awaits_run) {
            self.awaiting_run.remove(&(since, id));
        }
        if let Some(since) = awaits_run(after) {
            self.awaiting_run.insert((since, id));
        }
        if let Some(recipient) = &after.details.recipient_id {
            let open = self.open.entry(recipient.clone()).or_default();
            if after.state.hears_replies() {
                open.insert(id)
            } else {
                open.remove(&id)
            };
        }
    }
}

impl Cloud {
    /// As the table's own: read, decide, write if nobody was quicker, else again.
    pub(crate) async fn change<T>(
        &self,
        id: NoticeId,
        mut decide: impl FnMut(&Notice) -> Decision<T>,
    ) -> Result<Transition<T>, Error> {
        for _ in 0..ATTEMPTS {
            let before = self.stored(id).await?.ok_or(Error::NotFound)?;
            let change = match decide(&before) {
                Decision::Record(change) => change,
                Decision::Leave(why) => return Ok(Transition::Left(why)),
            };
            let event = Event { version: before.version + 1, at: change.at.max(before.updated_at), fact: change.fact };
            let after = match before.clone().apply(&event) {
                Outcome::Moved(after) => after,
                Outcome::AlreadyThere => return Ok(Transition::AlreadyThere(Box::new(before))),
                Outcome::Invalid(refused) => return Ok(Transition::Refused(Box::new(before), refused)),
            };
            self.way().await?;
            let written = self.world().write(&before, &after, &event, change.bindings);
            self.way().await?;
            match written {
                Written::Done => return Ok(Transition::Moved(after)),
                Written::DoneBefore => return Ok(Transition::DoneBefore(Box::new(before))),
                Written::Overtaken => {}
                Written::Clash => {
                    let clash = format!("{id} in {:?}: {:?} binds what is bound", before.state, event.fact);
                    self.world().clashes.push(clash);
                    return Err(Error::DynamoDb { operation: "a write", source: "a clash".into() });
                }
            }
        }
        Err(Error::Contention { attempts: ATTEMPTS })
    }

    pub(crate) async fn stored(&self, id: NoticeId) -> Result<Option<Notice>, Error> {
        self.way().await?;
        Ok(self.world().shelf.files.get(&id).map(|file| file.notice.clone()))
    }

    pub(crate) async fn link(&self, id: &domain::LinkId) -> Result<Option<Link>, Error> {
        self.way().await?;
        Ok(self.world().shelf.links.get(id.as_str()).cloned())
    }

    async fn kept_consent(&self, recipient: &RecipientId, id: ConsentId) -> Result<Option<Consent>, Error> {
        self.way().await?;
        let kept = self.world().shelf.consents.get(&id).map(|kept| kept.consent.clone());
        Ok(kept.filter(|consent| consent.recipient == *recipient))
    }

    async fn done(&self, scope: &str, key: &str) -> Result<bool, Error> {
        self.way().await?;
        Ok(self.world().shelf.once.contains_key(&format!("{scope}#{key}")))
    }

    async fn sent_message(&self, provider: &str, id: &str) -> Result<Option<(NoticeId, SentMessage)>, Error> {
        self.way().await?;
        Ok(self.world().shelf.messages.get(&format!("{provider}#{id}")).cloned())
    }

    async fn open_of(&self, recipient: &RecipientId, limit: i32) -> Result<Vec<NoticeId>, Error> {
        self.way().await?;
        let world = self.world();
        let open = world.shelf.open.get(recipient).into_iter().flatten().rev().copied();
        Ok(open.take(usize::try_from(limit).unwrap_or_default()).collect())
    }

    async fn put_aside(&self, what: &'static str, name: &str, content: &str, at: Timestamp) -> Result<(), Error> {
        self.way().await?;
        {
            let mut world = self.world();
            world.shelf.dead.retain(|(of, dead)| *of != what || dead.name != name);
            let dead = Dead { name: name.to_owned(), content: content.to_owned(), at };
            world.shelf.dead.push((what, dead));
        }
        self.way().await
    }

    /// As the table's own.
    pub(crate) async fn steer_away(&self, withdrawal: &Withdrawal) -> Result<(), Error> {
        const OPEN_NOTICES: i32 = 50;
        let Withdrawal { recipient, said_on, only, evidence, at } = withdrawal;
        self.way().await?;
        {
            let mut world = self.world();
            let now = world.now;
            world.shelf.withdraw(recipient, *only);
            world.shelf.note_refusal(recipient, now);
        }
        self.way().await?;
        for other in self.open_of(recipient, OPEN_NOTICES).await?.into_iter().filter(|id| Some(*id) != *said_on) {
            let decide = |notice: &Notice| {
                if !notice.is_touched_by_withdrawal(*only) {
                    return Decision::Leave(());
                }
                let fact = Fact::ConsentRevoked { only: *only, confirm: false, evidence: evidence.clone() };
                Decision::Record(store::Change { at: *at, fact, bindings: Vec::new() })
            };
            self.change(other, decide).await?;
        }
        Ok(())
    }
}

impl Ledger for Cloud {
    async fn transition<T: Send>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> Result<Transition<T>, Error> {
        self.change(id, decide).await
    }

    async fn consent(&self, recipient: &RecipientId, id: ConsentId) -> Result<Option<Consent>, Error> {
        self.kept_consent(recipient, id).await
    }

    async fn reply(&self, notice: NoticeId, id: ReplyId) -> Result<Option<Reply>, Error> {
        self.way().await?;
        Ok(self.world().shelf.replies.get(&id).filter(|reply| reply.notice == notice).cloned())
    }
}

impl KeepReplies for Cloud {
    async fn done_on(&self, scope: &str, key: &str) -> Result<Option<NoticeId>, Error> {
        self.way().await?;
        Ok(self.world().shelf.once.get(&format!("{scope}#{key}")).copied())
    }

    async fn message(&self, provider: &str, id: &str) -> Result<Option<(NoticeId, SentMessage)>, Error> {
        self.sent_message(provider, id).await
    }

    async fn notice(&self, id: NoticeId) -> Result<Option<Notice>, Error> {
        self.stored(id).await
    }

    async fn reply(&self, notice: NoticeId, id: ReplyId) -> Result<Option<Reply>, Error> {
        Ledger::reply(self, notice, id).await
    }

    async fn open(&self, recipient: &RecipientId, limit: i32) -> Result<Vec<Notice>, Error> {
        let ids = self.open_of(recipient, limit).await?;
        self.way().await?;
        let world = self.world();
        Ok(ids.iter().filter_map(|id| world.shelf.files.get(id)).map(|file| file.notice.clone()).collect())
    }

    async fn clarifying(&self, recipient: &RecipientId) -> Result<Option<Clarifying>, Error> {
        self.way().await?;
        Ok(self.world().shelf.clarifying.get(recipient).cloned())
    }

    async fn heard(&self, recipient: &RecipientId, now: Timestamp) -> Result<Heard, Error> {
        self.way().await?;
        let world = self.world();
        let heard = world.shelf.heard.get(recipient).into_iter().flatten();
        let within: Vec<_> = heard.filter(|(at, _)| *at + SignedDuration::from_hours(1) >= now).collect();
        let newest = within.last().map(|(_, seal)| seal.clone());
        Ok(Heard { texts: u32::try_from(within.len()).expect("few"), newest })
    }

    async fn transition<T>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T>,
    ) -> Result<Transition<T>, Error> {
        self.change(id, decide).await
    }

    async fn withdraw_everywhere(&self, withdrawal: &Withdrawal) -> Result<(), Error> {
        self.steer_away(withdrawal).await
    }

    async fn resume(&self, recipient: &RecipientId) -> Result<(), Error> {
        self.way().await?;
        {
            let mut world = self.world();
            let now = world.now;
            if let Some(standing) = world.shelf.preferences.get_mut(recipient) {
                standing.retain(|_, standing| !standing.opted_out);
            }
            world.shelf.note_refusal(recipient, now);
        }
        self.way().await
    }

    async fn keep_unmatched(&self, name: &str, text: &UnmatchedText, at: Timestamp) -> Result<(), Error> {
        self.put_aside("reply", name, &text.text, at).await
    }
}

impl KeepReceipts for Cloud {
    async fn was_done(&self, scope: &str, key: &str) -> Result<bool, Error> {
        self.done(scope, key).await
    }

    async fn message(&self, provider: &str, id: &str) -> Result<Option<(NoticeId, SentMessage)>, Error> {
        self.sent_message(provider, id).await
    }

    async fn notice(&self, id: NoticeId) -> Result<Option<Notice>, Error> {
        self.stored(id).await
    }

    async fn transition<T: Send>(
        &self,
        id: NoticeId,
        decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> Result<Transition<T>, Error> {
        self.change(id, decide).await
    }

    async fn consent(&self, recipient: &RecipientId, id: ConsentId) -> Result<Option<Consent>, Error> {
        self.kept_consent(recipient, id).await
    }

    async fn withdraw_address(&self, recipient: &RecipientId, given: &Given, by: Timestamp) -> Result<(), Error> {
        self.way().await?;
        {
            let mut world = self.world();
            let Shelf { preferences, consents, .. } = &mut world.shelf;
            let condemned = |standing: &Standing| {
                let consent = standing.route.consent().and_then(|id| consents.get(&id));
                consent.is_some_and(|kept| kept.consent.given == *given && kept.consent.at <= by)
            };
            if let Some(standing) = preferences.get_mut(recipient) {
                standing.retain(|_, standing| !condemned(standing));
            }
        }
        self.way().await
    }

    async fn keep_dead(&self, what: &'static str, name: &str, content: &str, at: Timestamp) -> Result<(), Error> {
        self.put_aside(what, name, content, at).await
    }

    async fn dead_items(&self, what: &str, day: Timestamp) -> Result<Vec<Dead>, Error> {
        const DAY: i64 = 86_400;
        self.way().await?;
        let on_that_day = |at: Timestamp| at.as_second().div_euclid(DAY) == day.as_second().div_euclid(DAY);
        let world = self.world();
        let dead = world.shelf.dead.iter().filter(|(of, dead)| *of == what && on_that_day(dead.at));
        Ok(dead.map(|(_, dead)| dead.clone()).collect())
    }

    async fn forget_dead(&self, what: &str, dead: &Dead) -> Result<(), Error> {
        self.way().await?;
        self.world().shelf.dead.retain(|(of, kept)| *of != what || kept != dead);
        self.way().await
    }
}

impl FindDue for Cloud {
    async fn due(&self, shard: DueShard, until: Timestamp, _: i32, _: Option<DueCursor>) -> Result<DuePage, Error> {
        self.way().await?;
        let index = DueShard::all().position(|one| one == shard).expect("a shard");
        let world = self.world();
        let due = world.shelf.due[index].iter().take_while(|(at, _)| *at <= until);
        Ok(DuePage { notices: due.map(|(_, id)| *id).collect(), after: None })
    }
}

impl MoveNotice for Cloud {
    async fn transition<T>(
        &self,
        id: NoticeId,
        mut decide: impl FnMut(&Notice) -> Decision<T>,
    ) -> Result<Transition<T>, Error> {
        let mut asked_for = None;
        let noting = |notice: &Notice| {
            let decision = decide(notice);
            if let Decision::Record(change) = &decision {
                asked_for = Some(change.fact.clone());
            }
            decision
        };
        let transition = self.change(id, noting).await?;
        if let Transition::Refused(notice, refused) = &transition {
            let refusal = format!("{id} in {:?} refuses {asked_for:?}: {refused}", notice.state);
            self.world().refused_to_the_clock.push(refusal);
        }
        Ok(transition)
    }
}

impl KeepCounts for Cloud {
    async fn uncounted(&self, id: NoticeId) -> Result<Vec<Counted>, Error> {
        self.way().await?;
        let world = self.world();
        let (file, counted) = (&world.shelf.files[&id], world.shelf.counted.get(&id));
        let mut all = count(&file.notice, &file.events);
        all.retain(|event| !counted.is_some_and(|counted| counted.contains(&event.version)));
        Ok(all)
    }

    async fn enter(&self, tally: &Tally) -> Result<Entered, Error> {
        self.way().await?;
        let entered = self.world().shelf.enter(tally);
        self.way().await?;
        Ok(entered)
    }
}

impl ReadPreference for Cloud {
    async fn preference(&self, recipient: &RecipientId, kind: &KindCode) -> Result<Option<Preference>, Error> {
        self.way().await?;
        Ok(self.world().shelf.preference(recipient, kind))
    }
}

fn bucket(_: Error) -> letters::Error {
    letters::Error::S3 { operation: "a call", code: "out of order".to_owned(), source: "out of order".into() }
}

impl KeepFile for Cloud {
    async fn keep(
        &self,
        key: &str,
        _: &'static str,
        content: Vec<u8>,
        _: &domain::Checksum,
    ) -> Result<(), letters::Error> {
        self.way().await.map_err(bucket)?;
        self.world().shelf.files_kept.insert(key.to_owned(), content);
        self.way().await.map_err(bucket)
    }
}

impl FetchLetter for Cloud {
    async fn fetch(&self, notice: NoticeId, letter: &domain::Letter) -> Result<Vec<u8>, letters::Error> {
        self.way().await.map_err(bucket)?;
        let kept = self.world().shelf.files_kept.get(&letter_key(notice, &letter.sha256)).cloned();
        kept.ok_or(letters::Error::Altered)
    }

    async fn has(&self, notice: NoticeId, letter: &domain::Letter) -> Result<bool, letters::Error> {
        self.way().await.map_err(bucket)?;
        Ok(self.world().shelf.files_kept.contains_key(&letter_key(notice, &letter.sha256)))
    }
}
