//! Goes through the permits of which a stage is due, all shards at once, oldest first in each: takes the notice in, then
//! records on the permit that it did.

use std::sync::Arc;

use bootstrap::{SettingsUnavailable, chain};
use domain::ports::Clock;
use domain::settings::Settings;
use domain::{
    DepartmentCode, Details, KindCode, NoticeId, Permit, PermitNumber, PermitTypeCode, RenewalDue, StageOutcome,
};
use futures_util::future::join_all;
use jiff::Timestamp;
use store::{Arrival, Created, DueShard, RecipientKey};

use crate::{FindRenewals, KeepPermits, ReadSettings, Report, TakeIn, Words, words};

/// Permits asked for at a time.
const PAGE: i32 = 100;
/// How often a permit is looked at anew because its word changed at that very moment.
const LOOKS: u32 = 4;

/// A permit that was not dealt with.
#[derive(Debug, thiserror::Error)]
pub enum Undone {
    /// The table failed.
    #[error("the table failed")]
    Store(#[from] store::Error),
    /// There are no settings.
    #[error("no settings")]
    Settings(#[from] SettingsUnavailable),
    /// The settings do not know its type any more.
    #[error("the settings have no permit type {0}")]
    UnknownType(PermitTypeCode),
    /// The settings do not know the kind of its notices.
    #[error("the settings have no kind {0}")]
    UnknownKind(KindCode),
    /// The settings do not know its department any more.
    #[error("the settings have no department {0}")]
    UnknownDepartment(DepartmentCode),
    /// Another notice has the reference that is this stage's.
    #[error("its reference belongs to another notice")]
    ReferenceTaken,
    /// It changed each time it was looked at.
    #[error("it kept changing")]
    Overtaken,
}

/// Permits, and the reminders of those that run out.
#[derive(Debug, Clone)]
pub struct Renewals<T, S, C> {
    /// The one table.
    pub table: T,
    /// The office's settings.
    pub settings: S,
    /// Keys recipients' identities.
    pub recipient_key: RecipientKey,
    /// The time.
    pub clock: C,
}

impl<T: FindRenewals + KeepPermits + TakeIn, S: ReadSettings, C: Clock> Renewals<T, S, C> {
    /// Reminds of what is due now, and begins nothing from `stop` on.
    pub async fn run(&self, stop: Timestamp) -> Report {
        let now = self.clock.now();
        let mut report = Report::default();
        for part in join_all(DueShard::all().map(|shard| self.shard(shard, now, stop))).await {
            report += part;
        }
        let Report { sent, held, expired, failed, left, .. } = report;
        tracing::info!(sent, held, expired, failed, left, "looked for permits that run out");
        report
    }

    async fn shard(&self, shard: DueShard, now: Timestamp, stop: Timestamp) -> Report {
        let mut report = Report::default();
        let mut after = None;
        loop {
            let page = match self.table.renewals_due(shard, now, PAGE, after).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::error!(error = chain(&error), "a part of what is due cannot be read");
                    report.unread += 1;
                    return report;
                }
            };
            for (index, number) in page.permits.iter().enumerate() {
                if self.clock.now() >= stop {
                    report.left += u32::try_from(page.permits.len() - index).unwrap_or(u32::MAX);
                    return report;
                }
                report += self.attend(number, now).await;
            }
            match page.after {
                Some(next) => after = Some(next),
                None => return report,
            }
        }
    }

    /// One permit; what goes wrong with it stops no other.
    async fn attend(&self, number: &PermitNumber, now: Timestamp) -> Report {
        match self.pass(number, now).await {
            Ok(Some(outcome)) => {
                tracing::info!(permit.number = %number, ?outcome, "a stage of a permit fell due");
                Report::of(&outcome)
            }
            Ok(None) => Report::default(),
            Err(error) => {
                tracing::error!(permit.number = %number, error = chain(&error), "a stage of a permit was not done");
                Report { failed: 1, ..Report::default() }
            }
        }
    }

    /// Deals with what fell due, if it still is. A run that dies after the notice was taken in leaves the permit due: the
    /// next one finds the notice there.
    async fn pass(&self, number: &PermitNumber, now: Timestamp) -> Result<Option<StageOutcome>, Undone> {
        for _ in 0..LOOKS {
            let Some(permit) = self.table.permit(number).await? else { return Ok(None) };
            let outcome = match permit.fell_due(now) {
                None => return Ok(None),
                Some(RenewalDue::Expire) => StageOutcome::Expired,
                Some(RenewalDue::Hold) => StageOutcome::Held,
                Some(RenewalDue::Remind { stage }) => {
                    StageOutcome::Sent { notice: self.remind(&permit, stage, now).await? }
                }
            };
            if self.table.advance_permit(&permit, &permit.advanced(now, &outcome)).await? {
                return Ok(Some(outcome));
            }
            // Another run was quicker, or the office or the holder had a word to say: it is looked at anew.
        }
        Err(Undone::Overtaken)
    }

    async fn remind(&self, permit: &Permit, stage: u16, now: Timestamp) -> Result<NoticeId, Undone> {
        let settings: Arc<Settings> = self.settings.current().await?;
        let arrival = self.arrival(permit, stage, now, &settings)?;
        match self.table.take_in(&arrival).await? {
            Created::Stored | Created::There => Ok(arrival.id),
            Created::Before { .. } | Created::KeyReused | Created::ReferenceTaken { .. } => Err(Undone::ReferenceTaken),
            Created::PreferenceChanged => Err(Undone::Overtaken),
        }
    }

    fn arrival(&self, permit: &Permit, stage: u16, now: Timestamp, settings: &Settings) -> Result<Arrival, Undone> {
        let (details, cycle) = (&permit.details, permit.current());
        let unknown_type = || Undone::UnknownType(details.permit_type.clone());
        let permit_type = settings.permit_type(&details.permit_type).ok_or_else(unknown_type)?;
        let kind = settings.kind(&permit_type.kind).ok_or_else(|| Undone::UnknownKind(permit_type.kind.clone()))?;
        let unknown_department = || Undone::UnknownDepartment(details.department.clone());
        let department = settings.department(&details.department).ok_or_else(unknown_department)?;
        let Words { title, body } = words(permit, &permit_type.label, now);
        let holder = details.holder.clone();
        Ok(Arrival {
            id: cycle.notice(stage, permit.falls_due(stage)),
            details: Details {
                reference: cycle.reference(stage),
                kind: kind.code.clone(),
                nature: kind.nature,
                department: department.code.clone(),
                title,
                body,
                refusal: None,
                officer: department.officer.clone(),
                recipient_id: holder.phone.as_ref().map(|phone| self.recipient_key.identify(phone)),
                recipient: holder,
                permit: Some(cycle),
                requests: Vec::new(),
            },
            corporations_by_post: kind.corporations_by_post,
            not_before: None,
            at: now,
        })
    }
}
