//! `GET /v1/inbox/unmatched`: texts of a day that belong to no notice. Nobody else sees what they say.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use bootstrap::ReadSettings;
use domain::Action;
use domain::settings::SEOUL;
use domain::text::shown;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use store::UnmatchedText;
use tongji_http::{Called, Problem};

use crate::console::unavailable;
use crate::desk::{Converse, Desk};
use crate::query::day;

/// So many of a day's texts, the newest, are shown: an answer of Lambda holds 6 MB.
const MOST: usize = 500;

/// A day's texts.
#[derive(Debug, Serialize)]
pub(crate) struct UnmatchedView {
    /// The day in Seoul.
    day: Date,
    /// How many came.
    total: usize,
    /// Newest first, 500 at most.
    texts: Vec<TextView>,
}

#[derive(Debug, Serialize)]
struct TextView {
    at: Timestamp,
    provider: String,
    /// The sender's number, in full: whoever is to answer has nothing else. E.164, if it is a number in Korea.
    from: String,
    text: String,
}

pub(crate) async fn list<T: Converse, S: ReadSettings + 'static>(
    State(desk): State<Arc<Desk<T, S>>>,
    Called(caller): Called,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Json<UnmatchedView>, Problem> {
    let now = desk.clock.now();
    let day = day(&query, "day").map_err(|fault| Problem::unprocessable(vec![fault]))?;
    let day = day.unwrap_or_else(|| SEOUL.to_datetime(now).date());
    let kept = desk.table.unmatched(day).await.map_err(|error| unavailable(&error))?;
    desk.record(&caller.sees(Action::ReadUnmatched, now).of_object(&day)).await?;
    let total = kept.len();
    let texts = kept.into_iter().take(MOST).map(|(at, text)| {
        let UnmatchedText { provider, from, text } = text;
        TextView { at, provider, from: shown(&from), text: shown(&text) }
    });
    Ok(Json(UnmatchedView { day, total, texts: texts.collect() }))
}
