//! What a dry run expects to be sent, and what that would cost.

use domain::settings::SEOUL;
use domain::{Krw, Prices, Unit};
use jiff::Timestamp;
use serde::Serialize;
use store::Forecast;

/// What is taken for granted in it.
const ASSUMED: &str = "질문은 문자 한 건으로 계산했습니다. 문자를 받은 뒤 주민이 고르는 방법(문자·이메일·우편)의 비용과, \
                       답이 없어 우편으로 보내는 비용은 들어 있지 않습니다.";

/// What one channel is expected to carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Expected {
    notices: u32,
    /// Parts of texts, e-mails or letters: what is billed.
    parts: u32,
    /// In whole won.
    krw: i64,
}

/// What a dry run expects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Expectation {
    sms: Expected,
    email: Expected,
    post: Expected,
    assumed: &'static str,
}

/// What these prices make of it on that day.
pub(crate) fn expectation(forecast: &Forecast, prices: &Prices, at: Timestamp) -> Expectation {
    let today = SEOUL.to_datetime(at).date();
    let expected = |notices: u32, parts: u32, price: Krw| {
        let krw = price.times(u64::from(parts)).rounded();
        Expected { notices, parts, krw }
    };
    let Forecast { asked, by_text, text_parts, by_email, by_letter } = *forecast;
    Expectation {
        sms: expected(asked + by_text, asked + text_parts, prices.unit(Unit::Sms, today).krw),
        email: expected(by_email, by_email, prices.unit(Unit::Email, today).krw),
        post: expected(by_letter, by_letter, prices.letter(today).krw),
        assumed: ASSUMED,
    }
}

#[cfg(test)]
mod tests {
    use domain::settings::Settings;

    use super::*;

    #[test]
    fn what_is_expected_costs_what_its_parts_cost_on_that_day() {
        let prices = Settings::parse(include_str!("../../../infra/settings.json")).expect("settings").prices;
        let forecast = Forecast { asked: 10, by_text: 2, text_parts: 5, by_email: 7, by_letter: 3 };
        let on = |at: &str| expectation(&forecast, &prices, at.parse().expect("a moment"));
        let expected = on("2026-11-24T00:00:00Z");
        assert_eq!(expected.sms, Expected { notices: 12, parts: 15, krw: 15 * 12 });
        assert_eq!(expected.email, Expected { notices: 7, parts: 7, krw: 1 });
        assert_eq!(expected.post, Expected { notices: 3, parts: 3, krw: 3 * 2_830 });
        assert_eq!(on("2025-05-31T14:59:59Z").post.krw, 3 * 2_530, "a second before the first of June in Seoul");
    }
}
