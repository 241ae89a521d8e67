//! What the events of a life add to the office's numbers.

use domain::statistics::{Bucket, Counter, Counts, count, median_hours};
use domain::{Channel, PostReason, Unit};
use proptest::prelude::*;

use super::world::{Action, World, actions};

fn counts(world: &World) -> Counts {
    let mut sum = Counts::default();
    for counted in count(world.notice(), &world.events) {
        sum += &counted.counts;
    }
    sum
}

/// The numbers by name, but for those of durations.
fn numbers(world: &World) -> Vec<(String, u64)> {
    let counts = counts(world);
    let plain = counts.iter().filter(|(name, _)| !name.contains("_after_"));
    plain.map(|(name, amount)| (name.to_owned(), amount)).collect()
}

fn lived(actions: &[Action]) -> World {
    let mut world = World::ready(true);
    for action in actions {
        world.act(*action);
    }
    world
}

fn are(world: &World, expected: &[(&str, u64)]) {
    let expected: Vec<_> = expected.iter().map(|(name, amount)| ((*name).to_owned(), *amount)).collect();
    assert_eq!(numbers(world), expected);
}

const ASK: [Action; 2] = [Action::Claim(0), Action::RecordSuccess];

fn asked_then(actions: &[Action]) -> World {
    let mut world = World::ready(true);
    assert!(world.claim(1, &domain::Message::Question));
    world.act(Action::RecordSuccess);
    for action in actions {
        world.act(*action);
    }
    world
}

fn result(world: &mut World, channel: Channel) {
    let cause = world.notice().version;
    assert!(world.claim(cause, &domain::Message::Result { channel }), "a result by {channel}");
    world.act(Action::RecordSuccess);
}

#[test]
fn a_text_that_is_chosen_delivered_and_read() {
    let mut world = asked_then(&[Action::Pass(120), Action::ChooseSms]);
    result(&mut world, Channel::Sms);
    world.act(Action::Deliver(Channel::Sms));
    world.act(Action::Read);
    are(
        &world,
        &[
            ("accepted", 1),
            ("asked", 1),
            ("billed_sms", 2),
            ("chosen_sms_text", 1),
            ("delivered_sms", 1),
            ("messages_sms", 2),
            ("reached", 1),
            ("read_sms", 1),
            ("sent_sms", 1),
        ],
    );
    let counts = counts(&world);
    let hours = median_hours(|bucket| counts.of(Counter::ChosenAfter(bucket))).expect("a choice");
    assert!((1.8..=2.2).contains(&hours), "{hours}");
    let reached = Bucket::all().map(|bucket| counts.of(Counter::ReachedAfter(bucket))).sum::<u64>();
    assert_eq!(reached, 1);
}

#[test]
fn what_is_read_without_a_report_has_arrived() {
    let mut world = asked_then(&[Action::ChooseEmail]);
    result(&mut world, Channel::Email);
    world.act(Action::Read);
    let counts = counts(&world);
    assert_eq!(counts.of(Counter::Delivered(Channel::Email)), 1);
    assert_eq!(counts.of(Counter::Read(Channel::Email)), 1);
    assert_eq!((counts.of(Counter::Billed(Unit::Email)), counts.of(Counter::Messages(Unit::Sms))), (1, 1));
}

#[test]
fn read_late_it_arrived_by_what_was_first() {
    let late = |reported: bool| {
        let mut world = asked_then(&[Action::ChooseSms]);
        result(&mut world, Channel::Sms);
        if reported {
            world.act(Action::Deliver(Channel::Sms));
        }
        world.pass(60 * 121);
        world.act(Action::EndReading);
        world.act(Action::Read);
        counts(&world)
    };
    for reported in [true, false] {
        let counts = late(reported);
        assert_eq!(counts.of(Counter::ToPost(PostReason::Unread)), 1);
        assert_eq!((counts.of(Counter::Delivered(Channel::Sms)), counts.of(Counter::Reached)), (1, 1), "{reported}");
        assert_eq!(counts.of(Counter::Read(Channel::Sms)), 1);
    }
}

#[test]
fn a_letter_that_comes_back_and_goes_again() {
    let world = asked_then(&[
        Action::ChoosePost,
        Action::JoinRun(1),
        Action::Post(1),
        Action::Return,
        Action::OrderPost,
        Action::JoinRun(2),
        Action::Post(2),
    ]);
    are(
        &world,
        &[
            ("accepted", 1),
            ("asked", 1),
            ("billed_sms", 1),
            ("chosen_post_text", 1),
            ("messages_sms", 1),
            ("posted", 2),
            ("posted_again", 1),
            ("returned", 1),
            ("to_post_chosen", 1),
            ("to_post_officer_ordered", 1),
        ],
    );
}

