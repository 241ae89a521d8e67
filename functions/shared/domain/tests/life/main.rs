//! The life of a notice under any order of events, any redelivery and any delay.

mod counting;
mod world;

use domain::{
    BrokenChain, ChainedEvent, Channel, Due, Entry, Event, EventHash, Fact, Message, Notice, Outcome, State,
    verify_chain,
};
use proptest::prelude::*;
use world::{Action, World, actions};

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn any_life_ends_in_exactly_one_way(has_address: bool, waits: bool, actions in actions()) {
        let mut world = World::new(has_address, waits);
        for action in actions {
            world.act(action);
            never_on_two_channels(world.notice())?;
        }
        world.run_to_the_end();
        let notice = world.notice();
        never_on_two_channels(notice)?;
        prop_assert!(notice.state.has_ended(), "stands still in {:?}", notice.state);
        let posted = world.count("posted");
        let delivered = matches!(notice.state, State::Delivered { .. } | State::Read { .. });
        prop_assert!(!(delivered && posted > world.count("returned")), "in the post and delivered");
    }

    #[test]
    fn events_replay_to_the_same_notice(has_address: bool, waits: bool, actions in actions()) {
        let mut world = World::new(has_address, waits);
        for action in actions {
            world.act(action);
        }
        let replayed = world.events[1..].iter().fold(world.first.clone(), |notice, event| match notice.apply(event) {
            Outcome::Moved(next) => *next,
            Outcome::AlreadyThere | Outcome::Invalid(_) => unreachable!("a recorded event applies again"),
        });
        prop_assert_eq!(&replayed, world.notice());
        for event in &world.events {
            prop_assert_eq!(replayed.clone().apply(event), Outcome::AlreadyThere);
        }
    }

    #[test]
    fn the_chain_detects_whatever_is_done_to_it(has_address: bool, actions in actions(), at: prop::sample::Index, by: prop::sample::Index) {
        let mut world = World::new(has_address, false);
        for action in actions {
            world.act(action);
        }
        let (notice, chain) = (world.notice(), chained(world.notice(), &world.events));
        prop_assert_eq!(verify_chain(notice.id, &chain, &notice.head), Ok(()));
        let index = at.index(chain.len());

        let mut altered = chain.clone();
        altered[index].body = altered[index].body.replace("2026-", "2027-");
        let version = u32::try_from(index).expect("small") + 1;
        prop_assert_eq!(verify_chain(notice.id, &altered, &notice.head), Err(BrokenChain { version }));

        let mut dropped = chain.clone();
        dropped.remove(index);
        prop_assert!(verify_chain(notice.id, &dropped, &notice.head).is_err());

        let mut reordered = chain.clone();
        let other = by.index(chain.len());
        reordered.swap(index, other);
        prop_assert_eq!(verify_chain(notice.id, &reordered, &notice.head).is_err(), index != other);

        // Whoever can write the table can hash anew; the notice's own head then no longer fits.
        let mut forged = world.events.clone();
        forged[index].at = "2027-01-01T00:00:00Z".parse().expect("a moment");
        let forged = chained(notice, &forged);
        prop_assert!(verify_chain(notice.id, &forged, &notice.head).is_err());
    }
}

fn chained(notice: &Notice, events: &[Event]) -> Vec<ChainedEvent> {
    let mut previous = EventHash::genesis();
    let link = |event| {
        let chained = ChainedEvent::new(previous.clone(), notice.id, event);
        previous = chained.hash.clone();
        chained
    };
    events.iter().map(link).collect()
}

