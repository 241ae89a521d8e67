//! A stand-in for AWS on this machine's loopback: answers the services the functions call from memory, after a constant
//! time if one is set, and counts what each function asked. A function is told by the access key it signs with.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::form::field;
use crate::http::{Request, Response, serve};
use crate::memory::Memory;
use crate::meter::Usage;
use crate::objects::{Objects, s3};

/// What the cloud holds.
#[derive(Debug, Default)]
pub struct Held {
    /// The table.
    pub memory: Memory,
    /// The buckets.
    pub objects: Objects,
    /// Messages by the last part of their queue's address.
    pub queues: HashMap<String, VecDeque<String>>,
    /// Texts: message id, telephone and words.
    pub texts: Vec<(String, String, String)>,
    /// E-mails: message id, the request.
    pub mails: Vec<(String, Value)>,
    /// What each function used.
    pub usage: BTreeMap<String, Usage>,
    /// The transactions that were carried out, while they are recorded.
    pub recorded: Option<Vec<Value>>,
    /// The settings document.
    pub settings: String,
    /// How long a call takes besides the work: reads and writes of the table.
    pub latency: Option<(Duration, Duration)>,
    messages: u64,
}

/// The running stand-in.
#[derive(Debug, Clone)]
pub struct Cloud {
    held: Arc<Mutex<Held>>,
    address: SocketAddr,
}

impl Cloud {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// When no port is to be had.
    pub async fn start(settings: String) -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let cloud =
            Self { held: Arc::new(Mutex::new(Held { settings, ..Held::default() })), address: listener.local_addr()? };
        let serving = cloud.clone();
        tokio::spawn(serve(listener, move |request| answer(serving.clone(), request)));
        Ok(cloud)
    }

    /// Its address, as functions are told.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it holds.
    ///
    /// # Panics
    /// Never: a poisoned lock is taken all the same.
    pub fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn message_id(&mut self) -> String {
        self.messages += 1;
        format!("{:08x}-0000-4000-8000-000000000000", self.messages)
    }
}

async fn answer(cloud: Cloud, request: Request) -> Response {
    let caller = caller(&request).to_owned();
    let Some((service, operation)) = request.header("x-amz-target").split_once('.') else {
        return rest(&mut cloud.held(), caller, request);
    };
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let (answer, latency) = {
        let held = &mut *cloud.held();
        (by_target(held, &caller, service, operation, &body), held.latency.filter(|_| service.starts_with("DynamoDB")))
    };
    if let Some((read, write)) = latency {
        let reads = matches!(operation, "GetItem" | "BatchGetItem" | "Query");
        tokio::time::sleep(if reads { read } else { write }).await;
    }
    let (status, body) = match answer {
        Ok(answer) => (200, answer),
        Err((code, mut body)) => {
            body["__type"] = json!(format!("com.amazonaws.dynamodb.v20120810#{code}"));
            (400, body)
        }
    };
    Response::new(status, body.to_string()).with("content-type", "application/x-amz-json-1.0")
}

/// Services that are not told by a header.
fn rest(held: &mut Held, caller: String, request: Request) -> Response {
    let id = held.message_id();
    let usage = held.usage.entry(caller).or_default();
    if request.path == "/v2/email/outbound-emails" {
        usage.call("ses:SendEmail");
        held.mails.push((id.clone(), serde_json::from_slice(&request.body).unwrap_or_default()));
        return Response::new(200, json!({ "MessageId": id }).to_string()).with("content-type", "application/json");
    }
    if request.method == "POST" && request.path == "/" {
        usage.call("sns:Publish");
        let answer = format!(
            "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>{id}</MessageId>\
             </PublishResult><ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></PublishResponse>"
        );
        let field = |name: &str| field(&request.body, name);
        held.texts.push((id, field("PhoneNumber"), field("Message")));
        return Response::new(200, answer).with("content-type", "text/xml");
    }
    s3(&mut held.objects, usage, request)
}

fn by_target(
    held: &mut Held,
    caller: &str,
    service: &str,
    operation: &str,
    request: &Value,
) -> Result<Value, (&'static str, Value)> {
    if service.starts_with("DynamoDB") {
        let (answer, billed) = held.memory.answer(operation, request);
        if operation == "TransactWriteItems" && answer.is_ok() {
            held.recorded.iter_mut().for_each(|recorded| recorded.push(request.clone()));
        }
        let usage = held.usage.entry(caller.to_owned()).or_default();
        usage.call(&format!("dynamodb:{operation}"));
        usage.billed(billed);
        return answer;
    }
    let usage = held.usage.entry(caller.to_owned()).or_default();
    match (service, operation) {
        ("AmazonSSM", "GetParameter") => {
            usage.call("ssm:GetParameter");
            Ok(json!({ "Parameter": { "Name": request["Name"], "Version": 1, "Value": held.settings } }))
        }
        ("secretsmanager", "GetSecretValue") => {
            usage.call("secretsmanager:GetSecretValue");
            Ok(json!({ "Name": request["SecretId"], "SecretString": SECRET }))
        }
        ("AmazonSQS", "SendMessage") => {
            usage.call("sqs:SendMessage");
            let queue = request["QueueUrl"].as_str().unwrap_or_default().rsplit('/').next().unwrap_or_default();
            let body = request["MessageBody"].as_str().unwrap_or_default().to_owned();
            held.queues.entry(queue.to_owned()).or_default().push_back(body);
            Ok(json!({ "MessageId": held.message_id(), "MD5OfMessageBody": "" }))
        }
        (_, _) => Err(("UnknownOperationException", json!({ "message": format!("{service}.{operation}") }))),
    }
}

/// The secret of every name.
pub const SECRET: &str = "a-secret-of-the-bench-of-forty-four-letters-";

/// The access key by which a request is signed.
fn caller(request: &Request) -> &str {
    let signed = request.header("authorization");
    signed.split_once("Credential=").and_then(|(_, rest)| rest.split('/').next()).unwrap_or("unsigned")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caller_is_told_by_its_key() {
        let mut request = Request::default();
        assert_eq!(caller(&request), "unsigned");
        let signed =
            "AWS4-HMAC-SHA256 Credential=send-sms/20261127/ap-northeast-2/sns/aws4_request, SignedHeaders=host";
        request.headers.insert("authorization".to_owned(), signed.to_owned());
        assert_eq!(caller(&request), "send-sms");
    }

    #[test]
    fn calls_are_answered_and_counted() {
        let mut held = Held { settings: "{}".to_owned(), ..Held::default() };
        let put = json!({ "Item": { "pk": { "S": "a" }, "sk": { "S": "b" } } });
        assert!(by_target(&mut held, "f", "DynamoDB_20120810", "PutItem", &put).is_ok());
        let message = json!({ "QueueUrl": "http://127.0.0.1/0/sms", "MessageBody": "{}" });
        assert!(by_target(&mut held, "f", "AmazonSQS", "SendMessage", &message).is_ok());
        let settings =
            by_target(&mut held, "g", "AmazonSSM", "GetParameter", &json!({ "Name": "n" })).expect("settings");
        assert_eq!(settings["Parameter"]["Value"], "{}");
        assert!(by_target(&mut held, "g", "AmazonSQS", "PurgeQueue", &json!({})).is_err());
        assert_eq!(held.queues["sms"].len(), 1);
        assert_eq!((held.usage["f"].write_units, held.usage["f"].calls_of("sqs:")), (1.0, 1));
    }
}
