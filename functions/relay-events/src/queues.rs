//! The senders' queues.

use std::future::Future;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::operation::send_message::SendMessageError;
use domain::{Channel, Message};

use crate::Work;

/// Work that reached no queue.
#[derive(Debug, thiserror::Error)]
pub enum Unqueued {
    /// The queue did not take it.
    #[error("the queue did not take the work")]
    Refused(#[from] Box<SdkError<SendMessageError>>),
    /// It could not be written.
    #[error("the work cannot be written")]
    Unwritable(#[from] serde_json::Error),
}

/// Hands work to those who do it.
pub trait Enqueue {
    /// Hands over one piece. Twice does no harm: a command names what it is about, and the ledger knows it.
    fn enqueue(&self, work: &Work) -> impl Future<Output = Result<(), Unqueued>>;
}

/// The queues on SQS.
#[derive(Debug, Clone)]
pub struct Queues {
    /// How they are reached.
    pub client: Client,
    /// Address of the queue of texts to send.
    pub sms: String,
    /// Address of the queue of e-mails to send.
    pub email: String,
    /// Address of the queue of letters to make.
    pub letter: String,
}

impl Queues {
    fn of(&self, message: &Message) -> &str {
        match message.channel() {
            Channel::Email => &self.email,
            Channel::Sms | Channel::Post => &self.sms,
        }
    }
}

impl Enqueue for Queues {
    async fn enqueue(&self, work: &Work) -> Result<(), Unqueued> {
        let (queue, body) = match work {
            Work::Send(command) => (self.of(&command.message), serde_json::to_string(command)?),
            Work::Render(rendering) => (&*self.letter, serde_json::to_string(rendering)?),
        };
        self.client.send_message().queue_url(queue).message_body(body).send().await.map_err(Box::new)?;
        Ok(())
    }
}
