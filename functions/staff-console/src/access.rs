//! `GET /v1/access`: auditors see who saw whose data, when and from where.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use bootstrap::ReadSettings;
use domain::settings::SEOUL;
use domain::{Access, NoticeId, RecipientId};
use jiff::civil::Date;
use jiff::{Span, Timestamp, Unit};
use serde::Serialize;
use store::Wanted;
use tongji_http::{Fault, Problem};

use crate::console::unavailable;
use crate::desk::{Converse, Desk};
use crate::inbox::no_such_page;
use crate::query::day;

const PAGE: usize = 100;
/// Days that are shown when none are named.
const USUAL_DAYS: i64 = 7;
/// Days that are shown at most: a leap year.
const MOST_DAYS: i64 = 366;

/// A page of the access record.
#[derive(Debug, Serialize)]
pub(crate) struct AccessPageView {
    /// Newest first.
    accesses: Vec<AccessView>,
    /// Hand it in as `cursor` for the next page; absent on the last. A page may be empty and have a next one.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

#[derive(Debug, Serialize)]
struct AccessView {
    at: Timestamp,
    /// The client that the token named.
    client: String,
    /// The officer, where the request named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    officer: Option<String>,
    /// The address it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// The request's id in the API's own log.
    request: String,
    /// What was done.
    action: &'static str,
    /// Whose data.
    notices: Vec<NoticeId>,
    /// The person, as the store knows them.
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<RecipientId>,
    /// A batch, a print run, a permit, a department, a file, a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<String>,
}

impl AccessView {
    fn of(access: Access) -> Self {
        let Access { at, caller, officer, action, notices, recipient, object } = access;
        let (client, source, request) = (caller.client, caller.source, caller.request);
        Self { at, client, officer, source, request, action: action.as_str(), notices, recipient, object }
    }
}

pub(crate) async fn list<T: Converse, S: ReadSettings + 'static>(
    State(desk): State<Arc<Desk<T, S>>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Json<AccessPageView>, Problem> {
    let wanted = wanted(&query, SEOUL.to_datetime(desk.clock.now()).date())?;
    let page = match desk.table.accesses(&wanted, query.get("cursor").map(String::as_str), PAGE).await {
        Ok(page) => page,
        Err(store::Error::NoSuchPage) => return Err(no_such_page()),
        Err(error) => return Err(unavailable(&error)),
    };
    let accesses = page.accesses.into_iter().map(AccessView::of).collect();
    Ok(Json(AccessPageView { accesses, cursor: page.cursor }))
}

fn wanted(query: &BTreeMap<String, String>, today: Date) -> Result<Wanted, Problem> {
    let mut faults = Vec::new();
    let mut noted = |outcome: Result<Option<Date>, Fault>| outcome.map_err(|fault| faults.push(fault)).ok().flatten();
    let to = noted(day(query, "to")).unwrap_or(today);
    let from = noted(day(query, "from")).unwrap_or_else(|| to.saturating_sub(Span::new().days(USUAL_DAYS - 1)));
    let notice = query.get("notice").map(|text| NoticeId::parse(text)).transpose();
    let notice = notice.map_err(|_| faults.push(Fault::parameter("notice", "expected a notice's id"))).ok().flatten();
    let days = from.until((Unit::Day, to)).map_or(i64::MAX, |span| i64::from(span.get_days()) + 1);
    if faults.is_empty() && !(1..=MOST_DAYS).contains(&days) {
        let detail = format!("expected a day no later than {to}, and at most {MOST_DAYS} days with it");
        faults.push(Fault::parameter("from", detail));
    }
    let who = query.get("who").filter(|who| !who.is_empty()).cloned();
    if faults.is_empty() { Ok(Wanted { from, to, notice, who }) } else { Err(Problem::unprocessable(faults)) }
}
