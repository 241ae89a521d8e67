//! What must hold once nothing waits any more.

#![expect(clippy::wildcard_enum_match_arm, reason = "a rule looks for the few facts it is about")]

use std::collections::BTreeMap;
use std::fmt;

use domain::statistics::{Counts, Line, count};
use domain::{
    Channel, ConsentId, Entry, Fact, Given, Message, Notice, NoticeId, Outcome, ProviderMessageId, Route, State,
    verify_chain,
};
use jiff::Timestamp;
use store::Stage;

use crate::store::File;
use crate::world::{Handed, START, Tally, World};

/// A rule that does not hold.
#[derive(Debug)]
pub struct Broken {
    seed: u64,
    rule: String,
    timeline: Vec<String>,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "SIMULATION_SEED={}: {}", self.seed, self.rule)?;
        for line in &self.timeline {
            writeln!(f, "  {line}")?;
        }
        Ok(())
    }
}

type Rule = Result<(), String>;

fn ensure(holds: bool, rule: impl FnOnce() -> String) -> Rule {
    if holds { Ok(()) } else { Err(rule()) }
}

/// Checks every notice and every number.
pub(crate) fn reconcile(world: &mut World) -> Result<Tally, Box<Broken>> {
    let broken = |world: &World, rule, timeline| Box::new(Broken { seed: world.seed, rule, timeline });
    let mut ends = BTreeMap::new();
    let handed = by_notice(&world.handed);
    let printed = printed(world);
    for (id, file) in &world.shelf.files {
        let handed = handed.get(id).map_or(&[][..], Vec::as_slice);
        let runs = printed.get(id).copied().unwrap_or_default();
        match life(world, file, handed, runs) {
            Ok(end) => *ends.entry(end).or_default() += 1,
            Err(rule) => return Err(broken(world, format!("notice {id}: {rule}"), timeline(file, handed))),
        }
    }
    office(world).map_err(|rule| broken(world, rule, Vec::new()))?;
    numbers_are_those_of_the_events(world).map_err(|rule| broken(world, rule, Vec::new()))?;
    let start: Timestamp = START.parse().expect("a moment");
    world.tally.ends = ends;
    world.tally.days = world.now.duration_since(start).as_hours() / 24;
    world.tally.events = world.shelf.files.values().map(|file| file.events.len()).sum();
    world.tally.letters = printed.values().sum();
    world.tally.runs = world.runs.len();
    world.tally.unrecorded = world.handed.iter().filter(|handed| !handed.ended_well).count();
    world.tally.duplicates = handed.values().map(|of| of.len() - by_cause(of).len()).sum();
    let sum: usize = world.tally.ends.values().sum();
    ensure(sum == world.tally.accepted, || format!("{} accepted, {sum} ended", world.tally.accepted))
        .and_then(|()| {
            let Tally { duplicates, unrecorded, .. } = world.tally;
            ensure(duplicates <= unrecorded, || {
                format!("{duplicates} messages went out again, {unrecorded} were not recorded")
            })
        })
        .map_err(|rule| broken(world, rule, Vec::new()))?;
    Ok(world.tally.clone())
}

fn by_notice(handed: &[Handed]) -> BTreeMap<NoticeId, Vec<&Handed>> {
    let mut of: BTreeMap<NoticeId, Vec<&Handed>> = BTreeMap::new();
    for one in handed {
        of.entry(one.notice).or_default().push(one);
    }
    of
}

fn by_cause<'a>(handed: &[&'a Handed]) -> BTreeMap<u32, Vec<&'a Handed>> {
    let mut of: BTreeMap<u32, Vec<&Handed>> = BTreeMap::new();
    for one in handed {
        of.entry(one.command.cause).or_default().push(one);
    }
    of
}

/// In how many printed files each notice's letter is.
fn printed(world: &World) -> BTreeMap<NoticeId, usize> {
    let mut of = BTreeMap::new();
    for notice in world.runs.iter().flat_map(|run| &run.printed) {
        *of.entry(*notice).or_default() += 1;
    }
    of
}

fn office(world: &World) -> Rule {
    ensure(world.dead_letters.is_empty(), || format!("{} dead letters are left", world.dead_letters.len()))?;
    ensure(world.runs.iter().all(|run| run.stage == Stage::Done), || "a print run is not over".to_owned())?;
    ensure(world.clashes.is_empty(), || format!("the table refused what notices took: {:#?}", world.clashes))?;
    ensure(world.refused_to_the_clock.is_empty(), || {
        format!("the clock asked for what a notice refuses: {:#?}", world.refused_to_the_clock)
    })
}

