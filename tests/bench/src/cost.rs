//! What a notice costs: what was used, times the prices of the settings file.

use serde::Deserialize;

use crate::meter::Usage;

/// Prices.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Where they are from.
    pub source: String,
    /// Won for a dollar.
    pub krw_per_usd: f64,
    /// Dollars for one of each.
    pub usd: Dollars,
}

/// Dollars for one of each.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dollars {
    /// A write unit, of the table or an index.
    pub dynamodb_write_unit: f64,
    /// A read unit.
    pub dynamodb_read_unit: f64,
    /// An invocation.
    pub lambda_request: f64,
    /// A gigabyte of memory for a second.
    pub lambda_gigabyte_second: f64,
    /// A request to a queue.
    pub sqs_request: f64,
    /// A request to the API.
    pub http_api_request: f64,
    /// Writing a file, or a part of one.
    pub s3_put: f64,
    /// Reading a file.
    pub s3_get: f64,
    /// A gigabyte of logs.
    pub log_gigabyte: f64,
}

impl Prices {
    /// What this came to, in won, line by line.
    #[must_use]
    pub fn lines(&self, usage: &Usage) -> Vec<(&'static str, f64)> {
        #[expect(clippy::cast_precision_loss, reason = "counts of a run")]
        let count = |count: u64| count as f64;
        let usd = &self.usd;
        let reads = usage.calls_of("s3:Get");
        let lines = [
            ("DynamoDB writes", (usage.write_units + usage.index_write_units) * usd.dynamodb_write_unit),
            ("DynamoDB reads", usage.read_units * usd.dynamodb_read_unit),
            ("Lambda requests", count(usage.invocations) * usd.lambda_request),
            ("Lambda time", usage.gigabyte_millis / 1000.0 * usd.lambda_gigabyte_second),
            ("SQS", count(usage.calls_of("sqs:")) * usd.sqs_request),
            ("HTTP API", count(usage.calls_of("api:")) * usd.http_api_request),
            ("S3", count(usage.calls_of("s3:") - reads) * usd.s3_put + count(reads) * usd.s3_get),
            ("Logs", count(usage.logged_bytes) / 1e9 * usd.log_gigabyte),
        ];
        lines.map(|(name, dollars)| (name, dollars * self.krw_per_usd)).to_vec()
    }

    /// What this came to, in won.
    #[must_use]
    pub fn total(&self, usage: &Usage) -> f64 {
        self.lines(usage).iter().map(|(_, won)| won).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_file_is_whole_and_a_bill_adds_up() {
        let prices: Prices = serde_json::from_str(include_str!("../prices.json")).expect("prices");
        let mut usage = Usage { write_units: 30.0, index_write_units: 10.0, read_units: 8.0, ..Usage::default() };
        usage.invoked(1024, 500.0);
        usage.logged_bytes = 1_000;
        for call in ["sqs:SendMessage", "sqs:SendMessage", "s3:PutObject", "s3:GetObject", "api:Request"] {
            usage.call(call);
        }
        let dollars = 40.0 * 0.000_000_625
            + 8.0 * 0.000_000_125
            + 0.000_000_2
            + 0.5 * 0.000_013_333_4
            + 2.0 * 0.000_000_4
            + 0.000_001
            + 0.000_005
            + 0.000_000_4
            + 0.000_000_5;
        assert!((prices.total(&usage) - dollars * 1400.0).abs() < 1e-9);
        assert_eq!(prices.lines(&usage).len(), 8);
    }
}
