//! Counts for alarms, in `CloudWatch`'s embedded metric format: a log line that becomes a metric.

use std::io::Write;

use domain::ports::Clock;
use serde_json::json;

/// Counts one occurrence of `metric`.
pub fn count(clock: &dyn Clock, metric: &'static str) {
    count_many(clock, &[(metric, 1)]);
}

/// Counts several metrics at once.
pub fn count_many(clock: &dyn Clock, metrics: &[(&'static str, u32)]) {
    let units: Vec<_> = metrics.iter().map(|(name, _)| json!({ "Name": name, "Unit": "Count" })).collect();
    let mut line = json!({
        "_aws": {
            "Timestamp": clock.now().as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": "Tongji",
                "Dimensions": [[]],
                "Metrics": units,
            }],
        },
    });
    for (name, value) in metrics {
        line[*name] = (*value).into();
    }
    // A metric that cannot be written must not stop the work it counts.
    let _ = writeln!(std::io::stdout(), "{line}");
}
