//! A permit that runs out: what the office knows of it, and what became of the reminders before its expiry date.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, time};
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};

use crate::settings::SEOUL;
use crate::{BusinessName, Checksum, DepartmentCode, NoticeId, PermitNumber, PermitTypeCode, Recipient, Reference};

/// What the office says of a permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PermitStatus {
    /// In force.
    Active,
    /// Renewed: of the expiry date that stood until then nobody is reminded any more.
    Renewed,
    /// Given up or withdrawn: nobody is reminded.
    Closed,
}

/// A permit as the office keeps it in its books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermitDetails {
    /// Its number, by which it is known.
    pub number: PermitNumber,
    /// What it permits (허가종류), by its code in the settings.
    pub permit_type: PermitTypeCode,
    /// The business it is for (업소명).
    pub business: Option<BusinessName>,
    /// Who holds it.
    pub holder: Recipient,
    /// Department, by its code in the settings.
    pub department: DepartmentCode,
    /// The day it was issued.
    pub issued_on: Date,
    /// The last day it is in force.
    pub expires_on: Date,
}

/// A permit handed in, by the API or as a row of a file: the whole of its details, and what else the office says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermitPut {
    /// The permit.
    pub details: PermitDetails,
    /// Its status; none where it was not spoken of: it then stays as it was, and is active where it is new.
    pub status: Option<PermitStatus>,
    /// Whether to remind although the holder said it is renewed; none where it was not spoken of.
    pub remind_anyway: Option<bool>,
    /// What was not spoken of, of its holder.
    pub unspoken: Unspoken,
    /// Days before the expiry date on which its type's holders are reminded, from the settings.
    pub stages: Vec<u16>,
}

/// What a file has no columns for: it stays as it was for a holder of the same name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unspoken {
    /// When the holder was born.
    pub birth_date: bool,
    /// Whether the holder is a person or a corporation.
    pub entity: bool,
}

/// A permit until one expiry date: within it each stage is reached once. A new date begins a new cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermitCycle {
    /// The permit.
    pub permit: PermitNumber,
    /// The expiry date.
    pub expires_on: Date,
}

/// What became of a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum StageOutcome {
    /// A notice was taken in.
    Sent {
        /// That notice.
        notice: NoticeId,
    },
    /// A later stage was due as well: that one was sent.
    Skipped,
    /// The holder had said that the permit is renewed.
    Held,
    /// The permit had run out.
    Expired,
}

/// A stage that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageDone {
    /// Days before the expiry date.
    pub days: u16,
    /// When it was dealt with.
    pub at: Timestamp,
    /// How.
    #[serde(flatten)]
    pub outcome: StageOutcome,
}

/// How far the reminders before one expiry date have come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cycle {
    /// The stages that are over, in the order in which they came.
    pub done: Vec<StageDone>,
    /// The office said within it that the permit is renewed.
    pub renewed: bool,
    /// When the holder said that it is renewed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported_renewed_at: Option<Timestamp>,
    /// The office reminds although the holder said so.
    pub remind_anyway: bool,
}

impl Cycle {
    /// The holder's word stops the reminders.
    #[must_use]
    pub const fn is_held(&self) -> bool {
        self.reported_renewed_at.is_some() && !self.remind_anyway
    }
}

/// A permit at one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    /// What it is.
    pub details: PermitDetails,
    /// What the office said last.
    pub status: PermitStatus,
    /// Days before the expiry date on which its holder is reminded.
    pub stages: Vec<u16>,
    /// Its cycles by expiry date. None is ever dropped: a file of last month brings an old date back, and nobody is reminded
    /// twice for it.
    pub cycles: BTreeMap<Date, Cycle>,
    /// Counts its changes, from 1.
    pub version: u32,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What fell due for a permit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RenewalDue {
    /// Its holder is to be reminded: the latest stage of those that have come, if several have.
    Remind {
        /// Days before the expiry date.
        stage: u16,
    },
    /// The stages that have come pass: the holder said that it is renewed.
    Hold,
    /// It ran out, and no stage is sent any more.
    Expire,
}

impl Permit {
    /// The permit after `put`; none where it says nothing new.
    #[must_use]
    pub fn put(before: Option<&Self>, put: PermitPut, at: Timestamp) -> Option<Self> {
        let PermitPut { mut details, status, remind_anyway, unspoken, mut stages } = put;
        if let Some(known) =
            before.map(|before| &before.details.holder).filter(|known| known.name == details.holder.name)
        {
            if unspoken.birth_date {
                details.holder.birth_date.clone_from(&known.birth_date);
            }
            if unspoken.entity {
                details.holder.entity = known.entity;
            }
        }
        stages.sort_unstable_by(|one, other| other.cmp(one));
        let expires_on = details.expires_on;
        let mut after = match before {
            Some(before) => Self { details, stages, ..before.clone() },
            None => Self {
                details,
                status: PermitStatus::Active,
                stages,
                cycles: BTreeMap::new(),
                version: 0,
                updated_at: at,
            },
        };
        after.speak(before, status);
        if let Some(remind_anyway) = remind_anyway {
            after.cycles.entry(expires_on).or_default().remind_anyway = remind_anyway;
        }
        (before != Some(&after)).then(|| Self { version: after.version + 1, updated_at: at, ..after })
    }

