//! Residents of every habit, the office that writes to them, and the patience of both: whoever gets no answer asks again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use journeys::{Office, Resident, Stack, Webhook, notice};
use rand::prelude::*;
use rand::rngs::StdRng;
use reqwest::StatusCode;
use serde_json::Value;
use tokio::sync::{Mutex, RwLock, Semaphore};
use tokio::time::sleep;

use crate::{Clock, Kind, Outboxes};

/// Who is not answered asks again after so long, and then after twice as long, up to a limit.
const AGAIN: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(4));
/// Requests at once from all together: what this machine answers within a function's time.
const AT_ONCE: usize = 4;

/// What a resident does with a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Habit {
    /// Answers `1` and reads the result behind the link.
    ReadsByText,
    /// Answers `1` and never opens the result.
    NeverOpens,
    /// Answers `1`; the text says everything.
    IsTold,
    /// Gives a mail address on the page.
    MailByPage,
    /// Answers `2`, has an address on file, and reads the result behind the link.
    MailOnFile,
    /// Answers `2`, and then with an address.
    MailByText,
    /// Answers `3`.
    WantsPost,
    /// Never answers.
    Silent,
    /// Has a landline.
    Landline,
    /// Has neither a mobile nor an address.
    Unreachable,
    /// Answers that they want nothing electronic.
    OptsOut,
    /// Chooses texts for all guidance on the page of the first notice; a second follows.
    Standing,
    /// Gets a notice that an officer then cancels.
    Cancelled,
}

use Habit::{
    Cancelled, IsTold, Landline, MailByPage, MailByText, MailOnFile, NeverOpens, OptsOut, ReadsByText, Silent,
    Standing, Unreachable, WantsPost,
};

impl Habit {
    /// Of every twenty residents.
    const MIX: [Self; 20] = [
        ReadsByText,
        IsTold,
        MailByPage,
        Standing,
        WantsPost,
        Silent,
        ReadsByText,
        MailOnFile,
        OptsOut,
        NeverOpens,
        IsTold,
        MailByText,
        ReadsByText,
        Landline,
        MailOnFile,
        WantsPost,
        IsTold,
        Silent,
        Cancelled,
        Unreachable,
    ];

    const fn kind(self) -> &'static str {
        match self {
            ReadsByText | NeverOpens | MailOnFile | WantsPost | Silent | Landline | Unreachable | OptsOut
            | Cancelled => "petition_result",
            IsTold | MailByPage | MailByText | Standing => "guidance",
        }
    }

    /// States in which their notices may end.
    #[must_use]
    pub const fn ends(self) -> &'static [&'static str] {
        match self {
            ReadsByText | MailOnFile => &["read"],
            IsTold | MailByPage | MailByText | Standing => &["sent", "delivered"],
            NeverOpens | WantsPost | Silent | Landline | OptsOut => &["posted"],
            Unreachable => &["needs_attention"],
            Cancelled => &["cancelled"],
        }
    }
}

/// A resident and their notices.
#[derive(Debug, Clone)]
pub struct Person {
    /// What they do.
    pub habit: Habit,
    /// Their telephone.
    pub resident: Resident,
    /// Their mail address, if they have one.
    pub email: String,
    /// The notices handed in for them, by title.
    pub notices: Vec<(String, String)>,
}

/// The office, its residents and what they all know.
#[derive(Debug)]
pub struct Town {
    /// The stack.
    pub stack: Stack,
    /// The stack's clock.
    pub clock: Clock,
    office: RwLock<Office>,
    gateway: Webhook,
    outboxes: Outboxes,
    line: Semaphore,
    content: AtomicUsize,
    random: Mutex<StdRng>,
}

impl Town {
    /// A town before this stack.
    pub async fn new(stack: Stack, seed: u64) -> Self {
        let clock = Clock::of(&stack.faults.as_ref().expect("a stack that can misbehave").clock);
        let office = RwLock::new(Office::sign_in(&stack).await);
        let (gateway, outboxes) = (Webhook::new(&stack), Outboxes::watch(stack.handset.clone()));
        let (line, random) = (Semaphore::new(AT_ONCE), Mutex::new(StdRng::seed_from_u64(seed)));
        Self { stack, clock, office, gateway, outboxes, line, content: AtomicUsize::new(0), random }
    }

    /// Hands in the notices of the resident of that number, who then does what they do; all of it, however long it takes.
    pub async fn live(self: Arc<Self>, number: usize) -> Person {
        let habit = Habit::MIX[number % Habit::MIX.len()];
        let resident = Resident::new(&self.stack);
        let email = format!("resident{number}@example.org");
        let mut person = Person { habit, resident, email, notices: Vec::new() };
        self.hand_in(&mut person, number).await;
        self.respond(&mut person, number).await;
        self.content.fetch_add(1, Ordering::SeqCst);
        person
    }

    /// Residents who wait for nothing any more.
    #[must_use]
    pub fn content(&self) -> usize {
        self.content.load(Ordering::SeqCst)
    }

