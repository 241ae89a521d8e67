//! What residents got: every text and mail that was sent, by what it says.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Client;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::sleep;

const LOOK: Duration = Duration::from_secs(1);

/// What a text or mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Which way do you want it?
    Question,
    /// The same once more.
    Reminder,
    /// To which address?
    EmailRequest,
    /// The result, or its announcement, by text.
    TextResult,
    /// The result by e-mail.
    MailResult,
    /// It goes by post, as you wish.
    PostConfirmation,
    /// Nothing electronic any more.
    OptOutConfirmation,
}

impl Kind {
    /// Each kind has words of its own.
    fn of(text: &str) -> Self {
        let has = |words| text.contains(words);
        if has("다시 안내드립니다") {
            Self::Reminder
        } else if has("이메일 주소를 답장으로") {
            Self::EmailRequest
        } else if has("수신거부를 처리했습니다") {
            Self::OptOutConfirmation
        } else if has("문서를 우편으로 보내 드립니다.") {
            Self::PostConfirmation
        } else if has("1문자") || has("받을 방법을") {
            Self::Question
        } else {
            Self::TextResult
        }
    }

    /// How it is called in print.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Reminder => "reminder",
            Self::EmailRequest => "e-mail request",
            Self::TextResult => "result by text",
            Self::MailResult => "result by mail",
            Self::PostConfirmation => "post confirmation",
            Self::OptOutConfirmation => "opt-out confirmation",
        }
    }
}

/// One text or mail.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The provider's name for it.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// What it says.
    pub text: String,
}

/// Everything that was sent so far, by telephone number or mail address.
#[derive(Debug, Clone, Default)]
pub struct Outbox(BTreeMap<String, Vec<Sent>>);

impl Outbox {
    /// What came to this number or address, oldest first.
    #[must_use]
    pub fn to(&self, address: &str) -> &[Sent] {
        self.0.get(address).map(Vec::as_slice).unwrap_or_default()
    }

    /// Everything.
    pub fn all(&self) -> impl Iterator<Item = (&String, &Sent)> {
        self.0.iter().flat_map(|(to, sent)| sent.iter().map(move |sent| (to, sent)))
    }

    /// As the handset has it now.
    pub async fn read(http: &Client, handset: &str) -> Self {
        let get = async |path: &str| -> Vec<Value> {
            http.get(format!("{handset}{path}")).send().await.expect("a handset").json().await.expect("JSON")
        };
        let mut outbox = Self::default();
        for text in get("/outbox/texts").await {
            let words = text["text"].as_str().unwrap().to_owned();
            let sent = Sent { id: text["id"].as_str().unwrap().to_owned(), kind: Kind::of(&words), text: words };
            outbox.0.entry(text["phone"].as_str().unwrap().to_owned()).or_default().push(sent);
        }
        for mail in get("/outbox/mails").await {
            let words = mail["text"].as_str().unwrap().to_owned();
            let sent = Sent { id: mail["id"].as_str().unwrap().to_owned(), kind: Kind::MailResult, text: words };
            outbox.0.entry(mail["to"][0].as_str().unwrap().to_owned()).or_default().push(sent);
        }
        outbox
    }
}

/// The outbox as it was a moment ago, for as many residents as there are.
#[derive(Debug, Clone)]
pub struct Outboxes(watch::Receiver<Arc<Outbox>>);

impl Outboxes {
    /// Looks again and again from now on.
    #[must_use]
    pub fn watch(handset: String) -> Self {
        let (told, seen) = watch::channel(Arc::default());
        tokio::spawn(async move {
            let http = Client::new();
            while told.send(Arc::new(Outbox::read(&http, &handset).await)).is_ok() {
                sleep(LOOK).await;
            }
        });
        Self(seen)
    }

    /// Waits until something of this kind has come to this number or address, and holds these words.
    pub async fn wait(&self, to: &str, kind: Kind, words: &str) -> String {
        let mut seen = self.0.clone();
        let wanted = |sent: &&Sent| sent.kind == kind && sent.text.contains(words);
        let found = seen.wait_for(|outbox| outbox.to(to).iter().any(|sent| wanted(&sent))).await.expect("a handset");
        found.to(to).iter().find(wanted).unwrap().text.clone()
    }
}
