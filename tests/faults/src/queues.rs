//! The queues as an operator sees them.

use std::collections::BTreeMap;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName::ApproximateNumberOfMessages;
use journeys::Stack;

/// The stack's queues.
#[derive(Debug)]
pub struct Queues {
    client: Client,
    /// Address by address of the dead letters' queue.
    senders: Vec<(String, String)>,
    dead: Vec<String>,
}

impl Queues {
    /// The queues of this stack.
    pub async fn of(stack: &Stack) -> Self {
        let client = Client::new(&stack.aws().await);
        let known = client.list_queues().send().await.expect("the queues");
        let dead: Vec<String> =
            known.queue_urls().iter().filter(|url| name(url).contains("DeadLetters")).cloned().collect();
        let of = |output: &str, letters: &str| {
            let letters = dead.iter().find(|url| name(url).contains(letters)).expect("a queue of dead letters");
            (stack.outputs[output].as_str().expect("an output").to_owned(), letters.clone())
        };
        let senders = vec![of("SmsQueueUrl", "SmsDeadLetters"), of("EmailQueueUrl", "EmailDeadLetters")];
        Self { client, senders, dead }
    }

    /// Messages that a sender could take now.
    pub async fn waiting(&self) -> u64 {
        let mut waiting = 0;
        for (queue, _) in &self.senders {
            waiting += self.visible(queue).await;
        }
        waiting
    }

    /// Dead letters by queue.
    pub async fn dead(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for queue in &self.dead {
            counts.insert(name(queue).to_owned(), self.visible(queue).await);
        }
        counts
    }

    /// Sends the senders' dead letters on their way once more, as an operator does; how many.
    pub async fn redrive(&self) -> u64 {
        let mut moved = 0;
        for (queue, dead) in &self.senders {
            loop {
                let taken = self.client.receive_message().queue_url(dead).max_number_of_messages(10).send().await;
                let taken = taken.expect("the dead letters").messages.unwrap_or_default();
                if taken.is_empty() {
                    break;
                }
                for letter in taken {
                    let sent = self.client.send_message().queue_url(queue).set_message_body(letter.body);
                    sent.send().await.expect("a queue");
                    let done = self.client.delete_message().queue_url(dead).set_receipt_handle(letter.receipt_handle);
                    done.send().await.expect("a queue");
                    moved += 1;
                }
            }
        }
        moved
    }

    async fn visible(&self, queue: &str) -> u64 {
        let asked = self.client.get_queue_attributes().queue_url(queue).attribute_names(ApproximateNumberOfMessages);
        let answer = asked.send().await.expect("a queue");
        let count =
            answer.attributes().and_then(|attributes| attributes.get(&ApproximateNumberOfMessages)?.parse().ok());
        count.expect("a number")
    }
}

fn name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}
