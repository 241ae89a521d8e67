//! Conversations in memory, over the real `Notice::apply`, and routes over them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::body::to_bytes;
use channels::fake::{Counting, HeldSettings, StoppedClock, accepted, details, noon, reply_id, shipped_settings};
use domain::settings::SEOUL;
use domain::{
    Access, ChainedEvent, DepartmentCode, Event, EventHash, Fact, KindCode, Notice, NoticeId, Outcome, Preference,
    RecipientId, ReplyId, Route, Scope, SubmissionId, SubmittedFile, UploadId,
};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use staff_console::{Converse, Desk, ReadPreference, RememberAnswers, conversations};
use store::{
    AccessPage, Answered, Binding, Decision, Direction, Error, Inbox, Once, RecordAccess, Reply, Talk, Transition,
    UnmatchedText, Wanted,
};
use tower::ServiceExt;

#[derive(Default)]
pub(crate) struct Shelf {
    pub(crate) notice: Option<Notice>,
    pub(crate) events: Vec<Event>,
    pub(crate) replies: Vec<Reply>,
    pub(crate) accesses: Vec<Access>,
    once: HashMap<String, Once>,
    pub(crate) has_opted_out: bool,
    /// Nothing more can be written into the access record.
    pub(crate) record_is_full: bool,
}

/// A table that knows one notice.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<Shelf>>);

fn broken() -> Error {
    Error::DynamoDb { operation: "PutItem", source: "out of order".into() }
}

impl Memory {
    /// The resident wrote twice and handed a paper in; an officer has answered once, by text.
    pub(crate) fn office() -> Self {
        let office = Self::of(accepted(details()));
        let says = |number: u64, text: &str, minutes: i64| {
            let id = ReplyId::parse(&format!("01KAVQ8Z3M0000000000000R{number:02}")).expect("an id");
            let at = noon() + SignedDuration::from_mins(minutes);
            (
                Reply {
                    id,
                    notice: channels::fake::notice_id(),
                    direction: Direction::Inbound,
                    text: text.to_owned(),
                    officer: None,
                    at,
                },
                at,
            )
        };
        let (first, at) = says(2, "내일 방문해도 되나요?\n몇 시까지 하시나요?", 1);
        office.happens(Fact::ReplyReceived { reply: first.id, acknowledge: true }, at);
        let (second, later) = says(
            3,
            "감사합니다. 한 가지만 더 여쭙겠습니다. 신분증 말고도 챙겨 가야 하는 서류가 있는지, 있다면 어디서 발급받는지 알려 주십시오.",
            20,
        );
        let answer = channels::fake::officers_reply("오전 9시부터 오후 6시까지입니다.");
        let answered = at + SignedDuration::from_mins(10);
        let officer = "이영희".to_owned();
        office.happens(Fact::AnswerWritten { reply: reply_id(), channel: domain::Channel::Sms, officer }, answered);
        office.happens(Fact::ReplyReceived { reply: second.id, acknowledge: false }, later);
        let submission = SubmissionId::parse("01KAVQ8Z3M0000000000000S01").expect("an id");
        let files = vec![SubmittedFile {
            upload: UploadId::parse("01KAVQ8Z3M0000000000000T01").expect("an id"),
            request: None,
        }];
        office.happens(
            Fact::DocumentsSubmitted { submission, files, confirm: true },
            later + SignedDuration::from_mins(5),
        );
        office.shelf().replies.extend([first, Reply { at: answered, ..answer }, second]);
        office
    }

    pub(crate) fn of(notice: Notice) -> Self {
        let office = Self::default();
        office.shelf().notice = Some(notice);
        office
    }

    pub(crate) fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.lock().expect("one thread")
    }

    pub(crate) fn happens(&self, fact: Fact, at: Timestamp) {
        let mut held = self.shelf();
        let before = held.notice.clone().expect("a notice");
        let event = Event { version: before.version + 1, at, fact };
        let Outcome::Moved(after) = before.apply(&event) else { unreachable!("it can happen") };
        held.notice = Some(*after);
        held.events.push(event);
    }

    /// The result has gone out by e-mail.
    pub(crate) fn goes_by_mail(&self) {
        let mut held = self.shelf();
        let notice = held.notice.as_mut().expect("a notice");
        let route = Route::Email { consent: channels::fake::consent_id() };
        notice.consented = vec![route];
        notice.state = domain::State::Sent { route, at: noon(), read_by: None };
    }

    pub(crate) fn facts(&self) -> Vec<Fact> {
        self.shelf().events.iter().map(|event| event.fact.clone()).collect()
    }
}

impl RecordAccess for Memory {
    async fn record_access(&self, access: &Access) -> Result<(), Error> {
        let mut held = self.shelf();
        if held.record_is_full {
            return Err(broken());
        }
        held.accesses.push(access.clone());
        Ok(())
    }
}

