//! What receipts do to notices: late, early, twice, contradicting each other, of messages that are no result.

mod memory;

use channels::fake::{by_mail, by_text, chosen, consent_id, details, guidance, noon, notice_id};
use domain::{Channel, Consent, ConsentId, Fact, Failure, Message, PostReason, ProviderMessageId, Route, State};
use jiff::SignedDuration;
use memory::Memory;
use record_receipt::{
    PATIENCE, Receipt, Recorded, Report, SesEvent, StatusLog, Tags, UnknownWord, Unrecorded, Verdict,
};
use serde_json::json;
use store::SentMessage;

const BOUNCED: Verdict = Verdict::Failed { reason: Failure::UnreachableAddress };

fn receipt(provider: &str, message: &str, verdict: Verdict) -> Report {
    let message = ProviderMessageId::parse(message).expect("an id");
    Report::Receipt(Receipt { provider: provider.to_owned(), message, verdict, at: noon(), tags: None })
}

fn mailed() -> Memory {
    Memory::with_result(Channel::Email, details(), Some(noon() + SignedDuration::from_hours(120)))
}

async fn take(memory: &Memory, report: Report) -> Recorded {
    memory.recorder().0.take(report, None).await.expect("recorded")
}

async fn all(memory: &Memory, provider: &str, verdicts: &[Verdict]) -> Vec<Recorded> {
    let mut recorded = Vec::new();
    for verdict in verdicts {
        recorded.push(take(memory, receipt(provider, "result", *verdict)).await);
    }
    recorded
}

fn posting(reason: PostReason) -> State {
    State::Posting { reason, since: noon() }
}

#[tokio::test]
async fn every_status_of_a_text_means_what_sns_says_it_means() {
    let failed = |reason| Some(Verdict::Failed { reason });
    let table = [
        ("SUCCESS", "Message has been accepted by phone carrier", Some(Verdict::Arrived)),
        ("FAILURE", "Destination is on a blocked list", failed(Failure::BlockedByCarrier)),
        ("FAILURE", "Invalid phone number", failed(Failure::UnreachableAddress)),
        ("FAILURE", "Message body is invalid", failed(Failure::MessageRefused)),
        ("FAILURE", "Phone has blocked SMS", failed(Failure::BlockedByRecipient)),
        ("FAILURE", "Phone is on a blocked list", failed(Failure::BlockedByRecipient)),
        ("FAILURE", "Phone number is opted out", failed(Failure::BlockedByRecipient)),
        ("FAILURE", "Blocked as spam by phone carrier", failed(Failure::BlockedByCarrier)),
        ("FAILURE", "Phone carrier has blocked this message", failed(Failure::BlockedByCarrier)),
        ("FAILURE", "This delivery would exceed max price", Some(Verdict::Misconfigured)),
        ("FAILURE", "Phone carrier is currently unreachable/unavailable", Some(Verdict::Unreachable)),
        ("FAILURE", "Phone is currently unreachable/unavailable", Some(Verdict::Unreachable)),
        ("FAILURE", "Unknown error attempting to reach phone", Some(Verdict::Unreachable)),
        ("FAILURE", "", None),
        ("FAILURE", "invalid phone number", None),
        ("FAILURE", "Something new", None),
        ("PENDING", "", None),
    ];
    for (status, response, expected) in table {
        let log = json!({
            "notification": { "messageId": "result", "timestamp": "2026-11-24 05:29:20.558" },
            "delivery": { "destination": "+821012345678", "providerResponse": response },
            "status": status,
        });
        let log: StatusLog = serde_json::from_value(log).expect("a status");
        let message = ProviderMessageId::parse("result").expect("an id");
        let expected = match expected {
            Some(verdict) => receipt("sns", "result", verdict),
            None => Report::Unknown(UnknownWord::new("sns", message, &format!("{status} {response}"))),
        };
        assert_eq!(log.report(noon()), expected, "{status} {response}");
    }
}

