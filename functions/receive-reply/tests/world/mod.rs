//! The function with everything real but the files it fetches, the topic it hands on to, and who signs.

pub(crate) mod server;

use std::cell::RefCell;
use std::io::Write;
use std::process::{Command, Stdio};
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bootstrap::{SettingsFeed, SystemClock, SystemEntropy};
use domain::ports::Clock;
use domain::{Checksum, Fact, Notice, NoticeId, Opening, PhoneNumber, Reference, UploadId, Verdict};
use jiff::Timestamp;
use journeys::Stack;
use lambda_runtime::{Context, LambdaEvent};
use receive_reply::{Gateways, HandOn, Media, Receiver, Secrets, TakeMedia, Unanswered, Untaken};
use serde_json::{Value, json};
use store::{Change, Created, Decision, NewNotice, RecipientKey, Table, Transition};

const SECRET: &str = "c2VjcmV0IGZvciB0ZXN0cyBvbmx5";
const TWILIO_TOKEN: &str = "a token for tests";
const PUBLIC_URL: &str = "https://n.example.go.kr";

/// Files as they are taken in.
#[derive(Clone)]
pub(crate) struct Album {
    taken: Rc<RefCell<Vec<(NoticeId, UploadId, String)>>>,
    /// Where a file is checked that is checked at once.
    table: Table,
}

impl Album {
    pub(crate) fn taken(&self) -> Vec<(NoticeId, UploadId, String)> {
        self.taken.borrow().clone()
    }
}

impl TakeMedia for Album {
    /// Addresses say how it goes.
    async fn take(&self, notice: NoticeId, upload: UploadId, media: &Media) -> Result<(), Untaken> {
        if media.url.contains("late") {
            return Err(Untaken::Unanswered(Unanswered::Late));
        }
        if media.url.contains("elsewhere") {
            return Err(Untaken::NotAllowed);
        }
        let is_first = !self.taken.borrow().iter().any(|(_, known, _)| *known == upload);
        self.taken.borrow_mut().push((notice, upload, media.content_type.clone()));
        if is_first && media.url.contains("at-once") {
            let verdict = Verdict::Clean { sha256: Checksum::of(b"a file"), warnings: Vec::new() };
            let fact = Fact::DocumentChecked { upload, verdict };
            let change = Change { at: SystemClock.now(), fact, bindings: Vec::new() };
            let checked = self.table.transition(notice, |_| Decision::<()>::Record(change.clone())).await;
            assert!(matches!(checked, Ok(Transition::Moved(_))), "checked before it is handed in");
        }
        Ok(())
    }
}

/// A topic that keeps what is handed on.
#[derive(Clone, Default)]
pub(crate) struct Topic {
    handed_on: Rc<RefCell<Vec<String>>>,
    is_down: bool,
}

impl Topic {
    pub(crate) fn handed_on(&self) -> Vec<String> {
        self.handed_on.borrow().clone()
    }

    pub(crate) fn break_down(&mut self) {
        self.is_down = true;
    }
}

impl HandOn for Topic {
    async fn hand_on(&self, text: String) -> bool {
        if !self.is_down {
            self.handed_on.borrow_mut().push(text);
        }
        !self.is_down
    }
}

type Function = Gateways<Table, SettingsFeed<SystemClock>, SystemClock, SystemEntropy, Album, Topic>;

pub(crate) struct World {
    pub(crate) function: Function,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::over(Stack::running().table().await).await
    }

    pub(crate) async fn over(table: Table) -> Self {
        let aws = Stack::running().aws().await;
        let media = Album { taken: Rc::default(), table: table.clone() };
        let receiver = Receiver {
            table,
            settings: SettingsFeed::connect(&aws, "/tongji/settings", SystemClock),
            recipient_key: RecipientKey::new("a key for tests"),
            clock: SystemClock,
            entropy: SystemEntropy,
        };
        let secrets =
            Secrets { standard: SECRET.to_owned(), twilio: TWILIO_TOKEN.to_owned(), public_url: PUBLIC_URL.to_owned() };
        Self { function: Gateways { receiver, media, secrets, message_hub: None, later: Topic::default() } }
    }

    pub(crate) async fn outcome(&self, event: Value) -> Result<Value, String> {
        self.function.handle(LambdaEvent::new(event, Context::default())).await.map_err(|error| error.to_string())
    }
}

/// A notification of the inbound topic.
pub(crate) fn notified(message: &str) -> Value {
    json!({ "Records": [{
        "EventVersion": "1.0", "EventSubscriptionArn": "arn", "EventSource": "aws:sns",
        "Sns": {
            "SignatureVersion": "1", "Timestamp": "2026-11-27T00:00:00Z", "Signature": "", "SigningCertUrl": "",
            "MessageId": "1", "Message": message, "MessageAttributes": {}, "Type": "Notification",
            "UnsubscribeUrl": "", "TopicArn": "arn", "Subject": null,
        },
    }] })
}

/// With headers of a library that is not ours.
fn signed(mut event: Value, mut asked: Value) -> Value {
    let Some(body) = event["body"].as_str() else { return event };
    let body = if event["isBase64Encoded"] == true {
        String::from_utf8(STANDARD.decode(body).expect("base64")).expect("text")
    } else {
        body.to_owned()
    };
    asked["body"] = body.into();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/");
    let python = Command::new(format!("{folder}../../target/venv/bin/python"))
        .arg(format!("{folder}tests/world/sign.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut python = python.expect("the tests' Python");
    python.stdin.take().expect("a pipe").write_all(asked.to_string().as_bytes()).expect("a reader");
    let told = python.wait_with_output().expect("an end");
    assert!(told.status.success(), "the signer failed");
    let headers: Value = serde_json::from_slice(&told.stdout).expect("headers");
    for (name, value) in headers.as_object().expect("headers") {
        event["headers"][name] = value.clone();
    }
    event
}

pub(crate) fn signed_by_standard(event: Value) -> Value {
    signed(event, json!({ "by": "standard", "secret": format!("whsec_{SECRET}") }))
}

/// Over the office's public address, whatever the request came through.
pub(crate) fn signed_by_twilio(event: Value) -> Value {
    let query = event["rawQueryString"].as_str().filter(|query| !query.is_empty());
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let url = format!("{PUBLIC_URL}/webhooks/replies/twilio{query}");
    signed(event, json!({ "by": "twilio", "secret": TWILIO_TOKEN, "url": url }))
}

/// A notice whose recipient nobody else in the run is, and their number.
pub(crate) async fn taken_in(table: &Table, now: Timestamp) -> (NoticeId, String) {
    let phone = format!("+8210{}", 20_000_000 + rand::random::<u32>() % 30_000_000);
    let number = PhoneNumber::parse(&phone).expect("a phone");
    let mut details = channels::fake::details();
    details.reference = Reference::parse(&format!("2026-{}", rand::random::<u64>())).expect("a reference");
    details.recipient_id = Some(RecipientKey::new("a key for tests").identify(&number));
    details.recipient.phone = Some(number);
    let (notice, events) = Notice::accept(NoticeId::new(now, &SystemEntropy), details, &Opening::Ask, None, now);
    let new = NewNotice { notice, events, opening: Opening::Ask, once: None };
    assert_eq!(table.create(&new).await.expect("a table"), Created::Stored);
    (new.notice.id, phone)
}
