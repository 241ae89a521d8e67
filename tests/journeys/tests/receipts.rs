//! What providers report of a result: it arrived, it bounced, the resident complained.

use journeys::{Office, Resident, Stack, Webhook, eventually, notice, timeline};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

async fn setting() -> (Stack, Office, Resident) {
    let stack = Stack::running();
    let office = Office::sign_in(&stack).await;
    let resident = Resident::new(&stack);
    (stack, office, resident)
}

/// What the provider calls the message by which the result went out.
fn provider_id(notice: &Value) -> String {
    let events = notice["events"].as_array().expect("events");
    let sent = events.iter().rev().find(|event| event["type"] == "sent").expect("it was sent");
    sent["provider_id"].as_str().expect("a name").to_owned()
}

fn count(notice: &Value, event: &str) -> usize {
    timeline(notice).into_iter().filter(|of| *of == event).count()
}

/// The carrier, as SNS logs what it says.
struct StatusLogs {
    url: String,
    group: String,
    stream: String,
}

impl StatusLogs {
    async fn of(stack: &Stack) -> Self {
        let group = stack.outputs["SmsStatusLogGroup"].as_str().expect("an output").to_owned();
        let logs = Self { url: stack.emulator.clone(), group, stream: format!("{}", rand::random::<u64>()) };
        logs.call("CreateLogStream", json!({ "logGroupName": logs.group, "logStreamName": logs.stream })).await;
        logs
    }

    async fn write(&self, message: &str, status: &str, response: &str, milliseconds: i64) {
        let line = json!({
            "notification": { "messageId": message, "timestamp": "2026-11-24 05:29:20.558" },
            "delivery": { "destination": "+821012345678", "providerResponse": response, "dwellTimeMs": 599 },
            "status": status,
        });
        let events = json!([{ "timestamp": milliseconds, "message": line.to_string() }]);
        let batch = json!({ "logGroupName": self.group, "logStreamName": self.stream, "logEvents": events });
        self.call("PutLogEvents", batch).await;
    }

    async fn call(&self, action: &str, body: Value) {
        let request = Client::new()
            .post(&self.url)
            .header("X-Amz-Target", format!("Logs_20140328.{action}"))
            .header("Content-Type", "application/x-amz-json-1.1")
            // The emulator reads who is calling and does not check the signature.
            .header("Authorization", "AWS4-HMAC-SHA256 Credential=test/20261124/ap-northeast-2/logs/aws4_request, SignedHeaders=host, Signature=none");
        let answer = request.body(body.to_string()).send().await.expect("an answer");
        let status = answer.status();
        assert!(status.is_success(), "{action}: {}", answer.text().await.unwrap_or_default());
    }
}

/// The mail service, as it publishes what became of a mail.
async fn publish_mail_event(stack: &Stack, event: &Value) {
    let topic = stack.outputs["MailEventTopicArn"].as_str().expect("an output");
    let sns = aws_sdk_sns::Client::new(&stack.aws().await);
    sns.publish().topic_arn(topic).message(event.to_string()).send().await.expect("published");
}

fn mail_event(kind: &str, message: &str, part: (&str, Value)) -> Value {
    let mail =
        json!({ "messageId": message, "timestamp": "2026-11-24T05:29:00.000Z", "destination": ["hong@example.org"] });
    let mut event = json!({ "eventType": kind, "mail": mail });
    event[part.0] = part.1;
    event
}

fn bounce(message: &str) -> Value {
    let part = json!({ "bounceType": "Permanent", "bounceSubType": "General", "timestamp": now(),
        "bouncedRecipients": [{ "emailAddress": "hong@example.org", "status": "5.1.1" }] });
    mail_event("Bounce", message, ("bounce", part))
}

#[tokio::test]
async fn a_text_that_arrived_is_delivered() {
    let (stack, office, resident) = setting().await;
    let id = office.hand_in(&notice("guidance", &resident.phone)).await;
    resident.text(1).await;
    resident.answer("1").await;
    let sent = office.until(&id, "sent").await;
    let logs = StatusLogs::of(&stack).await;
    let message = provider_id(&sent);
    logs.write(&message, "SUCCESS", "Message has been accepted by phone carrier", 1_795_498_200_000).await;
    let delivered = office.until(&id, "delivered").await;
    assert_eq!(delivered["state"]["route"]["channel"], "sms");
    logs.write(&message, "SUCCESS", "Message has been accepted by phone carrier", 1_795_498_200_001).await;
    logs.write(&message, "FAILURE", "Phone number is opted out", 1_795_498_200_002).await;
    let posting = office.until(&id, "posting").await;
    assert_eq!(posting["state"]["reason"], "delivery_failed", "the provider's last word");
    assert_eq!((count(&posting, "delivered"), count(&posting, "delivery_failed")), (1, 1));
    stack.assert_chain_holds(&id).await;
}

