//! What each way costs, and since when.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::Unit;

/// Korean won, exact to the thousandth: an e-mail costs a fraction of one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Number", into = "Number")]
pub struct Krw(i64);

/// No price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a price in won, of at most three decimals")]
pub struct InvalidPrice;

impl Krw {
    /// So many times as much.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(i64::try_from(count).unwrap_or(i64::MAX)))
    }

    /// Whole won, halves away from zero: what is shown, after all that is added up.
    #[must_use]
    pub const fn rounded(self) -> i64 {
        (self.0 + 500 * self.0.signum()) / 1000
    }
}

impl fmt::Display for Krw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, rest) = (self.0.unsigned_abs() / 1000, self.0.unsigned_abs() % 1000);
        let decimals = format!("{rest:03}");
        match decimals.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}"),
            decimals => write!(f, "{sign}{whole}.{decimals}"),
        }
    }
}

impl TryFrom<Number> for Krw {
    type Error = InvalidPrice;

    /// By its digits: no binary fraction comes between.
    fn try_from(number: Number) -> Result<Self, InvalidPrice> {
        let text = number.to_string();
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
        let decimals = decimals.trim_end_matches('0');
        if whole.starts_with('-') || decimals.len() > 3 {
            return Err(InvalidPrice);
        }
        let thousandths = format!("{whole}{decimals:0<3}").parse().map_err(|_| InvalidPrice)?;
        Ok(Self(thousandths))
    }
}

impl From<Krw> for Number {
    fn from(krw: Krw) -> Self {
        krw.to_string().parse().unwrap_or_else(|_| unreachable!("digits are a number"))
    }
}

impl Add for Krw {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self(self.0.saturating_add(more.0))
    }
}

impl Sub for Krw {
    type Output = Self;

    fn sub(self, less: Self) -> Self {
        Self(self.0.saturating_sub(less.0))
    }
}

impl Sum for Krw {
    fn sum<I: Iterator<Item = Self>>(of: I) -> Self {
        of.fold(Self::default(), Add::add)
    }
}

/// Prices in KRW, each by the day it took effect, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// One part of a text.
    #[schemars(length(min = 1))]
    pub sms: Vec<Price>,
    /// One long text.
    #[schemars(length(min = 1))]
    pub lms: Vec<Price>,
    /// One e-mail.
    #[schemars(length(min = 1))]
    pub email: Vec<Price>,
    /// One registered letter, postage and fee.
    #[schemars(length(min = 1))]
    pub registered_letter: Vec<Price>,
}

/// A price from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The first day, `YYYY-MM-DD`.
    #[schemars(with = "String", regex(pattern = r"^\d{4}-\d{2}-\d{2}$"))]
    pub from: Date,
    /// KRW, of at most three decimals.
    #[schemars(with = "f64", range(min = 0))]
    pub krw: Krw,
}

impl Prices {
    /// What providers bill for a unit on this day.
    #[must_use]
    pub fn unit(&self, unit: Unit, day: Date) -> Price {
        in_force(
            match unit {
                Unit::Sms => &self.sms,
                Unit::Lms => &self.lms,
                Unit::Email => &self.email,
            },
            day,
        )
    }

    /// What a registered letter costs on this day.
    #[must_use]
    pub fn letter(&self, day: Date) -> Price {
        in_force(&self.registered_letter, day)
    }

    /// Each list by its name in the settings.
    pub(crate) const fn lists(&self) -> [(&'static str, &Vec<Price>); 4] {
        [("sms", &self.sms), ("lms", &self.lms), ("email", &self.email), ("registered_letter", &self.registered_letter)]
    }
}

/// Before the first day, the first price.
fn in_force(prices: &[Price], day: Date) -> Price {
    let newest = prices.iter().rev().find(|price| price.from <= day).or_else(|| prices.first());
    newest.copied().unwrap_or_else(|| unreachable!("sound settings name every price"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Settings;

    fn krw(json: &str) -> Result<Krw, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn prices_are_exact_and_rounded_once() {
        let price = krw("0.14").expect("a price");
        assert_eq!(serde_json::to_string(&price).expect("JSON"), "0.14");
        assert_eq!(serde_json::to_string(&krw("2530.0").expect("a price")).expect("JSON"), "2530");
        assert_eq!((0..100).map(|_| price).sum::<Krw>(), krw("14").expect("a price"));
        assert_eq!(price.times(39_600).to_string(), "5544");
        let rounded = |json: &str| krw(json).expect("a price").rounded();
        assert_eq!([rounded("0.499"), rounded("0.5"), rounded("2.5")], [0, 1, 3]);
        assert_eq!((krw("1").expect("a price") - krw("2.5").expect("a price")).rounded(), -2);
        for wrong in ["-1", "0.0001", "1e-9", "\"12\"", "1e300"] {
            assert!(krw(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_letter_costs_what_it_cost_on_its_day() {
        let prices = Settings::parse(include_str!("../../../../infra/settings.json")).expect("settings").prices;
        let on = |day: &str| prices.letter(day.parse().expect("a day")).krw.rounded();
        assert_eq!(["1999-01-01", "2024-06-01", "2025-05-31"].map(on), [2530; 3]);
        assert_eq!(["2025-06-01", "2026-11-24"].map(on), [2830; 2]);
    }
}
