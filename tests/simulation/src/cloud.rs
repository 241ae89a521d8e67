//! What workers call: every call takes its time, may fail before or after it did its work, and may be a worker's last.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

use bootstrap::{ReadSettings, SettingsUnavailable};
use domain::ports::{Clock, Entropy};
use domain::settings::Settings;
use jiff::Timestamp;
use store::Error;

use crate::world::World;

/// The world as workers see it.
#[derive(Debug, Clone)]
pub(crate) struct Cloud(Arc<Mutex<World>>);

/// A call in so many takes noticeable time, during which others work.
const SLOW: u64 = 2_500;
/// A call in so many takes longer than some functions live.
const STUCK: u64 = 8;
/// A call in so many fails.
const FAILS: u64 = 30;

impl Cloud {
    pub(crate) fn new(world: World) -> Self {
        Self(Arc::new(Mutex::new(world)))
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.0.try_lock().expect("one thread, and one look at a time")
    }

    /// One way of a call: there, or back.
    pub(crate) fn way(&self) -> Way {
        Way { cloud: self.clone(), until: None, is_far: false }
    }

    /// One way of a call to a carrier, which always takes its time.
    pub(crate) fn far_way(&self) -> Way {
        Way { cloud: self.clone(), until: None, is_far: true }
    }
}

/// A call under way.
pub(crate) struct Way {
    cloud: Cloud,
    until: Option<Timestamp>,
    is_far: bool,
}

impl Future for Way {
    type Output = Result<(), Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let cloud = self.cloud.clone();
        let mut world = cloud.world();
        let world = &mut *world;
        if world.turn.died {
            return Poll::Pending;
        }
        let until = match self.until {
            Some(until) => until,
            None if world.chance.hits(world.turn.dies) => {
                world.turn.died = true;
                return Poll::Pending;
            }
            None if world.chance.hits(FAILS) => {
                world.tally.outages += 1;
                return Poll::Ready(Err(outage()));
            }
            None if world.chance.hits(STUCK) => world.now + world.chance.millis(3_000, 25_000),
            None if self.is_far => world.now + world.chance.millis(20, 1_500),
            None if world.chance.hits(SLOW) => world.now + world.chance.millis(2, 400),
            None => world.now,
        };
        if until <= world.now {
            return Poll::Ready(Ok(()));
        }
        self.until = Some(until);
        let earlier = world.turn.wake.unwrap_or(until);
        world.turn.wake = Some(until.min(earlier));
        // Several calls at once ask only those that say so.
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

fn outage() -> Error {
    Error::DynamoDb { operation: "a call", source: "out of order".into() }
}

impl Clock for Cloud {
    fn now(&self) -> Timestamp {
        self.world().now
    }
}

impl Entropy for Cloud {
    fn fill(&self, bytes: &mut [u8]) {
        let mut world = self.world();
        for chunk in bytes.chunks_mut(8) {
            let random = world.chance.next().to_be_bytes();
            chunk.copy_from_slice(&random[..chunk.len()]);
        }
    }
}

impl ReadSettings for Cloud {
    async fn current(&self) -> Result<Arc<Settings>, SettingsUnavailable> {
        Ok(Arc::clone(&self.world().settings))
    }
}
