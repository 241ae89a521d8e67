//! Reading: by key, by partition or by index; the table is never scanned.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use domain::{ChainedEvent, Consent, ConsentId, DepartmentCode, LinkId, Notice, NoticeId, RecipientId, ReplyId};

use crate::items::{ConsentItem, EventItem, LinkItem, NoticeItem, OpenItem, PreferenceItem, ReplyItem, read};
use crate::keys::{self, Key};
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
        match self.get(keys::notice(id)).await? {
            Some(item) => read::<NoticeItem>("notice", item)?.into_notice().map(Some),
            None => Ok(None),
        }
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

    /// Counts a wrong second factor and tells how many there were on this link.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn count_wrong_try(&self, id: &LinkId) -> Result<u32, Error> {
        self.add_tries(id, "1").await
    }

    /// Takes back a try that was counted before it was looked at and turned out right.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn take_back_try(&self, id: &LinkId) -> Result<(), Error> {
        self.add_tries(id, "-1").await.map(|_| ())
    }

    async fn add_tries(&self, id: &LinkId, tries: &str) -> Result<u32, Error> {
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(keys::link(id).into_attributes()))
            .update_expression("ADD tries :tries")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":tries", AttributeValue::N(tries.to_owned()))
            .return_values(aws_sdk_dynamodb::types::ReturnValue::AllNew)
            .send()
            .await
            .map_err(Error::dynamo("UpdateItem"))?;
        let link: LinkItem = read("link", answer.attributes.unwrap_or_default())?;
        Ok(link.into_link(id.clone()).tries)
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

    /// The notices of a telephone that still hear replies, newest first, at most `limit`.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn open_notices(&self, recipient: &RecipientId, limit: i32) -> Result<Vec<NoticeId>, Error> {
        let items = self.partition(keys::recipient_partition(recipient), keys::OPEN_PREFIX, true, Some(limit)).await?;
        items.into_iter().map(|item| Ok(read::<OpenItem>("open", item)?.notice)).collect()
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

    /// Notices of a department in one state, newest change first.
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
        let department_phase = keys::department_phase(department, phase);
        let start = match cursor {
            Some(cursor) => {
                let id = keys::notice_of_moment_id(cursor).ok_or(Error::NoSuchPage)?;
                let mut key = keys::notice(id).into_attributes();
                key.insert("department_phase".to_owned(), AttributeValue::S(department_phase.clone()));
                key.insert("updated_at_id".to_owned(), AttributeValue::S(cursor.to_owned()));
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
            .expression_attribute_values(":phase", AttributeValue::S(department_phase))
            .scan_index_forward(false)
            .limit(limit)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(Error::dynamo("Query"))?;
        let position = |item: &Attributes| item.get("updated_at_id").and_then(|value| value.as_s().ok()).cloned();
        let order: Vec<NoticeId> =
            answer.items().iter().filter_map(position).filter_map(|at| keys::notice_of_moment_id(&at)).collect();
        let cursor = answer.last_evaluated_key().and_then(position);
        let mut found = self.notices(&order).await?;
        // The index trails the table by a moment: what has moved on meanwhile belongs to another list.
        let notices = order.iter().filter_map(|id| found.remove(id)).filter(|notice| notice.state.name() == phase);
        Ok(Page { notices: notices.collect(), cursor })
    }

    async fn notices(&self, ids: &[NoticeId]) -> Result<HashMap<NoticeId, Notice>, Error> {
        let mut wanted: Vec<Attributes> = ids.iter().map(|id| keys::notice(*id).into_attributes()).collect();
        let mut found = HashMap::new();
        while !wanted.is_empty() {
            let batch = wanted.split_off(wanted.len().saturating_sub(100));
            let keys = KeysAndAttributes::builder().set_keys(Some(batch)).build();
            let keys = keys.map_err(|source| Error::corrupt("notice")(source.into()))?;
            let request = self.client.batch_get_item().request_items(&self.name, keys);
            let answer = request.send().await.map_err(Error::dynamo("BatchGetItem"))?;
            for item in answer.responses.unwrap_or_default().into_values().flatten() {
                let notice = read::<NoticeItem>("notice", item)?.into_notice()?;
                found.insert(notice.id, notice);
            }
            wanted.extend(answer.unprocessed_keys.unwrap_or_default().into_values().flat_map(|rest| rest.keys));
        }
        Ok(found)
    }
}
