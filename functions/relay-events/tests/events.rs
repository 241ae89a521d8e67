//! Every event in `events/relay-events`: what reaches the queues, and what the stream must deliver again.

use std::fs;
use std::sync::Mutex;

use aws_lambda_events::dynamodb::Event as StreamEvent;
use channels::fake::{details, just_accepted};
use domain::statistics::{Counted, Counter, count};
use domain::{
    Channel, Checksum, Command, ConsentId, Event, Evidence, Fact, Letter, Message, Notice, NoticeId, Outcome,
    PermitCycle, PermitNumber, PostReason, Rendering, ReplyId, Route,
};
use jiff::Timestamp;
use lambda_runtime::{Context, LambdaEvent};
use relay_events::{Enqueue, KeepCounts, ReadNotice, Relay, Unqueued, Work, consequences};
use store::{Entered, Tally};

fn asked_about() -> Notice {
    just_accepted(details())
}

fn send(cause: u32, message: Message) -> Work {
    Work::Send(Command { notice: asked_about().id, cause, message })
}

fn letter() -> Work {
    Work::Render(Rendering { notice: asked_about().id })
}

fn happen(notice: Notice, fact: Fact, at: Timestamp) -> (Notice, Event) {
    let event = Event { version: notice.version + 1, at, fact };
    let Outcome::Moved(after) = notice.apply(&event) else { unreachable!("{event:?} fits") };
    (*after, event)
}

fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

/// A table that holds one notice, and counts unless it is out of order.
struct OneNotice {
    notice: Notice,
    tallies: Mutex<Vec<Tally>>,
    counts: bool,
    is_readable: bool,
}

impl OneNotice {
    fn new(counts: bool) -> Self {
        Self { notice: asked_about(), tallies: Mutex::default(), counts, is_readable: true }
    }
}

impl ReadNotice for &OneNotice {
    async fn notice(&self, id: NoticeId) -> Result<Option<Notice>, store::Error> {
        if !self.is_readable {
            return Err(store::Error::Contention { attempts: 1 });
        }
        Ok(Some(self.notice.clone()).filter(|notice| notice.id == id))
    }
}

impl KeepCounts for &OneNotice {
    async fn uncounted(&self, id: NoticeId) -> Result<Vec<Counted>, store::Error> {
        let accepted = Event { version: 1, at: self.notice.accepted_at, fact: Fact::Accepted { not_before: None } };
        let events = if id == self.notice.id { vec![accepted] } else { Vec::new() };
        Ok(count(&self.notice, &events))
    }

    async fn enter(&self, tally: &Tally) -> Result<Entered, store::Error> {
        if !self.counts {
            return Err(store::Error::Contention { attempts: 1 });
        }
        self.tallies.lock().expect("one thread").push(tally.clone());
        Ok(Entered::Whole)
    }
}

#[derive(Default)]
struct Recorded(Mutex<Vec<Work>>);

impl Enqueue for &Recorded {
    async fn enqueue(&self, work: &Work) -> Result<(), Unqueued> {
        self.0.lock().expect("one thread").push(work.clone());
        Ok(())
    }
}

async fn relay(file: &str) -> (Vec<Work>, Vec<Option<String>>) {
    relay_by(&OneNotice::new(true), file).await
}

