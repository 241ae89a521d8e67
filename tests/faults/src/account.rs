//! The account: what became of every notice, which messages went out how often, and whether each copy is accounted for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use domain::{Channel, Entry, Event, Fact, Failure, Message, NoticeId, Route};
use journeys::Stack;
use store::Table;

use crate::{Fired, Kills, Kind, Numbers, Outbox, Person};

/// One message of one notice.
#[derive(Debug, Default)]
struct Copies {
    /// How often it came.
    sent: usize,
    /// How often a sender claimed it.
    claims: usize,
    /// How many of those claims are marked as possible duplicates.
    marked: usize,
    /// How many events caused it.
    causes: BTreeSet<u32>,
}

impl Copies {
    fn duplicates(&self) -> usize {
        self.sent.saturating_sub(self.causes.len().max(1))
    }
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Account {
    /// Functions killed at work.
    pub kills: Kills,
    /// Faults between the functions and AWS.
    pub fired: Fired,
    /// Messages handed to a provider whose answer a fault swallowed.
    pub lost_answers: u64,
    /// Calls to a provider that broke off, as the senders saw it.
    pub broken_off: u64,
    /// Claims and records that did not come through, as the senders saw it.
    pub not_recorded: u64,
    /// Calls of the functions during the storm, by service.
    pub calls: BTreeMap<String, u64>,
    /// Dead letters by queue.
    pub dead: BTreeMap<String, u64>,
    states: BTreeMap<String, u32>,
    rounds: usize,
    copies: BTreeMap<(NoticeId, Kind), Copies>,
    torn: usize,
    notices: usize,
    numbers: Numbers,
    findings: Vec<String>,
}

impl Account {
    /// Reads every notice of these people with its events, and what they got.
    pub async fn take(stack: &Stack, people: &[Person], outbox: &Outbox) -> Self {
        let (table, mut account) = (stack.table().await, Self::default());
        let known: BTreeSet<&str> = outbox.all().map(|(_, sent)| &*sent.id).collect();
        for person in people {
            for (title, id) in &person.notices {
                account.notice(&table, person, id, &known).await;
                stack.assert_chain_holds(id).await;
                account.count_copies(person, title, id, outbox);
            }
        }
        account.check_copies();
        let ids = people.iter().flat_map(|person| &person.notices);
        let ids: Vec<_> = ids.map(|(_, id)| NoticeId::parse(id).expect("a notice id")).collect();
        account.numbers = Numbers::take(&table, &ids).await;
        account.findings.append(&mut account.numbers.findings);
        account
    }

    async fn notice(&mut self, table: &Table, person: &Person, id: &str, known: &BTreeSet<&str>) {
        let id = NoticeId::parse(id).expect("a notice id");
        let notice = table.notice(id).await.expect("a readable table").expect("the notice");
        let events = table.events(id).await.expect("a readable table");
        let events: Vec<_> = events.iter().map(|chained| chained.event().expect("an event")).collect();
        let state = notice.state.name();
        self.notices += 1;
        *self.states.entry(state.to_owned()).or_default() += 1;
        if !person.habit.ends().contains(&state) {
            self.findings.push(format!(
                "{id}: a resident who {:?} ends in {state}: {:?}",
                person.habit,
                facts(&events)
            ));
        }
        for (index, event) in events.iter().enumerate() {
            self.event(id, event, &events[..index], known);
        }
        for fact in ["joined_run", "posted"] {
            let times = events.iter().filter(|event| event.fact.name() == fact).count();
            if times != usize::from(state == "posted") {
                self.findings.push(format!("{id}: {state}, and {times} times {fact}"));
            }
        }
        for (cause, entry) in &notice.ledger {
            if let Entry::Claimed { message, .. } | Entry::Queued { message, .. } | Entry::Held { message, .. } = entry
                && notice.wants(*cause, message)
            {
                self.findings.push(format!("{id}: {message:?} never went out"));
            }
        }
    }