    /// What the office says of the status, and what follows for the cycles. The same word again changes nothing, so that a
    /// request may be repeated.
    fn speak(&mut self, before: Option<&Self>, said: Option<PermitStatus>) {
        let expires_on = self.details.expires_on;
        let begins_anew = before.is_some_and(|before| before.details.expires_on != expires_on);
        if begins_anew
            && said == Some(PermitStatus::Renewed)
            && let Some(over) = before.and_then(|before| self.cycles.get_mut(&before.details.expires_on))
        {
            over.renewed = true;
        }
        let said_anew = said.filter(|said| before.is_none_or(|before| before.status != *said));
        let cycle = self.cycles.entry(expires_on).or_default();
        match said_anew {
            // With a new date it speaks of the one before.
            Some(PermitStatus::Renewed) if !begins_anew => cycle.renewed = true,
            Some(PermitStatus::Active) => cycle.renewed = false,
            Some(PermitStatus::Renewed | PermitStatus::Closed) | None => {}
        }
        self.status = match (said, self.status) {
            (Some(said), _) => said,
            // A new date is what the renewal brought.
            (None, PermitStatus::Renewed) if begins_anew => PermitStatus::Active,
            (None, status) => status,
        };
    }

    /// The cycle it is in.
    #[must_use]
    pub fn cycle(&self) -> &Cycle {
        static NONE: Cycle =
            Cycle { done: Vec::new(), renewed: false, reported_renewed_at: None, remind_anyway: false };
        self.cycles.get(&self.details.expires_on).unwrap_or(&NONE)
    }

    /// The moment at which its next stage falls due; none where nobody is reminded any more.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        self.to_come().map(|days| self.falls_due(days)).min()
    }

    /// What fell due by `now`.
    #[must_use]
    pub fn fell_due(&self, now: Timestamp) -> Option<RenewalDue> {
        let stage = self.to_come().filter(|days| self.falls_due(*days) <= now).min()?;
        Some(if self.days_left(now) < 0 {
            RenewalDue::Expire
        } else if self.cycle().is_held() {
            RenewalDue::Hold
        } else {
            RenewalDue::Remind { stage }
        })
    }

    /// The permit after what fell due by `now` was dealt with: the latest stage by `outcome`. Of a permit that ran out no
    /// stage is left; earlier stages than one that was sent are skipped.
    #[must_use]
    pub fn advanced(&self, now: Timestamp, outcome: &StageOutcome) -> Self {
        let mut over: Vec<u16> = self.to_come().collect();
        over.sort_unstable_by(|one, other| other.cmp(one));
        if *outcome != StageOutcome::Expired {
            over.retain(|days| self.falls_due(*days) <= now);
        }
        let latest = over.last().copied();
        let done = over.into_iter().map(|days| {
            let is_earlier = Some(days) != latest && matches!(outcome, StageOutcome::Sent { .. });
            StageDone { days, at: now, outcome: if is_earlier { StageOutcome::Skipped } else { outcome.clone() } }
        });
        let mut after = self.clone();
        after.cycles.entry(self.details.expires_on).or_default().done.extend(done);
        Self { version: self.version + 1, updated_at: now, ..after }
    }

    /// Days from `now` to the last day it is in force, as the calendar counts in Seoul; negative once it has run out.
    #[must_use]
    pub fn days_left(&self, now: Timestamp) -> i32 {
        let today = SEOUL.to_datetime(now).date();
        today.until(self.details.expires_on).map_or(i32::MAX, |span| span.get_days())
    }

    /// The moment at which a stage falls due: nine in the morning, in Seoul.
    #[must_use]
    pub fn falls_due(&self, days: u16) -> Timestamp {
        let back: Span = i64::from(days).days();
        let day = self.details.expires_on.saturating_sub(back);
        SEOUL.to_timestamp(day.to_datetime(time(9, 0, 0, 0))).unwrap_or(Timestamp::MAX)
    }

    /// Stages not yet dealt with.
    fn to_come(&self) -> impl Iterator<Item = u16> {
        let cycle = self.cycle();
        let is_stopped = self.status == PermitStatus::Closed || cycle.renewed;
        let is_over = move |days: u16| is_stopped || cycle.done.iter().any(|stage| stage.days == days);
        self.stages.iter().copied().filter(move |days| !is_over(*days))
    }

    /// The cycle it is in, by name.
    #[must_use]
    pub fn current(&self) -> PermitCycle {
        PermitCycle { permit: self.details.number.clone(), expires_on: self.details.expires_on }
    }
}

impl PermitCycle {
    /// The one identifier of a stage's notice, whoever takes it in and however often.
    #[must_use]
    pub fn notice(&self, stage: u16, falls_due: Timestamp) -> NoticeId {
        NoticeId::derived(falls_due, &format!("permit\n{}\n{}\n{stage}", self.permit, self.expires_on))
    }

    /// What the notice of a stage is filed under. A number too long for that is cut, and told apart by a checksum.
    #[must_use]
    pub fn reference(&self, stage: u16) -> Reference {
        let under = |name: &str| Reference::parse(&format!("{name} {} {stage}", self.expires_on));
        let number = self.permit.as_str();
        under(number).unwrap_or_else(|_| {
            let head: String = number.chars().take(38).collect();
            let sum = Checksum::of(number.as_bytes()).to_string();
            under(&format!("{head}-{}", &sum[..8])).unwrap_or_else(|error| unreachable!("it is short enough: {error}"))
        })
    }
}
