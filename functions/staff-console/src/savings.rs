//! `GET /v1/stats/savings`: what the notices would have cost as registered letters, and what they did cost.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use bootstrap::ReadSettings;
use domain::settings::{SEOUL, Settings};
use domain::statistics::{Counter, Counts, Line};
use domain::{DepartmentCode, Krw, Price, Prices, Unit};
use jiff::Span;
use jiff::civil::Date;
use serde::Serialize;
use tongji_http::Problem;

use crate::console::{Console, ReadNumbers};
use crate::query::{Form, Wanted};
use crate::sheet::{Cell, sheet};
use crate::stats::{cost, got_there, share};

/// What was saved.
#[derive(Debug, Serialize)]
struct Savings {
    from: Date,
    to: Date,
    departments: Vec<DepartmentCode>,
    /// Every notice that was taken in, by the price of a letter on that day.
    all_as_letters: Item,
    /// Of these and of earlier ones, those that got to their recipients on these days, by whatever channel. The others
    /// may still cost a letter.
    delivered: u64,
    /// What providers and the postal service took for what went out, by the prices of the days on which it did.
    spent: Spent,
    saved_krw: i64,
    saved_share: Option<f64>,
    /// Of the notices taken in or before, those that an officer ended on these days.
    cancelled: u64,
    prices: Used,
}

#[derive(Debug, Serialize)]
struct Spent {
    sms_parts: Item,
    lms: Item,
    emails: Item,
    letters: Item,
    krw: i64,
}

#[derive(Debug, Serialize)]
struct Item {
    count: u64,
    krw: i64,
}

/// The prices in force on any of the days.
#[derive(Debug, Serialize)]
struct Used {
    sms: Vec<Price>,
    lms: Vec<Price>,
    email: Vec<Price>,
    registered_letter: Vec<Price>,
}

/// So many at the price of each day: exact, and rounded when all are added up.
fn item(lines: &[(Line, Counts)], counter: Counter, price: impl Fn(Date) -> Price) -> (Item, Krw) {
    let count = lines.iter().map(|(_, counts)| counts.of(counter)).sum();
    let krw: Krw = lines.iter().map(|(line, counts)| price(line.day).krw.times(counts.of(counter))).sum();
    (Item { count, krw: krw.rounded() }, krw)
}

fn used(wanted: &Wanted, price: impl Fn(Date) -> Price) -> Vec<Price> {
    let days = wanted.from.series(Span::new().days(1)).take_while(|day| *day <= wanted.to);
    let mut prices: Vec<Price> = days.map(price).collect();
    prices.dedup();
    prices
}

impl Savings {
    fn of(wanted: &Wanted, lines: &[(Line, Counts)], prices: &Prices) -> Self {
        let letter = |day| prices.letter(day);
        let unit = |unit| move |day| prices.unit(unit, day);
        let (all_as_letters, instead) = item(lines, Counter::Accepted, letter);
        let billed = |of| item(lines, Counter::Billed(of), unit(of)).0;
        let spent: Krw = lines.iter().map(|(line, counts)| cost(prices, line.day, counts)).sum();
        let saved = (instead - spent).rounded();
        let mut sum = Counts::default();
        for (_, counts) in lines {
            sum += counts;
        }
        let (electronically, by_post) = got_there(&sum);
        Self {
            from: wanted.from,
            to: wanted.to,
            departments: wanted.departments.clone(),
            saved_krw: saved,
            saved_share: share(saved.into(), instead.rounded().into()),
            all_as_letters,
            delivered: electronically + by_post,
            spent: Spent {
                sms_parts: billed(Unit::Sms),
                lms: billed(Unit::Lms),
                emails: billed(Unit::Email),
                letters: item(lines, Counter::Posted, letter).0,
                krw: spent.rounded(),
            },
            cancelled: lines.iter().map(|(_, counts)| counts.of(Counter::Cancelled)).sum(),
            prices: Used {
                sms: used(wanted, unit(Unit::Sms)),
                lms: used(wanted, unit(Unit::Lms)),
                email: used(wanted, unit(Unit::Email)),
                registered_letter: used(wanted, letter),
            },
        }
    }

    fn rows(&self, settings: &Settings) -> Vec<Vec<Cell>> {
        let names = self.departments.iter().filter_map(|code| settings.department(code));
        let names: Vec<&str> = names.map(|department| department.name.as_str()).collect();
        let counted = |name: &str, item: &Item| vec![name.into(), item.count.into(), Cell::Number(item.krw)];
        let summed = |name: &str, krw: i64| vec![name.into(), "".into(), Cell::Number(krw)];
        let percent = self.saved_share.map_or_else(String::new, |share| format!("{:.2}%", share * 100.0));
        let Spent { sms_parts, lms, emails, letters, krw } = &self.spent;
        vec![
            ["항목", "수량", "금액(원)"].map(Cell::from).to_vec(),
            vec!["기간".into(), Cell::Text(format!("{} ~ {}", self.from, self.to)), "".into()],
            vec!["부서".into(), Cell::Text(names.join(", ")), "".into()],
            counted("접수한 통지를 모두 등기로 보낼 경우", &self.all_as_letters),
            vec!["전달을 마친 통지".into(), self.delivered.into(), "".into()],
            counted("문자(단문, 건)", sms_parts),
            counted("문자(장문, 건)", lms),
            counted("이메일(건)", emails),
            counted("등기우편(통)", letters),
            summed("실제 비용", *krw),
            summed("절감액", self.saved_krw),
            vec!["절감률".into(), "".into(), Cell::Text(percent)],
        ]
    }
}

pub(crate) async fn serve<N: ReadNumbers, S: ReadSettings>(
    State(console): State<Arc<Console<N, S>>>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let settings = console.settings().await?;
    let wanted = Wanted::read(&query, &headers, &settings, SEOUL.to_datetime(console.clock.now()).date())?;
    let savings = Savings::of(&wanted, &console.lines(&wanted).await?, &settings.prices);
    match wanted.form {
        Form::Json => Ok(Json(savings).into_response()),
        Form::Csv => sheet("savings", &wanted, &savings.rows(&settings)),
    }
}
