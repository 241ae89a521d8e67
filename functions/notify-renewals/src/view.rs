//! Permits as the API answers them: the holder masked, each stage of the present expiry date with its notice.

use domain::{Permit, PermitStatus, StageOutcome};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use tongji_http::people::RecipientView;

/// A permit.
#[derive(Debug, Serialize)]
pub(crate) struct PermitView {
    number: String,
    permit_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    business: Option<String>,
    department: String,
    holder: RecipientView,
    issued_on: Date,
    expires_on: Date,
    status: PermitStatus,
    /// When its holder is reminded next; absent where nobody is reminded any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    remind_at: Option<Timestamp>,
    stages: Vec<StageView>,
    /// When the holder said that it is renewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    reported_renewed_at: Option<Timestamp>,
    remind_anyway: bool,
    version: u32,
    updated_at: Timestamp,
}

/// A reminder before the present expiry date.
#[derive(Debug, Serialize)]
struct StageView {
    days: u16,
    falls_due: Timestamp,
    /// When it was dealt with, how, and by which notice; absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    #[serde(flatten)]
    outcome: Option<StageOutcome>,
}

impl PermitView {
    pub(crate) fn of(permit: &Permit) -> Self {
        let (details, cycle) = (&permit.details, permit.cycle());
        let mut days: Vec<u16> = permit.stages.iter().copied().chain(cycle.done.iter().map(|done| done.days)).collect();
        days.sort_unstable_by(|one, other| other.cmp(one));
        days.dedup();
        let stage = |days: u16| {
            let done = cycle.done.iter().find(|done| done.days == days);
            let (at, outcome) = done.map(|done| (done.at, done.outcome.clone())).unzip();
            StageView { days, falls_due: permit.falls_due(days), at, outcome }
        };
        Self {
            number: details.number.to_string(),
            permit_type: details.permit_type.to_string(),
            business: details.business.as_ref().map(|name| name.expose().to_owned()),
            department: details.department.to_string(),
            holder: RecipientView::of(&details.holder),
            issued_on: details.issued_on,
            expires_on: details.expires_on,
            status: permit.status,
            remind_at: permit.due_at().filter(|_| !cycle.is_held()),
            stages: days.into_iter().map(stage).collect(),
            reported_renewed_at: cycle.reported_renewed_at,
            remind_anyway: cycle.remind_anyway,
            version: permit.version,
            updated_at: permit.updated_at,
        }
    }
}
