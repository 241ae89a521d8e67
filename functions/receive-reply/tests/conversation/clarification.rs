//! Of several notices, the resident says which: by digit, once.

#![expect(clippy::wildcard_enum_match_arm, reason = "the few that matter here are named")]

use domain::{Channel, Evidence, Fact, Message, Route};
use jiff::SignedDuration;
use receive_reply::Received;
use store::{Binding, Direction};

use crate::memory::Office;

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

#[tokio::test]
async fn words_between_two_notices_stand_with_the_newest_and_move_to_the_one_the_digit_names() {
    let office = Office::new();
    let older = office.ask();
    office.pass(minutes(1));
    let newer = office.ask();
    assert_eq!(office.text("1", "내일 방문해도 되나요?").await, Received::Asked);
    assert_eq!(office.facts(newer), ["clarification_asked"]);
    assert_eq!((office.unread(newer), office.unread(older)), (1, 0), "kept at once");
    let directions: Vec<_> = office.table.shelf().replies.values().map(|reply| reply.direction).collect();
    assert_eq!(directions, [Direction::Inbound, Direction::Outbound], "the question follows what it asks about");
    let [question] = &office.asked()[..] else { unreachable!("one question") };
    let lines: Vec<_> = question.lines().collect();
    assert!(lines[0].starts_with("1 건축과 민원 처리결과 (11월 24일) 건축과-"), "{question}");
    assert!(lines[1].starts_with("2 건축과 민원 처리결과 (11월 24일) 건축과-"), "{question}");

    office.pass(minutes(2));
    assert_eq!(office.text("2", "2번").await, Received::Moved);
    assert_eq!(office.facts(older), ["reply_received"]);
    assert_eq!(office.facts(newer), ["clarification_asked", "reply_moved"]);
    assert_eq!((office.unread(newer), office.unread(older)), (0, 1));
    assert_eq!(office.stands(older), ["2번", "내일 방문해도 되나요?"]);
    assert!(office.stands(newer).is_empty());

    // The conversation is the older one's from here on.
    office.pass(minutes(3));
    assert_eq!(office.text("3", "오후 3시쯤입니다").await, Received::Kept);
    assert_eq!(office.unread(older), 2);
    assert_eq!(office.text("2", "2번").await, Received::Before);
}

#[tokio::test]
async fn a_digit_that_names_the_first_confirms_it() {
    let office = Office::new();
    office.ask();
    office.pass(minutes(1));
    let newer = office.ask();
    office.text("1", "서류가 더 필요한가요?").await;
    office.pass(minutes(1));
    assert_eq!(office.text("2", "1").await, Received::Kept);
    assert_eq!(office.facts(newer), ["clarification_asked", "reply_received"]);
    assert!(matches!(office.table.shelf().facts.last(), Some((_, Fact::ReplyReceived { acknowledge: true, .. }))));
    assert_eq!(office.chosen(newer), None, "a digit that answers our question chooses no channel");
}

#[tokio::test]
async fn a_choice_between_two_questions_is_made_where_the_digit_says_on_the_evidence_of_the_first_text() {
    for (digit, moves) in [("1", false), ("2", true)] {
        let office = Office::new();
        let older = office.ask();
        office.pass(minutes(1));
        let newer = office.ask();
        assert_eq!(office.text("first", "1").await, Received::Asked, "two ask");
        office.pass(minutes(1));
        office.text("second", digit).await;
        let (chosen, other) = if moves { (older, newer) } else { (newer, older) };
        assert!(matches!(office.chosen(chosen), Some(Route::Sms { .. })), "{digit}");
        assert_eq!(office.chosen(other), None, "{digit}");
        let shelf = office.table.shelf();
        let consents = shelf.bindings.iter().filter_map(|binding| match binding {
            Binding::Consent(consent) => Some(consent),
            _ => None,
        });
        let evidence: Vec<_> = consents.map(|consent| consent.evidence.clone()).collect();
        assert!(matches!(&evidence[..], [Evidence::Text { message }] if message.as_str() == "first"), "{digit}");
    }
}

