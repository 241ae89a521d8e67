//! The stack that `infra/local/run.py` brought up, from the file it wrote.

use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::config::Credentials;
use domain::{NoticeId, verify_chain};
use serde::Deserialize;
use serde_json::{Value, json};
use store::Table;

use crate::eventually;

/// Where everything is.
#[derive(Debug, Clone, Deserialize)]
pub struct Stack {
    /// Base address of the API.
    pub api: String,
    /// Base address of the handset, and of residents' links.
    pub handset: String,
    /// The emulator.
    pub emulator: String,
    /// Its region.
    pub region: String,
    /// The stack's name.
    pub stack: String,
    /// The petition system's client.
    pub office_client: OfficeClient,
    /// The print room's client.
    pub print_client: OfficeClient,
    /// The auditors' client.
    pub audit_client: OfficeClient,
    /// The inbound webhook.
    pub webhook: WebhookAddress,
    /// Outputs of the template.
    pub outputs: Value,
    /// How to make the world misbehave, where the stack was brought up for that.
    pub faults: Option<FaultAddresses>,
}

/// What stands between the functions and AWS.
#[derive(Debug, Clone, Deserialize)]
pub struct FaultAddresses {
    /// The proxy before AWS.
    pub aws: String,
    /// The proxy before the mail service.
    pub mail: String,
    /// The file that holds by how many seconds the stack's clock is ahead.
    pub clock: std::path::PathBuf,
}

/// A client of the API.
#[derive(Debug, Clone, Deserialize)]
pub struct OfficeClient {
    /// Where it gets its tokens.
    pub token_url: String,
    /// Its name.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

/// The inbound webhook.
#[derive(Debug, Clone, Deserialize)]
pub struct WebhookAddress {
    /// Where it is.
    pub url: String,
    /// What signs it.
    pub secret: String,
    /// Twilio's auth token.
    pub twilio_token: String,
}

impl Stack {
    /// The running stack.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "tests are told by the environment where the stack is")]
    pub fn running() -> Self {
        let path = std::env::var("TONGJI_LOCAL").expect("TONGJI_LOCAL names a running stack: use `make test`");
        let text = std::fs::read_to_string(path).expect("the stack's description");
        serde_json::from_str(&text).expect("the stack's description is JSON of the known shape")
    }

    /// AWS as the emulator's own root caller sees it.
    pub async fn aws(&self) -> aws_config::SdkConfig {
        let credentials = Credentials::new("test", "test", None, None, "emulator");
        aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .endpoint_url(self.emulator.replace("localhost", "127.0.0.1"))
            .credentials_provider(credentials)
            .load()
            .await
    }

    /// The table behind it, for what no user can see.
    pub async fn table(&self) -> Table {
        let name = self.outputs["TableName"].as_str().expect("an output TableName");
        Table::new(aws_sdk_dynamodb::Client::new(&self.aws().await), name.to_owned())
    }

    /// Runs a function as it is deployed, by the output that names it, and waits until it is done.
    pub async fn invoke(&self, output: &str) {
        self.try_to_invoke(output).await.expect("a function that does its work");
    }

    /// The same, where the function may fail.
    ///
    /// # Errors
    /// What the function, or the emulator for it, says.
    pub async fn try_to_invoke(&self, output: &str) -> Result<(), String> {
        self.try_to_invoke_with(output, &json!({})).await
    }

    /// The same, with an event of its own.
    ///
    /// # Errors
    /// What the function, or the emulator for it, says.
    pub async fn try_to_invoke_with(&self, output: &str, event: &Value) -> Result<(), String> {
        let name = self.outputs[output].as_str().expect("an output that names a function");
        let url = format!("{}/2015-03-31/functions/{name}/invocations", self.emulator);
        let request = reqwest::Client::new().post(url).header("Authorization", self.signature("lambda"));
        let answer = request.body(event.to_string()).send().await.map_err(|error| error.to_string())?;
        let done = answer.status().is_success() && !answer.headers().contains_key("x-amz-function-error");
        if done { Ok(()) } else { Err(answer.text().await.unwrap_or_default()) }
    }

    /// Lines of the functions' logs that hold these words.
    pub async fn logged(&self, words: &str) -> Vec<String> {
        let groups = self.call("logs", "Logs_20140328.DescribeLogGroups", &json!({})).await;
        let names =
            groups["logGroups"].as_array().into_iter().flatten().filter_map(|group| group["logGroupName"].as_str());
        let mut lines = Vec::new();
        // SNS keeps groups of its own, which tell of telephones.
        for name in names.filter(|name| !name.starts_with("sns/")) {
            let mut query = json!({ "logGroupName": name });
            loop {
                let page = self.call("logs", "Logs_20140328.FilterLogEvents", &query).await;
                let events = page["events"].as_array().into_iter().flatten();
                let found = events.filter_map(|event| event["message"].as_str()).filter(|line| line.contains(words));
                lines.extend(found.map(str::to_owned));
                match page["nextToken"].as_str() {
                    Some(next) => query["nextToken"] = next.into(),
                    None => break,
                }
            }
        }
        lines
    }

    /// What AWS calls the resource that the template calls so.
    pub async fn resource(&self, logical_id: &str) -> String {
        let form = [
            ("Action", "DescribeStackResource"),
            ("StackName", self.stack.as_str()),
            ("LogicalResourceId", logical_id),
        ];
        let request =
            reqwest::Client::new().post(&self.emulator).header("Authorization", self.signature("cloudformation"));
        let answer = request.form(&form).send().await.expect("an answer").text().await.expect("a text");
        let name = answer.split("<PhysicalResourceId>").nth(1).and_then(|rest| rest.split('<').next());
        name.unwrap_or_else(|| unreachable!("no resource {logical_id}: {answer}")).to_owned()
    }

    /// Starts or stops what hands a queue's or a stream's records to a function, by the mapping's logical id.
    pub async fn let_run(&self, mapping: &str, running: bool) {
        let url = format!("{}/2015-03-31/event-source-mappings/{}", self.emulator, self.resource(mapping).await);
        let request = reqwest::Client::new().put(url).header("Authorization", self.signature("lambda"));
        let answer = request.json(&json!({ "Enabled": running })).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{mapping}: {}", answer.text().await.unwrap_or_default());
    }

    /// Calls an action of one of AWS's JSON protocols, for which no client is at hand.
    pub async fn call(&self, service: &str, action: &str, body: &serde_json::Value) -> serde_json::Value {
        let request = reqwest::Client::new()
            .post(&self.emulator)
            .header("Authorization", self.signature(service))
            .header("X-Amz-Target", action)
            .header("Content-Type", "application/x-amz-json-1.0");
        let answer = request.body(body.to_string()).send().await.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a text");
        assert!(status.is_success(), "{action}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// Names the emulator's root caller, whose signature the emulator does not check.
    fn signature(&self, service: &str) -> String {
        let scope = format!("test/20261124/{}/{service}/aws4_request", self.region);
        format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none")
    }

    /// The notice's events are whole, unaltered and in order.
    pub async fn assert_chain_holds(&self, id: &str) {
        let (table, id) = (self.table().await, NoticeId::parse(id).expect("a notice id"));
        // The two are read one after the other, and senders may still be at work between them.
        let (notice, events) = eventually("as many events as versions", async || {
            let notice = table.notice(id).await.expect("a readable table").expect("the notice");
            let events = table.events(id).await.expect("a readable table");
            (events.len() == usize::try_from(notice.version).expect("few")).then_some((notice, events))
        })
        .await;
        verify_chain(id, &events, &notice.head).expect("a chain that holds");
    }
}
