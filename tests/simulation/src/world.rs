//! The world's state: what is stored, what is under way, and what will happen when.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use domain::settings::Settings;
use domain::{Channel, Command, Given, Message, NoticeId, ProviderMessageId, RecipientId};
use jiff::{SignedDuration, Timestamp};
use relay_events::Work;

use crate::cast::Resident;
use crate::chance::Chance;
use crate::jobs::Job;
use crate::print::Run;
use crate::store::{Lane, Shelf};

/// What will happen at its moment.
#[derive(Debug)]
pub(crate) enum Happening {
    /// The petition system hands a notice in.
    Accept,
    /// A worker begins.
    Start(Job),
    /// A worker's call is answered.
    Resume(u64),
    /// A text or e-mail reaches the resident.
    Arrive(Arrival),
    /// It is time for what happens again and again.
    Tick(Tick),
}

/// What happens again and again.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tick {
    Watch,
    MatchAgain,
    Print,
    Office,
}

impl Tick {
    pub(crate) const ALL: [Self; 4] = [Self::Watch, Self::MatchAgain, Self::Print, Self::Office];

    pub(crate) const fn every(self) -> SignedDuration {
        match self {
            Self::Watch | Self::MatchAgain => SignedDuration::from_mins(5),
            Self::Print | Self::Office => SignedDuration::from_hours(24),
        }
    }

    /// After the first midnight in Greenwich, which is nine o'clock in Seoul.
    pub(crate) const fn first(self) -> SignedDuration {
        match self {
            Self::Watch => SignedDuration::from_mins(1),
            Self::MatchAgain => SignedDuration::from_mins(2),
            Self::Print => SignedDuration::from_hours(7),
            Self::Office => SignedDuration::from_hours(1),
        }
    }
}

/// A message as its resident gets it.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub(crate) resident: usize,
    pub(crate) channel: Channel,
    pub(crate) message: Message,
    pub(crate) provider_id: ProviderMessageId,
    /// The link's token, as it stands in the message.
    pub(crate) token: Option<String>,
}

/// A message that a carrier took.
#[derive(Debug, Clone)]
pub(crate) struct Handed {
    pub(crate) notice: NoticeId,
    pub(crate) command: Command,
    pub(crate) to: Given,
    /// The version of the claim under which it went.
    pub(crate) claim: u32,
    pub(crate) at: Timestamp,
    pub(crate) provider_id: ProviderMessageId,
    /// Its sender lived to record it and to tell the queue.
    pub(crate) ended_well: bool,
}

/// An opt-out that was taken in.
#[derive(Debug)]
pub(crate) struct OptOut {
    pub(crate) recipient: RecipientId,
    pub(crate) began: Timestamp,
    pub(crate) done: Timestamp,
}

/// The worker whose turn it is.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// What it sends, if it is a sender.
    pub(crate) command: Option<Command>,
    /// It dies at a call so many times in ten thousand.
    pub(crate) dies: u64,
    pub(crate) died: bool,
    pub(crate) wake: Option<Timestamp>,
    pub(crate) handed: Option<usize>,
}

/// The world.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) now: Timestamp,
    pub(crate) chance: Chance,
    pub(crate) settings: Arc<Settings>,
    pub(crate) agenda: BTreeMap<(Timestamp, u64), Happening>,
    planned: u64,
    pub(crate) turn: Turn,
    pub(crate) residents: Vec<Resident>,
    pub(crate) shelf: Shelf,
    pub(crate) lanes: BTreeMap<NoticeId, Lane>,
    pub(crate) dead_letters: Vec<Work>,
    pub(crate) runs: Vec<Run>,
    pub(crate) handed: Vec<Handed>,
    pub(crate) opt_outs: Vec<OptOut>,
    /// What the clock asked for and the notice refused.
    pub(crate) refused_to_the_clock: Vec<String>,
    /// What a notice took and the table then refused.
    pub(crate) clashes: Vec<String>,
    pub(crate) letters_made: u64,
    pub(crate) tally: Tally,
}