/// One result under way at most, and none while the letter is the way.
fn never_on_two_channels(notice: &Notice) -> Result<(), TestCaseError> {
    // Whatever a sender once took hold of and said nothing about since may be out.
    let is_result = |entry: &&Entry| match entry {
        Entry::Claimed { message, .. } => matches!(message, Message::Result { .. }),
        Entry::Held { message, attempts, .. } | Entry::Queued { message, attempts, .. } => {
            *attempts > 0 && matches!(message, Message::Result { .. })
        }
        Entry::Done | Entry::Failed => false,
    };
    let under_way = notice.ledger.values().filter(is_result).count();
    prop_assert!(under_way <= 1, "two results under way");
    let is_out = matches!(
        notice.state,
        State::Sent { .. }
            | State::Delivered { .. }
            | State::Read { .. }
            | State::Printing { .. }
            | State::Posted { .. }
    );
    prop_assert!(notice.paper.letter().is_some() || !(is_out || under_way > 0), "a result before its letter");
    if !matches!(notice.state, State::Sending { .. } | State::Cancelled { .. }) {
        prop_assert_eq!(under_way, 0, "a result under way in {:?}", notice.state);
    }
    if let State::Sending { route, .. } = &notice.state {
        // Withdrawn while a sender held it is the one exception: what is out is out.
        prop_assert!(notice.consented.contains(route) || under_way == 1, "sending without consent");
    }
    Ok(())
}

#[test]
fn a_claim_is_granted_to_one_sender_at_a_time() {
    let mut world = World::ready(true);
    assert!(world.claim(1, &Message::Question));
    assert!(!world.claim(1, &Message::Question), "the lease is live");
    world.pass(120);
    assert!(world.claim(1, &Message::Question), "the lease ran out");
    let last = world.events.last().expect("a claim");
    assert!(matches!(last.fact, Fact::SendClaimed { attempt: 2, possible_duplicate: true, .. }));
}

#[test]
fn a_change_of_mind_is_possible_until_a_sender_takes_hold() {
    let mut world = World::ready(true);
    world.act(Action::ChooseSms);
    world.act(Action::ChoosePost);
    assert_eq!(world.notice().state.name(), "posting");
    world.act(Action::ChooseEmail);
    let cause = world.notice().version;
    assert!(world.claim(cause, &Message::Result { channel: domain::Channel::Email }));
    world.act(Action::ChoosePost);
    assert_eq!(world.notice().state.name(), "sending");
}

#[test]
fn opting_out_steers_what_is_not_yet_out_to_post() {
    let mut world = World::ready(true);
    world.act(Action::ChooseSms);
    world.act(Action::Revoke);
    assert!(matches!(world.notice().state, State::Posting { reason: domain::PostReason::OptedOut, .. }));
    assert!(world.notice().consented.is_empty());
}

#[test]
fn a_failed_channel_gives_way_to_the_other_one_consented_to_and_then_to_post() {
    let mut world = World::ready(true);
    world.act(Action::ChooseEmail);
    world.act(Action::ChooseSms);
    world.claim_and_fail();
    assert!(matches!(world.notice().state, State::Sending { route: domain::Route::Email { .. }, .. }));
    world.claim_and_fail();
    assert!(matches!(world.notice().state, State::Posting { reason: domain::PostReason::DeliveryFailed, .. }));
}

#[test]
fn without_an_address_an_officer_decides() {
    let mut world = World::ready(false);
    world.act(Action::ChoosePost);
    assert_eq!(world.notice().state.name(), "needs_attention");
}

#[test]
fn a_text_outside_the_hours_waits_for_them_and_goes_once() {
    let mut world = World::ready(true);
    world.pass_to(22);
    assert!(!world.claim(1, &Message::Question), "it is late");
    assert_eq!(world.count("held"), 1);
    assert!(!world.claim(1, &Message::Question), "a redelivery at night");
    assert_eq!(world.count("held"), 1, "held once");
    let opening = world.notice().due_at().expect("it waits");
    assert!(!world.watch(), "nothing is due before {opening}");
    world.pass(60 * 12);
    assert!(world.watch(), "the hours began");
    assert!(!world.watch(), "a second run finds nothing to do");
    assert_eq!(world.count("hold_ended"), 1);
    assert!(world.claim(1, &Message::Question), "under the name it always had");
    let last = world.events.last().expect("a claim");
    assert!(matches!(last.fact, Fact::SendClaimed { attempt: 1, possible_duplicate: false, .. }));
}

