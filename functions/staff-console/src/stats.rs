//! `GET /v1/stats`: what became of notices, day by day and in all.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use bootstrap::ReadSettings;
use domain::settings::SEOUL;
use domain::statistics::{Counter, Counts, How, Line, median_hours};
use domain::{Channel, DepartmentCode, Krw, PostReason, Prices, Unit};
use jiff::civil::Date;
use serde::Serialize;
use tongji_http::Problem;

use crate::console::{Console, ReadNumbers};
use crate::query::{Form, Wanted};
use crate::sheet::{Cell, sheet};

/// Days and their sum.
#[derive(Debug, Serialize)]
struct Stats {
    from: Date,
    to: Date,
    departments: Vec<DepartmentCode>,
    total: Numbers,
    median_hours: Medians,
    delivered: Delivered,
    days: Vec<Day>,
}

/// From acceptance, in hours; within ten per cent.
#[derive(Debug, Serialize)]
struct Medians {
    to_choice: Option<f64>,
    to_delivery: Option<f64>,
}

/// Notices that got to their recipients.
#[derive(Debug, Serialize)]
struct Delivered {
    electronically: u64,
    by_post: u64,
    share_without_post: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Day {
    day: Date,
    #[serde(flatten)]
    numbers: Numbers,
}

#[derive(Debug, Serialize)]
struct Numbers {
    accepted: u64,
    asked: u64,
    chosen: BTreeMap<&'static str, ByHow>,
    sms: Results,
    email: Results,
    post: Letters,
    attention_needed: u64,
    cancelled: u64,
    billed: Billed,
    cost_krw: i64,
}

#[derive(Debug, Serialize)]
struct ByHow {
    text: u64,
    link: u64,
    officer: u64,
    paper: u64,
    standing_preference: u64,
}

#[derive(Debug, Serialize)]
struct Results {
    sent: u64,
    delivered: u64,
    read: u64,
    send_failed: u64,
    delivery_failed: u64,
}

#[derive(Debug, Serialize)]
struct Letters {
    handed_over: BTreeMap<&'static str, u64>,
    posted: u64,
    posted_again: u64,
    returned: u64,
}

#[derive(Debug, Serialize)]
struct Billed {
    texts: u64,
    sms_parts: u64,
    lms: u64,
    emails: u64,
}

/// What a line cost at the prices of its day.
pub(crate) fn cost(prices: &Prices, day: Date, counts: &Counts) -> Krw {
    let messages = Unit::ALL.map(|unit| prices.unit(unit, day).krw.times(counts.of(Counter::Billed(unit))));
    messages.into_iter().sum::<Krw>() + prices.letter(day).krw.times(counts.of(Counter::Posted))
}

/// Notices that got to their recipients: by text or e-mail and not by post besides, and by post.
pub(crate) fn got_there(counts: &Counts) -> (u64, u64) {
    let electronically = counts.of(Counter::Reached).saturating_sub(counts.of(Counter::PostedThoughReached));
    let by_post = counts.of(Counter::Posted).saturating_sub(counts.of(Counter::PostedAgain));
    (electronically, by_post)
}

/// A part of a whole, to the hundredth of a per cent; none of nothing.
pub(crate) fn share(part: i128, whole: i128) -> Option<f64> {
    let rounded = (part * 20_000).checked_add(whole)?.checked_div_euclid(whole * 2)?;
    i32::try_from(rounded).ok().map(|of_ten_thousand| f64::from(of_ten_thousand) / 10_000.0)
}

impl Numbers {
    fn of(counts: &Counts, cost: Krw) -> Self {
        let how = |channel| {
            let by = |how| counts.of(Counter::Chosen(channel, how));
            ByHow {
                text: by(How::Text),
                link: by(How::Link),
                officer: by(How::Officer),
                paper: by(How::Paper),
                standing_preference: by(How::StandingPreference),
            }
        };
        let results = |channel| Results {
            sent: counts.of(Counter::Sent(channel)),
            delivered: counts.of(Counter::Delivered(channel)),
            read: counts.of(Counter::Read(channel)),
            send_failed: counts.of(Counter::SendFailed(channel)),
            delivery_failed: counts.of(Counter::DeliveryFailed(channel)),
        };
        let reasons = PostReason::ALL.map(|reason| (reason.as_str(), counts.of(Counter::ToPost(reason))));
        let messages = |unit| counts.of(Counter::Messages(unit));
        Self {
            accepted: counts.of(Counter::Accepted),
            asked: counts.of(Counter::Asked),
            chosen: [Channel::Sms, Channel::Email, Channel::Post].map(|of| (of.as_str(), how(of))).into(),
            sms: results(Channel::Sms),
            email: results(Channel::Email),
            post: Letters {
                handed_over: reasons.into(),
                posted: counts.of(Counter::Posted),
                posted_again: counts.of(Counter::PostedAgain),
                returned: counts.of(Counter::Returned),
            },
            attention_needed: counts.of(Counter::AttentionNeeded),
            cancelled: counts.of(Counter::Cancelled),
            billed: Billed {
                texts: messages(Unit::Sms) + messages(Unit::Lms),
                sms_parts: counts.of(Counter::Billed(Unit::Sms)),
                lms: counts.of(Counter::Billed(Unit::Lms)),
                emails: counts.of(Counter::Billed(Unit::Email)),
            },
            cost_krw: cost.rounded(),
        }
    }
}

impl Stats {
    fn of(wanted: &Wanted, lines: &[(Line, Counts)], prices: &Prices) -> Self {
        let mut by_day: BTreeMap<Date, Counts> = BTreeMap::new();
        let mut sum = Counts::default();
        for (line, counts) in lines {
            *by_day.entry(line.day).or_default() += counts;
            sum += counts;
        }
        // Rounded once: days rounded by themselves may add up to a won more or less.
        let total = by_day.iter().map(|(day, counts)| cost(prices, *day, counts)).sum();
        let hours = |of: fn(_) -> Counter| {
            median_hours(|bucket| sum.of(of(bucket))).map(|hours| (hours * 100.0).round() / 100.0)
        };
        let (electronically, by_post) = got_there(&sum);
        Self {
            from: wanted.from,
            to: wanted.to,
            departments: wanted.departments.clone(),
            median_hours: Medians { to_choice: hours(Counter::ChosenAfter), to_delivery: hours(Counter::ReachedAfter) },
            delivered: Delivered {
                electronically,
                by_post,
                share_without_post: share(electronically.into(), i128::from(electronically) + i128::from(by_post)),
            },
            days: by_day
                .iter()
                .map(|(day, counts)| Day { day: *day, numbers: Numbers::of(counts, cost(prices, *day, counts)) })
                .collect(),
            total: Numbers::of(&sum, total),
        }
    }