#[tokio::test]
async fn every_bounce_means_what_ses_says_it_means() {
    let table = [
        ("Permanent", "General", Some(Failure::UnreachableAddress)),
        ("Permanent", "NoEmail", Some(Failure::UnreachableAddress)),
        ("Permanent", "Suppressed", Some(Failure::UnreachableAddress)),
        ("Permanent", "OnAccountSuppressionList", Some(Failure::UnreachableAddress)),
        ("Transient", "General", Some(Failure::GaveUp)),
        ("Transient", "MailboxFull", Some(Failure::GaveUp)),
        ("Transient", "MessageTooLarge", Some(Failure::MessageRefused)),
        ("Transient", "ContentRejected", Some(Failure::MessageRefused)),
        ("Transient", "AttachmentRejected", Some(Failure::MessageRefused)),
        ("Undetermined", "Undetermined", Some(Failure::GaveUp)),
        ("Temporary", "General", None),
        ("", "", None),
    ];
    for (kind, detail, expected) in table {
        let event = json!({
            "eventType": "Bounce",
            "bounce": { "bounceType": kind, "bounceSubType": detail, "timestamp": noon() },
            "mail": { "messageId": "result", "timestamp": noon() },
        });
        let event: SesEvent = serde_json::from_value(event).expect("an event");
        let message = ProviderMessageId::parse("result").expect("an id");
        let expected = match expected {
            Some(reason) => receipt("ses", "result", Verdict::Failed { reason }),
            None => Report::Unknown(UnknownWord::new("ses", message, &format!("Bounce {kind} {detail}"))),
        };
        assert_eq!(event.report(), expected, "{kind} {detail}");
    }
}

#[tokio::test]
async fn delivered_is_recorded_once() {
    let memory = mailed();
    let recorded = all(&memory, "ses", &[Verdict::Delayed, Verdict::Arrived, Verdict::Arrived]).await;
    assert_eq!(recorded, [Recorded::Noted, Recorded::Moved, Recorded::Before]);
    assert!(matches!(memory.state(), State::Delivered { route: Route::Email { .. }, read_by: Some(_), .. }));
    assert_eq!(memory.happened(), ["sent", "delivered"]);
}

#[tokio::test]
async fn a_bounce_after_delivery_leads_to_the_post_once() {
    let memory = mailed();
    let recorded = all(&memory, "ses", &[Verdict::Arrived, BOUNCED, BOUNCED, Verdict::Arrived]).await;
    assert_eq!(recorded, [Recorded::Moved, Recorded::Moved, Recorded::Before, Recorded::Before]);
    assert_eq!(memory.state(), posting(PostReason::DeliveryFailed));
    assert_eq!(memory.happened(), ["sent", "delivered", "delivery_failed"]);
}

#[tokio::test]
async fn a_delivery_reported_after_the_failure_leaves_it_in_the_post() {
    let memory = mailed();
    let recorded = all(&memory, "ses", &[BOUNCED, Verdict::Arrived]).await;
    assert_eq!(recorded, [Recorded::Moved, Recorded::Noted]);
    assert_eq!(memory.state(), posting(PostReason::DeliveryFailed));
}

#[tokio::test]
async fn what_was_read_arrived_whatever_a_report_says() {
    let memory = mailed();
    memory.ledger.happen(notice_id(), Fact::Read, noon());
    let complaint = Verdict::Failed { reason: Failure::Complaint };
    assert_eq!(all(&memory, "ses", &[BOUNCED, complaint, Verdict::Arrived]).await, [Recorded::Noted; 3]);
    assert!(matches!(memory.state(), State::Read { .. }));
    assert_eq!(memory.withdrawn()[0], by_mail().given, "the address is as bad as reported all the same");
}

#[tokio::test]
async fn a_failure_leads_to_the_next_channel_the_resident_consented_to() {
    let memory = Memory::default();
    memory.asked(details());
    memory.chose(by_text());
    let by_mail = Consent { id: ConsentId::parse("01KAVQ8Z3M0000000000000C02").expect("an id"), ..by_mail() };
    let cause = memory.chose(by_mail);
    memory.sent("ses", "result", cause, None);
    take(&memory, receipt("ses", "result", BOUNCED)).await;
    let State::Sending { route, cause } = memory.state() else { unreachable!("the other channel") };
    assert_eq!(route, Route::Sms { consent: consent_id() });
    memory.sent("sns", "second", cause, None);
    // The first mail's delivery, reported late, is no news of the text.
    assert_eq!(take(&memory, receipt("ses", "result", Verdict::Arrived)).await, Recorded::Noted);
    assert!(matches!(memory.state(), State::Sent { route: Route::Sms { .. }, .. }));
    take(&memory, receipt("sns", "second", BOUNCED)).await;
    assert_eq!(memory.state(), posting(PostReason::DeliveryFailed));
    assert_eq!(memory.happened(), ["sent", "delivery_failed", "sent", "delivery_failed"]);
}

