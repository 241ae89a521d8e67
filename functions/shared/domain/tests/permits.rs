//! The reminders of a permit under any order of runs, missed days and words of the office or its holder.

use std::collections::BTreeSet;

use domain::{
    DepartmentCode, Entity, Permit, PermitCycle, PermitDetails, PermitNumber, PermitPut, PermitStatus, PermitTypeCode,
    PersonName, Recipient, RenewalDue, StageOutcome, Unspoken,
};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

/// Nine in the morning in Seoul, so many days before the first expiry date, 2027-01-20.
fn morning(days_before: i64) -> Timestamp {
    let expiry: Timestamp = "2027-01-20T00:00:00Z".parse().expect("a moment");
    expiry - SignedDuration::from_hours(24 * days_before)
}

fn put(expires_on: &str) -> PermitPut {
    PermitPut {
        details: PermitDetails {
            number: PermitNumber::parse("서초-2027-0001").expect("a number"),
            permit_type: PermitTypeCode::parse("road_occupation").expect("a code"),
            business: None,
            holder: Recipient {
                name: PersonName::parse("홍길동").expect("a name"),
                phone: None,
                email: None,
                address: None,
                birth_date: None,
                entity: Entity::Person,
            },
            department: DepartmentCode::parse("building").expect("a code"),
            issued_on: day("2024-01-21"),
            expires_on: day(expires_on),
        },
        status: None,
        remind_anyway: None,
        unspoken: Unspoken::default(),
        stages: vec![60, 30, 7],
    }
}

fn said(expires_on: &str, status: PermitStatus) -> PermitPut {
    PermitPut { status: Some(status), ..put(expires_on) }
}

fn permit() -> Permit {
    Permit::put(None, put("2027-01-20"), morning(100)).expect("a new permit")
}

fn after(permit: &Permit, put: PermitPut) -> Permit {
    Permit::put(Some(permit), put, morning(50)).expect("something new")
}

fn sent(permit: &Permit, now: Timestamp) -> Permit {
    let Some(RenewalDue::Remind { stage }) = permit.fell_due(now) else { unreachable!("nothing is due") };
    let notice = permit.current().notice(stage, permit.falls_due(stage));
    permit.advanced(now, &StageOutcome::Sent { notice })
}

/// The stages of the cycle it is in, each with the first letter of what became of it.
fn told(permit: &Permit) -> String {
    let of = |outcome: &StageOutcome| match outcome {
        StageOutcome::Sent { .. } => 's',
        StageOutcome::Skipped => 'k',
        StageOutcome::Held => 'h',
        StageOutcome::Expired => 'e',
    };
    let done = permit.cycle().done.iter().map(|stage| format!("{}{}", stage.days, of(&stage.outcome)));
    done.collect::<Vec<_>>().join(" ")
}

fn reported(permit: &Permit) -> Permit {
    let mut permit = permit.clone();
    let expires_on = permit.details.expires_on;
    permit.cycles.get_mut(&expires_on).expect("the cycle").reported_renewed_at = Some(morning(50));
    permit
}

#[test]
fn each_stage_falls_due_at_nine_in_seoul_so_many_days_before() {
    let permit = permit();
    assert_eq!(permit.due_at(), Some(morning(60)));
    assert_eq!(permit.fell_due(morning(60) - SignedDuration::from_secs(1)), None);
    assert_eq!(permit.fell_due(morning(60)), Some(RenewalDue::Remind { stage: 60 }));
    let permit = sent(&permit, morning(60));
    assert_eq!((permit.due_at(), permit.fell_due(morning(31))), (Some(morning(30)), None));
    let permit = sent(&sent(&permit, morning(30)), morning(7));
    assert_eq!((permit.due_at(), &*told(&permit)), (None, "60s 30s 7s"));
}

#[test]
fn of_missed_stages_the_latest_is_sent_and_none_once_it_has_run_out() {
    let late = sent(&permit(), morning(10));
    assert_eq!((&*told(&late), late.due_at()), ("60k 30s", Some(morning(7))));
    assert_eq!(permit().fell_due(morning(0)), Some(RenewalDue::Remind { stage: 7 }), "its last day counts");
    let midnight = morning(0) + SignedDuration::from_hours(15);
    assert_eq!(late.fell_due(midnight - SignedDuration::from_secs(1)), Some(RenewalDue::Remind { stage: 7 }));
    assert_eq!(late.fell_due(midnight), Some(RenewalDue::Expire));
    let over = late.advanced(midnight, &StageOutcome::Expired);
    assert_eq!((&*told(&over), over.due_at(), over.days_left(midnight)), ("60k 30s 7e", None, -1));
}