#[test]
fn the_ladder_is_counted_rung_by_rung() {
    let mut world = asked_then(&[Action::ChooseSms, Action::ChooseEmail]);
    result(&mut world, Channel::Email);
    world.act(Action::Deliver(Channel::Email));
    world.act(Action::FailDelivery(Channel::Email));
    let cause = world.notice().version;
    assert!(world.claim(cause, &domain::Message::Result { channel: Channel::Sms }));
    world.act(Action::RecordFailure(true));
    for action in [Action::JoinRun(1), Action::Post(1)] {
        world.act(action);
    }
    let counts = counts(&world);
    for (counter, amount) in [
        (Counter::Delivered(Channel::Email), 1),
        (Counter::DeliveryFailed(Channel::Email), 1),
        (Counter::SendFailed(Channel::Sms), 1),
        (Counter::Sent(Channel::Sms), 0),
        (Counter::ToPost(PostReason::DeliveryFailed), 1),
        (Counter::Posted, 1),
        (Counter::PostedThoughReached, 1),
    ] {
        assert_eq!(counts.of(counter), amount, "{counter}");
    }
}

#[test]
fn who_cannot_be_posted_to_needs_attention_and_is_cancelled() {
    let mut world = World::new(false, false);
    for action in [Action::RequirePost, Action::Cancel] {
        world.act(action);
    }
    are(&world, &[("accepted", 1), ("attention_needed", 1), ("cancelled", 1)]);
}

#[test]
fn the_day_is_that_of_seoul() {
    let mut world = lived(&ASK);
    // 01:00 in Greenwich is ten in the morning; fourteen hours later the day in Seoul is the next one.
    world.pass(14 * 60);
    world.act(Action::Cancel);
    let days: Vec<String> =
        count(world.notice(), &world.events).iter().map(|counted| counted.line.day.to_string()).collect();
    assert_eq!(days, ["2026-11-23", "2026-11-23", "2026-11-24"]);
}

proptest! {
    #[test]
    fn an_event_counts_the_same_whenever_it_is_looked_at(has_address: bool, waits: bool, actions in actions()) {
        let mut world = World::new(has_address, waits);
        for action in actions {
            world.act(action);
        }
        let all = count(world.notice(), &world.events);
        for seen in 0..=world.events.len() {
            let then = count(&world.first, &world.events[..seen]);
            prop_assert_eq!(&then[..], &all[..then.len()]);
            prop_assert!(all[then.len()..].iter().all(|counted| counted.version > u32::try_from(seen).expect("few")));
        }
    }

    #[test]
    fn the_numbers_agree_with_the_events(has_address: bool, waits: bool, actions in actions()) {
        let mut world = World::new(has_address, waits);
        for action in actions {
            world.act(action);
        }
        world.run_to_the_end();
        let counts = counts(&world);
        let events = |name: &str| u64::try_from(world.count(name)).expect("few");
        let both = |counter: fn(Channel) -> Counter| counts.of(counter(Channel::Sms)) + counts.of(counter(Channel::Email));
        prop_assert_eq!(counts.of(Counter::Accepted), 1);
        for (counter, name) in [
            (Counter::Asked, "asked"),
            (Counter::Posted, "posted"),
            (Counter::Returned, "returned"),
            (Counter::Cancelled, "cancelled"),
        ] {
            prop_assert_eq!(counts.of(counter), events(name), "{}", name);
        }
        prop_assert_eq!(both(Counter::Sent), events("sent"));
        prop_assert_eq!(both(Counter::Read), events("read"));
        prop_assert_eq!(both(Counter::DeliveryFailed), events("delivery_failed"));
        let messages: u64 = Unit::ALL.map(|unit| counts.of(Counter::Messages(unit))).iter().sum();
        prop_assert_eq!(messages, events("asked") + events("sent") + events("message_sent"));
        for channel in [Channel::Sms, Channel::Email] {
            prop_assert!(counts.of(Counter::Delivered(channel)) <= counts.of(Counter::Sent(channel)));
            prop_assert!(counts.of(Counter::Read(channel)) <= counts.of(Counter::Delivered(channel)));
        }
        prop_assert_eq!(counts.of(Counter::Reached), u64::from(both(Counter::Delivered) > 0));
        let to_post: u64 = PostReason::ALL.map(|reason| counts.of(Counter::ToPost(reason))).iter().sum();
        prop_assert!(counts.of(Counter::Posted) <= to_post);
    }
}
