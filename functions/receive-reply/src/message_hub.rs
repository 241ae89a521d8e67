//! LG U+ 메시지허브: a gateway that does not call us but is asked for what residents texted (`GET /mo/v1/msg`;
//! docs2.msghub.uplus.co.kr). Its own answers say `"code": "10000"` where all is well.

use std::time::Duration;

use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_types::body::SdkBody;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bootstrap::SdkConfig;
use domain::ports::Entropy;
use domain::{Checksum, LinkToken, ProviderMessageId};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha512};

use crate::inbound::{Inbound, MOST_TOLD, Media, Provider, Sender};
use crate::web::{Unanswered, Web};

/// A page of texts with their titles and addresses is far shorter.
const LONGEST: usize = 4 * 1024 * 1024;
const WITHIN: Duration = Duration::from_secs(5);
const WELL: &str = "10000";

/// Why the gateway gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// It did not answer.
    #[error("the gateway did not answer")]
    Unanswered(#[from] Unanswered),
    /// It refused.
    #[error("the gateway answered {status}, code {code}")]
    Refused {
        /// Of HTTP.
        status: StatusCode,
        /// Its own; empty where it says none.
        code: String,
    },
    /// It answered in another shape. The text itself may quote residents.
    #[error("the gateway's answer has an unknown shape at column {0}")]
    UnknownShape(usize),
}

/// How we sign in.
#[derive(Clone, Deserialize)]
pub struct Credentials {
    api_key: String,
    api_password: String,
}

impl Credentials {
    /// Reads `{"api_key": …, "api_password": …}`.
    ///
    /// # Errors
    /// When it is anything else; the error quotes nothing.
    pub fn parse(json: &str) -> Result<Self, HubError> {
        serde_json::from_str(json).map_err(|error| HubError::UnknownShape(error.column()))
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

/// The gateway.
#[derive(Debug)]
pub struct MessageHub {
    web: Web,
    url: String,
    credentials: Credentials,
}

/// What the gateway answers.
#[derive(Deserialize)]
struct Told<T> {
    #[serde(default)]
    code: String,
    data: Option<T>,
}

#[derive(Deserialize)]
struct SignedIn {
    token: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    mo_lst: Option<Vec<Value>>,
}

/// A text as the gateway tells it. Whatever is missing is null.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the gateway's own names")]
struct Mo {
    mo_key: Option<String>,
    mo_number: Option<String>,
    mo_callback: String,
    mo_title: Option<String>,
    mo_msg: Option<String>,
    mo_recv_dt: Option<String>,
    content_info_lst: Option<Vec<Content>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    content_ext: Option<String>,
    content_url: String,
}

/// What one question brought.
#[derive(Debug, Default)]
pub(crate) struct Fetched {
    /// The texts.
    pub(crate) texts: Vec<Inbound>,
    /// Texts in a shape we do not know, as they came.
    pub(crate) unknown: Vec<Value>,
}

/// Leave to ask, for an hour.
pub(crate) struct Token(String);

impl MessageHub {
    /// The gateway at this address, without a slash at the end.
    #[must_use]
    pub fn new(url: String, credentials: Credentials) -> Self {
        Self { web: Web::new(AnyAddress), url, credentials }
    }

    /// The gateway at this address, where the office has one.
    ///
    /// # Errors
    /// When the secret that signs in there is not to be had, or holds something else.
    pub async fn connect(aws: &SdkConfig, url: Option<String>, secret: &str) -> Result<Option<Self>, bootstrap::Error> {
        let Some(url) = url else { return Ok(None) };
        let credentials = Credentials::parse(&bootstrap::secret(aws, secret).await?)?;
        Ok(Some(Self::new(url, credentials)))
    }

    /// Signs in. The password travels hashed, and never twice alike.
    pub(crate) async fn sign_in(&self, entropy: &dyn Entropy) -> Result<Token, HubError> {
        let Credentials { api_key, api_password } = &self.credentials;
        let once = LinkToken::new(entropy);
        let hashed = |text: &str| STANDARD.encode(Sha512::digest(text));
        let password = hashed(&format!("{}.{}", hashed(api_password), once.expose()));
        let request = http::Request::post(format!("{}/auth/v1/{}", self.url, once.expose()));
        let body = json!({ "apiKey": api_key, "apiPwd": password }).to_string();
        let signed_in: SignedIn = self.ask(request, body.into()).await?;
        Ok(Token(signed_in.token))
    }

    /// The texts that came since the last question, some at a time.
    pub(crate) async fn fetch(&self, token: &Token) -> Result<Fetched, HubError> {
        let request = http::Request::get(format!("{}/mo/v1/msg", self.url));
        let request = request.header("authorization", format!("Bearer {}", token.0));
        let page: Page = self.ask(request, SdkBody::empty()).await?;
        let mut fetched = Fetched::default();
        for told in page.mo_lst.unwrap_or_default() {
            match serde_json::from_value(told.clone()).ok().and_then(Mo::into_inbound) {
                Some(inbound) => fetched.texts.push(inbound),
                None => fetched.unknown.push(told),
            }
        }
        Ok(fetched)
    }

    async fn ask<T: DeserializeOwned>(&self, request: http::request::Builder, body: SdkBody) -> Result<T, HubError> {
        let request = request.header("content-type", "application/json").header("accept", "application/json");
        let request = request.body(body).map_err(|_| Unanswered::Malformed)?;
        let answered = self.web.call(request, LONGEST, WITHIN).await?;
        let told: Result<Told<T>, _> = serde_json::from_slice(&answered.body);
        match told {
            Ok(Told { code, data: Some(data) }) if answered.status.is_success() && code == WELL => Ok(data),
            Ok(Told { code, .. }) => Err(HubError::Refused { status: answered.status, code }),
            Err(_) if !answered.status.is_success() => {
                Err(HubError::Refused { status: answered.status, code: String::new() })
            }
            Err(error) => Err(HubError::UnknownShape(error.column())),
        }
    }
}

impl Mo {
    fn into_inbound(self) -> Option<Inbound> {
        let id = ProviderMessageId::parse(&self.name()).ok()?;
        let title = self.mo_title.filter(|title| !title.trim().is_empty());
        let lines: Vec<String> = title.into_iter().chain(self.mo_msg).collect();
        let media = self.content_info_lst.into_iter().flatten().take(MOST_TOLD).map(|content| Media {
            content_type: content_type(&content.content_ext.unwrap_or_default()).to_owned(),
            url: content.content_url,
        });
        Some(Inbound {
            provider: Provider::MessageHub,
            id,
            from: Sender::of(&self.mo_callback),
            text: lines.join("\n"),
            in_reply_to: None,
            media: media.collect(),
            note: None,
        })
    }

    /// The gateway's key; where it tells none, what tells one text from another.
    fn name(&self) -> String {
        let told = |text: &Option<String>| text.clone().unwrap_or_default();
        self.mo_key.clone().filter(|key| !key.is_empty()).unwrap_or_else(|| {
            let all = [told(&self.mo_number), self.mo_callback.clone(), told(&self.mo_recv_dt), told(&self.mo_msg)];
            Checksum::of(all.join("\n").as_bytes()).as_str().to_owned()
        })
    }
}

fn content_type(extension: &str) -> &'static str {
    match extension.trim_start_matches('.').to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "heic" => "image/heic",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}

/// The office names the gateway, and may reach it by a line of its own.
#[derive(Debug, Clone)]
struct AnyAddress;

impl ResolveDns for AnyAddress {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = tokio::net::lookup_host((name, 0)).await.map_err(ResolveDnsError::new)?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}
