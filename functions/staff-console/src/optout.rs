//! Residents who opted out of everything electronic, on whichever notice.

use std::future::Future;

use axum::http::StatusCode;
use domain::{KindCode, Notice, Preference, RecipientId};
use store::{Error, Table};
use tongji_http::Problem;

use crate::console::unavailable;

/// Knows how a person wants to hear from the office.
pub trait ReadPreference {
    /// As [`Table::preference`].
    fn preference(
        &self,
        recipient: &RecipientId,
        kind: &KindCode,
    ) -> impl Future<Output = Result<Option<Preference>, Error>> + Send;
}

impl ReadPreference for Table {
    async fn preference(&self, recipient: &RecipientId, kind: &KindCode) -> Result<Option<Preference>, Error> {
        Self::preference(self, recipient, kind).await
    }
}

pub(crate) async fn has_opted_out(table: &impl ReadPreference, notice: &Notice) -> Result<bool, Problem> {
    let Some(recipient) = &notice.details.recipient_id else { return Ok(false) };
    let preference = table.preference(recipient, &notice.details.kind).await;
    Ok(preference.map_err(|error| unavailable(&error))?.is_some_and(|preference| preference.opted_out))
}

pub(crate) fn wants_no_messages(title: &'static str, notice: &Notice) -> Problem {
    let detail = "the resident wants no messages: call them, or write a letter";
    Problem::new(StatusCode::CONFLICT, title).detail(detail).notice(notice.id)
}