    fn event(&mut self, id: NoticeId, event: &Event, before: &[Event], known: &BTreeSet<&str>) {
        if let Fact::SendClaimed { cause, message, attempt, possible_duplicate, .. } = &event.fact {
            let Some(kind) = kind(message) else { return };
            let copies = self.copies.entry((id, kind)).or_default();
            copies.claims += 1;
            copies.marked += usize::from(*possible_duplicate);
            copies.causes.insert(*cause);
            if *possible_duplicate != (*attempt > 1) {
                self.findings.push(format!("{id}: attempt {attempt} of {} is marked wrongly", kind.name()));
            }
            if let Message::Result { channel } = message
                && !before.iter().any(|earlier| allows(&earlier.fact, *channel))
            {
                self.findings.push(format!("{id}: a result by {channel} without consent"));
            }
        }
        if let Fact::Asked { provider_id, .. }
        | Fact::Sent { provider_id, .. }
        | Fact::MessageSent { provider_id, .. } = &event.fact
        {
            // The mail service's names end in its domain, but not those by which the handset keeps its mails.
            let name = provider_id.as_str().split('@').next().unwrap_or_default();
            // Of an answer that was torn the SDK reads what there is: then it is half a name.
            let torn = known.range(name..).next().is_some_and(|id| id.len() > name.len() && id.starts_with(name));
            self.torn += usize::from(torn);
            if !torn && !known.contains(name) {
                self.findings.push(format!("{id}: recorded as sent, and nobody got it: {:?}", event.fact));
            }
        }
        self.rounds += usize::from(matches!(event.fact, Fact::SetGoingAgain { .. }));
        if matches!(event.fact, Fact::SendFailed { reason: Failure::GaveUp, .. }) {
            self.findings.push(format!("{id}: a message was given up"));
        }
    }

    fn count_copies(&mut self, person: &Person, title: &str, id: &str, outbox: &Outbox) {
        let id = NoticeId::parse(id).expect("a notice id");
        // Who has two notices is told of each whole, with its title; everything else is of the first.
        let is_first = person.notices[0].0 == title;
        let tells_title = |text: &str| person.notices.iter().any(|(title, _)| text.contains(title));
        let concerns = |text: &str| if tells_title(text) { text.contains(title) } else { is_first };
        for address in [&person.resident.phone, &person.email] {
            for sent in outbox.to(address).iter().filter(|sent| concerns(&sent.text)) {
                self.copies.entry((id, sent.kind)).or_default().sent += 1;
            }
        }
    }

    fn check_copies(&mut self) {
        for ((id, kind), copies) in &self.copies {
            if copies.sent > copies.claims {
                let Copies { sent, claims, .. } = copies;
                self.findings.push(format!("{id}: {sent} copies of {} by {claims} claims", kind.name()));
            }
            if copies.marked < copies.duplicates() {
                self.findings.push(format!("{id}: a second {} that no claim marks", kind.name()));
            }
        }
    }

    /// Copies beyond the first of each message.
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        self.copies.values().map(Copies::duplicates).sum::<usize>() as u64
    }

    /// All that can make a sender send again: it was killed, its call broke off, or its record did not come through.
    #[must_use]
    pub fn causes(&self) -> u64 {
        let killed = ["SendSms", "SendEmail"].iter().filter_map(|name| self.kills.get(*name)).sum::<u32>();
        u64::from(killed) + self.broken_off + self.not_recorded
    }

    /// What the senders say of calls that broke off and of records that failed, in a calm as in a storm: a machine that
    /// is busy fails calls of its own.
    pub async fn read_logs(&mut self, stack: &Stack) {
        for line in stack.logged("goes back to the queue").await {
            let broke_off = ["nothing in time", "nothing: not reached", "something unreadable"];
            self.broken_off += u64::from(broke_off.iter().any(|how| line.contains(how)));
            self.not_recorded += u64::from(line.contains("the table failed: dynamodb TransactWriteItems"));
        }
    }

    /// All copies of all messages.
    #[must_use]
    pub fn sent(&self) -> usize {
        self.copies.values().map(|copies| copies.sent).sum()
    }

    /// What should not be.
    #[must_use]
    pub fn findings(&self) -> &[String] {
        &self.findings
    }
}