#[tokio::test]
async fn a_receipt_of_an_earlier_result_by_the_same_channel_is_no_news_of_the_later_one() {
    let memory = Memory::default();
    memory.asked(details());
    memory.chose(by_text());
    let first = Consent { id: ConsentId::parse("01KAVQ8Z3M0000000000000C02").expect("an id"), ..by_mail() };
    let cause = memory.chose(first);
    memory.sent("ses", "first", cause, None);
    take(&memory, receipt("ses", "first", BOUNCED)).await;
    // On its way by text, the resident gives another address.
    let second = Consent { id: ConsentId::parse("01KAVQ8Z3M0000000000000C03").expect("an id"), ..by_mail() };
    let cause = memory.chose(second);
    assert_eq!(take(&memory, receipt("ses", "first", Verdict::Arrived)).await, Recorded::Noted);
    memory.sent("ses", "second", cause, None);
    let complaint = Verdict::Failed { reason: Failure::Complaint };
    assert_eq!(take(&memory, receipt("ses", "first", complaint)).await, Recorded::Noted);
    assert!(matches!(memory.state(), State::Sent { .. }), "{:?}", memory.state());
    assert_eq!(take(&memory, receipt("ses", "second", Verdict::Arrived)).await, Recorded::Moved);
}

#[tokio::test]
async fn a_text_that_could_not_be_handed_over_waits_for_its_reader_or_moves_on_where_nothing_waits() {
    let waits = Memory::with_result(Channel::Sms, details(), Some(noon() + SignedDuration::from_hours(120)));
    assert_eq!(take(&waits, receipt("sns", "result", Verdict::Unreachable)).await, Recorded::Noted);
    assert!(matches!(waits.state(), State::Sent { .. }));
    let told_whole = Memory::with_result(Channel::Sms, guidance(), None);
    assert_eq!(take(&told_whole, receipt("sns", "result", Verdict::Unreachable)).await, Recorded::Moved);
    assert_eq!(told_whole.state(), posting(PostReason::DeliveryFailed));
}

#[tokio::test]
async fn a_setting_of_ours_moves_the_result_on_but_not_the_question() {
    let memory = Memory::with_result(Channel::Sms, details(), None);
    assert_eq!(take(&memory, receipt("sns", "result", Verdict::Misconfigured)).await, Recorded::Moved);
    assert_eq!(memory.state(), posting(PostReason::DeliveryFailed));
    assert!(memory.withdrawn().is_empty(), "the address is not at fault");
    let asked = Memory::default();
    asked.asked(details());
    assert_eq!(take(&asked, receipt("sns", "question", Verdict::Misconfigured)).await, Recorded::Noted);
    assert!(matches!(asked.state(), State::Asking { .. }), "the reminder asks once more");
}

#[tokio::test]
async fn a_question_that_never_arrives_leads_to_the_post_unless_it_was_answered() {
    let memory = Memory::default();
    memory.asked(details());
    for verdict in [Verdict::Arrived, Verdict::Delayed, Verdict::Unreachable] {
        assert_eq!(take(&memory, receipt("sns", "question", verdict)).await, Recorded::Noted);
    }
    assert_eq!(take(&memory, receipt("sns", "question", BOUNCED)).await, Recorded::Moved);
    assert_eq!(take(&memory, receipt("sns", "question", BOUNCED)).await, Recorded::Before);
    assert_eq!(memory.state(), posting(PostReason::QuestionFailed));

    let answered = Memory::default();
    answered.asked(details());
    let Fact::ChannelChosen { evidence, .. } = chosen(Route::Post) else { unreachable!("a choice") };
    let choose_by = noon() + SignedDuration::from_hours(72);
    answered.ledger.happen(notice_id(), Fact::EmailChosenWithoutAddress { evidence, choose_by }, noon());
    assert_eq!(take(&answered, receipt("sns", "question", BOUNCED)).await, Recorded::Noted);
    assert!(matches!(answered.state(), State::Asking { awaiting_email: true, .. }));

    let chosen = mailed();
    assert_eq!(take(&chosen, receipt("sns", "question", BOUNCED)).await, Recorded::Noted);
    assert!(matches!(chosen.state(), State::Sent { .. }));
}

#[tokio::test]
async fn receipts_of_other_messages_move_nothing() {
    let reply = channels::fake::reply_id();
    let others = [
        Message::Reminder,
        Message::EmailRequest,
        Message::Acknowledgement { reply },
        Message::RenewalConfirmation,
        Message::Answer { reply, channel: Channel::Sms },
        Message::PostConfirmation,
        Message::OptOutConfirmation,
    ];
    for message in others {
        let memory = mailed();
        memory.bind("sns", "other", SentMessage { cause: 9, message: message.clone(), consent: None });
        for verdict in [Verdict::Arrived, BOUNCED, Verdict::Misconfigured, Verdict::Unreachable, Verdict::Delayed] {
            assert_eq!(take(&memory, receipt("sns", "other", verdict)).await, Recorded::Noted, "{message:?}");
        }
        assert!(matches!(memory.state(), State::Sent { .. }), "{message:?}");
    }
}

