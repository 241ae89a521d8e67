//! What each event of the e-mail queue does: to the resident's mailbox, to the notice, and to the queue.

use channels::fake::{
    Counting, HeldSettings, LETTER, MemoryCarrier, MemoryLedger, StoppedClock, accepted, by_mail, by_text, chosen,
    consent_id, details, email, guidance, noon, notice_id, officers_reply, refused, reply_id, shipped_settings,
    throttled,
};
use channels::{Dispatch, OutgoingMail};
use domain::{
    Channel, Details, EmailAddress, Evidence, Fact, Failure, LinkToken, Message, PostReason, ProviderMessageId, Route,
    State,
};
use jiff::SignedDuration;
use letters::fake::MemoryShelf;
use send_email::SendMails;
use store::{Binding, SentMessage};

const PUBLIC_URL: &str = "https://n.seocho.go.kr";

struct Office {
    ledger: MemoryLedger,
    clock: StoppedClock,
    carrier: MemoryCarrier<OutgoingMail>,
    settings: HeldSettings,
    shelf: MemoryShelf,
    mails: SendMails<MemoryLedger, HeldSettings, MemoryShelf, MemoryCarrier<OutgoingMail>>,
}

impl Office {
    /// A notice whose resident chose e-mail, with no consent kept yet.
    fn chosen_without_consent(details: Details) -> Self {
        let (ledger, clock, carrier) = (MemoryLedger::default(), StoppedClock::default(), MemoryCarrier::default());
        let settings = HeldSettings::new(shipped_settings());
        let dispatch =
            Dispatch::new(ledger.clone(), settings.clone(), clock.clone(), Counting::default(), PUBLIC_URL.to_owned());
        ledger.add(accepted(details));
        ledger.happen(notice_id(), chosen(Route::Email { consent: consent_id() }), noon());
        let shelf = MemoryShelf::default();
        shelf.add(notice_id(), LETTER);
        Self {
            mails: SendMails::new(dispatch, shelf.clone(), carrier.clone()),
            shelf,
            ledger,
            clock,
            carrier,
            settings,
        }
    }

    /// A notice whose resident chose e-mail.
    fn chosen(details: Details) -> Self {
        let office = Self::chosen_without_consent(details);
        office.ledger.add_consent(by_mail());
        office
    }

    /// Hands the function an event of `events/send-email` and tells which messages go back to the queue.
    async fn receives(&self, event: &str) -> Vec<String> {
        let path = format!("{}/../../events/send-email/{event}.json", env!("CARGO_MANIFEST_DIR"));
        self.takes(&std::fs::read_to_string(path).expect("an event")).await
    }

    /// The same, of a message that another event caused.
    async fn receives_with_cause(&self, event: &str, cause: u32) -> Vec<String> {
        let path = format!("{}/../../events/send-email/{event}.json", env!("CARGO_MANIFEST_DIR"));
        let event = std::fs::read_to_string(path).expect("an event");
        self.takes(&event.replace("\\\"cause\\\": 4", &format!("\\\"cause\\\": {cause}"))).await
    }

    async fn takes(&self, event: &str) -> Vec<String> {
        let event = serde_json::from_str(event).expect("an SQS event");
        let response = bootstrap::batch(event, |command| self.mails.send(command)).await;
        response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
    }

    fn state(&self) -> State {
        self.ledger.notice(notice_id()).state
    }

    fn happened(&self) -> Vec<&'static str> {
        self.ledger.facts(notice_id()).iter().map(Fact::name).collect()
    }
}

fn back(message: u32) -> Vec<String> {
    vec![format!("00000000-0000-4000-8000-{message:012}")]
}

#[tokio::test]
async fn a_result_holds_the_whole_document_and_a_way_out() {
    let office = Office::chosen(details());
    assert!(office.receives("result").await.is_empty());
    let [mail] = &office.carrier.taken()[..] else { unreachable!("one mail") };
    assert_eq!((mail.notice, mail.cause, mail.result_under, &mail.to), (notice_id(), 2, Some(consent_id()), &email()));
    assert_eq!(mail.subject.0, "[서초구청 건축과] 민원 처리결과 (건축과-2026-01234)");
    for part in [&mail.text.0, &mail.html.0] {
        for words in ["수리되었음을 알려 드립니다.", "이영희", "02-2155-0101", &*mail.opt_out_url.0] {
            assert!(part.contains(words), "{words} in {part}");
        }
    }
    let letter = mail.attachment.as_ref().expect("the letter");
    assert_eq!((letter.name, letter.content.as_slice()), ("통지서.pdf", LETTER));
    let token =
        mail.opt_out_url.0.strip_prefix("https://n.seocho.go.kr/c/").and_then(|rest| rest.strip_suffix("/opt-out"));
    let token = LinkToken::parse(token.expect("the way out")).expect("a token");
    assert_eq!(office.ledger.links(), [token.id()]);
    let id = ProviderMessageId::parse("message-1").expect("an id");
    let sent =
        SentMessage { cause: 2, message: Message::Result { channel: Channel::Email }, consent: Some(consent_id()) };
    assert!(office.ledger.bindings().contains(&Binding::Message { provider: "ses", id, sent }));
    let read_by = Some(noon() + SignedDuration::from_hours(120));
    assert_eq!(office.state(), State::Sent { route: Route::Email { consent: consent_id() }, at: noon(), read_by });
}

