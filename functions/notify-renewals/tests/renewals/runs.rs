//! What a run does: once, whatever breaks, whoever writes at the same moment, and however late it is.

use crate::memory::{Disturbance, Memory, Shipped, TestClock, morning, number, put, renewals};
use domain::text::{TextSize, unsupported};
use domain::{BusinessName, PermitCycle, PermitDetails, PermitPut, PermitStatus, PermitTypeCode, StageOutcome};
use jiff::{SignedDuration, Timestamp};
use notify_renewals::{ReadSettings, Renewals, Report, words};
use store::RecipientKey;

const FAR: Timestamp = Timestamp::MAX;
const NOTHING: Report = Report { sent: 0, held: 0, expired: 0, failed: 0, left: 0, unread: 0 };
const ONE: &str = "서초-2027-0001";

fn one() -> PermitPut {
    put(ONE, "2027-01-20")
}

async fn run(memory: &Memory, days_before: i64) -> Report {
    renewals(memory, morning(days_before)).run(FAR).await
}

/// The stages of the cycle it is in, each with what became of it.
fn told(memory: &Memory, text: &str) -> Vec<(u16, &'static str)> {
    let of = |outcome: &StageOutcome| match outcome {
        StageOutcome::Sent { notice } => {
            assert!(memory.notices().iter().any(|arrival| arrival.id == *notice), "its notice is there");
            "sent"
        }
        StageOutcome::Skipped => "skipped",
        StageOutcome::Held => "held",
        StageOutcome::Expired => "expired",
    };
    memory.permit_of(text).cycle().done.iter().map(|done| (done.days, of(&done.outcome))).collect()
}

#[tokio::test]
async fn each_stage_is_a_notice_of_its_own() {
    let memory = Memory::holding([one(), put("서초-2027-0002", "2027-06-01")]);
    let mut sent = Vec::new();
    for day in (0..=70).rev() {
        let report = run(&memory, day).await;
        assert_eq!(report, Report { sent: report.sent, ..NOTHING });
        if report.sent > 0 {
            sent.push(day);
        }
    }
    assert_eq!(sent, [60, 30, 7]);
    let notices = memory.notices();
    let references: Vec<&str> = notices.iter().map(|arrival| arrival.details.reference.as_str()).collect();
    assert_eq!(references, [60, 30, 7].map(|stage| format!("{ONE} 2027-01-20 {stage}")));
    let details = &notices[0].details;
    let cycle = PermitCycle { permit: number(ONE), expires_on: "2027-01-20".parse().expect("a day") };
    assert_eq!(details.permit, Some(cycle));
    assert_eq!((details.kind.as_str(), &*details.officer.name), ("permit_renewal", "김담당"));
    assert_eq!((details.department.as_str(), details.recipient_id.is_some()), ("building", true));
}

#[tokio::test]
async fn whatever_breaks_the_next_run_makes_it_whole() {
    // The page, the permit, the notice, the record.
    for call in 0..4 {
        for by in [Disturbance::Fails, Disturbance::DiesAfter] {
            let memory = Memory::holding([one()]);
            memory.disturb(call, by.clone());
            let broken = run(&memory, 30).await;
            assert!(!broken.is_complete(), "call {call}, {by:?}: {broken:?}");
            assert!(run(&memory, 29).await.is_complete());
            assert_eq!(memory.notices().len(), 1, "call {call}, {by:?}");
            assert_eq!(told(&memory, ONE), [(60, "skipped"), (30, "sent")], "call {call}, {by:?}");
            assert_eq!(run(&memory, 28).await, NOTHING);
        }
    }
}

#[tokio::test]
async fn two_runs_at_once_do_nothing_twice() {
    for call in 0..4 {
        let memory = Memory::holding([one()]);
        memory.disturb(call, Disturbance::AnotherRun);
        let report = run(&memory, 30).await;
        assert_eq!(report, NOTHING, "call {call}: the other run did it");
        assert_eq!(memory.notices().len(), 1);
        assert_eq!(told(&memory, ONE), [(60, "skipped"), (30, "sent")]);
    }
}

#[tokio::test]
async fn a_word_of_the_office_at_the_same_moment_stands() {
    for (status, expires_on) in [
        (PermitStatus::Closed, "2027-01-20"),
        (PermitStatus::Renewed, "2027-01-20"),
        (PermitStatus::Renewed, "2030-01-20"),
    ] {
        for call in 0..4 {
            let memory = Memory::holding([one()]);
            let said = PermitPut { status: Some(status), ..put(ONE, expires_on) };
            memory.disturb(call, Disturbance::Written(Box::new(said)));
            assert_eq!(run(&memory, 30).await, NOTHING, "{status:?}, call {call}");
            let permit = memory.permit_of(ONE);
            assert_eq!((permit.status, permit.details.expires_on.to_string()), (status, expires_on.to_owned()));
            assert!(permit.cycle().done.is_empty());
            // Before the notice was taken in it stays unwritten; after that it is out.
            assert_eq!(memory.notices().len(), usize::from(call >= 2), "{status:?}, call {call}");
        }
    }
}