#[tokio::test]
async fn a_question_that_cannot_reach_anyone_leads_to_the_post() {
    let (stack, office, resident) = setting().await;
    let id = office.hand_in(&notice("petition_result", &resident.phone)).await;
    let asking = office.until(&id, "asking").await;
    let events = asking["events"].as_array().expect("events");
    let asked = events.iter().find(|event| event["type"] == "asked").expect("it was asked");
    let logs = StatusLogs::of(&stack).await;
    let question = asked["provider_id"].as_str().expect("a name");
    logs.write(question, "FAILURE", "Invalid phone number", 1_795_498_200_000).await;
    let posting = office.until(&id, "posting").await;
    assert_eq!(posting["state"]["reason"], "question_failed");
}

#[tokio::test]
async fn a_mail_that_bounces_goes_to_the_post_once_and_its_address_is_not_used_again() {
    let (stack, office, resident) = setting().await;
    let address = format!("hong{}@example.org", rand::random::<u32>());
    let petition = || {
        let mut petition = notice("petition_result", &resident.phone);
        petition["department"] = "sanitation".into();
        petition["recipient"]["email"] = address.clone().into();
        petition
    };
    let first = office.hand_in(&petition()).await;
    let link = Resident::link(&resident.text(1).await);
    resident.choose(&link, &[("channel", "email-on-file"), ("scope", "kind")]).await;
    resident.mail(&address).await;
    let sent = office.until(&first, "sent").await;
    let message = provider_id(&sent);
    // It is a standing preference: the next of its kind goes by mail without a question.
    let second = office.hand_in(&petition()).await;
    office.until(&second, "sent").await;

    let delivery =
        json!({ "timestamp": "2026-11-24T05:29:30.000Z", "recipients": [address], "smtpResponse": "250 ok" });
    publish_mail_event(&stack, &mail_event("Delivery", &message, ("delivery", delivery))).await;
    office.until(&first, "delivered").await;
    for _ in 0..3 {
        publish_mail_event(&stack, &bounce(&message)).await;
    }
    let posting = office.until(&first, "posting").await;
    assert_eq!(posting["state"]["reason"], "delivery_failed");
    let handed_over = office.list("sanitation", "posting").await;
    assert_eq!(handed_over.iter().filter(|id| **id == first).count(), 1);

    let third = office.hand_in(&petition()).await;
    let asking = office.until(&third, "asking").await;
    assert_eq!(timeline(&asking)[0], "accepted");
    assert!(resident.text(2).await.contains("서초구"), "they are asked again");
    let after = office.notice(&first).await;
    assert_eq!(count(&after, "delivery_failed"), 1, "three reports, one failure");
    stack.assert_chain_holds(&first).await;
}

#[tokio::test]
async fn the_gateway_reports_signed_and_what_fits_no_message_is_kept() {
    let (stack, _, _) = setting().await;
    let gateway = Webhook::new(&stack).of_receipts();
    let id = format!("receipt-{}", rand::random::<u64>());
    let receipt = json!({ "id": id, "message_id": id, "status": "delivered" });
    assert_eq!(gateway.deliver(&receipt).await, StatusCode::ACCEPTED);
    assert_eq!(gateway.deliver_signed(&receipt, 0, &Webhook::wrong_secret()).await, StatusCode::UNAUTHORIZED);
    assert_eq!(gateway.of_provider("nobody").deliver(&receipt).await, StatusCode::NOT_FOUND);
    assert_eq!(gateway.deliver(&json!({ "id": id })).await, StatusCode::UNPROCESSABLE_ENTITY);
    let table = stack.table().await;
    eventually("it is kept", async || {
        let kept = table.dead_items("receipt", now()).await.expect("a table");
        kept.into_iter().find(|dead| dead.name == format!("standard#{id}#arrived"))
    })
    .await;
}

#[tokio::test]
async fn a_receipt_kept_apart_finds_its_message_later() {
    let (stack, office, resident) = setting().await;
    let id = office.hand_in(&notice("guidance", &resident.phone)).await;
    resident.text(1).await;
    resident.answer("1").await;
    let message = provider_id(&office.until(&id, "sent").await);
    let (table, name) = (stack.table().await, format!("sns#{message}#arrived"));
    let content = json!({ "provider": "sns", "message": message, "verdict": "arrived", "at": now() });
    table.keep_dead("receipt", &name, &content.to_string(), now()).await.expect("a table");
    let function = stack.outputs["RecordReceiptName"].as_str().expect("an output");
    let url = format!("{}/2015-03-31/functions/{function}/invocations", stack.emulator);
    let signature = "AWS4-HMAC-SHA256 Credential=test/20261124/ap-northeast-2/lambda/aws4_request, SignedHeaders=host, Signature=none";
    let run = Client::new().post(url).header("Authorization", signature).body("{\"match_again\":true}");
    let answer = run.send().await.expect("an answer");
    assert!(!answer.headers().contains_key("x-amz-function-error"), "{}", answer.text().await.unwrap_or_default());
    office.until(&id, "delivered").await;
    let kept = table.dead_items("receipt", now()).await.expect("a table");
    assert!(kept.iter().all(|dead| dead.name != name), "it is no longer kept apart");
}

fn now() -> jiff::Timestamp {
    use domain::ports::Clock;
    bootstrap::SystemClock.now()
}
