//! A resident: a telephone, perhaps a mailbox, and a browser without scripts.

use std::time::{SystemTime, UNIX_EPOCH};

use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::{Stack, eventually};

/// A resident nobody else in the run has ever been.
#[derive(Debug, Clone)]
pub struct Resident {
    http: Client,
    handset: String,
    webhook: Webhook,
    /// Their number in E.164.
    pub phone: String,
}

impl Resident {
    /// A new resident.
    #[must_use]
    pub fn new(stack: &Stack) -> Self {
        let number = 20_000_000 + rand::random::<u32>() % 30_000_000;
        Self {
            http: Client::builder().redirect(Policy::none()).build().expect("a client"),
            handset: stack.handset.clone(),
            webhook: Webhook::new(stack),
            phone: format!("+8210{number}"),
        }
    }

    /// Every text they have, oldest first.
    pub async fn texts(&self) -> Vec<Value> {
        let url = format!("{}/outbox/texts?phone={}", self.handset, self.phone.replace('+', "%2B"));
        self.http.get(url).send().await.expect("a handset").json().await.expect("JSON")
    }

    /// Waits for their `count`th text; what it says.
    pub async fn text(&self, count: usize) -> String {
        eventually(&format!("text {count} on {}", self.phone), async || {
            let texts = self.texts().await;
            texts.get(count - 1).map(|text| text["text"].as_str().unwrap_or_default().to_owned())
        })
        .await
    }

    /// Waits for a mail to this address.
    pub async fn mail(&self, address: &str) -> Value {
        eventually("a mail", async || self.mails(address).await.into_iter().next()).await
    }

    /// Every mail to this address, as the handset lists them.
    pub async fn mails(&self, address: &str) -> Vec<Value> {
        let url = format!("{}/outbox/mails?to={address}", self.handset);
        self.http.get(url).send().await.expect("a handset").json().await.expect("JSON")
    }

    /// The file that came with a mail.
    pub async fn attachment(&self, mail: &Value) -> Vec<u8> {
        let url = format!("{}/outbox/mails/{}/files/0", self.handset, mail["id"].as_str().unwrap_or_default());
        let answer = self.http.get(url).send().await.expect("a handset");
        assert_eq!(answer.status(), StatusCode::OK, "a mail with a file");
        answer.bytes().await.expect("a file").to_vec()
    }

    /// Texts the office.
    pub async fn answer(&self, text: &str) {
        let status = self.webhook.deliver(&Webhook::message(&self.phone, text)).await;
        assert_eq!(status, StatusCode::ACCEPTED);
    }

    /// The link in a text.
    #[must_use]
    pub fn link(text: &str) -> String {
        let start = text.find("http").expect("a link in the text");
        text[start..].split_whitespace().next().unwrap_or_default().to_owned()
    }

    /// Opens a page.
    pub async fn open(&self, link: &str) -> Response {
        self.http.get(link).send().await.expect("a page")
    }

    /// Sends a page's form.
    pub async fn submit(&self, link: &str, fields: &[(&str, &str)]) -> Response {
        self.http.post(link).form(fields).send().await.expect("a page")
    }

    /// Chooses on the page.
    pub async fn choose(&self, link: &str, fields: &[(&str, &str)]) {
        let answer = self.send_choice(link, fields).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{}", answer.text().await.unwrap_or_default());
    }

    /// The same, where the page may fail.
    pub async fn try_to_choose(&self, link: &str, fields: &[(&str, &str)]) -> StatusCode {
        self.send_choice(link, fields).await.status()
    }

    async fn send_choice(&self, link: &str, fields: &[(&str, &str)]) -> Response {
        let page = self.open(link).await.text().await.expect("a page");
        let version = page.split("name=\"consent\"").nth(1).and_then(|rest| rest.split("value=\"").nth(1));
        let version = version.and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned();
        let mut form = vec![("do", "choose"), ("consent", version.as_str())];
        form.extend_from_slice(fields);
        self.submit(link, &form).await
    }
}

/// The gateway that brings residents' texts.
#[derive(Debug, Clone)]
pub struct Webhook {
    http: Client,
    url: String,
    secret: String,
}

impl Webhook {
    /// The gateway.
    #[must_use]
    pub fn new(stack: &Stack) -> Self {
        Self { http: Client::new(), url: stack.webhook.url.clone(), secret: stack.webhook.secret.clone() }
    }

    /// A text as the gateway tells it.
    #[must_use]
    pub fn message(from: &str, text: &str) -> Value {
        json!({ "id": format!("mo-{}", rand::random::<u64>()), "from": from, "to": "02-2155-0001", "text": text })
    }

    /// Delivers it, signed now.
    pub async fn deliver(&self, message: &Value) -> StatusCode {
        self.deliver_signed(message, 0, &self.secret).await
    }

    /// Delivers it, signed by any secret so many seconds ago.
    pub async fn deliver_signed(&self, message: &Value, age: i64, secret: &str) -> StatusCode {
        let body = message.to_string();
        #[expect(clippy::disallowed_methods, reason = "a signature is as old as the clock says")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
        let time = i64::try_from(now).expect("a time") - age;
        let id = message["id"].as_str().unwrap_or_default();
        let signer = standardwebhooks::Webhook::new(secret).expect("a secret");
        let signature = signer.sign(id, time, body.as_bytes()).expect("a signature");
        let request = self.http.post(&self.url).header("webhook-id", id).header("webhook-timestamp", time);
        let request = request.header("webhook-signature", signature).header("content-type", "application/json");
        request.body(body).send().await.expect("an answer").status()
    }

    /// The same gateway at another provider's address.
    #[must_use]
    pub fn of_provider(&self, provider: &str) -> Self {
        Self { url: self.url.replace("/standard", &format!("/{provider}")), ..self.clone() }
    }

    /// The same gateway at the address for receipts.
    #[must_use]
    pub fn of_receipts(&self) -> Self {
        Self { url: self.url.replace("/webhooks/replies/", "/webhooks/receipts/"), ..self.clone() }
    }

    /// A secret that is not the gateway's.
    #[must_use]
    pub fn wrong_secret() -> String {
        use base64::Engine;
        format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode(rand::random::<[u8; 32]>()))
    }

    /// The gateway's own secret.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }
}
