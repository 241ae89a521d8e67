//! What is remembered of a telephone's texts: which of several notices it was asked about, and how often it writes.

use aws_sdk_dynamodb::types::{AttributeValue, Put, Update};
use domain::{NoticeId, ProviderMessageId, RecipientId, ReplyId};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::items::{expires, put, read};
use crate::keys::{self, Key};
use crate::{Error, Table};

/// The same words from the same telephone are the same text within this time, whatever the provider calls them.
const SAME_WITHIN: SignedDuration = SignedDuration::from_secs(10);
/// Texts are counted over this time, and as many seconds as one span has.
const COUNTED_OVER: SignedDuration = SignedDuration::from_hours(1);
/// Beyond this nobody looks at them any more.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 7);

/// The resident was asked which notice a text of theirs is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clarifying {
    /// Whose text.
    pub recipient: RecipientId,
    /// The notice with which it stands for now.
    pub notice: NoticeId,
    /// The text, as it is kept with that notice.
    pub reply: ReplyId,
    /// The text, as its provider knows it.
    pub message: ProviderMessageId,
    /// What they can choose from, by digit from 1; empty once they need not answer any more.
    pub candidates: Vec<NoticeId>,
    /// When they were asked.
    pub at: Timestamp,
}

impl Clarifying {
    /// The same, once no answer is waited for.
    #[must_use]
    pub fn settled(self) -> Self {
        Self { candidates: Vec::new(), ..self }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ClarifyingItem {
    #[serde(flatten)]
    key: Key,
    #[serde(flatten)]
    clarifying: Clarifying,
    expires: i64,
}

impl ClarifyingItem {
    pub(crate) fn of(clarifying: &Clarifying) -> Self {
        let expires = expires(clarifying.at, REMEMBERED);
        Self { key: keys::clarifying(&clarifying.recipient), clarifying: clarifying.clone(), expires }
    }
}

/// How often a telephone wrote of late.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    /// Texts of the last hour, and of up to ten minutes more.
    pub texts: u32,
    /// The seal of the newest.
    pub newest: Option<String>,
}

#[derive(Deserialize)]
struct HeardItem {
    texts: u32,
    newest: String,
}

/// Words that were said just now.
#[derive(Serialize)]
struct SaidItem {
    #[serde(flatten)]
    key: Key,
    notice: NoticeId,
    said_at: i64,
    expires: i64,
}

impl Table {
    /// The question this person was asked last, answered or not; none if that is long ago.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn clarifying(&self, recipient: &RecipientId) -> Result<Option<Clarifying>, Error> {
        let item = self.get(keys::clarifying(recipient)).await?;
        item.map(|item| Ok(read::<ClarifyingItem>("clarification", item)?.clarifying)).transpose()
    }

    /// How often this person wrote within the last hour.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn heard(&self, recipient: &RecipientId, now: Timestamp) -> Result<Heard, Error> {
        let oldest = keys::heard(recipient, now - COUNTED_OVER);
        let items = self.between(oldest.pk, oldest.sk, keys::heard(recipient, now).sk).await?;
        let mut heard = Heard::default();
        for item in items {
            let HeardItem { texts, newest } = read("heard", item)?;
            heard = Heard { texts: heard.texts + texts, newest: Some(newest) };
        }
        Ok(heard)
    }

    pub(crate) fn count_text(&self, recipient: &RecipientId, seal: String, at: Timestamp) -> Result<Update, Error> {
        Update::builder()
            .table_name(&self.name)
            .set_key(Some(keys::heard(recipient, at).into_attributes()))
            .update_expression("ADD texts :one SET newest = :newest, expires = :expires")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .expression_attribute_values(":newest", AttributeValue::S(seal))
            .expression_attribute_values(":expires", AttributeValue::N(expires(at, REMEMBERED).to_string()))
            .build()
            .map_err(|source| Error::corrupt("heard")(source.into()))
    }

    /// Exact to the millisecond, so that no border of two windows lies between two of the same.
    pub(crate) fn said(&self, seal: &str, notice: NoticeId, at: Timestamp) -> Result<Put, Error> {
        let key = keys::once("said", seal);
        let item = SaidItem { key, notice, said_at: at.as_millisecond(), expires: expires(at, REMEMBERED) };
        let mut put = put(self, "said", &item, false)?;
        put.condition_expression = Some("attribute_not_exists(pk) OR said_at <= :before".to_owned());
        let before = AttributeValue::N((at - SAME_WITHIN).as_millisecond().to_string());
        put.expression_attribute_values = Some([(":before".to_owned(), before)].into());
        Ok(put)
    }
}