/// Monday, nine o'clock in Seoul.
pub(crate) const START: &str = "2026-11-23T00:00:00Z";

impl World {
    pub(crate) fn new(seed: u64, settings: Settings) -> Self {
        Self {
            seed,
            now: START.parse().expect("a moment"),
            chance: Chance::of(seed),
            settings: Arc::new(settings),
            agenda: BTreeMap::new(),
            planned: 0,
            turn: Turn::default(),
            residents: Vec::new(),
            shelf: Shelf::default(),
            lanes: BTreeMap::new(),
            dead_letters: Vec::new(),
            runs: Vec::new(),
            handed: Vec::new(),
            opt_outs: Vec::new(),
            refused_to_the_clock: Vec::new(),
            clashes: Vec::new(),
            letters_made: 0,
            tally: Tally::default(),
        }
    }

    pub(crate) fn plan(&mut self, after: SignedDuration, happening: Happening) {
        self.planned += 1;
        self.agenda.insert((self.now + after, self.planned), happening);
    }

    pub(crate) fn start(&mut self, after: SignedDuration, job: Job) {
        self.plan(after, Happening::Start(job));
    }

    /// Puts work into its queue, which may deliver it late, out of order, and to two workers at once.
    pub(crate) fn enqueue(&mut self, work: Work) {
        let delay = if self.chance.hits(200) { self.chance.minutes(1, 15) } else { self.chance.millis(50, 3_000) };
        if self.chance.hits(300) {
            self.tally.redeliveries += 1;
            let again = delay + self.chance.millis(0, 1_500);
            self.start(again, Job::Deliver { work: work.clone(), receives: 1 });
        }
        self.start(delay, Job::Deliver { work, receives: 0 });
    }
}

/// What happened in numbers.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    /// Notices taken in.
    pub accepted: usize,
    /// Notices by the state in which they ended.
    pub ends: BTreeMap<&'static str, usize>,
    /// Events in all timelines.
    pub events: usize,
    /// Texts that the carrier took.
    pub texts: usize,
    /// E-mails that the mail service took.
    pub mails: usize,
    /// Letters printed and posted.
    pub letters: usize,
    /// Print runs.
    pub runs: usize,
    /// Workers that died between two of their calls, or ran out of time.
    pub crashes: usize,
    /// Calls that failed, before or after they had done their work.
    pub outages: usize,
    /// Writes that another worker overtook.
    pub overtaken: usize,
    /// Events, messages, texts and receipts that came again.
    pub redeliveries: usize,
    /// Messages that came to the dead letters and were redriven.
    pub redriven: usize,
    /// Messages that a provider took and whose sender could not record it.
    pub unrecorded: usize,
    /// Messages that went out a second time, each marked as a possible duplicate.
    pub duplicates: usize,
    /// Events that the stream lost for good; every notice came to its end all the same.
    pub lost_events: usize,
    /// Simulated days.
    pub days: i64,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = |name: &str, value: usize| writeln!(f, "{name:<34}{value:>9}");
        line("accepted", self.accepted)?;
        for (state, count) in &self.ends {
            line(&format!("  {state}"), *count)?;
        }
        line("events", self.events)?;
        line("texts", self.texts)?;
        line("e-mails", self.mails)?;
        line("letters", self.letters)?;
        line("print runs", self.runs)?;
        line("crashes", self.crashes)?;
        line("failed calls", self.outages)?;
        line("writes overtaken", self.overtaken)?;
        line("redeliveries", self.redeliveries)?;
        line("dead letters redriven", self.redriven)?;
        line("sent but not recorded", self.unrecorded)?;
        line("  of these sent again, marked", self.duplicates)?;
        line("stream events lost and made up for", self.lost_events)?;
        writeln!(f, "{:<34}{:>9}", "simulated days", self.days)
    }
}
