//! Machines that answer machines, texts that come twice, and refusals taken back.

use domain::Fact;
use jiff::SignedDuration;
use receive_reply::Received;
use store::Binding;

use crate::memory::Office;

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

fn acknowledged(office: &Office) -> usize {
    let shelf = office.table.shelf();
    shelf.facts.iter().filter(|(_, fact)| matches!(fact, Fact::ReplyReceived { acknowledge: true, .. })).count()
}

#[tokio::test]
async fn the_same_words_within_ten_seconds_are_one_text_whatever_its_name() {
    let office = Office::new();
    let notice = office.ask();
    assert_eq!(office.text("a", "감사합니다").await, Received::Kept);
    // The border of no window lies between them.
    for (later, expected) in [(seconds(9), Received::Before), (seconds(1), Received::Kept)] {
        office.pass(later);
        assert_eq!(office.text(&format!("b{later:?}"), "감사합니다").await, expected, "{later:?}");
    }
    assert_eq!(office.unread(notice), 2);
    assert_eq!(office.text("a", "감사합니다").await, Received::Before, "by its name for long");
}

#[tokio::test]
async fn other_words_are_another_text() {
    let office = Office::new();
    office.ask();
    assert_eq!(office.text("a", "감사합니다").await, Received::Kept);
    assert_eq!(office.text("b", "감사합니다!").await, Received::Kept);
}

#[tokio::test]
async fn after_twenty_texts_in_an_hour_nothing_is_answered_by_itself() {
    let office = Office::new();
    office.post();
    for number in 0..20 {
        assert_eq!(office.text(&format!("m{number}"), &format!("자동응답 {number}")).await, Received::Kept);
        office.pass(seconds(20));
    }
    assert_eq!(acknowledged(&office), 1, "once a day");
    office.post();
    office.pass(SignedDuration::from_secs(1));
    let newest = office.post();
    // Not even asked about, with no conversation alive in the newest.
    assert_eq!(office.text("one more", "거부").await, Received::Chosen);
    let shelf = office.table.shelf();
    assert!(matches!(shelf.facts.last(), Some((id, Fact::ConsentRevoked { confirm: false, .. })) if *id == newest));
}

#[tokio::test]
async fn a_repeated_text_is_kept_and_not_answered() {
    let office = Office::new();
    office.post();
    office.text("a", "부재중입니다").await;
    office.pass(SignedDuration::from_mins(59));
    office.pass(SignedDuration::from_hours(24) - SignedDuration::from_mins(59));
    assert_eq!(office.text("b", "안녕하세요").await, Received::Kept);
    assert_eq!(acknowledged(&office), 2, "the next day again");
    office.pass(SignedDuration::from_hours(24));
    office.text("c", "부재중입니다").await;
    office.pass(SignedDuration::from_mins(1));
    office.text("d", "부재중입니다").await;
    assert_eq!(acknowledged(&office), 3);
    assert_eq!(office.table.shelf().replies.len(), 4, "all are kept");
}

#[tokio::test]
async fn whoever_refused_comes_back_by_a_text_to_a_posted_notice() {
    let office = Office::new();
    let posted = office.post();
    office.table.shelf().opted_out = true;
    assert_eq!(office.text("a", "수신동의").await, Received::Resumed);
    assert!(!office.table.shelf().opted_out);
    assert_eq!(office.facts(posted), ["contact_resumed"]);
    let records = |office: &Office| {
        office.table.shelf().bindings.iter().filter(|binding| matches!(binding, Binding::Resumption(_))).count()
    };
    assert_eq!(records(&office), 1, "the history shows it");
    assert_eq!(office.text("a", "수신동의").await, Received::Before);
    assert_eq!((office.facts(posted).len(), records(&office)), (1, 1));
    // Nobody refused anything: they hear so all the same.
    office.pass(SignedDuration::from_hours(2));
    assert_eq!(office.text("b", "수신동의").await, Received::Resumed);
    assert_eq!(office.chosen(posted), None, "it consents to nothing");
}

#[tokio::test]
async fn a_refusal_is_taken_back_though_the_worker_died_in_between() {
    for after in [false, true] {
        for write in 0..2 {
            let office = Office::new();
            let posted = office.post();
            office.table.shelf().opted_out = true;
            office.table.dies(write, after);
            assert!(office.texts("a", "수신동의", None).await.is_err());
            office.texts("a", "수신동의", None).await.expect("taken in");
            assert!(!office.table.shelf().opted_out);
            assert_eq!(office.facts(posted), ["contact_resumed"], "{write} {after}");
        }
    }
}