async fn relay_by(table: &OneNotice, file: &str) -> (Vec<Work>, Vec<Option<String>>) {
    let path = format!("{}/../../events/relay-events/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).expect("an event");
    let event: StreamEvent = serde_json::from_str(&text).expect("a stream event");
    let queues = Recorded::default();
    let response = Relay::new(table, &queues).batch(LambdaEvent::new(event, Context::default())).await;
    let failures = response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
    (queues.0.into_inner().expect("one thread"), failures)
}

#[tokio::test]
async fn an_accepted_notice_is_asked_about_while_its_letter_is_made() {
    let (work, failures) = relay("accepted").await;
    assert_eq!(work, [letter(), send(1, Message::Question)]);
    assert!(failures.is_empty());
}

#[tokio::test]
async fn the_stream_delivers_again_from_the_first_failure_on() {
    let (commands, failures) = relay("garbage-in-the-middle").await;
    assert_eq!(commands.len(), 2, "what came before it is relayed, what comes after it waits");
    assert_eq!(failures, [Some("101".to_owned())]);
}

#[tokio::test]
async fn what_is_no_event_is_not_passed_over() {
    let (commands, failures) = relay("not-an-event").await;
    assert!(commands.is_empty());
    assert_eq!(failures, [Some("100".to_owned())]);
}

#[tokio::test]
async fn an_event_without_its_notice_causes_nothing() {
    let (commands, failures) = relay("unknown-notice").await;
    assert!(commands.is_empty());
    assert!(failures.is_empty());
}

#[tokio::test]
async fn what_causes_nothing_is_counted_without_a_look_at_its_notice() {
    let mut table = OneNotice::new(true);
    table.is_readable = false;
    let (work, failures) = relay_by(&table, "accepted").await;
    assert_eq!((work, failures), (Vec::new(), vec![Some("100".to_owned())]), "an acceptance causes work");
    let (work, failures) = relay_by(&table, "delivered").await;
    assert_eq!((work, failures), (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn what_was_relayed_is_counted_also_before_a_failure() {
    for file in ["accepted", "garbage-in-the-middle"] {
        let table = OneNotice::new(true);
        relay_by(&table, file).await;
        let tallies = table.tallies.into_inner().expect("one thread");
        let [tally] = &tallies[..] else { unreachable!("one transaction: {tallies:?}") };
        assert_eq!(tally.events().len(), 1);
        let (line, counts) = tally.lines().first_key_value().expect("a line");
        assert_eq!((line.department.as_str(), line.kind.as_str()), ("building", "petition_result"));
        assert_eq!(line.day.to_string(), "2026-11-24");
        assert_eq!(counts.of(Counter::Accepted), 1, "{file}");
    }
}

#[tokio::test]
async fn what_cannot_be_counted_is_delivered_again_and_its_work_is_done_all_the_same() {
    let (work, failures) = relay_by(&OneNotice::new(false), "accepted").await;
    assert_eq!(work, [letter(), send(1, Message::Question)]);
    assert_eq!(failures, [Some("100".to_owned())]);
}

#[test]
fn a_message_that_waited_or_was_lost_goes_again_under_its_own_name() {
    let question = || Message::Question;
    let (evening, morning) = (moment("2026-11-23T12:00:00Z"), moment("2026-11-24T00:00:00Z"));
    let (held, event) = happen(asked_about(), Fact::Held { cause: 1, message: question(), until: morning }, evening);
    assert!(consequences(&event, &held).is_empty());
    let (released, ended) = happen(held, Fact::HoldEnded { cause: 1, message: question() }, morning);
    assert_eq!(consequences(&ended, &released), [send(1, question())]);
    let lost = Fact::SetGoingAgain { cause: 1, message: question(), round: 1 };
    let (sent_again, event) = happen(released, lost, morning);
    assert_eq!(consequences(&event, &sent_again), [send(1, question())]);
    let chosen = Fact::ChannelChosen { route: Route::Post, evidence: Evidence::StandingPreference };
    let (posting, _) = happen(sent_again, chosen, morning);
    assert!(consequences(&ended, &posting).is_empty(), "nobody wants it any more");
}

#[test]
fn the_result_goes_out_when_both_the_choice_and_the_letter_are_there_whichever_comes_last() {
    let at = moment("2026-11-23T02:00:00Z");
    let consent = ConsentId::parse("01KAR4Q4C00000000000000001").expect("an id");
    let chosen = || Fact::ChannelChosen { route: Route::Sms { consent }, evidence: Evidence::StandingPreference };
    let rendered = || Fact::LetterRendered(Letter { sha256: Checksum::of(b""), pages: 1, bytes: 0 });
    let result = |cause| send(cause, Message::Result { channel: Channel::Sms });

    let (chosen_first, choice) = happen(asked_about(), chosen(), at);
    assert!(consequences(&choice, &chosen_first).is_empty(), "no result without its letter");
    let (after, letter_came) = happen(chosen_first, rendered(), at);
    assert_eq!(consequences(&letter_came, &after), [result(2)], "under the name the choice gave it");

    let (letter_first, letter_came) = happen(asked_about(), rendered(), at);
    assert!(consequences(&letter_came, &letter_first).is_empty(), "nobody has chosen");
    let (after, choice) = happen(letter_first, chosen(), at);
    assert_eq!(consequences(&choice, &after), [result(3)]);

    let (posting, _) = happen(asked_about(), Fact::PostRequired { reason: PostReason::NotAMobile }, at);
    let (posting, letter_came) = happen(posting, rendered(), at);
    assert!(consequences(&letter_came, &posting).is_empty(), "the print run finds it");
}

#[test]
fn a_lost_letter_is_made_again() {
    let overdue = asked_about().due_at().expect("it waits");
    let (after, event) = happen(asked_about(), Fact::LetterOverdue { round: 1 }, overdue);
    assert_eq!(consequences(&event, &after), [letter()]);
}

#[test]
fn commands_carry_names_only() {
    let command = Command { notice: asked_about().id, cause: 1, message: Message::Question };
    let text = serde_json::to_string(&command).expect("JSON");
    assert_eq!(text, format!("{{\"notice\":\"{}\",\"cause\":1,\"message\":\"question\"}}", asked_about().id));
    assert_eq!(serde_json::from_str::<Command>(&text).expect("a command"), command);
}

#[test]
fn who_says_that_a_permit_is_renewed_hears_that_it_was_understood() {
    let reply = ReplyId::parse("01KAR4Q4C00000000000000002").expect("an id");
    let mut notice = asked_about();
    notice.details.permit = Some(PermitCycle {
        permit: PermitNumber::parse("서초-2027-0001").expect("a number"),
        expires_on: "2027-01-20".parse().expect("a day"),
    });
    let at = moment("2026-11-23T02:00:00Z");
    let (after, event) = happen(notice, Fact::RenewalReported { reply }, at);
    assert_eq!(consequences(&event, &after), [send(event.version, Message::RenewalConfirmation)]);
}