#[tokio::test]
async fn a_receipt_before_our_record_is_waited_for_then_kept_apart_and_matched_later() {
    let memory = Memory::default();
    memory.asked(details());
    let cause = memory.chose(by_mail());
    let (recorder, clock) = memory.recorder();
    let early = || receipt("ses", "result", Verdict::Arrived);
    let first = recorder.take(early(), Some(noon())).await;
    assert!(matches!(first, Err(Unrecorded::TooEarly)), "{first:?}");
    clock.advance(PATIENCE);
    assert_eq!(recorder.take(early(), Some(noon())).await.expect("kept"), Recorded::Unmatched);
    assert_eq!(memory.dead(), ["receipt#ses#result#arrived"]);
    let kept = r#"{"provider":"ses","message":"result","verdict":"arrived","at":"2026-11-24T05:30:00Z"}"#;
    assert_eq!(memory.dead_contents(), kept, "a name of the message and nothing personal");
    recorder.match_again().await.expect("a table");
    assert_eq!(memory.dead().len(), 1, "its message is still on its way");
    memory.sent("ses", "result", cause, None);
    recorder.match_again().await.expect("a table");
    assert!(matches!(memory.state(), State::Delivered { .. }));
    assert_eq!(memory.dead(), [""; 0]);
    recorder.match_again().await.expect("a table");
    assert_eq!(memory.happened(), ["sent", "delivered"]);
}

/// A mail that its sender never recorded, for it died; another sender has sent it once more, under the name `result`.
fn of_the_dead(verdict: Verdict) -> Report {
    let Report::Receipt(receipt) = receipt("ses", "never recorded", verdict) else { unreachable!("a receipt") };
    // Taken in, claimed, asked, chosen.
    let tags = Tags { notice: notice_id(), cause: 4, consent: consent_id() };
    Report::Receipt(Receipt { tags: Some(tags), ..receipt })
}

#[tokio::test]
async fn a_mail_whose_sender_died_before_recording_it_is_found_by_its_tags() {
    let memory = mailed();
    assert_eq!(take(&memory, of_the_dead(Verdict::Arrived)).await, Recorded::Moved);
    assert!(matches!(memory.state(), State::Delivered { .. }));
    assert_eq!(take(&memory, of_the_dead(BOUNCED)).await, Recorded::Moved);
    assert_eq!(memory.state(), posting(PostReason::DeliveryFailed));
    assert_eq!(memory.withdrawn(), [by_mail().given]);
    assert_eq!(memory.dead(), [""; 0]);
}

#[tokio::test]
async fn a_tagged_receipt_that_comes_before_any_record_waits_for_one() {
    let memory = Memory::default();
    memory.asked(guidance());
    let cause = memory.chose(by_mail());
    let (recorder, clock) = memory.recorder();
    for verdict in [Verdict::Arrived, BOUNCED, Verdict::Unreachable, Verdict::Delayed] {
        let early = recorder.take(of_the_dead(verdict), Some(noon())).await;
        assert!(matches!(early, Err(Unrecorded::TooEarly)), "{verdict:?}: {early:?}");
    }
    clock.advance(PATIENCE);
    let kept = recorder.take(of_the_dead(Verdict::Arrived), Some(noon())).await.expect("kept");
    assert_eq!(kept, Recorded::Unmatched);
    memory.sent("ses", "result", cause, None);
    recorder.match_again().await.expect("a table");
    assert!(matches!(memory.state(), State::Delivered { .. }), "the tags were kept with it");
    assert_eq!(memory.dead(), [""; 0]);
}

#[tokio::test]
async fn what_found_no_notice_for_a_day_is_left_to_the_officers() {
    let memory = mailed();
    let (recorder, clock) = memory.recorder();
    recorder.take(receipt("ses", "foreign", Verdict::Arrived), None).await.expect("kept");
    clock.advance(SignedDuration::from_hours(25));
    let sent =
        SentMessage { cause: 2, message: Message::Result { channel: Channel::Email }, consent: Some(consent_id()) };
    memory.bind("ses", "foreign", sent);
    recorder.match_again().await.expect("a table");
    assert_eq!(memory.dead(), ["receipt#ses#foreign#arrived"]);
}