#[test]
fn what_was_said_before_changes_nothing() {
    let permit = permit();
    assert_eq!(Permit::put(Some(&permit), put("2027-01-20"), morning(50)), None);
    let renewed = after(&permit, said("2030-01-20", PermitStatus::Renewed));
    assert_eq!(Permit::put(Some(&renewed), said("2030-01-20", PermitStatus::Renewed), morning(40)), None);
    assert_eq!((permit.version, renewed.version), (1, 2));
}

#[test]
fn renewed_or_closed_ends_the_reminders() {
    let permit = permit();
    for status in [PermitStatus::Renewed, PermitStatus::Closed] {
        let stopped = after(&permit, said("2027-01-20", status));
        assert_eq!((stopped.due_at(), stopped.fell_due(morning(7))), (None, None), "{status:?}");
        assert_eq!(Permit::put(Some(&stopped), put("2027-01-20"), morning(40)), None, "a file says nothing of it");
        let resumed = after(&stopped, said("2027-01-20", PermitStatus::Active));
        assert_eq!(resumed.due_at(), Some(morning(60)), "taken back");
    }
    let closed = after(&permit, said("2027-01-20", PermitStatus::Closed));
    assert_eq!(after(&closed, put("2030-01-20")).due_at(), None, "a row of a file opens nothing again");
}

#[test]
fn a_new_date_begins_a_new_cycle_and_an_old_one_comes_back_as_it_was() {
    let once = sent(&permit(), morning(60));
    for status in [None, Some(PermitStatus::Renewed), Some(PermitStatus::Active)] {
        let renewed = after(&once, PermitPut { status, ..put("2030-01-20") });
        assert!(renewed.cycle().done.is_empty() && renewed.due_at().is_some(), "{status:?}");
        let back = after(&renewed, put("2027-01-20"));
        assert_eq!(told(&back), "60s");
        let remind = (status != Some(PermitStatus::Renewed)).then(|| morning(30));
        assert_eq!(back.due_at(), remind, "an old file does not undo a renewal");
    }
    let stopped = after(&once, said("2027-01-20", PermitStatus::Renewed));
    let renewed = after(&stopped, put("2030-01-20"));
    assert_eq!(renewed.status, PermitStatus::Active, "the date is what the renewal brought");
    assert_eq!(after(&renewed, said("2030-01-20", PermitStatus::Renewed)).due_at(), None);
}

#[test]
fn the_holder_s_word_holds_the_stages_of_its_cycle_until_the_office_says_otherwise() {
    let held = reported(&sent(&permit(), morning(60)));
    assert_eq!(held.fell_due(morning(30)), Some(RenewalDue::Hold));
    let held = held.advanced(morning(30), &StageOutcome::Held);
    assert_eq!((&*told(&held), held.due_at()), ("60s 30h", Some(morning(7))));
    let anyway = after(&held, PermitPut { remind_anyway: Some(true), ..put("2027-01-20") });
    assert_eq!(anyway.fell_due(morning(7)), Some(RenewalDue::Remind { stage: 7 }));
    assert_eq!(told(&sent(&anyway, morning(7))), "60s 30h 7s");
    assert!(!after(&held, put("2030-01-20")).cycle().is_held(), "another cycle");
}

#[test]
fn the_reference_of_a_stage_is_short_and_its_own() {
    let cycle = |number: &str, expires_on| PermitCycle {
        permit: PermitNumber::parse(number).expect("a number"),
        expires_on: day(expires_on),
    };
    assert_eq!(cycle("서초-2027-0001", "2027-01-20").reference(60).as_str(), "서초-2027-0001 2027-01-20 60");
    let long = ["가".repeat(64), format!("{}나", "가".repeat(63))];
    let mut references = BTreeSet::new();
    for number in ["서초-1", &long[0], &long[1]] {
        for (expires_on, stage) in [("2027-01-20", 60), ("2027-01-20", 365), ("2030-01-20", 60)] {
            let cycle = cycle(number, expires_on);
            assert!(references.insert((cycle.reference(stage), cycle.notice(stage, morning(60)))));
        }
    }
    assert_eq!(references.len(), 9);
}