impl RememberAnswers for Memory {
    async fn answered(&self, scope: &str, key: &str, request_hash: &str) -> Result<Option<Answered>, Error> {
        Ok(self.shelf().once.get(&format!("{scope}#{key}")).map(|once| {
            if once.request_hash == request_hash { Answered::Before(once.answer.clone()) } else { Answered::KeyReused }
        }))
    }
}

impl ReadPreference for Memory {
    async fn preference(&self, _: &RecipientId, _: &KindCode) -> Result<Option<Preference>, Error> {
        let opted_out = Preference { route: Route::Post, scope: Scope::Everything, opted_out: true };
        Ok(self.shelf().has_opted_out.then_some(opted_out))
    }
}

impl Converse for Memory {
    async fn notice(&self, id: NoticeId) -> Result<Option<Notice>, Error> {
        Ok(self.shelf().notice.clone().filter(|notice| notice.id == id))
    }

    async fn events(&self, id: NoticeId) -> Result<Vec<ChainedEvent>, Error> {
        let held = self.shelf();
        Ok(held.events.iter().map(|event| ChainedEvent::new(EventHash::genesis(), id, event)).collect())
    }

    async fn replies(&self, _: NoticeId) -> Result<Vec<Reply>, Error> {
        Ok(self.shelf().replies.clone())
    }

    async fn inbox(&self, _: &DepartmentCode, unread: bool, cursor: Option<&str>, _: i32) -> Result<Inbox, Error> {
        if cursor.is_some() {
            return Err(Error::NoSuchPage);
        }
        let held = self.shelf();
        let is_wanted = |notice: &Notice| notice.conversation.is_some_and(|talk| (talk.unread > 0) == unread);
        let notice = held.notice.clone().filter(is_wanted);
        let newest = held.replies.iter().rev().find(|reply| reply.direction == Direction::Inbound).cloned();
        Ok(Inbox { talks: notice.map(|notice| Talk { notice, newest }).into_iter().collect(), cursor: None })
    }

    async fn unread(&self, _: &DepartmentCode) -> Result<u32, Error> {
        let unread = self.shelf().notice.as_ref().and_then(|notice| notice.conversation).map_or(0, |talk| talk.unread);
        Ok(unread.min(1))
    }

    async fn unmatched(&self, day: Date) -> Result<Vec<(Timestamp, UnmatchedText)>, Error> {
        let text = UnmatchedText {
            provider: "standard".to_owned(),
            from: "+821087654321".to_owned(),
            text: "누구\u{202e}세요?\nhttps://example.com".to_owned(),
        };
        Ok(Vec::from([(noon(), text)]).into_iter().filter(|(at, _)| SEOUL.to_datetime(*at).date() == day).collect())
    }

    async fn transition<T: Send>(
        &self,
        id: NoticeId,
        mut decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> Result<Transition<T>, Error> {
        let before = self.notice(id).await?.ok_or(Error::NotFound)?;
        let change = match decide(&before) {
            Decision::Record(change) => change,
            Decision::Leave(why) => return Ok(Transition::Left(why)),
        };
        let event = Event { version: before.version + 1, at: change.at, fact: change.fact };
        let after = match before.clone().apply(&event) {
            Outcome::Moved(after) => after,
            Outcome::AlreadyThere => return Ok(Transition::AlreadyThere(Box::new(before))),
            Outcome::Invalid(refused) => return Ok(Transition::Refused(Box::new(before), refused)),
        };
        let mut held = self.shelf();
        for binding in change.bindings {
            if let Binding::Request(once) = binding {
                held.once.insert(format!("{}#{}", once.scope, once.key), once);
            } else if let Binding::Reply(reply) = binding {
                held.replies.push(reply);
            }
        }
        held.events.push(event);
        held.notice = Some((*after).clone());
        Ok(Transition::Moved(after))
    }

    async fn accesses(&self, _: &Wanted, cursor: Option<&str>, _: usize) -> Result<AccessPage, Error> {
        if cursor.is_some() {
            return Err(Error::NoSuchPage);
        }
        Ok(AccessPage { accesses: self.shelf().accesses.iter().rev().cloned().collect(), cursor: None })
    }
}

/// What the routes of conversations answer.
pub(crate) fn routes(office: &Memory) -> axum::Router {
    conversations(Arc::new(Desk {
        table: office.clone(),
        settings: HeldSettings::new(shipped_settings()),
        clock: Box::new(StoppedClock::default()),
        entropy: Box::new(Counting::default()),
    }))
}

pub(crate) async fn answer(routes: axum::Router, event: &str) -> Value {
    let request = lambda_http::request::from_str(event).expect("an API event");
    let request = request.map(|body| axum::body::Body::from(body.to_vec()));
    let (parts, body) = routes.oneshot(request).await.expect("an answer").into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    let header = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap_or_default().to_owned());
    let text = String::from_utf8(body.to_vec()).expect("UTF-8");
    json!({
        "status": parts.status.as_u16(),
        "content-type": header("content-type"),
        "content-disposition": header("content-disposition"),
        "body": serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text.lines().collect::<Vec<_>>())),
    })
}
