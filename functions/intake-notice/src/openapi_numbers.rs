//! The part of the API's description that tells of numbers and savings.

use std::collections::BTreeMap;

use serde::Serialize;
use tongji_http::Problem;
use utoipa::{OpenApi, ToSchema};

/// What became of notices.
#[derive(Serialize, ToSchema)]
struct Stats {
    /// The first day, in Seoul.
    #[schema(format = Date)]
    from: String,
    /// The last day.
    #[schema(format = Date)]
    to: String,
    /// Codes of the departments.
    departments: Vec<String>,
    /// All days together.
    total: StatsNumbers,
    /// From acceptance, in hours, within ten per cent.
    median_hours: StatsMedians,
    /// Notices that got to their recipients.
    delivered: StatsDelivered,
    /// The days on which anything happened, in order.
    days: Vec<StatsDay>,
}

#[derive(Serialize, ToSchema)]
struct StatsMedians {
    /// To the first choice of those who were asked.
    to_choice: Option<f64>,
    /// To the first sign that the result arrived by text or e-mail.
    to_delivery: Option<f64>,
}

#[derive(Serialize, ToSchema)]
struct StatsDelivered {
    /// By text or e-mail, and not by post besides.
    electronically: u64,
    /// By post.
    by_post: u64,
    /// The first of both together.
    share_without_post: Option<f64>,
}

#[derive(Serialize, ToSchema)]
struct StatsDay {
    /// The day, in Seoul.
    #[schema(format = Date)]
    day: String,
    #[serde(flatten)]
    numbers: StatsNumbers,
}

#[derive(Serialize, ToSchema)]
struct StatsNumbers {
    /// Notices taken in.
    accepted: u64,
    /// Questions that went out.
    asked: u64,
    /// Choices by channel (`sms`, `email`, `post`); a change of mind is one more.
    chosen: BTreeMap<String, StatsByHow>,
    /// Results by text.
    sms: StatsResults,
    /// Results by e-mail.
    email: StatsResults,
    /// Results by post.
    post: StatsLetters,
    /// Notices that an officer must decide on.
    attention_needed: u64,
    /// Notices that an officer ended.
    cancelled: u64,
    /// What providers bill.
    billed: StatsBilled,
    /// Messages and letters at the prices of the day, rounded to the won.
    cost_krw: i64,
}

/// How residents chose.
#[derive(Serialize, ToSchema)]
struct StatsByHow {
    /// By answering the text.
    text: u64,
    /// On the page.
    link: u64,
    /// To an officer.
    officer: u64,
    /// On paper.
    paper: u64,
    /// Earlier.
    standing_preference: u64,
}

#[derive(Serialize, ToSchema)]
struct StatsResults {
    /// Taken by the provider.
    sent: u64,
    /// Arrived, by a report or because they were read.
    delivered: u64,
    /// Opened.
    read: u64,
    /// Refused by the provider for good.
    send_failed: u64,
    /// Reported as not arrived.
    delivery_failed: u64,
}

#[derive(Serialize, ToSchema)]
struct StatsLetters {
    /// Notices handed over to post, by reason.
    handed_over: BTreeMap<String, u64>,
    /// Letters given to the postal service.
    posted: u64,
    /// Of these, letters of notices that had been posted before.
    posted_again: u64,
    /// Letters that came back.
    returned: u64,
}

#[derive(Serialize, ToSchema)]
struct StatsBilled {
    /// Texts of any kind.
    texts: u64,
    /// Parts of texts.
    sms_parts: u64,
    /// Long texts billed as one.
    lms: u64,
    /// E-mails.
    emails: u64,
}

/// What the notices would have cost as registered letters, and what they did cost.
#[derive(Serialize, ToSchema)]
struct Savings {
    /// The first day, in Seoul.
    #[schema(format = Date)]
    from: String,
    /// The last day.
    #[schema(format = Date)]
    to: String,
    /// Codes of the departments.
    departments: Vec<String>,
    /// Every notice taken in, by the price of a letter on that day.
    all_as_letters: SavingsItem,
    /// Of these and of earlier ones, those that got to their recipients on these days, by whatever channel. The others may
    /// still cost a letter.
    delivered: u64,
    /// What went out, by the prices of the days on which it did.
    spent: SavingsSpent,
    /// The difference.
    saved_krw: i64,
    /// Its share.
    saved_share: Option<f64>,
    /// Notices that an officer ended on these days; they stand in `all_as_letters` when they were taken in.
    cancelled: u64,
    /// The prices in force on these days.
    prices: SavingsPrices,
}

#[derive(Serialize, ToSchema)]
struct SavingsSpent {
    /// Parts of texts.
    sms_parts: SavingsItem,
    /// Long texts billed as one.
    lms: SavingsItem,
    /// E-mails.
    emails: SavingsItem,
    /// Registered letters.
    letters: SavingsItem,
    /// In all, rounded once.
    krw: i64,
}

#[derive(Serialize, ToSchema)]
struct SavingsItem {
    /// How many.
    count: u64,
    /// What they cost, rounded to the won.
    krw: i64,
}

#[derive(Serialize, ToSchema)]
struct SavingsPrices {
    /// Of a part of a text.
    sms: Vec<SavingsPrice>,
    /// Of a long text.
    lms: Vec<SavingsPrice>,
    /// Of an e-mail.
    email: Vec<SavingsPrice>,
    /// Of a registered letter.
    registered_letter: Vec<SavingsPrice>,
}

#[derive(Serialize, ToSchema)]
struct SavingsPrice {
    /// In force from this day on.
    #[schema(format = Date)]
    from: String,
    /// In won, of at most three decimals.
    krw: f64,
}

#[utoipa::path(
    get, path = "/v1/stats", security(("office" = ["notices/read"])),
    params(
        ("from" = Option<String>, Query, description = "The first day, as `2026-11-01`; 30 days up to `to` when absent"),
        ("to" = Option<String>, Query, description = "The last day, at most 366 with `from`; today when absent"),
        ("department" = Option<String>, Query, description = "Code of a department; all when absent"),
        ("format" = Option<String>, Query, description = "`json` or `csv`; by `Accept` when absent"),
    ),
    responses(
        (status = 200, description = "The numbers", content((Stats = "application/json"), (String = "text/csv"))),
        (status = 422, description = "Not acceptable: every bad parameter is named", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn stats() {}

#[utoipa::path(
    get, path = "/v1/stats/savings", security(("office" = ["notices/read"])),
    params(
        ("from" = Option<String>, Query, description = "As for the numbers"),
        ("to" = Option<String>, Query, description = "As for the numbers"),
        ("department" = Option<String>, Query, description = "As for the numbers"),
        ("format" = Option<String>, Query, description = "As for the numbers"),
    ),
    responses(
        (status = 200, description = "The savings", content((Savings = "application/json"), (String = "text/csv"))),
        (status = 422, description = "Not acceptable: every bad parameter is named", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn savings() {}

#[derive(OpenApi)]
#[openapi(paths(stats, savings))]
pub(crate) struct NumbersDescription;