    async fn respond(&self, person: &mut Person, number: usize) {
        let phone = person.resident.phone.clone();
        let title = person.notices[0].0.clone();
        if matches!(person.habit, Landline | Unreachable) {
            return;
        }
        let question = self.outboxes.wait(&phone, Kind::Question, "").await;
        let seconds = self.random.lock().await.random_range(0.2..4.0);
        sleep(Duration::from_secs_f64(seconds)).await;
        match person.habit {
            ReadsByText => {
                self.text(&phone, "1").await;
                let announced = self.outboxes.wait(&phone, Kind::TextResult, "").await;
                self.read(person, &announced).await;
            }
            NeverOpens => {
                self.text(&phone, "1").await;
                self.outboxes.wait(&phone, Kind::TextResult, "").await;
            }
            IsTold => {
                self.text(&phone, "1").await;
                self.outboxes.wait(&phone, Kind::TextResult, &title).await;
            }
            MailByPage => {
                let fields = [("channel", "email"), ("email", &*person.email), ("scope", "notice")];
                self.choose(person, &question, &fields).await;
                self.outboxes.wait(&person.email, Kind::MailResult, &title).await;
            }
            MailOnFile => {
                self.text(&phone, "2").await;
                let mail = self.outboxes.wait(&person.email, Kind::MailResult, &title).await;
                self.read(person, &mail).await;
            }
            MailByText => {
                self.text(&phone, "2").await;
                // The request may get lost, or the answer overtake it: an address without it is as good.
                sleep(Duration::from_secs(1)).await;
                self.text(&phone, &person.email).await;
                self.outboxes.wait(&person.email, Kind::MailResult, &title).await;
            }
            WantsPost => self.text(&phone, "3").await,
            OptsOut => self.text(&phone, "수신거부").await,
            Standing => {
                self.choose(person, &question, &[("channel", "sms"), ("scope", "kind")]).await;
                self.outboxes.wait(&phone, Kind::TextResult, &title).await;
                self.hand_in(person, number).await;
                self.outboxes.wait(&phone, Kind::TextResult, &person.notices[1].0).await;
            }
            Cancelled => self.cancel(&person.notices[0].1).await,
            Silent | Landline | Unreachable => {}
        }
    }

    /// As a petition system does: under the same key until it hears that the notice is taken.
    async fn hand_in(&self, person: &mut Person, number: usize) {
        let title = format!("제{number}-{}호 처리결과 안내", person.notices.len() + 1);
        let phone =
            if matches!(person.habit, Landline | Unreachable) { "02-2155-7777" } else { &person.resident.phone };
        let mut body = notice(person.habit.kind(), phone);
        body["title"] = title.clone().into();
        match person.habit {
            MailOnFile => body["recipient"]["email"] = person.email.clone().into(),
            Unreachable => body["recipient"]["address"] = Value::Null,
            ReadsByText | NeverOpens | IsTold | MailByPage | MailByText | WantsPost | Silent | Landline | OptsOut
            | Standing | Cancelled => {}
        }
        let key = format!("key-{number}-{}", person.notices.len());
        let id = self.until(async || {
            let request = self.office.read().await.post("/v1/notices", &body).header("Idempotency-Key", &key);
            let answer = request.send().await.ok()?;
            match answer.status() {
                StatusCode::CREATED => Some(answer.json::<Value>().await.ok()?["id"].as_str()?.to_owned()),
                status => self.excuse(status, "handing in").await,
            }
        });
        person.notices.push((title, id.await));
    }

    async fn cancel(&self, id: &str) {
        let officer = serde_json::json!({ "unit": "건축과", "name": "김담당", "phone": "02-2155-0101" });
        let body = serde_json::json!({ "officer": officer, "reason": "중복 접수" });
        let path = format!("/v1/notices/{id}/cancel");
        self.until(async || {
            let answer = self.office.read().await.post(&path, &body).send().await.ok()?;
            match answer.status() {
                StatusCode::OK => Some(()),
                status => self.excuse(status, "cancelling").await,
            }
        })
        .await;
    }

    /// As a gateway does: the same message until it is accepted.
    async fn text(&self, from: &str, text: &str) {
        let message = Webhook::message(from, text);
        self.until(async || {
            let status = self.gateway.deliver_signed(&message, -self.clock.lead(), self.gateway.secret()).await;
            if status == StatusCode::ACCEPTED { Some(()) } else { self.excuse(status, "answering").await }
        })
        .await;
    }

    /// On the page, again and again until it says that the choice is taken, or was.
    async fn choose(&self, person: &Person, text: &str, fields: &[(&str, &str)]) {
        let link = Resident::link(text);
        self.until(async || {
            let status = person.resident.try_to_choose(&link, fields).await;
            let taken = matches!(status, StatusCode::SEE_OTHER | StatusCode::CONFLICT);
            if taken { Some(()) } else { self.excuse(status, "choosing").await }
        })
        .await;
    }

    /// Proves who they are until the page shows the notice.
    async fn read(&self, person: &Person, text: &str) {
        let link = Resident::link(text);
        self.until(async || {
            let page = person.resident.submit(&link, &[("do", "read"), ("answer", "900101")]).await;
            let status = page.status();
            let shows = page.text().await.ok()?.contains("용도변경이 허가되었습니다");
            // The page leads elsewhere, and tells of something else, while the result is not recorded as sent.
            let failed = !matches!(status, StatusCode::OK | StatusCode::SEE_OTHER);
            if failed { self.excuse(status, "reading").await } else { shows.then_some(()) }
        })
        .await;
    }

    /// What may be asked again; anything else is a finding.
    async fn excuse<T>(&self, status: StatusCode, what: &str) -> Option<T> {
        if status == StatusCode::UNAUTHORIZED {
            *self.office.write().await = Office::sign_in(&self.stack).await;
        }
        let excused = status.is_server_error()
            || matches!(
                status,
                StatusCode::UNAUTHORIZED | StatusCode::TOO_MANY_REQUESTS | StatusCode::UNPROCESSABLE_ENTITY
            );
        assert!(excused, "{what}: {status}");
        None
    }

    /// What `attempt` brings, as often as it takes.
    async fn until<T>(&self, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
        let (mut pause, limit) = AGAIN;
        loop {
            {
                let _turn = self.line.acquire().await.expect("a line that stays open");
                if let Some(found) = attempt().await {
                    return found;
                }
            }
            sleep(pause).await;
            pause = limit.min(pause * 2);
        }
    }
}
