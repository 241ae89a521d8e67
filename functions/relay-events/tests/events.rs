//! Every event in `events/relay-events`: what reaches the queues, and what the stream must deliver again.

use std::fs;
use std::sync::Mutex;

use aws_lambda_events::dynamodb::Event as StreamEvent;
use channels::fake::{accepted, details};
use domain::{Command, Message, Notice, NoticeId};
use lambda_runtime::{Context, LambdaEvent};
use relay_events::{Enqueue, ReadNotice, Relay, Unqueued};

fn asked_about() -> Notice {
    accepted(details())
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
fn commands_carry_names_only() {
    let command = Command { notice: asked_about().id, cause: 1, message: Message::Question };
    let text = serde_json::to_string(&command).expect("JSON");
    assert_eq!(text, format!("{{\"notice\":\"{}\",\"cause\":1,\"message\":\"question\"}}", asked_about().id));
    assert_eq!(serde_json::from_str::<Command>(&text).expect("a command"), command);
}
