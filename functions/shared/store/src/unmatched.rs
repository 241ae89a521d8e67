//! Texts that belong to no notice: kept by the day they came, for officers to look at.

use std::cmp::Reverse;

use domain::settings::SEOUL;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Error, Table};

const WHAT: &str = "reply";

/// A text that belongs to no notice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnmatchedText {
    /// The gateway that brought it.
    pub provider: String,
    /// Who sent it, as far as the gateway says.
    pub from: String,
    /// What it says.
    pub text: String,
}

impl Table {
    /// Keeps a text under the name it came by; the same again is kept once.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn keep_unmatched(&self, name: &str, text: &UnmatchedText, at: Timestamp) -> Result<(), Error> {
        let content = serde_json::to_string(text).map_err(|error| Error::corrupt(WHAT)(error.into()))?;
        self.keep_dead(WHAT, name, &content, at).await
    }

    /// What came on this day in Seoul, newest first.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn unmatched(&self, day: Date) -> Result<Vec<(Timestamp, UnmatchedText)>, Error> {
        // They lie by days of UTC, of which Seoul's day has a part of two.
        let Ok(noon) = SEOUL.to_timestamp(day.at(12, 0, 0, 0)) else { return Ok(Vec::new()) };
        let Ok(midnight) = SEOUL.to_timestamp(day.at(0, 0, 0, 0)) else { return Ok(Vec::new()) };
        let mut kept = self.dead_items(WHAT, midnight).await?;
        kept.extend(self.dead_items(WHAT, noon).await?);
        kept.retain(|dead| SEOUL.to_datetime(dead.at).date() == day);
        kept.sort_by_key(|dead| Reverse(dead.at));
        let texts = kept.into_iter().map(|dead| {
            let text = serde_json::from_str(&dead.content).map_err(|error| Error::corrupt(WHAT)(error.into()))?;
            Ok((dead.at, text))
        });
        texts.collect()
    }
}