#[test]
fn who_chooses_by_night_may_change_their_mind_until_the_morning() {
    let mut world = World::ready(true);
    world.pass_to(22);
    world.act(Action::ChooseSms);
    let cause = world.notice().version;
    assert!(!world.claim(cause, &Message::Result { channel: domain::Channel::Sms }));
    assert_eq!(world.count("held"), 1);
    world.act(Action::ChooseEmail);
    let cause = world.notice().version;
    assert!(world.claim(cause, &Message::Result { channel: domain::Channel::Email }), "an e-mail disturbs nobody");
    world.act(Action::RecordSuccess);
    world.pass(60 * 12);
    assert!(!world.watch(), "the text that waited is not wanted any more");
}

#[test]
fn a_lost_message_is_set_going_again_less_and_less_often_and_then_goes_another_way() {
    let mut world = World::ready(true);
    world.act(Action::ChooseSms);
    let mut waits = Vec::new();
    while world.notice().state.name() == "sending" {
        let (due, now) = (world.notice().due_at().expect("it waits"), world.now());
        waits.push((due - now).as_mins());
        world.pass(u16::try_from((due - now).as_mins()).expect("hours"));
        assert!(world.watch());
        assert!(!world.watch(), "a second run finds nothing to do");
    }
    assert_eq!(waits, [60, 120, 240, 480]);
    assert!(matches!(world.notice().state, State::Posting { reason: domain::PostReason::DeliveryFailed, .. }));
    assert!(!world.claim(3, &Message::Result { channel: domain::Channel::Sms }), "found after all, it is not sent");
}

#[test]
fn what_answers_a_resident_is_missed_when_nobody_relays_it() {
    let mut world = World::ready(true);
    world.act(Action::Reply);
    let cause = world.notice().version;
    // The question is out, so that nothing else is missed.
    assert!(world.claim(1, &Message::Question));
    world.act(Action::RecordSuccess);
    world.pass(59);
    assert!(!world.watch(), "it may still be on its way");
    world.pass(1);
    assert!(world.watch() && !world.watch());
    assert!(matches!(&world.events.last().expect("an event").fact,
        Fact::SetGoingAgain { cause: of, message: Message::Acknowledgement { .. }, round: 1 } if *of == cause));
    let Some(Entry::Queued { message, .. }) = world.notice().ledger.get(&cause).cloned() else {
        unreachable!("it is on its way again")
    };
    assert!(world.claim(cause, &message));
    let last = world.events.last().expect("a claim");
    assert!(matches!(last.fact, Fact::SendClaimed { attempt: 1, possible_duplicate: false, .. }));
}

#[test]
fn a_reminder_that_is_wanted_no_more_is_not_missed() {
    let mut world = World::ready(true);
    assert!(world.claim(1, &Message::Question));
    world.act(Action::RecordSuccess);
    world.pass(24 * 60);
    assert!(world.watch(), "the reminder falls due");
    world.act(Action::RequirePost);
    world.pass(24 * 60);
    assert!(!world.watch());
}

#[test]
fn a_sender_that_died_is_followed_by_one_that_knows_it() {
    let mut world = World::ready(true);
    assert!(world.claim(1, &Message::Question));
    world.pass(90 + 58);
    assert!(!world.watch(), "the queue still brings it");
    world.pass(1);
    assert!(world.watch());
    assert_eq!(world.count("set_going_again"), 1);
    assert!(world.claim(1, &Message::Question));
    let last = world.events.last().expect("a claim");
    assert!(matches!(last.fact, Fact::SendClaimed { attempt: 2, possible_duplicate: true, .. }));
}

#[test]
fn silence_is_reminded_once_and_then_goes_by_post() {
    let mut world = World::ready(true);
    assert!(world.claim(1, &Message::Question));
    world.act(Action::RecordSuccess);
    world.pass(24 * 60 - 1);
    assert!(!world.watch());
    world.pass(1);
    assert!(world.watch() && !world.watch());
    assert_eq!(world.count("reminder_fell_due"), 1);
    world.pass(48 * 60);
    assert!(world.watch() && !world.watch());
    assert!(matches!(world.notice().state, State::Posting { reason: domain::PostReason::NoAnswer, .. }));
}

