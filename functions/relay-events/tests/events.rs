//! Every event in `events/relay-events`: what reaches the queues, and what the stream must deliver again.

use std::fs;
use std::sync::Mutex;

use aws_lambda_events::dynamodb::Event as StreamEvent;
use channels::fake::{accepted, details};
use domain::{Command, Event, Evidence, Fact, Message, Notice, NoticeId, Outcome, Route};
use jiff::Timestamp;
use lambda_runtime::{Context, LambdaEvent};
use relay_events::{Enqueue, ReadNotice, Relay, Unqueued, consequences};

fn asked_about() -> Notice {
    accepted(details())
}

fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

struct OneNotice(Notice);

impl ReadNotice for OneNotice {
    async fn notice(&self, id: NoticeId) -> Result<Option<Notice>, store::Error> {
        Ok(Some(self.0.clone()).filter(|notice| notice.id == id))
    }
}

#[derive(Default)]
struct Recorded(Mutex<Vec<Command>>);

impl Enqueue for &Recorded {
    async fn enqueue(&self, command: &Command) -> Result<(), Unqueued> {
        self.0.lock().expect("one thread").push(command.clone());
        Ok(())
    }
}

async fn relay(file: &str) -> (Vec<Command>, Vec<Option<String>>) {
    let path = format!("{}/../../events/relay-events/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).expect("an event");
    let event: StreamEvent = serde_json::from_str(&text).expect("a stream event");
    let queues = Recorded::default();
    let response =
        Relay::new(OneNotice(asked_about()), &queues).batch(LambdaEvent::new(event, Context::default())).await;
    let failures = response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
    (queues.0.into_inner().expect("one thread"), failures)
}

#[tokio::test]
async fn an_accepted_notice_is_asked_about() {
    let (commands, failures) = relay("accepted").await;
    assert_eq!(commands, [Command { notice: asked_about().id, cause: 1, message: Message::Question }]);
    assert!(failures.is_empty());
}

#[tokio::test]
async fn the_stream_delivers_again_from_the_first_failure_on() {
    let (commands, failures) = relay("garbage-in-the-middle").await;
    assert_eq!(commands.len(), 1, "what came before it is relayed, what comes after it waits");
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

#[test]
fn a_message_that_waited_or_was_lost_goes_again_under_its_own_name() {
    let happen = |notice: Notice, fact: Fact, at: Timestamp| {
        let event = Event { version: notice.version + 1, at, fact };
        let Outcome::Moved(after) = notice.apply(&event) else { unreachable!("{event:?} fits") };
        (*after, event)
    };
    let question = || Message::Question;
    let (evening, morning) = (moment("2026-11-23T12:00:00Z"), moment("2026-11-24T00:00:00Z"));
    let (held, event) = happen(asked_about(), Fact::Held { cause: 1, message: question(), until: morning }, evening);
    assert!(consequences(&event, &held).is_empty());
    let (released, ended) = happen(held, Fact::HoldEnded { cause: 1, message: question() }, morning);
    let again = Command { notice: asked_about().id, cause: 1, message: question() };
    assert_eq!(consequences(&ended, &released), std::slice::from_ref(&again));
    let lost = Fact::SetGoingAgain { cause: 1, message: question(), round: 1 };
    let (sent_again, event) = happen(released, lost, morning);
    assert_eq!(consequences(&event, &sent_again), [again]);
    let chosen = Fact::ChannelChosen { route: Route::Post, evidence: Evidence::StandingPreference };
    let (posting, _) = happen(sent_again, chosen, morning);
    assert!(consequences(&ended, &posting).is_empty(), "nobody wants it any more");
}

#[test]
fn commands_carry_names_only() {
    let command = Command { notice: asked_about().id, cause: 1, message: Message::Question };
    let text = serde_json::to_string(&command).expect("JSON");
    assert_eq!(text, format!("{{\"notice\":\"{}\",\"cause\":1,\"message\":\"question\"}}", asked_about().id));
    assert_eq!(serde_json::from_str::<Command>(&text).expect("a command"), command);
}
