//! What lay among the dead letters goes on its way again, by the command an operator types.

use std::path::Path;
use std::process::Command;

use aws_sdk_sqs::types::MessageAttributeValue;
use journeys::{Stack, eventually, notice, setting, timeline};
use serde_json::{Value, json};
use tokio::sync::Mutex;

/// Stopping the senders or the relay would be felt by the other tests.
static ALONE: Mutex<()> = Mutex::const_new(());

/// What the command says, and whether it says that nothing is left.
fn redrive(stack: &Stack, arguments: &[&str]) -> (String, bool) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/redrive.py");
    let mut command = Command::new(script);
    command.args(arguments).env("AWS_ENDPOINT_URL", &stack.emulator).env("AWS_DEFAULT_REGION", &stack.region);
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    let output = command.output().expect("a command");
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!said.contains("010") && !said.contains("+82"), "nothing personal: {said}");
    (said, output.status.success())
}

struct Queues<'a> {
    stack: &'a Stack,
    sqs: aws_sdk_sqs::Client,
}

impl<'a> Queues<'a> {
    async fn of(stack: &'a Stack) -> Self {
        Self { stack, sqs: aws_sdk_sqs::Client::new(&stack.aws().await) }
    }

    async fn put(&self, queue: &str, body: &str, attributes: &[(&str, &str)]) {
        let mut message = self.sqs.send_message().queue_url(self.stack.resource(queue).await).message_body(body);
        for (name, value) in attributes {
            let value = MessageAttributeValue::builder().data_type("String").string_value(*value).build();
            message = message.message_attributes(*name, value.expect("an attribute"));
        }
        message.send().await.expect("it is put there");
    }

    /// Takes the message that names this notice out of the queue; what it says.
    async fn take(&self, queue: &str, notice: &str) -> String {
        let url = self.stack.resource(queue).await;
        eventually("the message in the queue", async || {
            let received =
                self.sqs.receive_message().queue_url(&url).visibility_timeout(1).send().await.expect("a queue");
            let mut messages = received.messages.unwrap_or_default().into_iter();
            let found = messages.find(|message| message.body().is_some_and(|body| body.contains(notice)))?;
            let handle = found.receipt_handle().expect("a handle");
            self.sqs.delete_message().queue_url(&url).receipt_handle(handle).send().await.expect("a queue");
            found.body
        })
        .await
    }
}

#[tokio::test]
async fn a_question_that_was_given_up_reaches_the_resident_once() {
    let _alone = ALONE.lock().await;
    let (stack, office, resident) = setting().await;
    let queues = Queues::of(&stack).await;
    stack.let_run("SendSmsSource", false).await;
    let id = office.hand_in(&notice("guidance", &resident.phone)).await;
    let question = queues.take("SmsQueue", &id).await;
    queues.put("SmsDeadLetters", &question, &[]).await;
    stack.let_run("SendSmsSource", true).await;

    let (said, _) = redrive(&stack, &["sms", "--dry-run"]);
    assert!(said.contains("1 found") && said.contains("1 would go to SmsQueue"), "{said}");
    let (said, nothing_left) = redrive(&stack, &["sms"]);
    assert!(nothing_left && said.contains("1 found") && said.contains("1 to SmsQueue; none left"), "{said}");
    assert_eq!(redrive(&stack, &["sms"]), ("SmsDeadLetters: empty\n".to_owned(), true));
    resident.text(1).await;
    office.until(&id, "asking").await;

    // By mistake once more: the ledger knows that it was asked.
    queues.put("SmsDeadLetters", &question, &[]).await;
    assert!(redrive(&stack, &["sms"]).1);
    resident.answer("1").await;
    office.until(&id, "sent").await;
    assert_eq!(resident.texts().await.len(), 2, "one question and the result");
}

/// A resident's text by AWS two-way SMS, as the topic hands it on.
fn text_by_topic(topic: &str, from: &str, text: &str) -> Value {
    let message = json!({ "originationNumber": from, "destinationNumber": "+82221550001", "messageKeyword": "1",
        "messageBody": text, "inboundMessageId": format!("in-{}", rand::random::<u64>()) });
    json!({ "Type": "Notification", "MessageId": "95df01b4-ee98-5cb9-9903-4c221d41eb5e", "TopicArn": topic,
        "Message": message.to_string(), "Timestamp": "2026-11-23T01:00:00.000Z", "SignatureVersion": "1",
        "Signature": "x", "SigningCertURL": "https://sns.ap-northeast-2.amazonaws.com/x.pem",
        "UnsubscribeURL": "https://sns.ap-northeast-2.amazonaws.com/x" })
}