#[test]
fn hangul_is_one_number_however_it_was_typed() {
    let decomposed = "\u{1109}\u{1165}\u{110e}\u{1169}-1";
    assert_eq!(PermitNumber::parse(decomposed), PermitNumber::parse(" 서초-1 "));
    for text in ["", " ", "가\n나", &"가".repeat(65)] {
        assert!(PermitNumber::parse(text).is_err(), "{text}");
    }
}

#[derive(Debug, Clone)]
enum Happens {
    /// Days pass.
    Pass(i64),
    /// A run deals with what is due, if `recorded`; else it dies before it can record what it did.
    Run {
        recorded: bool,
    },
    Put {
        expires_on: usize,
        status: Option<PermitStatus>,
        remind_anyway: Option<bool>,
    },
    Report,
}

fn happens() -> impl Strategy<Value = Happens> {
    let status = prop_oneof![
        4 => Just(None),
        1 => Just(Some(PermitStatus::Active)),
        1 => Just(Some(PermitStatus::Renewed)),
        1 => Just(Some(PermitStatus::Closed)),
    ];
    prop_oneof![
        4 => (0_i64..40).prop_map(Happens::Pass),
        6 => any::<bool>().prop_map(|recorded| Happens::Run { recorded }),
        2 => (0..3_usize, status, prop::option::weighted(0.2, any::<bool>()))
            .prop_map(|(expires_on, status, remind_anyway)| Happens::Put { expires_on, status, remind_anyway }),
        1 => Just(Happens::Report),
    ]
}

const DATES: [&str; 3] = ["2027-01-20", "2027-04-20", "2028-01-20"];

proptest! {
    #[test]
    fn a_stage_is_sent_once_a_cycle_and_never_after_the_end(happens in prop::collection::vec(happens(), 0..60)) {
        let mut now = morning(100);
        let mut permit = permit();
        let mut notices = BTreeSet::new();
        let mut recorded_as_sent = BTreeSet::new();
        for happens in happens {
            match happens {
                Happens::Pass(days) => now += SignedDuration::from_hours(24 * days),
                Happens::Run { recorded } => {
                    let Some(due) = permit.fell_due(now) else { continue };
                    prop_assert!(permit.due_at().is_some_and(|at| at <= now), "in the index");
                    prop_assert!(permit.status != PermitStatus::Closed);
                    let outcome = match due {
                        RenewalDue::Expire => StageOutcome::Expired,
                        RenewalDue::Hold => StageOutcome::Held,
                        RenewalDue::Remind { stage } => {
                            prop_assert!(permit.days_left(now) >= 0 && !permit.cycle().is_held());
                            let notice = permit.current().notice(stage, permit.falls_due(stage));
                            notices.insert((permit.details.expires_on, stage, notice));
                            StageOutcome::Sent { notice }
                        }
                    };
                    if recorded {
                        if let (RenewalDue::Remind { stage }, StageOutcome::Sent { .. }) = (due, &outcome) {
                            let anew = recorded_as_sent.insert((permit.details.expires_on, stage));
                            prop_assert!(anew, "recorded once a cycle");
                        }
                        permit = permit.advanced(now, &outcome);
                        prop_assert_eq!(permit.fell_due(now), None, "one step a run");
                    }
                }
                Happens::Put { expires_on, status, remind_anyway } => {
                    let put = PermitPut { status, remind_anyway, ..put(DATES[expires_on]) };
                    let cycles = permit.cycles.clone();
                    if let Some(after) = Permit::put(Some(&permit), put.clone(), now) {
                        permit = after;
                    }
                    prop_assert_eq!(Permit::put(Some(&permit), put, now), None, "the same again");
                    for (expires_on, cycle) in cycles {
                        prop_assert_eq!(&permit.cycles[&expires_on].done, &cycle.done, "nothing is forgotten");
                    }
                }
                Happens::Report => permit = reported(&permit),
            }
        }
        let distinct: BTreeSet<_> = notices.iter().map(|(expires_on, stage, _)| (*expires_on, *stage)).collect();
        let ids: BTreeSet<_> = notices.iter().map(|(_, _, id)| *id).collect();
        prop_assert_eq!(distinct.len(), notices.len(), "a stage has one notice, whenever it is taken in");
        prop_assert_eq!(ids.len(), notices.len(), "and shares it with no other");
    }
}
