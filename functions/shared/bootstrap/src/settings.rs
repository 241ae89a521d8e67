//! The office's settings, from Systems Manager: read at start, looked at again when a minute old.

use std::sync::Arc;

use aws_sdk_ssm::Client;
use domain::ports::Clock;
use domain::settings::{InvalidSettings, Settings};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::{chain, count};

const FRESH_FOR: SignedDuration = SignedDuration::from_mins(1);
/// How many earlier versions a start looks through for a sound one.
const VERSIONS_BACK: i64 = 10;

/// No sound settings could be had.
#[derive(Debug, thiserror::Error)]
pub enum SettingsUnavailable {
    /// The parameter could not be read.
    #[error("the settings parameter cannot be read")]
    Unreadable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No version is sound.
    #[error("no sound version of the settings")]
    Unsound(#[from] InvalidSettings),
}

/// Reads the office's settings as they are now: the feed in production, whatever a test holds there.
pub trait ReadSettings: Send + Sync + 'static {
    /// The newest sound settings.
    fn current(&self) -> impl Future<Output = Result<Arc<Settings>, SettingsUnavailable>> + Send;
}

impl<C: Clock + 'static> ReadSettings for SettingsFeed<C> {
    async fn current(&self) -> Result<Arc<Settings>, SettingsUnavailable> {
        Self::current(self).await
    }
}

struct Version {
    number: i64,
    settings: Result<Settings, InvalidSettings>,
}

struct Held {
    number: i64,
    settings: Arc<Settings>,
    looked_at: Timestamp,
}

/// The settings as they are now. A new version that is unsound is refused and counted, and the last good one serves on.
pub struct SettingsFeed<C> {
    ssm: Client,
    parameter: String,
    clock: C,
    held: Mutex<Option<Held>>,
}

impl<C: Clock> SettingsFeed<C> {
    /// Settings from the parameter of that name.
    pub fn new(ssm: Client, parameter: String, clock: C) -> Self {
        Self { ssm, parameter, clock, held: Mutex::new(None) }
    }

    /// The settings of the parameter `name`, by the function's own AWS configuration.
    pub fn connect(aws: &aws_config::SdkConfig, name: &str, clock: C) -> Self {
        Self::new(Client::new(aws), name.to_owned(), clock)
    }

    /// The newest sound settings.
    ///
    /// # Errors
    /// When none were ever had: a later failure leaves the last good ones in force.
    pub async fn current(&self) -> Result<Arc<Settings>, SettingsUnavailable> {
        let mut held = self.held.lock().await;
        let now = self.clock.now();
        match held.as_mut() {
            Some(good) if now < good.looked_at + FRESH_FOR => {}
            Some(good) => {
                good.looked_at = now;
                match self.read(None).await {
                    Ok(newest) if newest.number == good.number => {}
                    Ok(Version { number, settings: Ok(settings) }) => {
                        good.number = number;
                        good.settings = Arc::new(settings);
                    }
                    Ok(Version { number, settings: Err(error) }) => self.refuse(number, &error),
                    Err(error) => {
                        tracing::warn!(error = chain(&error), "settings not looked at; the last good ones serve");
                    }
                }
            }
            None => {
                let (number, settings) = self.first_sound().await?;
                *held = Some(Held { number, settings: Arc::new(settings), looked_at: now });
            }
        }
        match held.as_ref() {
            Some(good) => Ok(Arc::clone(&good.settings)),
            None => unreachable!("either held before or read just now"),
        }
    }

    /// The newest sound version: a start in the shadow of a bad version serves what ran before it.
    async fn first_sound(&self) -> Result<(i64, Settings), SettingsUnavailable> {
        let newest = self.read(None).await?;
        let mut refused = match newest.settings {
            Ok(settings) => return Ok((newest.number, settings)),
            Err(error) => error,
        };
        self.refuse(newest.number, &refused);
        for number in (1..newest.number).rev().take(usize::try_from(VERSIONS_BACK).unwrap_or_default()) {
            match self.read(Some(number)).await?.settings {
                Ok(settings) => return Ok((newest.number, settings)),
                Err(error) => refused = error,
            }
        }
        Err(refused.into())
    }

