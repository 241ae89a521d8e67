//! How often one source tries something, minute by minute.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::{SignedDuration, Timestamp};

use crate::items::expires;
use crate::{Error, Table, keys};

const REMEMBERED: SignedDuration = SignedDuration::from_hours(1);

impl Table {
    /// Counts an attempt and tells how many this source has made within this minute. `source` is kept as it is given: what
    /// is personal must come hashed.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn count_attempt(&self, scope: &'static str, source: &str, now: Timestamp) -> Result<u32, Error> {
        let key = keys::attempts(scope, source, now.as_second().div_euclid(60));
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key.into_attributes()))
            .update_expression("ADD attempts :one SET expires = :expires")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .expression_attribute_values(":expires", AttributeValue::N(expires(now, REMEMBERED).to_string()))
            .return_values(ReturnValue::AllNew)
            .send()
            .await
            .map_err(Error::dynamo("UpdateItem"))?;
        let attempts = answer.attributes.and_then(|item| item.get("attempts")?.as_n().ok()?.parse().ok());
        Ok(attempts.unwrap_or(u32::MAX))
    }
}
