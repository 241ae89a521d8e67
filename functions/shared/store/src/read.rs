//! Reading: by key, by partition or by index; the table is never scanned.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::{ChainedEvent, Consent, ConsentId, DepartmentCode, LinkId, Notice, NoticeId, RecipientId, ReplyId};

use crate::items::{
    ConsentItem, EventItem, FailedAddressItem, LinkItem, OnceItem, OpenItem, PreferenceItem, ReplyItem, assembled, read,
};
use crate::keys::{self, Key};
use crate::table::PAUSES;
use crate::{Error, Link, Reply, Table};

type Attributes = HashMap<String, AttributeValue>;

/// Notices of one department and state, newest change first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The notices.
    pub notices: Vec<Notice>,
    /// Where the next page starts; none at the end.
    pub cursor: Option<String>,
}

impl Table {
    pub(crate) async fn get(&self, key: Key) -> Result<Option<Attributes>, Error> {
        let request = self.client.get_item().table_name(&self.name).set_key(Some(key.into_attributes()));
        let answer = request.consistent_read(true).send().await.map_err(Error::dynamo("GetItem"))?;
        Ok(answer.item)
    }

    /// The items of a partition from one sort key to another, both included, in their order.
    pub(crate) async fn between(&self, pk: String, from: String, to: String) -> Result<Vec<Attributes>, Error> {
        let pages = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .expression_attribute_values(":from", AttributeValue::S(from))
            .expression_attribute_values(":to", AttributeValue::S(to))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        pages.collect::<Result<_, _>>().await.map_err(Error::dynamo("Query"))
    }

