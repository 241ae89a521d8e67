//! Events as functions get them: those of `events/`, each made new where a function would know it again.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::expression::Item;

/// Makes events.
#[derive(Debug)]
pub struct Events {
    folder: PathBuf,
    number: AtomicU64,
}

/// A request to take a notice in, and who it is for.
#[derive(Debug, Clone)]
pub struct Handed {
    /// The event.
    pub event: String,
    /// The resident's telephone, in E.164.
    pub phone: String,
}

impl Events {
    /// Out of the repository's `events/`.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self { folder: root.join("events"), number: AtomicU64::new(1) }
    }

    /// The event `situation` of a function.
    ///
    /// # Errors
    /// When it is not there.
    pub fn read(&self, function: &str, situation: &str) -> std::io::Result<Value> {
        let text = std::fs::read_to_string(self.folder.join(function).join(format!("{situation}.json")))?;
        serde_json::from_str(&text).map_err(Into::into)
    }

    /// Another notice, for someone with a telephone and an address of their own.
    ///
    /// # Errors
    /// When the event is not there.
    pub fn another_notice(&self) -> std::io::Result<Handed> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let (middle, last) = (2_000 + number / 10_000 % 7_000, number % 10_000);
        let mut event = self.read("intake-notice", "create")?;
        let mut body: Value = serde_json::from_str(event["body"].as_str().unwrap_or_default())?;
        body["reference"] = json!(format!("2026-민원-{number:07}"));
        body["recipient"]["phone"] = json!(format!("010-{middle}-{last:04}"));
        body["recipient"]["email"] = json!(format!("resident{number}@example.org"));
        event["body"] = json!(body.to_string());
        event["headers"]["idempotency-key"] = json!(format!("bench-{number:07}"));
        Ok(Handed { event: event.to_string(), phone: format!("+8210{middle}{last:04}") })
    }

    /// A telephone's text, as AWS tells of it.
    ///
    /// # Errors
    /// When the event is not there.
    pub fn reply(&self, phone: &str, words: &str) -> std::io::Result<String> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let mut event = self.read("receive-reply", "two-way")?;
        let message = json!({ "originationNumber": phone, "destinationNumber": "+82221550001", "messageKeyword": "X",
            "messageBody": words, "inboundMessageId": format!("inbound-{number}") });
        event["Records"][0]["Sns"]["Message"] = json!(message.to_string());
        Ok(event.to_string())
    }

    /// SES's word that a mail arrived.
    ///
    /// # Errors
    /// When the event is not there.
    pub fn mail_arrived(&self, message: &str, notice: &str) -> std::io::Result<String> {
        let mut event = self.read("record-receipt", "ses-delivery")?;
        let told = event["Records"][0]["Sns"]["Message"].as_str().unwrap_or_default();
        let mut told: Value = serde_json::from_str(told)?;
        told["mail"]["messageId"] = json!(message);
        told["mail"]["tags"]["notice"] = json!([notice]);
        event["Records"][0]["Sns"]["Message"] = json!(told.to_string());
        Ok(event.to_string())
    }

    /// A resident's look at a page, or what they enter on it.
    ///
    /// # Errors
    /// When the event is not there.
    pub fn page(&self, token: &str, entered: Option<&str>) -> std::io::Result<String> {
        let situation = if entered.is_some() { "read-right" } else { "show" };
        let mut event = self.read("select-preference", situation)?;
        let path = format!("/c/{token}");
        event["rawPath"] = json!(path);
        event["requestContext"]["http"]["path"] = json!(path);
        event["pathParameters"]["token"] = json!(token);
        if let Some(entered) = entered {
            event["body"] = json!(entered);
        }
        Ok(event.to_string())
    }
}

/// Messages as SQS hands them to a function.
#[must_use]
pub fn queued(bodies: &[String]) -> String {
    let record = |(index, body): (usize, &String)| {
        json!({ "messageId": format!("m{index}"), "receiptHandle": "r", "body": body,
            "attributes": { "ApproximateReceiveCount": "1" }, "messageAttributes": {}, "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:ap-northeast-2:000000000000:bench", "awsRegion": "ap-northeast-2" })
    };
    json!({ "Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>() }).to_string()
}

/// New items as the table's stream hands them to a function.
#[must_use]
pub fn streamed(first: u64, items: &[Item]) -> String {
    let record = |(number, item): (u64, &Item)| {
        let number = number.to_string();
        json!({ "eventID": number, "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
            "awsRegion": "ap-northeast-2", "dynamodb": { "ApproximateCreationDateTime": 1_795_395_600.0,
                "Keys": { "pk": item.get("pk"), "sk": item.get("sk") }, "NewImage": item, "SequenceNumber": number,
                "SizeBytes": 400, "StreamViewType": "NEW_IMAGE" },
            "eventSourceARN": "arn:aws:dynamodb:ap-northeast-2:000000000000:table/bench/stream/2026" })
    };
    json!({ "Records": (first..).zip(items).map(record).collect::<Vec<_>>() }).to_string()
}

/// SNS's word that a text arrived, as CloudWatch Logs passes it on.
///
/// # Errors
/// When it cannot be packed.
pub fn text_arrived(message: &str) -> std::io::Result<String> {
    let status = json!({ "notification": { "messageId": message, "timestamp": "2026-11-24 05:29:30.558" },
        "delivery": { "providerResponse": "Message has been accepted by phone carrier", "dwellTimeMs": 599 },
        "status": "SUCCESS" });
    let lines = json!({ "messageType": "DATA_MESSAGE", "owner": "000000000000",
        "logGroup": "sns/ap-northeast-2/000000000000/DirectPublishToPhoneNumber", "logStream": "s",
        "subscriptionFilters": ["f"],
        "logEvents": [{ "id": "1", "timestamp": 1_795_498_200_000_u64, "message": status.to_string() }] });
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(lines.to_string().as_bytes())?;
    Ok(json!({ "awslogs": { "data": BASE64_STANDARD.encode(packer.finish()?) } }).to_string())
}

/// The token of a link in a text or mail.
#[must_use]
pub fn link_token(words: &str) -> Option<&str> {
    words.split_once("/c/").and_then(|(_, rest)| rest.get(..12))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notice_is_another() {
        let events = Events::new(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
        let (first, second) = (events.another_notice().expect("a notice"), events.another_notice().expect("a notice"));
        assert_ne!(first.phone, second.phone);
        let body = |handed: &Handed| {
            let event: Value = serde_json::from_str(&handed.event).expect("JSON");
            serde_json::from_str::<Value>(event["body"].as_str().expect("a body")).expect("JSON")
        };
        assert_ne!(body(&first)["reference"], body(&second)["reference"]);
        assert_eq!(body(&first)["recipient"]["phone"], "010-2000-0001");
        assert!(events.reply(&first.phone, "1").expect("a reply").contains("821020000001"));
    }

    #[test]
    fn what_happened_is_told_as_aws_tells_it() {
        let queued: Value = serde_json::from_str(&queued(&["{}".to_owned()])).expect("JSON");
        assert_eq!(queued["Records"][0]["body"], "{}");
        let item = serde_json::from_value(json!({ "pk": { "S": "a" }, "sk": { "S": "EVENT#1" } })).expect("an item");
        let streamed: Value = serde_json::from_str(&streamed(7, &[item])).expect("JSON");
        assert_eq!(streamed["Records"][0]["dynamodb"]["SequenceNumber"], "7");
        assert!(text_arrived("m").expect("packed").contains("awslogs"));
        assert_eq!(link_token("보기 https://n.go.kr/c/AbCdEf123456 끝"), Some("AbCdEf123456"));
    }
}
