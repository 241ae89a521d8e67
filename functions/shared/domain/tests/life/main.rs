//! The life of a notice under any order of events, any redelivery and any delay.

mod world;

use domain::{BrokenChain, ChainedEvent, Entry, Event, EventHash, Message, Notice, Outcome, State, verify_chain};
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
    let is_result = |entry: &&Entry| matches!(entry, Entry::Claimed { message: Message::Result { .. }, .. });
    let under_way = notice.ledger.values().filter(is_result).count();
    prop_assert!(under_way <= 1, "two results under way");
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
    let mut world = World::new(true, false);
    assert!(world.claim(1, &Message::Question));
    assert!(!world.claim(1, &Message::Question), "the lease is live");
    world.pass(120);
    assert!(world.claim(1, &Message::Question), "the lease ran out");
    let last = world.events.last().expect("a claim");
    assert!(matches!(last.fact, domain::Fact::SendClaimed { attempt: 2, possible_duplicate: true, .. }));
}

#[test]
fn a_change_of_mind_is_possible_until_a_sender_takes_hold() {
    let mut world = World::new(true, false);
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
    let mut world = World::new(true, false);
    world.act(Action::ChooseSms);
    world.act(Action::Revoke);
    assert!(matches!(world.notice().state, State::Posting { reason: domain::PostReason::OptedOut, .. }));
    assert!(world.notice().consented.is_empty());
}

#[test]
fn a_failed_channel_gives_way_to_the_other_one_consented_to_and_then_to_post() {
    let mut world = World::new(true, false);
    world.act(Action::ChooseEmail);
    world.act(Action::ChooseSms);
    world.claim_and_fail();
    assert!(matches!(world.notice().state, State::Sending { route: domain::Route::Email { .. }, .. }));
    world.claim_and_fail();
    assert!(matches!(world.notice().state, State::Posting { reason: domain::PostReason::DeliveryFailed, .. }));
}

#[test]
fn without_an_address_an_officer_decides() {
    let mut world = World::new(false, false);
    world.act(Action::ChoosePost);
    assert_eq!(world.notice().state.name(), "needs_attention");
}
