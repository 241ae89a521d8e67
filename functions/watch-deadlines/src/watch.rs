//! Goes through what is due, all shards at once, oldest first in each, and moves one notice after the other.

use bootstrap::{SettingsUnavailable, chain};
use domain::ports::Clock;
use domain::{Due, Fact, Notice, NoticeId, Opening, Refused};
use futures_util::future::join_all;
use jiff::Timestamp;
use store::{Change, Decision, DueShard, Transition};

use crate::{FindDue, MoveNotice, ReadPreference, ReadSettings, Report};

/// Notices asked for at a time.
const PAGE: i32 = 100;

/// A notice that was not moved.
#[derive(Debug, thiserror::Error)]
pub enum Unmoved {
    /// The table failed.
    #[error("the table failed")]
    Store(#[from] store::Error),
    /// There are no settings.
    #[error("no settings")]
    Settings(#[from] SettingsUnavailable),
    /// The notice refuses what the clock says.
    #[error("the notice refuses it")]
    Refused(#[source] Refused),
}

/// Watches deadlines.
#[derive(Debug, Clone)]
pub struct Watch<T, S, C> {
    table: T,
    settings: S,
    clock: C,
}

/// Why a notice was left as it is.
enum Left {
    /// Nothing is due any more: another run or a resident was quicker.
    NotDue,
    /// How it sets out is to be decided first, for this notice.
    SetsOut(Box<Notice>),
}

impl<T: FindDue + MoveNotice + ReadPreference, S: ReadSettings, C: Clock> Watch<T, S, C> {
    /// Over this table, by these settings and this clock.
    pub const fn new(table: T, settings: S, clock: C) -> Self {
        Self { table, settings, clock }
    }

    /// Moves on what is due now, and begins nothing from `stop` on.
    pub async fn run(&self, stop: Timestamp) -> Report {
        let now = self.clock.now();
        let mut report = Report::default();
        for part in join_all(DueShard::all().map(|shard| self.shard(shard, now, stop))).await {
            report += part;
        }
        tracing::info!(moved = report.moved, failed = report.failed, left = report.left, "looked for what is due");
        report
    }

    /// Writes what a run did where alarms look.
    pub(crate) fn count(&self, report: &Report) {
        report.count(&self.clock);
    }

    async fn shard(&self, shard: DueShard, now: Timestamp, stop: Timestamp) -> Report {
        let mut report = Report::default();
        let mut after = None;
        loop {
            let page = match self.table.due(shard, now, PAGE, after).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::error!(error = chain(&error), "a part of what is due cannot be read");
                    report.unread += 1;
                    return report;
                }
            };
            for (index, id) in page.notices.iter().enumerate() {
                if self.clock.now() >= stop {
                    report.left += u32::try_from(page.notices.len() - index).unwrap_or(u32::MAX);
                    return report;
                }
                report += self.attend(*id, now).await;
            }
            match page.after {
                Some(next) => after = Some(next),
                None => return report,
            }
        }
    }

    /// One notice; what goes wrong with it stops no other.
    async fn attend(&self, id: NoticeId, now: Timestamp) -> Report {
        match self.pass(id, now).await {
            Ok(Some(fact)) => {
                let stuck = u32::from(is_stuck(&fact));
                tracing::info!(notice.id = %id, r#type = fact.name(), "fell due");
                Report { moved: 1, stuck, ..Report::default() }
            }
            Ok(None) => Report::default(),
            Err(error) => {
                tracing::error!(notice.id = %id, error = chain(&error), "what fell due was not done");
                Report { failed: 1, ..Report::default() }
            }
        }
    }

    /// Records what fell due, if it still is.
    async fn pass(&self, id: NoticeId, now: Timestamp) -> Result<Option<Fact>, Unmoved> {
        let mut opening: Option<(u32, Opening)> = None;
        loop {
            let mut recorded = None;
            let transition = self.table.transition(id, |notice| {
                let fact = match (notice.fell_due(now), &opening) {
                    (None, _) => return Decision::Leave(Left::NotDue),
                    (Some(Due::Passed(fact)), _) => fact,
                    // What the resident wants was looked up for this version: whoever takes it back moves the notice on.
                    (Some(Due::SetOut), Some((seen, opening))) if *seen == notice.version => opening.at_last(),
                    (Some(Due::SetOut), _) => return Decision::Leave(Left::SetsOut(Box::new(notice.clone()))),
                };
                recorded = Some(fact.clone());
                Decision::Record(Change { at: now, fact, bindings: Vec::new() })
            });
            match transition.await? {
                Transition::Moved(_) => return Ok(recorded),
                Transition::AlreadyThere(_) | Transition::DoneBefore(_) | Transition::Left(Left::NotDue) => {
                    return Ok(None);
                }
                Transition::Refused(_, refused) => return Err(Unmoved::Refused(refused)),
                Transition::Left(Left::SetsOut(notice)) => {
                    opening = Some((notice.version, self.opening(&notice).await?));
                }
            }
        }
    }

    /// How a notice sets out whose day has come: by what the resident wants today, not when it was handed in.
    async fn opening(&self, notice: &Notice) -> Result<Opening, Unmoved> {
        let details = &notice.details;
        let settings = self.settings.current().await?;
        let preference = match &details.recipient_id {
            Some(recipient) => self.table.preference(recipient, &details.kind).await?,
            None => None,
        };
        let post_only = settings.kind(&details.kind).is_some_and(|kind| kind.corporations_by_post);
        Ok(Opening::of(details, post_only, preference))
    }
}

/// Whether it tells of a message that did not go the way it should.
const fn is_stuck(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::SetGoingAgain { .. }
            | Fact::SendFailed { .. }
            | Fact::LetterOverdue { .. }
            | Fact::DocumentChecked { .. }
    )
}
