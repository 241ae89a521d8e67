//! Every event in `events/relay-events`: what reaches the queues, and what the stream must deliver again.

use std::fs;
use std::sync::Mutex;

use aws_lambda_events::dynamodb::Event as StreamEvent;
use domain::ports::Entropy;
use domain::{
    Command, DepartmentCode, Details, Entity, Event, Evidence, Fact, KindCode, Message, Nature, Notice, NoticeId,
    Officer, Opening, Outcome, PersonName, PhoneNumber, Recipient, Reference, Route,
};
use jiff::Timestamp;
use lambda_runtime::{Context, LambdaEvent};
use relay_events::{Enqueue, ReadNotice, Relay, Unqueued, consequences};

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

fn accepted() -> Notice {
    let at = "2026-11-23T01:00:00Z".parse().expect("a moment");
    let details = Details {
        reference: Reference::parse("2026-민원-00001").expect("a reference"),
        kind: KindCode::parse("petition_result").expect("a code"),
        nature: Nature::Disposition,
        department: DepartmentCode::parse("building").expect("a code"),
        title: "처리결과".to_owned(),
        body: "내용".to_owned(),
        refusal: None,
        officer: Officer {
            unit: "건축과".to_owned(), name: "김담당".to_owned(), phone: "02-2155-0001".to_owned()
        },
        recipient: Recipient {
            name: PersonName::parse("홍길동").expect("a name"),
            phone: Some(PhoneNumber::parse("010-1234-5678").expect("a phone")),
            email: None,
            address: None,
            birth_date: None,
            entity: Entity::Person,
        },
        recipient_id: None,
    };
    Notice::accept(NoticeId::new(at, &Zeros), details, &Opening::Ask, None, at).0
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
    // The fixtures name one notice; it is made anew here under the same id.
    let notice = accepted();
    let text =
        fs::read_to_string(path).expect("an event").replace("01KAQ3WQ000000000000000000", &notice.id.to_string());
    let event: StreamEvent = serde_json::from_str(&text).expect("a stream event");
    let queues = Recorded::default();
    let response = Relay::new(OneNotice(notice), &queues).batch(LambdaEvent::new(event, Context::default())).await;
    let failures = response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
    (queues.0.into_inner().expect("one thread"), failures)
}

#[tokio::test]
async fn an_accepted_notice_is_asked_about() {
    let (commands, failures) = relay("accepted").await;
    assert_eq!(commands, [Command { notice: accepted().id, cause: 1, message: Message::Question }]);
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
    let (held, event) = happen(accepted(), Fact::Held { cause: 1, message: question(), until: morning }, evening);
    assert!(consequences(&event, &held).is_empty());
    let (released, ended) = happen(held, Fact::HoldEnded { cause: 1, message: question() }, morning);
    let again = Command { notice: accepted().id, cause: 1, message: question() };
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
    let command = Command { notice: accepted().id, cause: 1, message: Message::Question };
    let text = serde_json::to_string(&command).expect("JSON");
    assert_eq!(text, format!("{{\"notice\":\"{}\",\"cause\":1,\"message\":\"question\"}}", accepted().id));
    assert_eq!(serde_json::from_str::<Command>(&text).expect("a command"), command);
}