/// The message's kind; none for those that nobody in the town gets.
const fn kind(message: &Message) -> Option<Kind> {
    match message {
        Message::Question => Some(Kind::Question),
        Message::Reminder => Some(Kind::Reminder),
        Message::EmailRequest => Some(Kind::EmailRequest),
        Message::Result { channel: Channel::Sms } => Some(Kind::TextResult),
        Message::Result { channel: Channel::Email } => Some(Kind::MailResult),
        Message::PostConfirmation => Some(Kind::PostConfirmation),
        Message::OptOutConfirmation => Some(Kind::OptOutConfirmation),
        Message::Result { channel: Channel::Post }
        | Message::Acknowledgement { .. }
        | Message::RenewalConfirmation
        | Message::Answer { .. }
        | Message::Clarification { .. }
        | Message::ResumeConfirmation
        | Message::DocumentsRequest
        | Message::DocumentsReminder
        | Message::SubmissionReceipt { .. }
        | Message::DocumentRefused { .. } => None,
    }
}

fn allows(fact: &Fact, wanted: Channel) -> bool {
    let Fact::ChannelChosen { route, .. } = fact else { return false };
    match route {
        Route::Sms { .. } => wanted == Channel::Sms,
        Route::Email { .. } => wanted == Channel::Email,
        Route::Post => false,
    }
}

fn facts(events: &[Event]) -> Vec<&'static str> {
    events.iter().map(|event| event.fact.name()).collect()
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |counts: &mut dyn Iterator<Item = (String, u64)>| {
            let parts: Vec<_> =
                counts.filter(|(_, count)| *count > 0).map(|(name, count)| format!("{count} {name}")).collect();
            if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
        };
        let mut faults: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
        for ((service, kind), count) in &self.fired {
            *faults.entry(service).or_default().entry(kind).or_default() += count;
        }
        let mut by_kind: BTreeMap<Kind, (usize, usize)> = BTreeMap::new();
        let mut spread: BTreeMap<usize, u64> = BTreeMap::new();
        let mut per_notice: BTreeMap<NoticeId, usize> = BTreeMap::new();
        for ((id, kind), copies) in &self.copies {
            let entry = by_kind.entry(*kind).or_default();
            *entry = (entry.0 + copies.sent, entry.1 + copies.duplicates());
            *per_notice.entry(*id).or_default() += copies.sent;
        }
        for sent in per_notice.values() {
            *spread.entry(*sent).or_default() += 1;
        }
        let marked: usize = self.copies.values().map(|copies| copies.marked).sum();
        let unmarked = self.copies.values().filter(|copies| copies.marked < copies.duplicates()).count();
        let kills: u32 = self.kills.values().sum();
        writeln!(f, "notices accepted      {}", self.notices)?;
        writeln!(
            f,
            "  ended               {}",
            list(&mut self.states.iter().map(|(name, n)| (name.clone(), u64::from(*n))))
        )?;
        writeln!(
            f,
            "functions killed      {kills}: {}",
            list(&mut self.kills.iter().map(|(name, n)| (name.clone(), u64::from(*n))))
        )?;
        for (service, kinds) in &faults {
            let (calls, total) = (self.calls.get(*service).copied().unwrap_or_default(), kinds.values().sum::<u64>());
            let kinds = list(&mut kinds.iter().map(|(name, n)| ((*name).to_owned(), *n)));
            writeln!(f, "faults in {service:<11} {total} of {calls} calls: {kinds}")?;
        }
        writeln!(f, "messages handed over  {}", self.sent())?;
        for (kind, (sent, duplicates)) in &by_kind {
            writeln!(f, "  {:<19} {sent}, of which {duplicates} once more", kind.name())?;
        }
        writeln!(f, "  to one notice       {}", list(&mut spread.iter().map(|(sent, n)| (format!("got {sent}"), *n))))?;
        writeln!(f, "recorded by half      {} names of messages, from torn answers", self.torn)?;
        writeln!(f, "duplicates            {}, unmarked {unmarked}; claims marked {marked}", self.duplicates())?;
        let senders = self.causes() - self.broken_off - self.not_recorded;
        writeln!(
            f,
            "  may come from       {senders} senders killed, {} calls broken off ({} answers swallowed by faults), {} failed records",
            self.broken_off, self.lost_answers, self.not_recorded
        )?;
        writeln!(f, "set going again       {}", self.rounds)?;
        let Numbers { lines, counted, waiting, .. } = self.numbers;
        writeln!(
            f,
            "numbers               {lines} lines hold {counted} events once each; {waiting} wait for the next of their notice"
        )?;
        writeln!(f, "dead letters          {}", list(&mut self.dead.iter().map(|(name, n)| (name.clone(), *n))))?;
        write!(f, "findings              {}", self.findings.len())
    }
}
