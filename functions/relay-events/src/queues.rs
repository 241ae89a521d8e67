//! The senders' queues.

use std::future::Future;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::operation::send_message::SendMessageError;
use domain::{Channel, Command, Message};

/// A command that reached no queue.
#[derive(Debug, thiserror::Error)]
pub enum Unqueued {
    /// The queue did not take it.
    #[error("the queue did not take the command")]
    Refused(#[from] Box<SdkError<SendMessageError>>),
    /// It could not be written.
    #[error("the command cannot be written")]
    Unwritable(#[from] serde_json::Error),
}

/// Hands commands to those who carry them out.
pub trait Enqueue {
    /// Hands over one command. Twice does no harm: a command names what it is about, and the ledger knows it.
    fn enqueue(&self, command: &Command) -> impl Future<Output = Result<(), Unqueued>>;
}

/// The queues on SQS.
#[derive(Debug, Clone)]
pub struct Queues {
    client: Client,
    sms: String,
    email: String,
}

impl Queues {
    /// The queues at these addresses.
    #[must_use]
    pub const fn new(client: Client, sms: String, email: String) -> Self {
        Self { client, sms, email }
    }

    fn of(&self, message: &Message) -> &str {
        match message {
            Message::Result { channel: Channel::Email } => &self.email,
            Message::Result { channel: Channel::Sms | Channel::Post }
            | Message::Question
            | Message::Reminder
            | Message::EmailRequest
            | Message::Acknowledgement { .. }
            | Message::Answer { .. }
            | Message::PostConfirmation
            | Message::OptOutConfirmation => &self.sms,
        }
    }
}

impl Enqueue for Queues {
    async fn enqueue(&self, command: &Command) -> Result<(), Unqueued> {
        let body = serde_json::to_string(command)?;
        let request = self.client.send_message().queue_url(self.of(&command.message)).message_body(body);
        request.send().await.map_err(Box::new)?;
        Ok(())
    }
}