    fn refuse(&self, number: i64, error: &InvalidSettings) {
        count(&self.clock, "SettingsRefused");
        tracing::error!(settings.version = number, error = chain(error), "settings refused; the last good ones serve");
    }

    async fn read(&self, number: Option<i64>) -> Result<Version, SettingsUnavailable> {
        let name = number.map_or_else(|| self.parameter.clone(), |number| format!("{}:{number}", self.parameter));
        let answer = self.ssm.get_parameter().name(name).send().await;
        let parameter = answer.map_err(|error| SettingsUnavailable::Unreadable(error.into()))?.parameter;
        let parameter = parameter.ok_or_else(|| SettingsUnavailable::Unreadable("an empty answer".into()))?;
        Ok(Version { number: parameter.version, settings: Settings::parse(parameter.value().unwrap_or_default()) })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use aws_sdk_ssm::operation::get_parameter::GetParameterOutput;
    use aws_sdk_ssm::types::Parameter;
    use aws_smithy_mocks::{RuleMode, mock, mock_client};

    use super::*;

    const SHIPPED: &str = include_str!("../../../../infra/settings.json");

    struct TestClock(AtomicI64);

    impl Clock for &TestClock {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(self.0.load(Ordering::Relaxed)).expect("a moment")
        }
    }

    fn version(number: i64, value: &str) -> GetParameterOutput {
        GetParameterOutput::builder().parameter(Parameter::builder().version(number).value(value).build()).build()
    }

    #[tokio::test]
    async fn a_bad_new_version_is_refused_while_the_last_good_one_serves() {
        let clock = TestClock(AtomicI64::new(1_800_000_000));
        let longer = SHIPPED.replace("\"link_days\": 30", "\"link_days\": 31");
        let answers = mock!(Client::get_parameter)
            .sequence()
            .output(|| version(1, SHIPPED))
            .output(|| version(2, "{ \"office\": 1 }"))
            .output(move || version(3, &longer))
            .build();
        let ssm = mock_client!(aws_sdk_ssm, RuleMode::Sequential, [&answers]);
        let feed = SettingsFeed::new(ssm, "/tongji/settings".to_owned(), &clock);
        assert_eq!(feed.current().await.expect("version 1").link_days, 30);
        clock.0.fetch_add(59, Ordering::Relaxed);
        assert_eq!(feed.current().await.expect("version 1, a minute not gone").link_days, 30);
        assert_eq!(answers.num_calls(), 1);
        clock.0.fetch_add(2, Ordering::Relaxed);
        assert_eq!(feed.current().await.expect("version 1, for 2 is unsound").link_days, 30);
        assert_eq!(answers.num_calls(), 2);
        clock.0.fetch_add(61, Ordering::Relaxed);
        assert_eq!(feed.current().await.expect("version 3").link_days, 31);
    }

    #[tokio::test]
    async fn a_start_under_a_bad_version_serves_the_one_before_it() {
        let clock = TestClock(AtomicI64::new(1_800_000_000));
        let newest = mock!(Client::get_parameter)
            .match_requests(|request| request.name() == Some("/tongji/settings"))
            .then_output(|| version(2, "{}"));
        let earlier = mock!(Client::get_parameter)
            .match_requests(|request| request.name() == Some("/tongji/settings:1"))
            .then_output(|| version(1, SHIPPED));
        let ssm = mock_client!(aws_sdk_ssm, RuleMode::MatchAny, [&newest, &earlier]);
        let feed = SettingsFeed::new(ssm, "/tongji/settings".to_owned(), &clock);
        assert_eq!(feed.current().await.expect("version 1").link_days, 30);
        assert_eq!(earlier.num_calls(), 1);
    }
}
