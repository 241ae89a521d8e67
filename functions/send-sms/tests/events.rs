//! What each event of the SMS queue does: to the resident's telephone, to the notice, and to the queue.

use std::sync::Arc;

use channels::fake::{
    Counting, HeldSettings, MemoryCarrier, MemoryLedger, StoppedClock, accepted, by_mail, by_text, chosen, consent_id,
    details, guidance, noon, notice_id, officers_reply, phone, refused, reply_id, shipped_settings, throttled,
};
use channels::{Dispatch, OutgoingText};
use domain::text::fits_one_part;
use domain::{
    BirthDate, Channel, Entry, Evidence, Fact, Failure, LinkToken, Message, Notice, PhoneNumber, PostReason,
    ProviderMessageId, Route, State,
};
use jiff::SignedDuration;
use send_sms::SendTexts;
use store::{Binding, SentMessage};

const PUBLIC_URL: &str = "https://n.seocho.go.kr";

struct Office {
    ledger: MemoryLedger,
    clock: StoppedClock,
    carrier: MemoryCarrier<OutgoingText>,
    settings: HeldSettings,
    texts: SendTexts<MemoryLedger, HeldSettings, MemoryCarrier<OutgoingText>>,
}

impl Office {
    fn with(notice: Notice) -> Self {
        let (ledger, clock, carrier) = (MemoryLedger::default(), StoppedClock::default(), MemoryCarrier::default());
        let settings = HeldSettings::new(shipped_settings());
        let dispatch =
            Dispatch::new(ledger.clone(), settings.clone(), clock.clone(), Counting::default(), PUBLIC_URL.to_owned());
        ledger.add(notice);
        Self { texts: SendTexts::new(dispatch, carrier.clone()), ledger, clock, carrier, settings }
    }

    /// A notice about to be asked.
    fn asking_nobody_yet() -> Self {
        Self::with(accepted(details()))
    }

    /// A notice whose resident chose texts.
    fn chosen_by_text(details: domain::Details) -> Self {
        let office = Self::with(accepted(details));
        office.ledger.add_consent(by_text());
        office.ledger.happen(notice_id(), chosen(Route::Sms { consent: consent_id() }), noon());
        office
    }

    /// A notice whose resident was asked: version 3.
    async fn asked() -> Self {
        let office = Self::asking_nobody_yet();
        assert!(office.receives("question").await.is_empty());
        office
    }

    /// Hands the function an event of `events/send-sms` and tells which messages go back to the queue.
    async fn receives(&self, event: &str) -> Vec<String> {
        let path = format!("{}/../../events/send-sms/{event}.json", env!("CARGO_MANIFEST_DIR"));
        let event = serde_json::from_str(&std::fs::read_to_string(path).expect("an event")).expect("an SQS event");
        let response = bootstrap::batch(event, |command| self.texts.send(command)).await;
        response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
    }

