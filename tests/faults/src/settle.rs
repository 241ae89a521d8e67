//! After the storm: time passes, clocks strike, and what was left undone is done.

use std::time::Duration;

use jiff::SignedDuration;
use journeys::Stack;
use tokio::time::{Instant, sleep};

use crate::{Clock, Queues, Storm};

/// No call for so long, and nothing waits: nobody is at work. The emulator looks at its sources once a second.
const STILL: Duration = Duration::from_millis(2500);
const PATIENCE: Duration = Duration::from_mins(3);

/// Lets time pass between moments at which nobody is at work, so that no function lives longer than on AWS it could.
#[derive(Debug)]
pub struct Settle<'a> {
    /// The stack.
    pub stack: &'a Stack,
    /// The proxies, which count calls.
    pub storm: &'a Storm,
    /// The clock.
    pub clock: &'a Clock,
    /// The queues.
    pub queues: &'a Queues,
}

impl Settle<'_> {
    /// Waits until nobody is at work.
    pub async fn quiet(&self) {
        let deadline = Instant::now() + PATIENCE;
        let (mut calls, mut since) = (self.storm.calls().await, Instant::now());
        while since.elapsed() < STILL {
            assert!(Instant::now() < deadline, "the functions are at work without end");
            sleep(Duration::from_millis(300)).await;
            let now = self.storm.calls().await;
            if now != calls || self.queues.waiting().await > 0 {
                (calls, since) = (now, Instant::now());
            }
        }
    }

    /// Lets this much time pass, has what fell due done, and whatever that causes.
    pub async fn pass(&self, by: SignedDuration) {
        self.quiet().await;
        self.clock.advance(by);
        self.stack.invoke("WatchDeadlinesName").await;
        self.quiet().await;
    }
}