    pub(crate) async fn partition(
        &self,
        pk: String,
        prefix: &str,
        newest_first: bool,
        limit: Option<i32>,
    ) -> Result<Vec<Attributes>, Error> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
            .expression_attribute_values(":pk", AttributeValue::S(pk))
            .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
            .scan_index_forward(!newest_first)
            .consistent_read(true)
            .set_limit(limit)
            .into_paginator()
            .items()
            .send();
        let mut items = Vec::new();
        while let Some(item) = pages.next().await {
            items.push(item.map_err(Error::dynamo("Query"))?);
            if limit.is_some_and(|limit| items.len() >= usize::try_from(limit).unwrap_or_default()) {
                break;
            }
        }
        Ok(items)
    }

    /// One notice.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn notice(&self, id: NoticeId) -> Result<Option<Notice>, Error> {
        let items = self.between(keys::notice_partition(id), keys::notice(id).sk, keys::details(id).sk).await?;
        Ok(assembled(items)?.pop())
    }

    /// All events of a notice, oldest first.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn events(&self, id: NoticeId) -> Result<Vec<ChainedEvent>, Error> {
        let items = self.partition(keys::notice_partition(id), keys::EVENT_PREFIX, false, None).await?;
        let chained = |item| {
            let item: EventItem = read("event", item)?;
            Ok(ChainedEvent { body: item.body, previous: item.previous, hash: item.hash })
        };
        items.into_iter().map(chained).collect()
    }

    /// One text of a notice's conversation.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn reply(&self, notice: NoticeId, id: ReplyId) -> Result<Option<Reply>, Error> {
        match self.get(keys::reply(notice, id)).await? {
            Some(item) => Ok(Some(read::<ReplyItem>("reply", item)?.into_reply())),
            None => Ok(None),
        }
    }

    /// The whole conversation of a notice, oldest first.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn replies(&self, notice: NoticeId) -> Result<Vec<Reply>, Error> {
        let items = self.partition(keys::notice_partition(notice), keys::REPLY_PREFIX, false, None).await?;
        items.into_iter().map(|item| Ok(read::<ReplyItem>("reply", item)?.into_reply())).collect()
    }

    /// A resident's link.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn link(&self, id: &LinkId) -> Result<Option<Link>, Error> {
        match self.get(keys::link(id)).await? {
            Some(item) => Ok(Some(read::<LinkItem>("link", item)?.into_link(id.clone()))),
            None => Ok(None),
        }
    }

    /// Counts a wrong second factor and tells how many there were on this link. One beyond `most` is told of and not kept:
    /// however many come at once, an officer who unlocks the link gives as many anew.
    ///
    /// # Errors
    /// When there is no such link, or the table cannot be written.
    pub async fn count_wrong_try(&self, id: &LinkId, most: u32) -> Result<u32, Error> {
        let request = self
            .add_to_tries(id, "1")
            .condition_expression("tries < :most")
            .expression_attribute_values(":most", AttributeValue::N(most.to_string()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match request.send().await {
            Ok(answer) => {
                let link: LinkItem = read("link", answer.attributes.unwrap_or_default())?;
                Ok(link.into_link(id.clone()).tries)
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) if failed.item.is_some() => {
                    Ok(most.saturating_add(1))
                }
                Some(_) | None => Err(Error::dynamo("UpdateItem")(error)),
            },
        }
    }

    /// Takes back a try that was counted before it was looked at and turned out right. A call that is repeated because its
    /// answer was lost takes back two: there are never fewer than none.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn take_back_try(&self, id: &LinkId) -> Result<(), Error> {
        let request = self.add_to_tries(id, "-1").condition_expression("tries > :none");
        match request.expression_attribute_values(":none", AttributeValue::N("0".to_owned())).send().await {
            Err(error)
                if !error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Err(Error::dynamo("UpdateItem")(error))
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn add_to_tries(&self, id: &LinkId, tries: &str) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(keys::link(id).into_attributes()))
            .update_expression("ADD tries :tries")
            .expression_attribute_values(":tries", AttributeValue::N(tries.to_owned()))
    }

    /// One consent.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn consent(&self, recipient: &RecipientId, id: ConsentId) -> Result<Option<Consent>, Error> {
        match self.get(keys::consent(recipient, id)).await? {
            Some(item) => read::<ConsentItem>("consent", item)?.into_consent().map(Some),
            None => Ok(None),
        }
    }

    /// The same, unless its address has failed since it was given.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn usable_consent(&self, recipient: &RecipientId, id: ConsentId) -> Result<Option<Consent>, Error> {
        let Some(consent) = self.consent(recipient, id).await? else { return Ok(None) };
        let failed = match self.get(keys::failed_address(recipient, &consent.given)).await? {
            Some(item) => read::<FailedAddressItem>("failed address", item)?.until,
            None => i64::MIN,
        };
        Ok(Some(consent).filter(|consent| consent.at.as_millisecond() > failed))
    }

    /// The notices of a telephone that still hear replies, newest first, at most `limit` if there is one.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn open_notices(&self, recipient: &RecipientId, limit: Option<i32>) -> Result<Vec<NoticeId>, Error> {
        let items = self.partition(keys::recipient_partition(recipient), keys::OPEN_PREFIX, true, limit).await?;
        items.into_iter().map(|item| Ok(read::<OpenItem>("open", item)?.notice)).collect()
    }

    /// The same notices whole.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn open(&self, recipient: &RecipientId, limit: i32) -> Result<Vec<Notice>, Error> {
        let ids = self.open_notices(recipient, Some(limit)).await?;
        let mut found = self.notices(&ids).await?;
        Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
    }

    /// The notice on which something was done once, in this respect and under this name; none if it was not.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn done_on(&self, scope: &str, key: &str) -> Result<Option<NoticeId>, Error> {
        let item = self.get(keys::once(scope, key)).await?;
        item.map(|item| Ok(read::<OnceItem>("once", item)?.notice)).transpose()
    }

    /// Something was done once already, in this respect and under this name.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn was_done(&self, scope: &str, key: &str) -> Result<bool, Error> {
        Ok(self.get(keys::once(scope, key)).await?.is_some())
    }

    pub(crate) async fn preferences(&self, recipient: &RecipientId) -> Result<Vec<PreferenceItem>, Error> {
        let items = self.partition(keys::recipient_partition(recipient), keys::PREFERENCE_PREFIX, false, None).await?;
        items.into_iter().map(|item| read("preference", item)).collect()
    }

    /// Notices of a department in one state: who came into it last stands first, and of those that are asked, who has longest.
    ///
    /// # Errors
    /// When the cursor is none, or the table cannot be read.
    pub async fn list(
        &self,
        department: &DepartmentCode,
        phase: &str,
        cursor: Option<&str>,
        limit: i32,
    ) -> Result<Page, Error> {
        let phase_key = keys::department_phase(department, phase);
        let (order, cursor) = self.indexed(&phase_key, keys::notice, cursor, limit).await?;
        let mut found = self.notices(&order).await?;
        // The index trails the table by a moment: what has moved on meanwhile belongs to another list.
        let notices = order.iter().filter_map(|id| found.remove(id)).filter(|notice| notice.state.name() == phase);
        Ok(Page { notices: notices.collect(), cursor })
    }

    /// The notices of one entry of the index of departments, newest first, and where the next page starts.
    pub(crate) async fn indexed(
        &self,
        department_phase: &str,
        key_of: fn(NoticeId) -> Key,
        cursor: Option<&str>,
        limit: i32,
    ) -> Result<(Vec<NoticeId>, Option<String>), Error> {
        let start = match cursor {
            Some(cursor) => {
                let id = keys::notice_of_moment_id(cursor).ok_or(Error::NoSuchPage)?;
                let mut key = key_of(id).into_attributes();
                key.insert("department_phase".to_owned(), AttributeValue::S(department_phase.to_owned()));
                key.insert("listed_at_id".to_owned(), AttributeValue::S(cursor.to_owned()));
                Some(key)
            }
            None => None,
        };
        let answer = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(keys::BY_DEPARTMENT)
            .key_condition_expression("department_phase = :phase")
            .expression_attribute_values(":phase", AttributeValue::S(department_phase.to_owned()))
            .scan_index_forward(false)
            .limit(limit)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(Error::dynamo("Query"))?;
        let position = |item: &Attributes| item.get("listed_at_id").and_then(|value| value.as_s().ok()).cloned();
        let order = answer.items().iter().filter_map(position).filter_map(|at| keys::notice_of_moment_id(&at));
        Ok((order.collect(), answer.last_evaluated_key().and_then(position)))
    }

    pub(crate) async fn notices(&self, ids: &[NoticeId]) -> Result<HashMap<NoticeId, Notice>, Error> {
        let wanted = ids.iter().flat_map(|id| [keys::notice(*id), keys::details(*id)]).collect();
        let notices = assembled(self.get_all(wanted).await?)?;
        Ok(notices.into_iter().map(|notice| (notice.id, notice)).collect())
    }

    /// The items of those keys that are there, a hundred at a time. No key may stand twice.
    pub(crate) async fn get_all(&self, wanted: Vec<Key>) -> Result<Vec<Attributes>, Error> {
        let mut wanted: Vec<Attributes> = wanted.into_iter().map(Key::into_attributes).collect();
        let (mut found, mut pauses) = (Vec::new(), PAUSES.into_iter());
        while !wanted.is_empty() {
            let batch = wanted.split_off(wanted.len().saturating_sub(100));
            let keys = KeysAndAttributes::builder().set_keys(Some(batch)).consistent_read(true).build();
            let keys = keys.map_err(|source| Error::corrupt("batch of keys")(source.into()))?;
            let request = self.client.batch_get_item().request_items(&self.name, keys);
            let answer = request.send().await.map_err(Error::dynamo("BatchGetItem"))?;
            let (before, unprocessed) = (found.len(), answer.unprocessed_keys.unwrap_or_default());
            found.extend(answer.responses.unwrap_or_default().into_values().flatten());
            // The table is asked too much, or the answer is full.
            if !unprocessed.is_empty() {
                if found.len() > before {
                    pauses = PAUSES.into_iter();
                }
                tokio::time::sleep(pauses.next().ok_or(Error::Throttled { operation: "BatchGetItem" })?).await;
            }
            wanted.extend(unprocessed.into_values().flat_map(|rest| rest.keys));
        }
        Ok(found)
    }
}
