//! Keeps the office's numbers: whatever of a notice's events is not counted yet is counted, once.

use std::future::Future;
use std::time::Duration;

use domain::NoticeId;
use domain::statistics::Counted;
use futures_util::{StreamExt, TryStreamExt, stream};
use store::{Entered, Error, Table, Tally};

/// Notices whose events go into one transaction, where it holds them.
const TOGETHER: usize = 50;
/// Notices that are read at once.
const AT_ONCE: usize = 10;
/// How often a tally is drawn up again because others count the same notices or add to the same numbers.
const ATTEMPTS: u32 = 10;

/// Keeps the numbers, and which events they hold.
pub trait KeepCounts {
    /// As [`Table::uncounted`].
    fn uncounted(&self, id: NoticeId) -> impl Future<Output = Result<Vec<Counted>, Error>>;

    /// As [`Table::enter`].
    fn enter(&self, tally: &Tally) -> impl Future<Output = Result<Entered, Error>>;
}

impl KeepCounts for Table {
    async fn uncounted(&self, id: NoticeId) -> Result<Vec<Counted>, Error> {
        Self::uncounted(self, id).await
    }

    async fn enter(&self, tally: &Tally) -> Result<Entered, Error> {
        Self::enter(self, tally).await
    }
}

/// Notices that are not counted.
#[derive(Debug, thiserror::Error)]
#[error("events are not counted from notice {from} on")]
pub struct Uncounted {
    /// The first of them; those before it are.
    pub from: NoticeId,
    #[source]
    source: Error,
}

/// Counts what is not counted yet of these notices' events, each notice once and in this order. An event that the
/// stream lost is counted with the next one of its notice.
///
/// # Errors
/// From which notice on it could not be done. Doing it again counts nothing twice.
pub async fn count(store: &impl KeepCounts, notices: &[NoticeId]) -> Result<(), Uncounted> {
    for together in notices.chunks(TOGETHER) {
        count_together(store, together).await.map_err(|source| Uncounted { from: together[0], source })?;
    }
    Ok(())
}

async fn count_together(store: &impl KeepCounts, notices: &[NoticeId]) -> Result<(), Error> {
    let mut attempt = 0;
    while attempt < ATTEMPTS {
        let (tally, is_all) = draw_up(store, notices).await?;
        if tally.is_empty() {
            return Ok(());
        }
        let mut entered = store.enter(&tally).await?;
        while entered == Entered::Busy && attempt < ATTEMPTS {
            attempt += 1;
            pause(attempt).await;
            entered = store.enter(&tally).await?;
        }
        match entered {
            Entered::Whole if is_all => return Ok(()),
            // The rest follows.
            Entered::Whole => {}
            Entered::Overtaken | Entered::Busy => attempt += 1,
        }
    }
    Err(Error::Contention { attempts: ATTEMPTS })
}

/// What there is to count, as much as one transaction holds, and whether that is all.
async fn draw_up(store: &impl KeepCounts, notices: &[NoticeId]) -> Result<(Tally, bool), Error> {
    let uncounted = stream::iter(notices).map(async |id| Ok::<_, Error>((*id, store.uncounted(*id).await?)));
    let uncounted: Vec<(NoticeId, Vec<Counted>)> = uncounted.buffered(AT_ONCE).try_collect().await?;
    let mut tally = Tally::default();
    let mut events = uncounted.iter().flat_map(|(id, counted)| counted.iter().map(|counted| (*id, counted)));
    let is_all = events.all(|(id, counted)| tally.add(id, counted));
    Ok((tally, is_all))
}

/// Longer from time to time, up to two thirds of a second, and never as long as whoever else waits.
async fn pause(attempt: u32) {
    let longest = 20 << attempt.min(5);
    tokio::time::sleep(Duration::from_millis(rand::random_range(0..=longest))).await;
}
