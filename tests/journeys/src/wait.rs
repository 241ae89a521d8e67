//! Waiting for what happens elsewhere: a condition and a deadline, never a fixed time.

use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Longer than a message waits whose sender died: its lease, and the time for which the queue hides it.
const PATIENCE: Duration = Duration::from_mins(3);

/// What `look` finds, as soon as it finds it. `what` names it in the failure.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        sleep(Duration::from_millis(100)).await;
    }
}
