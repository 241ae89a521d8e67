//! Officers read and answer residents, and stand in the access record for what they see.

use std::fs;

use crate::desk::{Memory, answer, routes};
use channels::fake::{accepted, details, noon};
use domain::{Action, Channel, Details, Fact, PhoneNumber};
use serde_json::{Value, json};

fn event(name: &str) -> Value {
    let path = format!("{}/../../events/staff-console/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(path).expect("an event")).expect("JSON")
}

async fn ask(office: &Memory, event: &Value) -> Value {
    answer(routes(office), &event.to_string()).await
}

/// The same request under another key.
fn under(mut event: Value, key: &str) -> Value {
    event["headers"]["idempotency-key"] = key.into();
    event
}

#[tokio::test]
async fn what_an_officer_has_not_seen_is_neither_read_nor_answered() {
    let office = Memory::office();
    let entries = ask(&office, &event("thread")).await["body"]["entries"].clone();
    let newest = entries.as_array().expect("entries").last().expect("an entry")["at"].clone();
    let before = "2026-01-01T00:00:00Z";
    let saying = |name: &str, seen: &Value| {
        let mut event = event(name);
        let mut body: Value = serde_json::from_str(event["body"].as_str().expect("a body")).expect("JSON");
        body["seen"] = seen.clone();
        event["body"] = body.to_string().into();
        event
    };
    for name in ["read", "answer"] {
        let refused = ask(&office, &saying(name, &json!(before))).await;
        assert_eq!((&refused["status"], &refused["body"]["detail"]), (&json!(409), &json!("read the thread again")));
    }
    let unread = |office: &Memory| office.shelf().notice.clone().expect("a notice").conversation.expect("one").unread;
    assert!(unread(&office) > 0, "it stands unread");
    let faulty = ask(&office, &saying("read", &json!("yesterday"))).await;
    assert_eq!((&faulty["status"], &faulty["body"]["errors"][0]["pointer"]), (&json!(422), &json!("#/seen")));
    assert_eq!(ask(&office, &saying("read", &newest)).await["status"], 200);
    assert_eq!(unread(&office), 0);
}

#[tokio::test]
async fn who_has_seen_the_newest_entry_has_seen_all() {
    let office = Memory::office();
    let newest = |told: &Value| told["body"]["entries"].as_array().expect("entries").last().expect("one")["at"].clone();
    let said = newest(&ask(&office, &event("thread")).await);
    // The event stands after another of the same moment: a little later than what it tells of.
    if let Some(conversation) = office.shelf().notice.as_mut().and_then(|notice| notice.conversation.as_mut()) {
        conversation.newest_at += jiff::SignedDuration::from_millis(700);
    }
    let shown = newest(&ask(&office, &event("thread")).await);
    for (seen, status) in [(said, 409), (shown, 200)] {
        let mut reading = event("read");
        let mut body: Value = serde_json::from_str(reading["body"].as_str().expect("a body")).expect("JSON");
        body["seen"] = seen;
        reading["body"] = body.to_string().into();
        assert_eq!(ask(&office, &reading).await["status"], status);
    }
}

#[tokio::test]
async fn an_answer_is_written_once_per_key() {
    let office = Memory::office();
    let first = ask(&office, &event("answer")).await;
    assert_eq!((&first["status"], &first["body"]["channel"]), (&json!(201), &json!("sms")));
    assert_eq!(first["body"]["billed"]["encoding"], "ucs2");
    assert_eq!(ask(&office, &event("answer")).await, first, "the same answer again");
    let mut other = event("answer");
    other["body"] = json!({ "text": "아니요", "officer": { "unit": "건축과", "name": "김담당" } }).to_string().into();
    let refused = ask(&office, &other).await;
    assert_eq!((&refused["status"], &refused["body"]["errors"][0]["header"]), (&json!(422), &json!("Idempotency-Key")));
    let answers = |office: &Memory| {
        office
            .facts()
            .iter()
            .filter(|fact| matches!(fact, Fact::AnswerWritten { officer, .. } if officer == "김담당"))
            .count()
    };
    assert_eq!(answers(&office), 1);
    assert_eq!(ask(&office, &under(event("answer"), "answer-2")).await["status"], 201);
    assert_eq!(answers(&office), 2);
    let unread = office.shelf().notice.clone().expect("a notice").conversation.expect("a conversation").unread;
    assert_eq!(unread, 0, "who answers has read");
}

#[tokio::test]
async fn an_answer_goes_as_the_result_does_and_mails_carry_any_character() {
    let office = Memory::office();
    office.goes_by_mail();
    let taken = ask(&office, &event("answer-with-foreign-characters")).await;
    assert_eq!((&taken["status"], &taken["body"]["channel"]), (&json!(201), &json!("email")));
    assert!(taken["body"]["billed"].is_null());
    assert!(matches!(office.facts().last(), Some(Fact::AnswerWritten { channel: Channel::Email, .. })));
}

#[tokio::test]
async fn whom_no_message_reaches_must_be_called() {
    let mut recipient = details().recipient;
    recipient.phone = Some(PhoneNumber::parse("02-555-0101").expect("a landline"));
    let office = Memory::of(accepted(Details { recipient, ..details() }));
    let refused = ask(&office, &event("answer")).await;
    assert_eq!(
        (&refused["status"], &refused["body"]["title"]),
        (&json!(409), &json!("no message reaches this resident"))
    );
}

#[tokio::test]
async fn who_opted_out_is_written_to_only_when_they_wrote() {
    let silent = Memory::of(accepted(details()));
    silent.shelf().has_opted_out = true;
    let refused = ask(&silent, &event("answer")).await;
    assert_eq!(refused["status"], 409);
    assert!(refused["body"]["detail"].as_str().expect("why").contains("wants no messages"), "{refused}");
    assert!(silent.facts().is_empty());
    let talking = Memory::office();
    talking.shelf().has_opted_out = true;
    assert_eq!(ask(&talking, &event("answer")).await["status"], 201);
}

#[tokio::test]
async fn a_cancelled_notice_takes_no_answer() {
    let office = Memory::office();
    let (officer, unit, reason) = ("김담당".to_owned(), "건축과".to_owned(), "착오".to_owned());
    office.happens(Fact::Cancelled { officer, unit, reason }, noon() + jiff::SignedDuration::from_hours(1));
    assert_eq!(ask(&office, &event("answer")).await["status"], 409);
}

#[tokio::test]
async fn whatever_is_shown_stands_in_the_record_and_nothing_is_shown_without() {
    let office = Memory::office();
    for (name, action) in [("thread", Action::ReadThread), ("inbox", Action::ReadInbox)] {
        assert_eq!(ask(&office, &event(name)).await["status"], 200);
        let access = office.shelf().accesses.last().cloned().expect("a line");
        assert_eq!((access.action, access.notices), (action, vec![channels::fake::notice_id()]), "{name}");
        assert_eq!((&*access.caller.client, access.caller.source.as_deref()), ("petition-system", Some("192.0.2.1")));
    }
    let told = ask(&office, &event("unmatched")).await;
    assert_eq!(told["body"]["texts"][0]["text"], "누구세요?\nhttps://example.com", "nothing turns words around");
    let access = office.shelf().accesses.last().cloned().expect("a line");
    assert_eq!((access.action, access.object.as_deref()), (Action::ReadUnmatched, Some("2026-11-24")));
    office.shelf().record_is_full = true;
    for name in ["thread", "inbox", "unmatched"] {
        let refused = ask(&office, &event(name)).await;
        assert_eq!(refused["status"], 503, "{name}");
        assert!(!["방문", "누구"].iter().any(|words| refused.to_string().contains(words)), "{name}");
    }
}

#[tokio::test]
async fn reading_twice_is_reading_once() {
    let office = Memory::office();
    for _ in 0..2 {
        assert_eq!(ask(&office, &event("read")).await["body"]["unread"], 0);
    }
    assert_eq!(office.facts().iter().filter(|fact| matches!(fact, Fact::RepliesRead { .. })).count(), 1);
    assert_eq!(ask(&office, &event("inbox")).await["body"]["unread_total"], 0);
    assert_eq!(ask(&office, &event("inbox-read")).await["body"]["conversations"][0]["unread"], 0);
}

#[tokio::test]
async fn what_cannot_be_seen_in_a_text_turns_no_words_around() {
    let office = Memory::office();
    office.shelf().replies[0].text = "돈을\u{202e} 보내\u{200b} 주세요".to_owned();
    let told = ask(&office, &event("thread")).await;
    let entries = told["body"]["entries"].as_array().expect("entries");
    assert!(entries.iter().any(|entry| entry["text"] == "돈을 보내 주세요"), "{told}");
}
