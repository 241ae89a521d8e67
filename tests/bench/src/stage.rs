//! Where everyone is measured: one cloud, perhaps another's DynamoDB, and notices to work on.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::events::{Events, queued, streamed};
use crate::host::{Answered, Copy, Program, Silent};
use crate::programs::Programs;

/// Whatever stopped the bench.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    /// A copy fell silent.
    #[error(transparent)]
    Silent(#[from] Silent),
    /// A file or port could not be had.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Someone answered what no one should have.
    #[error("{0} answered {1}")]
    Unsound(String, String),
}

/// One place to measure in.
#[derive(Debug, Clone)]
pub struct Stage {
    /// Its name in the results.
    pub place: &'static str,
    /// The stand-in for AWS.
    pub cloud: Cloud,
    /// Who is measured.
    pub programs: Programs,
    /// What they get.
    pub events: Arc<Events>,
}

impl Stage {
    /// Starts a copy.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn start(&self, program: &Program) -> Result<Copy, Stopped> {
        Ok(Copy::start(program, &self.cloud.url()).await?)
    }

    /// Starts a copy of one of our functions and waits until it is ready.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn ready(&self, function: &str) -> Result<Copy, Stopped> {
        let copy = self.start(&self.programs.ours(function)).await?;
        copy.ready().await?;
        Ok(copy)
    }

    /// Takes a notice in by this copy of intake; its id.
    ///
    /// # Errors
    /// When it is not taken in.
    pub async fn notice(&self, intake: &Copy) -> Result<String, Stopped> {
        let answered = intake.invoke(self.events.another_notice()?.event).await?;
        let answer = sound("intake-notice", &answered)?;
        let view: Value = serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap_or_default();
        Ok(view["id"].as_str().unwrap_or_default().to_owned())
    }

    /// The question of a notice, as send-sms gets it.
    #[must_use]
    pub fn question(notice: &str) -> String {
        queued(&[json!({ "notice": notice, "cause": 1, "message": "question" }).to_string()])
    }

    /// An event that lets a function do its work once, on a notice taken in just now.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn event_for(&self, function: &str, intake: &Copy) -> Result<String, Stopped> {
        let read = |situation: &str| Ok::<_, Stopped>(self.events.read(function, situation)?.to_string());
        match function {
            "intake-notice" => Ok(self.events.another_notice()?.event),
            "send-sms" => Ok(Self::question(&self.notice(intake).await?)),
            "render-letter" => Ok(queued(&[json!({ "notice": self.notice(intake).await? }).to_string()])),
            "send-email" => {
                let message = json!({ "notice": self.notice(intake).await?, "cause": 1, "message": "result", "channel": "email" });
                Ok(queued(&[message.to_string()]))
            }
            "relay-events" => {
                self.notice(intake).await?;
                let (first, events) = self.cloud.held().memory.take_events();
                Ok(streamed(first, events.get(events.len().saturating_sub(1)..).unwrap_or_default()))
            }
            "import-batch" => read("read-unknown"),
            "post-letters" => Ok(json!({ "open_run": true }).to_string()),
            "select-preference" => read("show-unknown-token"),
            "receive-reply" => Ok(self.events.reply("+821099999999", "안녕하세요")?),
            "record-receipt" => read("match-again"),
            "watch-deadlines" => read("scheduled"),
            "notify-renewals" => read("morning"),
            "staff-console" => read("stats"),
            "check-submission" => read("arrived-of-no-notice"),
            _ => Ok("{}".to_owned()),
        }
    }
}

/// The answer, if it is none that tells of a failure.
///
/// # Errors
/// When it does.
pub fn sound(who: &str, answered: &Answered) -> Result<Value, Stopped> {
    let answer: Value = serde_json::from_slice(&answered.body).unwrap_or_default();
    let failures = answer["batchItemFailures"].as_array().is_some_and(|failures| !failures.is_empty());
    let failed = answer["statusCode"].as_u64().is_some_and(|status| status >= 500 || status == 422 || status == 400);
    if failures || failed { Err(Stopped::Unsound(who.to_owned(), answer.to_string())) } else { Ok(answer) }
}

/// Milliseconds.
#[must_use]
pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn answered(body: &'static str) -> Answered {
        Answered { body: body.into(), took: Duration::ZERO, at: Instant::now() }
    }

    #[test]
    fn failures_are_no_answers() {
        assert!(sound("f", &answered(r#"{"batchItemFailures":[]}"#)).is_ok());
        assert!(sound("f", &answered(r#"{"statusCode":201,"body":"{}"}"#)).is_ok());
        assert!(sound("f", &answered(r#"{"batchItemFailures":[{"itemIdentifier":"m0"}]}"#)).is_err());
        let error = sound("f", &answered(r#"{"statusCode":503}"#)).expect_err("503");
        assert_eq!(error.to_string(), r#"f answered {"statusCode":503}"#);
    }
}