#[tokio::test]
async fn a_new_telephone_at_the_same_moment_stands_and_the_stage_is_recorded() {
    for call in 0..4 {
        let memory = Memory::holding([one()]);
        let business = BusinessName::parse("새빛상사").ok();
        let changed = PermitPut { details: PermitDetails { business, ..one().details }, ..one() };
        memory.disturb(call, Disturbance::Written(Box::new(changed.clone())));
        assert_eq!(run(&memory, 30).await, Report { sent: 1, ..NOTHING });
        assert_eq!(memory.permit_of(ONE).details, changed.details);
        assert_eq!((told(&memory, ONE).len(), memory.notices().len()), (2, 1));
    }
}

#[tokio::test]
async fn missed_mornings_are_caught_up_and_nothing_is_sent_once_it_has_run_out() {
    for (days_before, report, expected) in [
        (61, NOTHING, vec![]),
        (45, Report { sent: 1, ..NOTHING }, vec![(60, "sent")]),
        (30, Report { sent: 1, ..NOTHING }, vec![(60, "skipped"), (30, "sent")]),
        (0, Report { sent: 1, ..NOTHING }, vec![(60, "skipped"), (30, "skipped"), (7, "sent")]),
        (-1, Report { expired: 1, ..NOTHING }, vec![(60, "expired"), (30, "expired"), (7, "expired")]),
    ] {
        let memory = Memory::holding([one()]);
        assert_eq!(run(&memory, days_before).await, report);
        assert_eq!(told(&memory, ONE), expected);
        assert_eq!(run(&memory, days_before).await, NOTHING, "once");
        assert_eq!(memory.notices().len(), usize::from(report.sent > 0));
    }
}

#[tokio::test]
async fn the_holder_s_word_holds_what_follows_until_the_office_says_otherwise() {
    let memory = Memory::holding([one()]);
    assert_eq!(run(&memory, 60).await, Report { sent: 1, ..NOTHING });
    memory.report_renewed(ONE);
    assert_eq!(run(&memory, 30).await, Report { held: 1, ..NOTHING });
    memory.put_by_another(PermitPut { remind_anyway: Some(true), ..one() });
    assert_eq!(run(&memory, 7).await, Report { sent: 1, ..NOTHING });
    assert_eq!(told(&memory, ONE), [(60, "sent"), (30, "held"), (7, "sent")]);
}

#[tokio::test]
async fn one_that_cannot_be_done_stops_no_other_and_is_tried_again() {
    let unknown = PermitTypeCode::parse("gone").expect("a code");
    let gone = PermitDetails { permit_type: unknown, ..put("서초-2027-0002", "2027-01-20").details };
    let gone = PermitPut { details: gone, ..one() };
    let memory = Memory::holding([one(), gone, put("서초-2027-0003", "2027-01-20")]);
    memory.take_reference_of(number("서초-2027-0003"));
    for sent in [1, 0] {
        assert_eq!(run(&memory, 30).await, Report { sent, failed: 2, ..NOTHING });
    }
}

#[tokio::test]
async fn a_run_ends_in_time_with_the_oldest_done_first() {
    let memory = Memory::holding((1..=5).map(|day| put(&format!("서초-{day}"), &format!("2027-01-{:02}", 20 + day))));
    // The clock is looked at once for the run and once before each permit.
    let clock = TestClock::moving(morning(5), SignedDuration::from_secs(1));
    let renewals =
        Renewals { table: &memory, settings: Shipped, recipient_key: RecipientKey::new("a key for tests"), clock };
    let report = renewals.run(morning(5) + SignedDuration::from_secs(3)).await;
    assert_eq!(report, Report { sent: 2, left: 3, ..NOTHING });
    assert_eq!(
        (1..=5).map(|day| told(&memory, &format!("서초-{day}")).len()).collect::<Vec<_>>(),
        [2, 2, 0, 0, 0].map(|done| if done == 2 { 3 } else { 0 })
    );
    let memory = Memory { unreadable: true, ..Memory::default() };
    assert_eq!(run(&memory, 5).await, Report { unread: 1, ..NOTHING });
}

#[tokio::test]
async fn every_type_in_words_that_carriers_pass() {
    let settings = Shipped.current().await.expect("settings");
    let mut all = Vec::new();
    for (permit_type, days_before) in settings.permit_types.iter().zip([60, 30, 7, 1, 0]) {
        let memory = Memory::holding([one()]);
        let words = words(&memory.permit_of(ONE), &permit_type.label, morning(days_before));
        assert_eq!((unsupported(&words.title), unsupported(&words.body)), (vec![], vec![]));
        let size = TextSize::of(&words.body);
        all.push(format!("{}\n{}\n-- {:?} bytes", words.title, words.body, size.euc_kr_bytes.expect("it passes")));
    }
    insta::assert_snapshot!(all.join("\n\n"));
    let business = BusinessName::parse("한빛 🎉 뷁상사").ok();
    let odd = PermitPut { details: PermitDetails { business, ..one().details }, ..one() };
    let memory = Memory::holding([
        odd,
        PermitPut { details: PermitDetails { business: None, ..put("서초-2", "2027-01-20").details }, ..one() },
    ]);
    let bodies = [ONE, "서초-2"].map(|text| words(&memory.permit_of(text), "도로점용허가", morning(7)).body);
    assert!(bodies[0].starts_with("허가번호 서초-2027-0001 (한빛  상사)\n"), "{}", bodies[0]);
    assert!(bodies[1].starts_with("허가번호 서초-2\n"), "{}", bodies[1]);
    assert!(bodies.iter().all(|body| unsupported(body).is_empty()));
}