/// Every event that was relayed, and every one before it, stands in the office's numbers once.
fn numbers_are_those_of_the_events(world: &World) -> Rule {
    let (shelf, mut expected): (_, BTreeMap<Line, Counts>) = (&world.shelf, BTreeMap::new());
    for (id, file) in &shelf.files {
        let relayed = shelf.relayed.get(id).copied().unwrap_or_default();
        for event in count(&file.notice, &file.events) {
            if shelf.counted.get(id).is_some_and(|counted| counted.contains(&event.version)) {
                *expected.entry(event.line).or_default() += &event.counts;
            } else {
                ensure(event.version > relayed, || format!("event {} of notice {id} is not counted", event.version))?;
            }
        }
    }
    ensure(shelf.numbers == expected, || format!("the numbers are {:?} and not {expected:?}", shelf.numbers))
}

fn timeline(file: &File, handed: &[&Handed]) -> Vec<String> {
    let events = file.events.iter().zip(&file.written);
    let mut lines: Vec<String> =
        events.map(|(event, written)| format!("{written} {:>3} {:?}", event.version, event.fact)).collect();
    for handed in handed {
        let Handed { command, claim, at, provider_id, ended_well, .. } = handed;
        lines.push(format!("handed over at {at} under claim {claim}: {command:?} as {provider_id}, {ended_well}"));
    }
    let File { notice, .. } = file;
    lines.push(format!("{:?}, consented {:?}, ledger {:?}", notice.state, notice.consented, notice.ledger));
    lines
}

/// One notice's whole life; its end.
fn life(world: &World, file: &File, handed: &[&Handed], printed: usize) -> Result<&'static str, String> {
    chain_is_whole(file)?;
    replays(file)?;
    one_way_at_a_time(file, printed)?;
    letter_comes_first(file)?;
    consents_stand(world, file, handed)?;
    refusals_are_heeded(world, file)?;
    never_twice_unmarked(file, handed)?;
    nothing_is_left_unsaid(&file.notice)?;
    end(&file.notice.state)
}

/// No message that the notice still wants is under way for ever.
fn nothing_is_left_unsaid(notice: &Notice) -> Rule {
    for (cause, entry) in &notice.ledger {
        if let Entry::Claimed { message, .. } | Entry::Queued { message, .. } | Entry::Held { message, .. } = entry {
            ensure(!notice.wants(*cause, message), || format!("message {cause} never went out: {message:?}"))?;
        }
    }
    Ok(())
}

fn end(state: &State) -> Result<&'static str, String> {
    match state {
        State::Delivered { read_by: None, .. }
        | State::Read { .. }
        | State::Posted { .. }
        | State::Returned { .. }
        | State::NeedsAttention { .. }
        | State::Cancelled { .. } => Ok(state.name()),
        State::Accepted { .. }
        | State::Asking { .. }
        | State::Sending { .. }
        | State::Sent { .. }
        | State::Delivered { read_by: Some(_), .. }
        | State::Posting { .. }
        | State::Printing { .. } => Err(format!("stuck in {state:?}")),
    }
}

fn chain_is_whole(file: &File) -> Rule {
    let notice = &file.notice;
    verify_chain(notice.id, &file.chain, &notice.head).map_err(|broken| broken.to_string())?;
    let versions = file.events.iter().zip(1_u32..).all(|(event, version)| event.version == version);
    let is_complete = versions && file.events.len() == usize::try_from(notice.version).unwrap_or_default();
    ensure(is_complete, || format!("its timeline is not 1 to {}", notice.version))
}

fn replays(file: &File) -> Rule {
    let mut replayed = file.first.clone();
    for event in &file.events[1..] {
        replayed = match replayed.apply(event) {
            Outcome::Moved(next) => *next,
            Outcome::AlreadyThere | Outcome::Invalid(_) => {
                return Err(format!("event {} does not apply again", event.version));
            }
        };
    }
    ensure(replayed == file.notice, || "its events replay to another notice".to_owned())
}

/// In one run for each hand-off to post, and never both in the post and delivered.
fn one_way_at_a_time(file: &File, printed: usize) -> Rule {
    let count = |name| file.events.iter().filter(|event| event.fact.name() == name).count();
    let (joined, posted, returned) = (count("joined_run"), count("posted"), count("returned"));
    ensure(joined == posted, || format!("joined {joined} runs and was posted by {posted}"))?;
    ensure(joined == printed, || format!("joined {joined} runs and was printed by {printed}"))?;
    ensure(posted <= returned + 1, || format!("posted {posted} times and returned {returned} times"))?;
    let is_delivered = matches!(file.notice.state, State::Delivered { .. } | State::Read { .. });
    ensure(!(is_delivered && posted > returned), || "in the post and delivered".to_owned())?;
    let is_posted = matches!(file.notice.state, State::Posted { .. });
    ensure(is_posted == (posted > returned), || "posted, and elsewhere".to_owned())
}