#[test]
fn nobody_is_reminded_of_what_is_over() {
    let mut world = World::ready(true);
    assert!(world.claim(1, &Message::Question));
    world.act(Action::RecordSuccess);
    world.pass(80 * 60);
    assert!(world.watch() && !world.watch());
    assert_eq!((world.count("reminder_fell_due"), world.count("choose_by_passed")), (0, 1));
}

#[test]
fn no_result_goes_out_before_its_letter_is_made() {
    let mut world = World::new(true, false);
    assert!(world.claim(1, &Message::Question), "the question needs no letter");
    world.act(Action::ChooseSms);
    let (cause, result) = (world.notice().version, Message::Result { channel: domain::Channel::Sms });
    assert!(!world.claim(cause, &result));
    world.act(Action::Render);
    assert!(world.claim(cause, &result));
    world.act(Action::Render);
    assert_eq!(world.count("letter_rendered"), 1);
}

#[test]
fn a_lost_letter_is_set_going_again_for_ever_but_less_and_less_often() {
    let mut world = World::new(true, false);
    world.act(Action::RequirePost);
    let mut waits = Vec::new();
    for _ in 0..7 {
        let (due, now) = (world.notice().due_at().expect("it waits"), world.now());
        waits.push((due - now).as_mins());
        world.pass(u16::try_from((due - now).as_mins()).expect("hours"));
        assert!(world.watch() && !world.watch());
    }
    assert_eq!(waits, [60, 120, 240, 480, 480, 480, 480]);
    world.act(Action::JoinRun(1));
    assert_eq!(world.notice().state.name(), "posting", "there is nothing to print");
    world.act(Action::Render);
    assert_eq!(world.notice().due_at(), None);
    world.act(Action::JoinRun(1));
    assert_eq!(world.notice().state.name(), "printing");
}

#[test]
fn a_letter_in_a_run_is_posted_by_that_run_and_steered_by_nobody() {
    let mut world = World::ready(true);
    world.act(Action::ChoosePost);
    world.act(Action::JoinRun(1));
    let printing = world.notice().state.clone();
    for action in [
        Action::ChooseSms,
        Action::ChooseEmailWithoutAddress,
        Action::Cancel,
        Action::Read,
        Action::Return,
        Action::OrderPost,
        Action::JoinRun(2),
        Action::Post(2),
        Action::Revoke,
    ] {
        world.act(action);
        assert_eq!(world.notice().state, printing, "{action:?}");
    }
    world.act(Action::Post(1));
    assert_eq!(world.notice().state.name(), "posted");
    world.act(Action::Return);
    world.act(Action::OrderPost);
    world.act(Action::JoinRun(2));
    world.act(Action::Post(2));
    assert_eq!((world.notice().state.name(), world.count("posted")), ("posted", 2));
}

#[test]
fn what_a_locked_link_leads_to_is_posted_or_opened_again_by_an_officer() {
    let mut world = World::ready(true);
    world.act(Action::ChooseSms);
    world.claim(world.notice().version, &Message::Result { channel: Channel::Sms });
    world.act(Action::RecordSuccess);
    world.act(Action::Deliver(Channel::Sms));
    world.act(Action::OrderPost);
    assert_eq!(world.notice().state.name(), "delivered", "who can open it needs no letter");
    world.act(Action::UnlockLink);
    assert_eq!(world.count("link_unlocked"), 0, "nothing is locked");
    for unlocks in 1..3 {
        world.act(Action::LockLink);
        world.act(Action::UnlockLink);
        assert_eq!((world.notice().link_locked, world.notice().link_unlocks), (false, unlocks));
    }
    world.act(Action::LockLink);
    world.act(Action::OrderPost);
    assert_eq!(world.notice().state.name(), "posting");
}

#[test]
fn nobody_is_reminded_of_papers_before_they_were_asked_for() {
    let mut world = World::new(true, true);
    world.act(Action::Render);
    world.act(Action::RequestPapers(0));
    world.pass(60 * 24 * 6);
    assert!(matches!(world.notice().fell_due(world.now()), Some(Due::SetOut)));
    world.watch();
    assert!(world.notice().fell_due(world.now()).is_some(), "and then at once");
}