#[tokio::test]
async fn whoever_answers_in_words_is_bound_as_usual_and_not_asked_again() {
    let office = Office::new();
    office.ask();
    office.pass(minutes(1));
    let newer = office.ask();
    office.text("1", "방문해야 하나요?").await;
    office.pass(minutes(1));
    assert_eq!(office.text("2", "무슨 말씀인지 모르겠습니다").await, Received::Kept);
    office.pass(minutes(1));
    assert_eq!(office.text("3", "2").await, Received::Chosen, "a digit is a choice again");
    assert!(office.facts(newer).contains(&"email_chosen_without_address") || office.chosen(newer).is_some());
    office.pass(minutes(1));
    assert_eq!(office.text("4", "또 여쭙니다").await, Received::Kept);
    assert_eq!(office.asked().len(), 1);
}

/// Of two notices for which they chose, the resident is asked which they write about.
async fn is_asked_which(office: &Office) {
    for _ in 0..2 {
        let notice = office.ask();
        office.pass(minutes(1));
        office.text(&format!("choice of {notice}"), "1").await;
        office.pass(minutes(1));
    }
    assert_eq!(office.text("words", "언제 되나요?").await, Received::Asked);
    office.pass(minutes(5));
}

#[tokio::test]
async fn a_digit_answers_the_newer_of_two_questions() {
    let office = Office::new();
    is_asked_which(&office).await;
    let newest = office.ask();
    office.pass(minutes(1));
    assert_eq!(office.text("digit", "1").await, Received::Chosen);
    assert!(matches!(office.chosen(newest), Some(Route::Sms { .. })));
}

#[tokio::test]
async fn a_digit_answers_a_question_that_waited_for_its_day() {
    let office = Office::new();
    let waits = office.put_by();
    is_asked_which(&office).await;
    office.set_out(waits);
    office.pass(minutes(1));
    assert_eq!(office.text("digit", "1").await, Received::Chosen);
    assert!(matches!(office.chosen(waits), Some(Route::Sms { .. })));
}

#[tokio::test]
async fn a_digit_after_a_day_is_no_answer_any_more() {
    let office = Office::new();
    office.ask();
    office.pass(minutes(1));
    let newer = office.ask();
    office.text("1", "방문해야 하나요?").await;
    office.pass(SignedDuration::from_hours(25));
    assert_eq!(office.text("2", "3").await, Received::Chosen);
    assert_eq!(office.chosen(newer), Some(Route::Post));
}

#[tokio::test]
async fn what_the_provider_says_a_text_answers_is_believed() {
    let office = Office::new();
    let older = office.ask();
    office.pass(minutes(1));
    let newer = office.ask();
    let received = office.texts("1", "3", Some(&format!("sms-{older}"))).await.expect("taken in");
    assert_eq!((received, office.chosen(older)), (Received::Chosen, Some(Route::Post)));
    assert_eq!(office.text("2", "3").await, Received::Chosen, "one is left that asks");
    assert_eq!(office.chosen(newer), Some(Route::Post));
}

#[tokio::test]
async fn a_digit_that_answers_another_message_of_ours_is_a_choice_there() {
    let office = Office::new();
    let older = office.ask();
    office.pass(minutes(1));
    let newer = office.ask();
    office.text("1", "방문해야 하나요?").await;
    office.sends(newer, Message::Clarification { reply: channels::fake::reply_id() }, "clarification");
    office.pass(minutes(1));
    office.texts("2", "1", Some(&format!("sms-{older}"))).await.expect("taken in");
    assert_eq!(office.chosen(older).map(domain::Route::channel), Some(Channel::Sms));
}

#[tokio::test]
async fn wherever_the_worker_dies_the_digit_comes_again_and_completes_the_move_once() {
    for write in 0..3 {
        for after in [false, true] {
            for text in ["내일 방문해도 되나요?", "1"] {
                let office = Office::new();
                let older = office.ask();
                office.pass(minutes(1));
                let newer = office.ask();
                office.text("1", text).await;
                office.pass(minutes(1));
                office.table.dies(write, after);
                let mut received = office.texts("2", "2", None).await;
                if received.is_err() {
                    office.pass(minutes(1));
                    received = office.texts("2", "2", None).await;
                }
                let place = format!("{text} {write} {after}");
                assert!(matches!(received, Ok(Received::Moved | Received::Before)), "{place}: {received:?}");
                assert!(office.stands(newer).is_empty(), "{place}");
                assert_eq!(office.stands(older).iter().filter(|stands| *stands == text).count(), 1, "{place}");
                assert_eq!(office.facts(newer), ["clarification_asked", "reply_moved"], "{place}");
                assert_eq!(office.facts(older).len(), 1, "{place}");
            }
        }
    }
}
