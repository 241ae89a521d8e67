//! What is due: the sparse index that holds only what waits for a clock, and the pointers to letters that wait for
//! a print run, so that the work is as large as what is due, whatever else exists.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::query::QueryOutput;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::NoticeId;
use jiff::Timestamp;

use crate::{Error, Table, keys};

/// One partition of the due index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueShard(u32);

impl DueShard {
    /// All there are.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..keys::DUE_SHARDS).map(Self)
    }

    pub(crate) const fn number(self) -> u32 {
        self.0
    }
}

/// Where in its shard a page ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueCursor(String);

/// Notices that are due, oldest moment first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuePage {
    /// The notices.
    pub notices: Vec<NoticeId>,
    /// Where the next page starts; none at the end.
    pub after: Option<DueCursor>,
}

impl DuePage {
    /// What was found, by the attribute that holds each notice's moment.
    fn of(answer: &QueryOutput, moment: &str) -> Self {
        let position =
            |item: &HashMap<String, AttributeValue>| item.get(moment).and_then(|value| value.as_s().ok()).cloned();
        let notices = answer.items().iter().filter_map(position).filter_map(|at| keys::notice_of_moment_id(&at));
        Self { notices: notices.collect(), after: answer.last_evaluated_key().and_then(position).map(DueCursor) }
    }
}

impl Table {
    /// The notices of a shard that fell due by `until`, oldest first, at most `limit`, from `after` on.
    ///
    /// The index trails the table by a moment: what it names may have moved on.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn due(
        &self,
        shard: DueShard,
        until: Timestamp,
        limit: i32,
        after: Option<DueCursor>,
    ) -> Result<DuePage, Error> {
        let due_shard = keys::due_shard(shard.0);
        let start = after.and_then(|DueCursor(due_at_id)| {
            let mut key = keys::notice(keys::notice_of_moment_id(&due_at_id)?).into_attributes();
            key.insert("due_shard".to_owned(), AttributeValue::S(due_shard.clone()));
            key.insert("due_at_id".to_owned(), AttributeValue::S(due_at_id));
            Some(key)
        });
        let answer = self.query_due(due_shard, keys::due_until(until), limit, start).await?;
        Ok(DuePage::of(&answer, "due_at_id"))
    }

    pub(crate) async fn query_due(
        &self,
        due_shard: String,
        until: String,
        limit: i32,
        start: Option<HashMap<String, AttributeValue>>,
    ) -> Result<QueryOutput, Error> {
        self.client
            .query()
            .table_name(&self.name)
            .index_name(keys::BY_DUE)
            .key_condition_expression("due_shard = :shard AND due_at_id < :until")
            .expression_attribute_values(":shard", AttributeValue::S(due_shard))
            .expression_attribute_values(":until", AttributeValue::S(until))
            .limit(limit)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(Error::dynamo("Query"))
    }

    /// The notices of a shard whose letters waited for a print run by `until`, oldest first, at most `limit`, from `after`
    /// on. Nothing trails here: who was handed to post before is found.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn awaiting_run(
        &self,
        shard: DueShard,
        until: Timestamp,
        limit: i32,
        after: Option<DueCursor>,
    ) -> Result<DuePage, Error> {
        let pk = keys::letters_shard(shard.0);
        let start = after.map(|DueCursor(sk)| keys::Key { pk: pk.clone(), sk }.into_attributes());
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND sk < :until")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .expression_attribute_values(":until", AttributeValue::S(keys::due_until(until)))
            .consistent_read(true)
            .limit(limit)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(Error::dynamo("Query"))?;
        Ok(DuePage::of(&answer, "sk"))
    }
}
