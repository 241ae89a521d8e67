//! What functions asked of the cloud, counted for each of them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::memory::Billed;

/// What one function used.
#[derive(Debug, Default, Clone, PartialEq, Serialize)]
pub struct Usage {
    /// DynamoDB: write units of the table.
    pub write_units: f64,
    /// DynamoDB: write units of its indexes.
    pub index_write_units: f64,
    /// DynamoDB: read units.
    pub read_units: f64,
    /// Calls by service and operation.
    pub calls: BTreeMap<String, u64>,
    /// Times it was invoked.
    pub invocations: u64,
    /// Lambda: billed gigabytes times milliseconds.
    pub gigabyte_millis: f64,
    /// Bytes it logged.
    pub logged_bytes: u64,
}

impl Usage {
    /// Counts one call.
    pub fn call(&mut self, name: &str) {
        *self.calls.entry(name.to_owned()).or_default() += 1;
    }

    /// Counts what a call of DynamoDB was billed.
    pub fn billed(&mut self, billed: Billed) {
        #[expect(clippy::cast_precision_loss, reason = "units of one call are few")]
        let units = |units: u64| units as f64;
        self.write_units += units(billed.write_units);
        self.index_write_units += units(billed.index_write_units);
        self.read_units += units(billed.read_half_units) / 2.0;
    }

    /// Counts one invocation: whole milliseconds are billed, of the memory it was given.
    pub fn invoked(&mut self, memory_megabytes: u32, millis: f64) {
        self.invocations += 1;
        self.gigabyte_millis += f64::from(memory_megabytes) / 1024.0 * millis.ceil().max(1.0);
    }

    /// Adds what another used.
    pub fn add(&mut self, other: &Self) {
        self.write_units += other.write_units;
        self.index_write_units += other.index_write_units;
        self.read_units += other.read_units;
        self.invocations += other.invocations;
        self.gigabyte_millis += other.gigabyte_millis;
        self.logged_bytes += other.logged_bytes;
        for (name, count) in &other.calls {
            *self.calls.entry(name.clone()).or_default() += count;
        }
    }

    /// Calls whose name begins so.
    #[must_use]
    pub fn calls_of(&self, prefix: &str) -> u64 {
        self.calls.iter().filter(|(name, _)| name.starts_with(prefix)).map(|(_, count)| count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_adds_up() {
        let mut usage = Usage::default();
        usage.call("s3:PutObject");
        usage.call("s3:GetObject");
        usage.billed(Billed { read_half_units: 3, write_units: 2, index_write_units: 4 });
        usage.invoked(512, 1.2);
        usage.invoked(1024, 0.1);
        let mut both = usage.clone();
        both.add(&usage);
        assert_eq!((both.read_units, both.write_units, both.index_write_units), (3.0, 4.0, 8.0));
        assert_eq!((both.calls_of("s3:"), both.calls_of("s3:Put"), both.invocations), (4, 2, 4));
        assert!((usage.gigabyte_millis - 2.0).abs() < 1e-9);
    }
}
