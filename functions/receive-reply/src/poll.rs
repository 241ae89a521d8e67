//! Asks the gateway that must be asked, until it has no more. What it gave out is never lost: it may give it out once.

use std::future::Future;
use std::time::Duration;

use aws_sdk_sns::Client;
use bootstrap::{ReadSettings, chain, count_many};
use domain::ports::{Clock, Entropy};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use crate::message_hub::{HubError, MessageHub, Token};
use crate::{Gateways, KeepReplies, Received, TakeMedia};

/// A run ends before the next one starts, and before the function is stopped: what was fetched and is not taken in by then
/// is handed on.
const RUN: Duration = Duration::from_secs(15);

/// Keeps what cannot be taken in at once, so that it comes again.
pub trait HandOn {
    /// Hands it on; whether it is safe there.
    fn hand_on(&self, text: String) -> impl Future<Output = bool>;
}

/// The inbound topic, which tries again by itself and keeps at last what fails.
#[derive(Debug)]
pub struct InboundTopic {
    /// To it.
    pub sns: Client,
    /// Its name.
    pub arn: String,
}

impl HandOn for InboundTopic {
    async fn hand_on(&self, text: String) -> bool {
        let published = self.sns.publish().topic_arn(&self.arn).message(text).send().await;
        published.inspect_err(|error| tracing::error!(error = chain(error), "a text was not handed on")).is_ok()
    }
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Polled {
    /// Texts that are safe, and were not before.
    pub taken_in: u32,
    /// Texts that will come again by the topic.
    pub handed_on: u32,
    /// Texts that are nowhere any more.
    pub lost: u32,
}

impl<T: KeepReplies, S: ReadSettings, C: Clock, E: Entropy, M: TakeMedia, H: HandOn> Gateways<T, S, C, E, M, H> {
    /// One run. Whatever fails is logged, counted, and made up for by the next one.
    pub async fn poll(&self) -> Polled {
        self.poll_until(Instant::now() + RUN).await
    }

    /// One run that takes nothing in after that moment.
    pub async fn poll_until(&self, deadline: Instant) -> Polled {
        let mut polled = Polled::default();
        let Some(hub) = &self.message_hub else { return polled };
        let asked = self.ask(hub, deadline, &mut polled).await;
        let clock = &self.receiver.clock;
        count_many(clock, &[("MessageHubTexts", polled.taken_in), ("MessageHubTextsLost", polled.lost)]);
        match asked {
            Ok(()) => count_many(clock, &[("MessageHubPolled", 1)]),
            Err(error) => tracing::error!(error = chain(&error), "the gateway could not be asked"),
        }
        tracing::info!(
            taken_in = polled.taken_in,
            handed_on = polled.handed_on,
            lost = polled.lost,
            "asked the gateway"
        );
        polled
    }

    async fn ask(&self, hub: &MessageHub, deadline: Instant, polled: &mut Polled) -> Result<(), HubError> {
        let token: Token = hub.sign_in(&self.receiver.entropy).await?;
        loop {
            let fetched = hub.fetch(&token).await?;
            let mut is_new = false;
            for text in fetched.texts {
                match timeout_at(deadline, self.take_in(text.clone())).await {
                    Ok(Ok(Received::Before)) => {}
                    Ok(Ok(_)) => {
                        is_new = true;
                        polled.taken_in += 1;
                    }
                    Ok(Err(error)) => {
                        tracing::warn!(error = chain(&error), "a fetched text was not kept; it comes again");
                        self.later(&text, polled).await;
                    }
                    Err(_) => {
                        tracing::warn!("a fetched text was not kept in time; it comes again");
                        self.later(&text, polled).await;
                    }
                }
            }
            for unknown in fetched.unknown {
                tracing::error!("the gateway tells of a text in an unknown shape");
                self.later(&unknown, polled).await;
            }
            // A gateway that gives out again what it gave before is asked again later, and so is one that takes long.
            if !is_new || Instant::now() >= deadline {
                return Ok(());
            }
        }
    }

    async fn later(&self, text: &impl Serialize, polled: &mut Polled) {
        let is_safe = match serde_json::to_string(text) {
            Ok(text) => self.later.hand_on(text).await,
            Err(_) => false,
        };
        *(if is_safe { &mut polled.handed_on } else { &mut polled.lost }) += 1;
    }
}