fn answered() -> Fact {
    Fact::AnswerWritten { reply: reply_id(), channel: Channel::Email, officer: "이영희".to_owned() }
}

/// An office whose result is out by e-mail, and an officer's answer waits.
async fn answering() -> Office {
    let office = Office::chosen(details());
    assert!(office.receives("result").await.is_empty());
    office.ledger.add_reply(officers_reply("네, 내일 오후에 방문하시면 됩니다 🎉"));
    office.ledger.happen(notice_id(), answered(), noon());
    office
}

#[tokio::test]
async fn an_answer_goes_to_the_address_of_the_consent_without_the_letter() {
    let office = answering().await;
    let cause = office.ledger.notice(notice_id()).version;
    assert!(office.receives_with_cause("answer", cause).await.is_empty());
    let [_, mail] = &office.carrier.taken()[..] else { unreachable!("the result, and the answer") };
    assert_eq!((&mail.to, &mail.attachment), (&email(), &None));
    for part in [&mail.text.0, &mail.html.0] {
        for words in ["네, 내일 오후에 방문하시면 됩니다 🎉", "홍길동", "이영희", &*mail.opt_out_url.0]
        {
            assert!(part.contains(words), "{words} in {part}");
        }
    }
    assert_eq!(office.happened().last(), Some(&"message_sent"));
}

#[tokio::test]
async fn an_answer_whose_consent_is_gone_stays_at_home() {
    let office = answering().await;
    let cause = office.ledger.notice(notice_id()).version;
    let revoked = Fact::ConsentRevoked { only: None, confirm: false, evidence: by_mail().evidence };
    office.ledger.happen(notice_id(), revoked, noon());
    assert!(office.receives_with_cause("answer", cause).await.is_empty());
    assert_eq!(office.carrier.taken().len(), 1, "the result alone");
    assert_eq!(office.happened().last(), Some(&"send_failed"));
}

#[tokio::test]
async fn a_guidance_waits_for_no_reader() {
    let office = Office::chosen(guidance());
    assert!(office.receives("result").await.is_empty());
    assert!(!office.carrier.taken()[0].text.0.contains("열람 확인"));
    assert!(matches!(office.state(), State::Sent { read_by: None, .. }));
}

#[tokio::test]
async fn a_result_goes_to_the_address_of_the_consent_not_to_the_one_on_file() {
    let mut details = details();
    details.recipient.email = Some(EmailAddress::parse("old@example.net").expect("an address"));
    let office = Office::chosen(details);
    assert!(office.receives("result").await.is_empty());
    assert_eq!(office.carrier.taken()[0].to, email());
}

#[tokio::test]
async fn a_result_without_its_consent_is_not_sent_and_becomes_a_letter() {
    for wrong in [None, Some(by_text())] {
        let office = Office::chosen_without_consent(details());
        if let Some(consent) = wrong {
            office.ledger.add_consent(consent);
        }
        assert!(office.receives("result").await.is_empty());
        assert!(office.carrier.taken().is_empty());
        let failed = Fact::SendFailed { cause: 2, reason: Failure::ConsentMissing };
        assert_eq!(office.ledger.facts(notice_id()).last(), Some(&failed));
        assert!(matches!(office.state(), State::Posting { .. }));
    }
}

#[tokio::test]
async fn a_result_delivered_twice_is_sent_once() {
    let office = Office::chosen(details());
    assert!(office.receives("result_delivered_twice").await.is_empty());
    assert!(office.receives("result").await.is_empty());
    assert_eq!(office.carrier.taken().len(), 1);
    assert_eq!(office.happened(), ["channel_chosen", "send_claimed", "sent"]);
}