/// Made before the result goes out by any way.
fn letter_comes_first(file: &File) -> Rule {
    let goes_out = |fact: &Fact| match fact {
        Fact::SendClaimed { message, .. } => matches!(message, Message::Result { .. }),
        Fact::JoinedRun { .. } | Fact::Sent { .. } => true,
        _ => false,
    };
    let mut is_made = false;
    for event in &file.events {
        is_made |= matches!(event.fact, Fact::LetterRendered(_));
        ensure(is_made || !goes_out(&event.fact), || format!("event {} goes out before its letter", event.version))?;
    }
    let names_one = |notice: &Notice| notice.paper.letter().is_some();
    let is_cancelled = matches!(file.notice.state, State::Cancelled { .. });
    ensure(names_one(&file.notice) || is_cancelled, || "it has no letter".to_owned())
}

/// A result goes to an address whose consent stood when its sender took hold of it, by what the timeline alone says.
fn consents_stand(world: &World, file: &File, handed: &[&Handed]) -> Rule {
    for handed in handed {
        let Message::Result { channel } = handed.command.message else { continue };
        let of_channel = |consent: &ConsentId| match world.shelf.consents.get(consent).map(|kept| &kept.consent.given) {
            Some(Given::Sms(_)) => channel == Channel::Sms,
            Some(Given::Email(_)) => channel == Channel::Email,
            None => false,
        };
        let mut standing: Vec<ConsentId> = Vec::new();
        let before = usize::try_from(handed.claim).unwrap_or_default() - 1;
        for event in &file.events[..before] {
            match &event.fact {
                Fact::ChannelChosen { route: Route::Post, .. } | Fact::ConsentRevoked { only: None, .. } => {
                    standing.clear();
                }
                Fact::ChannelChosen { route, .. } => standing.extend(route.consent()),
                Fact::ConsentRevoked { only: Some(only), .. } if *only == channel => {
                    standing.retain(|consent| !of_channel(consent));
                }
                _ => {}
            }
        }
        let newest = standing.iter().rev().find(|consent| of_channel(consent));
        let kept = newest.and_then(|consent| world.shelf.consents.get(consent));
        let Some(kept) = kept else {
            return Err(format!("{} went out without a consent that stood", handed.provider_id));
        };
        ensure(kept.consent.given == handed.to, || format!("{} went elsewhere than consented", handed.provider_id))?;
        let claimed = file.written[before];
        let refused = world.opt_outs.iter().find(|refusal| {
            kept.consent.recipient == refusal.recipient && kept.written < refusal.began && refusal.done <= claimed
        });
        ensure(refused.is_none(), || format!("{} went out after {refused:?}", handed.provider_id))?;
    }
    Ok(())
}

/// Nobody is asked or reminded who takes nothing electronic, until they choose anew, or have come back before the notice
/// sets out.
fn refusals_are_heeded(world: &World, file: &File) -> Rule {
    let mut refused = None;
    for (event, written) in file.events.iter().zip(&file.written) {
        match &event.fact {
            Fact::ConsentRevoked { only: None, .. } => refused = Some(*written),
            Fact::ChannelChosen { .. } | Fact::EmailChosenWithoutAddress { .. } => refused = None,
            Fact::Released => {
                let recipient = file.notice.details.recipient_id.as_ref();
                let came_back = |from| recipient.is_some_and(|of| world.shelf.was_welcome(of, from, *written));
                ensure(refused.is_none_or(came_back), || "it set out to whoever has refused".to_owned())?;
                refused = None;
            }
            Fact::SendClaimed { message: Message::Question | Message::Reminder, .. } => {
                ensure(refused.is_none(), || format!("event {} asks whoever has refused", event.version))?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Handed over again under one name only where nobody could record it, and marked.
fn never_twice_unmarked(file: &File, handed: &[&Handed]) -> Rule {
    let is_recorded = |id: &ProviderMessageId| {
        file.events.iter().any(|event| match &event.fact {
            Fact::Asked { provider_id, .. }
            | Fact::Sent { provider_id, .. }
            | Fact::MessageSent { provider_id, .. } => provider_id == id,
            _ => false,
        })
    };
    for (cause, handed) in by_cause(handed) {
        for (earlier, later) in handed.iter().zip(&handed[1..]) {
            let name = &earlier.provider_id;
            ensure(!earlier.ended_well && !is_recorded(name), || {
                format!("message {cause} went out again, though {name} was recorded")
            })?;
            let claim = &file.events[usize::try_from(later.claim).unwrap_or_default() - 1].fact;
            let is_marked = matches!(claim, Fact::SendClaimed { possible_duplicate: true, .. });
            ensure(is_marked, || format!("message {cause} went out again unmarked as {}", later.provider_id))?;
        }
    }
    Ok(())
}
