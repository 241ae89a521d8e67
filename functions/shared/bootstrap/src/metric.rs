//! Counts for alarms, in `CloudWatch`'s embedded metric format: a log line that becomes a metric.

use std::io::Write;

use domain::ports::Clock;
use serde_json::json;

/// Counts one occurrence of `metric`.
pub fn count(clock: &dyn Clock, metric: &'static str) {
    let line = json!({
        "_aws": {
            "Timestamp": clock.now().as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": "Tongji",
                "Dimensions": [[]],
                "Metrics": [{ "Name": metric, "Unit": "Count" }],
            }],
        },
        metric: 1,
    });
    // A metric that cannot be written must not stop the work it counts.
    let _ = writeln!(std::io::stdout(), "{line}");
}