#[tokio::test]
async fn a_throttle_sends_it_back_and_the_next_attempt_after_the_lease_is_marked() {
    let office = Office::chosen(details());
    office.carrier.refuse(throttled());
    assert_eq!(office.receives("result").await, back(1));
    assert_eq!(office.receives("result").await, back(1), "the lease still runs");
    assert!(matches!(office.state(), State::Sending { .. }));
    office.clock.advance(SignedDuration::from_secs(120));
    assert!(office.receives("result").await.is_empty());
    let marked = |fact: &Fact| matches!(fact, Fact::SendClaimed { attempt: 2, possible_duplicate: true, .. });
    assert!(office.ledger.facts(notice_id()).iter().any(marked));
    assert_eq!(office.carrier.taken().len(), 1);
}

#[tokio::test]
async fn no_mail_goes_out_without_its_letter() {
    let office = Office::chosen(details());
    office.shelf.remove_all();
    assert_eq!(office.receives("result").await, back(1));
    assert!(office.carrier.taken().is_empty());
    office.shelf.add(notice_id(), LETTER);
    office.clock.advance(SignedDuration::from_secs(120));
    assert!(office.receives("result").await.is_empty());
    assert_eq!(office.carrier.taken().len(), 1);
}

#[tokio::test]
async fn a_consent_withdrawn_while_a_sender_held_the_mail_ends_it() {
    let office = Office::chosen(details());
    office.carrier.refuse(throttled());
    assert_eq!(office.receives("result").await, back(1));
    let evidence = Evidence::Text { message: ProviderMessageId::parse("inbound-2").expect("an id") };
    office.ledger.happen(notice_id(), Fact::ConsentRevoked { only: None, confirm: true, evidence }, noon());
    office.clock.advance(SignedDuration::from_secs(120));
    assert!(office.receives("result").await.is_empty());
    assert!(office.carrier.taken().is_empty(), "no consent, no electronic result");
    assert!(matches!(office.state(), State::Posting { .. }));
}

#[tokio::test]
async fn a_mail_refused_for_good_becomes_a_letter() {
    let office = Office::chosen(details());
    office.carrier.refuse(refused(Failure::MessageRefused));
    assert!(office.receives("result").await.is_empty());
    assert_eq!(office.state(), State::Posting { reason: PostReason::DeliveryFailed, since: noon() });
}

#[tokio::test]
async fn a_mail_that_could_not_be_recorded_comes_again() {
    let office = Office::chosen(details());
    let ledger = office.ledger.clone();
    office.carrier.meanwhile(move || ledger.break_down(true));
    assert_eq!(office.receives("result").await, back(1));
    office.ledger.break_down(false);
    office.carrier.meanwhile(|| {});
    office.clock.advance(SignedDuration::from_secs(120));
    assert!(office.receives("result").await.is_empty());
    assert_eq!(office.happened(), ["channel_chosen", "send_claimed", "send_claimed", "sent"]);
}

#[tokio::test]
async fn a_notice_cancelled_between_claim_and_record_stays_cancelled() {
    let office = Office::chosen(details());
    let ledger = office.ledger.clone();
    office.carrier.meanwhile(move || {
        let (officer, unit, reason) = ("이영희".to_owned(), "건축허가팀".to_owned(), "접수 취하".to_owned());
        ledger.happen(notice_id(), Fact::Cancelled { officer, unit, reason }, noon());
    });
    assert!(office.receives("result").await.is_empty());
    assert_eq!(office.state(), State::Cancelled { at: noon() });
    assert_eq!(office.happened(), ["channel_chosen", "send_claimed", "cancelled", "sent"]);
}

#[tokio::test]
async fn a_department_gone_from_the_settings_holds_the_message_and_claims_nothing() {
    let office = Office::chosen(details());
    let mut settings = shipped_settings();
    settings.departments.retain(|department| department.code.as_str() != "building");
    office.settings.replace(settings);
    assert_eq!(office.receives("result").await, back(1));
    assert!(office.carrier.taken().is_empty());
    assert_eq!(office.happened(), ["channel_chosen"]);
}

#[tokio::test]
async fn garbage_and_strangers_go_back_to_the_queue_alone() {
    let office = Office::chosen(details());
    assert_eq!(office.receives("malformed_body").await, back(1));
    assert_eq!(office.receives("unknown_message").await, back(1));
    assert_eq!(office.receives("one_of_several_fails").await, back(2));
    assert_eq!(office.carrier.taken().len(), 1);

    let office = Office::chosen(details());
    assert!(office.receives("question").await.is_empty(), "a question that is over is over on any queue");
    assert_eq!(office.happened(), ["channel_chosen"]);
}
