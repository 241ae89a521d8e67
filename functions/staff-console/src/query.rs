//! What a caller wants to see: which days, which departments, and in which form.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, header};
use domain::DepartmentCode;
use domain::settings::Settings;
use jiff::civil::Date;
use jiff::{Span, Unit};
use tongji_http::{Fault, Problem};

/// Days that are shown when none are named.
const USUAL_DAYS: i64 = 30;
/// Days that are shown at most: a leap year.
const MOST_DAYS: i64 = 366;

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Json,
    Csv,
}

/// What a caller wants to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) from: Date,
    pub(crate) to: Date,
    pub(crate) departments: Vec<DepartmentCode>,
    pub(crate) form: Form,
}

impl Wanted {
    /// Reads the query; `today` is the day in Seoul.
    pub(crate) fn read(
        query: &BTreeMap<String, String>,
        headers: &HeaderMap,
        settings: &Settings,
        today: Date,
    ) -> Result<Self, Problem> {
        let mut faults = Vec::new();
        let mut noted = |outcome: Result<_, Fault>| outcome.map_err(|fault| faults.push(fault)).ok().flatten();
        let from = noted(day(query, "from"));
        let to = noted(day(query, "to"));
        let departments = departments(query, settings).map_err(|fault| faults.push(fault)).unwrap_or_default();
        let form = form(query, headers).map_err(|fault| faults.push(fault)).unwrap_or(Form::Json);
        let to = to.unwrap_or(today);
        let from = from.unwrap_or_else(|| to.saturating_sub(Span::new().days(USUAL_DAYS - 1)));
        let days = from.until((Unit::Day, to)).map_or(i64::MAX, |span| i64::from(span.get_days()) + 1);
        if faults.is_empty() && !(1..=MOST_DAYS).contains(&days) {
            let detail = format!("expected a day no later than {to}, and at most {MOST_DAYS} days with it");
            faults.push(Fault::parameter("from", detail));
        }
        if faults.is_empty() { Ok(Self { from, to, departments, form }) } else { Err(Problem::unprocessable(faults)) }
    }
}

pub(crate) fn day(query: &BTreeMap<String, String>, name: &'static str) -> Result<Option<Date>, Fault> {
    let Some(text) = query.get(name) else { return Ok(None) };
    let day = text.parse().ok().filter(|day: &Date| day.to_string() == *text && day.year() >= 2000);
    day.map(Some).ok_or_else(|| Fault::parameter(name, "expected a day from 2000 on, as 2026-11-24"))
}

/// The one that is named, or all.
fn departments(query: &BTreeMap<String, String>, settings: &Settings) -> Result<Vec<DepartmentCode>, Fault> {
    let known = settings.departments.iter().map(|department| &department.code);
    let Some(text) = query.get("department") else { return Ok(known.cloned().collect()) };
    known.clone().find(|code| code.as_str() == text).map(|code| vec![code.clone()]).ok_or_else(|| {
        let known: Vec<&str> = known.map(DepartmentCode::as_str).collect();
        Fault::parameter("department", format!("expected one of {}", known.join(", ")))
    })
}

/// A browser's address line can name the form; a program says what it accepts.
fn form(query: &BTreeMap<String, String>, headers: &HeaderMap) -> Result<Form, Fault> {
    match query.get("format").map(String::as_str) {
        Some("csv") => Ok(Form::Csv),
        Some("json") => Ok(Form::Json),
        Some(_) => Err(Fault::parameter("format", "expected csv or json")),
        None => {
            let accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
            let mut kinds = accepts.flat_map(|value| value.split(',')).map(|kind| kind.split(';').next());
            let is_csv = kinds.any(|kind| kind.is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/csv")));
            Ok(if is_csv { Form::Csv } else { Form::Json })
        }
    }
}