#[tokio::test]
async fn a_text_that_was_not_taken_in_is_taken_in_and_what_is_no_event_stays() {
    let _alone = ALONE.lock().await;
    let (stack, office, one) = setting().await;
    let other = journeys::Resident::new(&stack);
    let queues = Queues::of(&stack).await;
    let first = office.hand_in(&notice("guidance", &one.phone)).await;
    let second = office.hand_in(&notice("guidance", &other.phone)).await;
    one.text(1).await;
    other.text(1).await;

    let topic = stack.outputs["InboundTopicArn"].as_str().expect("an output");
    let function = stack.resource("ReceiveReply").await;
    // The topic could not reach the function.
    queues.put("InboundDeadLetters", &text_by_topic(topic, &one.phone, "1").to_string(), &[]).await;
    // It could, and the function failed three times.
    let sns = text_by_topic(topic, &other.phone, "3").to_string().replace("URL", "Url");
    let mut sns: Value = serde_json::from_str(&sns).expect("JSON");
    sns["MessageAttributes"] = json!({});
    let event = json!({ "Records": [{ "EventVersion": "1.0", "EventSource": "aws:sns", "EventSubscriptionArn": "s", "Sns": sns }] });
    let record = |function: &str, payload: &Value| {
        let arn = format!("arn:aws:lambda:{}:000000000000:function:{function}:$LATEST", stack.region);
        json!({ "version": "1.0", "requestPayload": payload, "responsePayload": { "errorType": "x" },
            "requestContext": { "functionArn": arn, "condition": "RetriesExhausted" } })
        .to_string()
    };
    queues.put("InboundDeadLetters", &record(&function, &event), &[]).await;
    let garbled = json!({ "Records": [{ "EventSource": "aws:sns" }] });
    queues.put("InboundDeadLetters", &record(&function, &garbled), &[]).await;
    queues.put("InboundDeadLetters", &record("another", &event), &[]).await;
    queues.put("InboundDeadLetters", "no event", &[]).await;

    let (said, nothing_left) = redrive(&stack, &["inbound"]);
    for part in [
        "5 found",
        "2 to ReceiveReply",
        "1 left, ReceiveReply failed again, and logged why",
        "1 left, for a function that is not of this stack",
        "1 left, in no known shape",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!nothing_left, "{said}");
    office.until(&first, "sent").await;
    let posting = office.until(&second, "posting").await;
    assert!(timeline(&posting).contains(&"channel_chosen"));

    let (said, _) = redrive(&stack, &["inbound", "--drop"]);
    assert!(said.contains("3 found") && said.contains("1 dropped, in no known shape"), "{said}");
    let (said, _) = redrive(&stack, &["inbound", "--dry-run"]);
    assert!(said.contains("2 found"), "what may yet be handed on is not dropped: {said}");
    queues.sqs.purge_queue().queue_url(stack.resource("InboundDeadLetters").await).send().await.expect("a queue");
}

#[tokio::test]
async fn events_that_were_not_relayed_are_read_from_the_stream_again() {
    let _alone = ALONE.lock().await;
    let (stack, office, resident) = setting().await;
    let queues = Queues::of(&stack).await;
    let table =
        aws_sdk_dynamodb::Client::new(&stack.aws().await).describe_table().table_name(stack.resource("Table").await);
    let table = table.send().await.expect("a table").table.expect("a table");
    let stream = table.latest_stream_arn().expect("a stream").to_owned();
    let call = async |action: &str, body: Value| {
        stack.call("dynamodb", &format!("DynamoDBStreams_20120810.{action}"), &body).await
    };
    let described = call("DescribeStream", json!({ "StreamArn": stream })).await;
    let shard = described["StreamDescription"]["Shards"][0]["ShardId"].clone();
    let latest = json!({ "StreamArn": stream, "ShardId": shard, "ShardIteratorType": "LATEST" });
    let iterator = call("GetShardIterator", latest).await["ShardIterator"].clone();

    stack.let_run("RelayEventsSource", false).await;
    let id = office.hand_in(&notice("guidance", &resident.phone)).await;
    let records = call("GetRecords", json!({ "ShardIterator": iterator })).await["Records"].clone();
    let records = records.as_array().expect("records");
    let number = |record: &Value| record["dynamodb"]["SequenceNumber"].clone();
    let (first, last) = (number(&records[0]), number(records.last().expect("a record")));
    let arn = format!("arn:aws:lambda:{}:000000000000:function:{}", stack.region, stack.resource("RelayEvents").await);
    let given_up = |from: &Value, to: &Value| {
        json!({ "version": "1.0", "requestContext": { "functionArn": arn, "condition": "RetryAttemptsExhausted" },
            "DDBStreamBatchInfo": { "shardId": shard, "startSequenceNumber": from, "endSequenceNumber": to,
                "batchSize": records.len(), "streamArn": stream } })
        .to_string()
    };
    queues.put("StreamDeadLetters", &given_up(&first, &last), &[]).await;
    queues
        .put("StreamDeadLetters", &given_up(&json!("000000000000000000001"), &json!("000000000000000000002")), &[])
        .await;
    let (said, nothing_left) = redrive(&stack, &["stream"]);
    for part in ["2 found", "1 to RelayEvents, from the stream", "1 left, older than the stream remembers"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert!(!nothing_left, "{said}");
    let (said, nothing_left) = redrive(&stack, &["stream", "--drop"]);
    assert!(nothing_left && said.contains("1 dropped, older than the stream remembers; none left"), "{said}");
    resident.text(1).await;
    stack.let_run("RelayEventsSource", true).await;
    office.until(&id, "asking").await;
    resident.answer("1").await;
    office.until(&id, "sent").await;
    assert_eq!(resident.texts().await.len(), 2, "relayed twice, asked once");
}

#[tokio::test]
async fn one_run_makes_up_for_every_missed_run() {
    let (stack, _, _) = setting().await;
    let queues = Queues::of(&stack).await;
    let arn =
        format!("arn:aws:lambda:{}:000000000000:function:{}", stack.region, stack.resource("WatchDeadlines").await);
    let schedule = format!("arn:aws:scheduler:{}:000000000000:schedule/default/watch", stack.region);
    for _ in 0..2 {
        let attributes = [("SCHEDULE_ARN", schedule.as_str()), ("TARGET_ARN", &arn), ("ERROR_CODE", "x")];
        queues.put("ScheduleDeadLetters", "{}", &attributes).await;
    }
    let (said, nothing_left) = redrive(&stack, &["schedules"]);
    assert!(nothing_left && said.contains("2 made up for by one run of WatchDeadlines; none left"), "{said}");
}