    fn rows(&self) -> Vec<Vec<Cell>> {
        let days = self.days.iter().map(|Day { day, numbers }| row(&day.to_string(), numbers));
        let heading = HEADINGS.map(Cell::from).to_vec();
        std::iter::once(heading).chain(days).chain(std::iter::once(row("합계", &self.total))).collect()
    }
}

const HEADINGS: [&str; 22] = [
    "날짜",
    "접수",
    "수령 방법 질문",
    "문자 선택",
    "이메일 선택",
    "우편 선택",
    "문자 발송",
    "문자 도달",
    "문자 열람",
    "문자 실패",
    "이메일 발송",
    "이메일 도달",
    "이메일 열람",
    "이메일 실패",
    "등기 발송",
    "등기 반송",
    "담당자 확인 필요",
    "취소",
    "단문 과금(건)",
    "장문 과금(건)",
    "이메일 과금(건)",
    "비용(원)",
];

fn row(first: &str, numbers: &Numbers) -> Vec<Cell> {
    let chosen = |channel: Channel| {
        numbers.chosen.get(channel.as_str()).map_or(0, |by| {
            let ByHow { text, link, officer, paper, standing_preference } = by;
            text + link + officer + paper + standing_preference
        })
    };
    let results = |of: &Results| [of.sent, of.delivered, of.read, of.send_failed + of.delivery_failed];
    let Numbers { accepted, asked, post, attention_needed, cancelled, billed, .. } = numbers;
    let mut row = vec![first.into()];
    row.extend([*accepted, *asked].map(Cell::from));
    row.extend([Channel::Sms, Channel::Email, Channel::Post].map(|channel| Cell::from(chosen(channel))));
    row.extend(results(&numbers.sms).map(Cell::from));
    row.extend(results(&numbers.email).map(Cell::from));
    row.extend([post.posted, post.returned, *attention_needed, *cancelled].map(Cell::from));
    row.extend([billed.sms_parts, billed.lms, billed.emails].map(Cell::from));
    row.push(Cell::Number(numbers.cost_krw));
    row
}

pub(crate) async fn serve<N: ReadNumbers, S: ReadSettings>(
    State(console): State<Arc<Console<N, S>>>,
    Query(query): Query<BTreeMap<String, String>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let settings = console.settings().await?;
    let wanted = Wanted::read(&query, &headers, &settings, SEOUL.to_datetime(console.clock.now()).date())?;
    let stats = Stats::of(&wanted, &console.lines(&wanted).await?, &settings.prices);
    match wanted.form {
        Form::Json => Ok(Json(stats).into_response()),
        Form::Csv => sheet("stats", &wanted, &stats.rows()),
    }
}