    fn sent(&self) -> Vec<String> {
        self.carrier.taken().into_iter().map(|text| text.body.0).collect()
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
async fn a_question_goes_to_the_telephone_on_file_in_one_part_with_a_link_that_is_kept() {
    let office = Office::asking_nobody_yet();
    assert!(office.receives("question").await.is_empty());
    let [text] = &office.carrier.taken()[..] else { unreachable!("one text") };
    assert_eq!((&text.to, text.from.expose()), (&phone(), "+82221550001"));
    assert!(fits_one_part(&text.body.0), "{}", text.body.0);
    let (_, link) = text.body.0.rsplit_once("/c/").expect("a link");
    let token = LinkToken::parse(link.lines().next().unwrap_or_default()).expect("a token");
    assert_eq!(office.ledger.links(), [token.id()]);
    let hours = SignedDuration::from_hours;
    assert_eq!(
        office.state(),
        State::Asking { choose_by: noon() + hours(72), remind_at: Some(noon() + hours(24)), awaiting_email: false }
    );
    let id = ProviderMessageId::parse("message-1").expect("an id");
    let sent = SentMessage { cause: 1, message: Message::Question, consent: None };
    assert!(office.ledger.bindings().contains(&Binding::Message { provider: "sns", id, sent }));
}

#[tokio::test]
async fn a_question_delivered_twice_is_sent_once() {
    let office = Office::asking_nobody_yet();
    assert!(office.receives("question_delivered_twice").await.is_empty());
    assert!(office.receives("question").await.is_empty());
    assert_eq!(office.sent().len(), 1);
    assert_eq!(office.happened(), ["send_claimed", "asked"]);
}

#[tokio::test]
async fn a_live_lease_is_respected_and_an_expired_one_taken_over_with_a_mark() {
    let office = Office::asking_nobody_yet();
    office.carrier.refuse(throttled());
    assert_eq!(office.receives("question").await, back(1), "a throttle sends it back");
    office.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(office.receives("question").await, back(1), "the lease still runs");
    assert!(office.sent().is_empty());
    office.clock.advance(SignedDuration::from_secs(60));
    assert!(office.receives("question").await.is_empty(), "the queue's next delivery meets an expired lease");
    assert_eq!(office.sent().len(), 1);
    let marks: Vec<_> = office.ledger.facts(notice_id()).into_iter().filter_map(|fact| match_claim(&fact)).collect();
    assert_eq!(marks, [(1, false), (2, true)]);
    assert!(matches!(office.state(), State::Asking { .. }));
}

fn match_claim(fact: &Fact) -> Option<(u32, bool)> {
    if let Fact::SendClaimed { attempt, possible_duplicate, .. } = fact {
        Some((*attempt, *possible_duplicate))
    } else {
        None
    }
}

/// From half past two in the afternoon to half past ten at night, and from there to the next morning.
const EVENING: SignedDuration = SignedDuration::from_hours(8);
const MORNING: SignedDuration = SignedDuration::from_mins(10 * 60 + 30);

#[tokio::test]
async fn a_question_waits_for_the_morning_and_keeps_its_name() {
    let office = Office::asking_nobody_yet();
    office.clock.advance(EVENING);
    assert!(office.receives("question_delivered_twice").await.is_empty(), "the queue is done with it");
    assert!(office.sent().is_empty());
    let until = noon() + EVENING + MORNING;
    let held = Fact::Held { cause: 1, message: Message::Question, until };
    assert_eq!(office.ledger.facts(notice_id()), [held]);
    assert_eq!(office.ledger.notice(notice_id()).due_at(), Some(until));
    office.clock.advance(MORNING);
    office.ledger.happen(notice_id(), Fact::HoldEnded { cause: 1, message: Message::Question }, until);
    assert!(office.receives("question").await.is_empty());
    assert!(office.receives("question").await.is_empty());
    assert_eq!(office.sent().len(), 1);
    assert_eq!(office.happened(), ["held", "hold_ended", "send_claimed", "asked"]);
}

#[tokio::test]
async fn a_result_chosen_at_night_waits_and_an_answer_to_who_just_wrote_does_not() {
    let office = Office::chosen_by_text(details());
    office.clock.advance(EVENING);
    assert!(office.receives("result").await.is_empty());
    assert!(office.sent().is_empty());
    assert!(matches!(office.state(), State::Sending { .. }));
    let office = Office::asking_nobody_yet();
    office.clock.advance(EVENING);
    office.ledger.happen(notice_id(), wrote(true), noon() + EVENING);
    assert!(office.receives("acknowledgement").await.is_empty());
    assert_eq!(office.sent().len(), 1);
}

#[tokio::test]
async fn a_second_sender_steps_aside_while_the_first_is_calling() {
    let office = Arc::new(Office::asking_nobody_yet());
    let (ledger, lease) = (office.ledger.clone(), noon() + domain::LEASE);
    office.carrier.meanwhile(move || {
        let claim = ledger.notice(notice_id()).claim(1, &Message::Question, noon(), lease, None);
        assert_eq!(claim, domain::Claim::Leased { until: lease });
    });
    assert!(office.receives("question").await.is_empty());
    assert_eq!(office.sent().len(), 1);
}

#[tokio::test]
async fn a_question_refused_for_good_becomes_a_letter() {
    let office = Office::asking_nobody_yet();
    office.carrier.refuse(refused(Failure::UnreachableAddress));
    assert!(office.receives("question").await.is_empty());
    assert_eq!(office.state(), State::Posting { reason: PostReason::QuestionFailed, since: noon() });
    assert!(office.receives("question").await.is_empty(), "it is over");
    assert!(office.sent().is_empty());
}

#[tokio::test]
async fn a_question_to_a_landline_is_not_sent() {
    let mut details = details();
    details.recipient.phone = Some(PhoneNumber::parse("02-2155-6000").expect("a landline"));
    let office = Office::with(accepted(details));
    assert!(office.receives("question").await.is_empty());
    assert!(office.sent().is_empty());
    let failed = Fact::SendFailed { cause: 1, reason: Failure::UnreachableAddress };
    assert_eq!(office.ledger.facts(notice_id()).last(), Some(&failed));
}

#[tokio::test]
async fn a_text_that_could_not_be_recorded_comes_again_marked() {
    let office = Office::asking_nobody_yet();
    let ledger = office.ledger.clone();
    office.carrier.meanwhile(move || ledger.break_down(true));
    assert_eq!(office.receives("question").await, back(1));
    assert_eq!(office.sent().len(), 1, "the text is out");
    office.ledger.break_down(false);
    office.carrier.meanwhile(|| {});
    office.clock.advance(SignedDuration::from_secs(120));
    assert!(office.receives("question").await.is_empty());
    assert_eq!(office.sent().len(), 2, "nothing is lost; the doubtful second is marked");
    assert_eq!(office.happened(), ["send_claimed", "send_claimed", "asked"]);
}

#[tokio::test]
async fn a_reminder_goes_once_and_keeps_the_deadline() {
    let office = Office::asked().await;
    let before = office.state();
    office.clock.advance(SignedDuration::from_hours(24));
    office.ledger.happen(notice_id(), Fact::ReminderFellDue, noon() + SignedDuration::from_hours(24));
    assert!(office.receives("reminder").await.is_empty());
    assert!(office.receives("reminder").await.is_empty());
    assert_eq!(office.sent().len(), 2);
    assert!(office.sent()[1].contains("11월 27일 14시까지"), "{}", office.sent()[1]);
    assert_eq!(office.ledger.links().len(), 2, "the reminder has a link of its own");
    let (State::Asking { choose_by: was, .. }, State::Asking { choose_by, remind_at, .. }) = (before, office.state())
    else {
        unreachable!("still asking")
    };
    assert_eq!((choose_by, remind_at), (was, None));
}

#[tokio::test]
async fn a_reminder_of_a_resident_who_has_chosen_is_not_sent() {
    let office = Office::asked().await;
    office.ledger.happen(notice_id(), Fact::ReminderFellDue, noon());
    office.ledger.happen(notice_id(), chosen(Route::Post), noon());
    assert!(office.receives("reminder").await.is_empty());
    assert_eq!(office.sent().len(), 1, "the question only");
}

#[tokio::test]
async fn a_result_of_a_disposition_is_announced_without_its_contents() {
    let office = Office::chosen_by_text(details());
    assert!(office.receives("result").await.is_empty());
    let [text] = &office.sent()[..] else { unreachable!("one text") };
    assert!(!text.contains("용도변경") && text.contains("/c/") && text.contains("이영희 02-2155-0101"), "{text}");
    let read_by = Some(noon() + SignedDuration::from_hours(120));
    assert_eq!(office.state(), State::Sent { route: Route::Sms { consent: consent_id() }, at: noon(), read_by });
    assert_eq!(office.ledger.links().len(), 1);
}

#[tokio::test]
async fn a_result_of_a_guidance_is_told_whole_and_waits_for_no_reader() {
    let office = Office::chosen_by_text(guidance());
    assert!(office.receives("result").await.is_empty());
    let [text] = &office.sent()[..] else { unreachable!("one text") };
    assert!(text.contains("허가 만료일은 2027년 1월 23일입니다.") && !text.contains("/c/"), "{text}");
    assert!(matches!(office.state(), State::Sent { read_by: None, .. }));
    assert!(office.ledger.links().is_empty());
}

#[tokio::test]
async fn a_result_goes_to_the_number_of_the_consent_not_to_the_one_on_file() {
    let mut details = details();
    details.recipient.phone = Some(PhoneNumber::parse("010-9999-0000").expect("a phone"));
    let office = Office::chosen_by_text(details);
    assert!(office.receives("result").await.is_empty());
    assert_eq!(office.carrier.taken()[0].to, phone());
}

#[tokio::test]
async fn a_result_without_its_consent_is_not_sent_and_becomes_a_letter() {
    for wrong in [None, Some(by_mail())] {
        let office = Office::with(accepted(details()));
        office.ledger.happen(notice_id(), chosen(Route::Sms { consent: consent_id() }), noon());
        if let Some(consent) = wrong {
            office.ledger.add_consent(consent);
        }
        assert!(office.receives("result").await.is_empty());
        assert!(office.sent().is_empty());
        let failed = Fact::SendFailed { cause: 2, reason: Failure::ConsentMissing };
        assert_eq!(office.ledger.facts(notice_id()).last(), Some(&failed));
        assert!(matches!(office.state(), State::Posting { .. }));
    }
}

#[tokio::test]
async fn a_result_of_a_cancelled_notice_is_not_sent() {
    let office = Office::chosen_by_text(details());
    office.ledger.happen(notice_id(), cancelled(), noon());
    assert!(office.receives("result").await.is_empty());
    assert!(office.sent().is_empty());
}

#[tokio::test]
async fn a_notice_cancelled_between_claim_and_record_stays_cancelled_and_knows_what_went_out() {
    let office = Office::chosen_by_text(details());
    let ledger = office.ledger.clone();
    office.carrier.meanwhile(move || ledger.happen(notice_id(), cancelled(), noon()));
    assert!(office.receives("result").await.is_empty());
    assert_eq!(office.state(), State::Cancelled { at: noon() });
    assert_eq!(office.happened(), ["channel_chosen", "send_claimed", "cancelled", "sent"]);
    assert_eq!(office.ledger.notice(notice_id()).ledger.get(&2), Some(&Entry::Done));
}

fn cancelled() -> Fact {
    Fact::Cancelled {
        officer: "이영희".to_owned(), unit: "건축허가팀".to_owned(), reason: "접수 취하".to_owned()
    }
}

fn wrote(acknowledge: bool) -> Fact {
    Fact::ReplyReceived { reply: reply_id(), acknowledge }
}

#[tokio::test]
async fn an_acknowledgement_and_an_officers_answer_go_out() {
    let office = Office::asking_nobody_yet();
    office.ledger.happen(notice_id(), wrote(true), noon());
    assert!(office.receives("acknowledgement").await.is_empty());
    assert_eq!(office.happened(), ["reply_received", "send_claimed", "message_sent"]);

    let office = Office::asking_nobody_yet();
    office.ledger.add_reply(officers_reply("내일 오후 2시에 방문하시면 됩니다."));
    office.ledger.happen(
        notice_id(),
        Fact::AnswerWritten { reply: reply_id(), channel: Channel::Sms, officer: "이영희".to_owned() },
        noon(),
    );
    assert!(office.receives("answer").await.is_empty());
    assert!(office.sent()[0].contains("내일 오후 2시에 방문하시면 됩니다."));
}

#[tokio::test]
async fn an_answer_whose_words_are_missing_comes_again() {
    let office = Office::asking_nobody_yet();
    office.ledger.happen(
        notice_id(),
        Fact::AnswerWritten { reply: reply_id(), channel: Channel::Sms, officer: "이영희".to_owned() },
        noon(),
    );
    assert_eq!(office.receives("answer").await, back(1));
    assert!(office.sent().is_empty());
}

#[tokio::test]
async fn an_address_is_asked_for_and_post_and_opting_out_are_confirmed() {
    let office = Office::asked().await;
    let evidence = by_text().evidence;
    let without_address =
        Fact::EmailChosenWithoutAddress { evidence, choose_by: noon() + SignedDuration::from_hours(72) };
    office.ledger.happen(notice_id(), without_address, noon());
    assert!(office.receives("email_request").await.is_empty());
    assert!(office.sent()[1].contains("이메일 주소를 답장으로"), "{}", office.sent()[1]);

    let office = Office::asking_nobody_yet();
    office.ledger.happen(notice_id(), chosen(Route::Post), noon());
    assert!(office.receives("post_confirmation").await.is_empty());
    assert!(office.sent()[0].contains("우편으로 보내 드립니다"), "{}", office.sent()[0]);

    let office = Office::asking_nobody_yet();
    let evidence = Evidence::Text { message: ProviderMessageId::parse("inbound-2").expect("an id") };
    office.ledger.happen(notice_id(), Fact::ConsentRevoked { only: None, confirm: true, evidence }, noon());
    assert!(office.receives("opt_out_confirmation").await.is_empty());
    assert!(office.sent()[0].contains("수신거부를 처리했습니다"), "{}", office.sent()[0]);
}

#[tokio::test]
async fn a_kind_gone_from_the_settings_holds_the_message_and_claims_nothing() {
    let office = Office::asking_nobody_yet();
    let mut settings = shipped_settings();
    settings.kinds.retain(|kind| kind.code.as_str() != "petition_result");
    office.settings.replace(settings);
    assert_eq!(office.receives("question").await, back(1));
    assert!(office.sent().is_empty() && office.happened().is_empty());
    office.settings.replace(shipped_settings());
    assert!(office.receives("question").await.is_empty(), "once the kind is back it goes at once");
}

#[tokio::test]
async fn garbage_and_strangers_go_back_to_the_queue_alone() {
    let office = Office::asking_nobody_yet();
    assert_eq!(office.receives("malformed_body").await, back(1));
    assert_eq!(office.receives("unknown_message").await, back(1));
    assert_eq!(office.receives("one_of_several_fails").await, back(2));
    assert_eq!(office.sent().len(), 1);

    let office = Office::with(accepted(details()));
    office.ledger.happen(notice_id(), chosen(Route::Email { consent: consent_id() }), noon());
    assert_eq!(office.receives("result_by_email").await, back(1));
    assert_eq!(office.happened(), ["channel_chosen"], "nothing was claimed");
}

#[test]
fn nothing_personal_shows_in_what_a_log_could_print() {
    let text = OutgoingText { to: phone(), from: phone(), body: channels::Words("홍길동 님".to_owned()) };
    let shown = format!("{text:?}");
    assert!(!shown.contains("12345678") && !shown.contains("홍길동"), "{shown}");
    assert!(BirthDate::parse("900101").is_ok_and(|date| !format!("{date:?}").contains("900101")));
}

#[tokio::test]
async fn what_stood_in_the_way_is_told_with_names_and_codes_only() {
    let office = Office::asking_nobody_yet();
    office.carrier.refuse(throttled());
    let command = domain::Command { notice: notice_id(), cause: 1, message: Message::Question };
    let undone = office.texts.send(command).await.expect_err("a throttle");
    assert_eq!(
        bootstrap::chain(&undone),
        "message 1 of notice 01KAVQ8Z3M0000000000000001 is not done: not sent for now: \
         a carrier answered Throttled (request request-1)"
    );
}
