//! The office's petition system: a machine client of the API.

use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use crate::{OfficeClient, Stack, eventually};

/// The petition system with a token.
#[derive(Debug, Clone)]
pub struct Office {
    http: Client,
    api: String,
    token: String,
}

impl Office {
    /// Signs in for these scopes.
    pub async fn with_scopes(stack: &Stack, scopes: &str) -> Self {
        Self::client(stack, &stack.office_client, scopes).await
    }

    /// The print room, signed in.
    pub async fn print_room(stack: &Stack) -> Self {
        Self::client(stack, &stack.print_client, "notices/print").await
    }

    /// The auditors, signed in.
    pub async fn auditors(stack: &Stack) -> Self {
        Self::client(stack, &stack.audit_client, "notices/audit").await
    }

    async fn client(stack: &Stack, client: &OfficeClient, scopes: &str) -> Self {
        let http = Client::new();
        let form = [("grant_type", "client_credentials"), ("scope", scopes)];
        let request =
            http.post(&client.token_url).basic_auth(&client.client_id, Some(&client.client_secret)).form(&form);
        let answer: Value = request.send().await.expect("a token endpoint").json().await.expect("JSON");
        let token = answer["access_token"].as_str().expect("a token").to_owned();
        Self { http, api: stack.api.clone(), token }
    }

    /// Signs in for everything it may do.
    pub async fn sign_in(stack: &Stack) -> Self {
        Self::with_scopes(stack, "notices/read notices/write").await
    }

    /// A request to the API.
    pub fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.api)).bearer_auth(&self.token).json(body)
    }

    /// A request to the API.
    pub async fn get(&self, path: &str) -> Response {
        self.http.get(format!("{}{path}", self.api)).bearer_auth(&self.token).send().await.expect("an answer")
    }

    /// A request to the API.
    pub async fn put(&self, path: &str, body: &Value) -> Response {
        let request = self.http.put(format!("{}{path}", self.api)).bearer_auth(&self.token);
        request.json(body).send().await.expect("an answer")
    }

    /// Hands a notice in and expects it to be taken; its id.
    pub async fn hand_in(&self, notice: &Value) -> String {
        let key = rand::random::<u64>().to_string();
        let answer = self.post("/v1/notices", notice).header("Idempotency-Key", key).send().await.expect("an answer");
        let status = answer.status();
        let body: Value = answer.json().await.expect("JSON");
        assert_eq!(status, StatusCode::CREATED, "{body}");
        body["id"].as_str().expect("an id").to_owned()
    }

    /// The notice as the API tells it.
    pub async fn notice(&self, id: &str) -> Value {
        let answer = self.get(&format!("/v1/notices/{id}")).await;
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json().await.expect("JSON")
    }

    /// Waits until the notice stands in this state, and tells it.
    pub async fn until(&self, id: &str, state: &str) -> Value {
        eventually(&format!("{id} {state}"), async || {
            let notice = self.notice(id).await;
            (notice["state"]["name"] == state).then_some(notice)
        })
        .await
    }

    /// Waits until the notice has its letter.
    pub async fn until_letter(&self, id: &str) {
        eventually(&format!("the letter of {id}"), async || {
            let notice = self.notice(id).await;
            let events = notice["events"].as_array().unwrap();
            events.iter().any(|event| event["type"] == "letter_rendered").then_some(())
        })
        .await;
    }

    /// Ids of a department's notices in this state.
    pub async fn list(&self, department: &str, phase: &str) -> Vec<String> {
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        loop {
            let answer = self.get(&format!("/v1/notices?department={department}&phase={phase}{cursor}")).await;
            assert_eq!(answer.status(), StatusCode::OK);
            let page: Value = answer.json().await.expect("JSON");
            ids.extend(
                page["notices"].as_array().unwrap().iter().map(|notice| notice["id"].as_str().unwrap().to_owned()),
            );
            match page["cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={}", next.replace('#', "%23")),
                None => return ids,
            }
        }
    }
}

/// A notice to hand in for whoever has this number, to be changed by the test.
#[must_use]
pub fn notice(kind: &str, phone: &str) -> Value {
    json!({
        "reference": format!("2026-민원-{}", rand::random::<u64>()),
        "kind": kind,
        "department": "building",
        "title": "건축물 용도변경 허가 처리결과",
        "body": "신청하신 용도변경이 허가되었습니다.\n착공 전 유의사항을 확인하시기 바랍니다.",
        "officer": { "unit": "건축과 건축허가팀", "name": "김담당", "phone": "02-2155-0101" },
        "recipient": {
            "name": "홍길동",
            "phone": phone,
            "address": { "postal_code": "06628", "line": "서울특별시 서초구 동광로 475, 102동 1904호 (서초동)" },
            "birth_date": "900101",
            "entity": "person",
        },
    })
}

/// The types of a notice's events, in order, but for the letter's, which comes whenever it is made.
#[must_use]
pub fn timeline(notice: &Value) -> Vec<&str> {
    let types = notice["events"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap());
    types.filter(|name| *name != "letter_rendered").collect()
}
