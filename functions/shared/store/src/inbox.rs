//! A department's conversations, newest first, those that no officer has read apart from the others.

use aws_sdk_dynamodb::types::{AttributeValue, Select};
use domain::{DepartmentCode, Notice, NoticeId};
use futures_util::future::try_join_all;
use serde::Serialize;

use crate::create::Created;
use crate::items::{ReplyItem, read};
use crate::keys::{self, Key};
use crate::{Direction, Error, Reply, Table};

/// The newest texts of a conversation among which the resident's newest is looked for.
const NEWEST: i32 = 10;

/// Where a notice stands in the inbox of its department.
#[derive(Serialize)]
pub(crate) struct ConversationItem {
    #[serde(flatten)]
    key: Key,
    department_phase: String,
    listed_at_id: String,
}

impl ConversationItem {
    pub(crate) fn of(notice: &Notice) -> Option<Self> {
        let conversation = notice.conversation?;
        Some(Self {
            key: keys::conversation(notice.id),
            department_phase: keys::inbox(&notice.details.department, conversation.unread > 0),
            listed_at_id: keys::moment_id(conversation.newest_at, notice.id),
        })
    }
}

/// A notice that is talked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Talk {
    /// The notice.
    pub notice: Notice,
    /// What the resident wrote last; none where they only handed papers in.
    pub newest: Option<Reply>,
}

/// A page of a department's inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbox {
    /// The conversations, newest first.
    pub talks: Vec<Talk>,
    /// Where the next page starts; none at the end.
    pub cursor: Option<String>,
}

/// What became of an earlier request under the same key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// It was the same, and this was its answer.
    Before(String),
    /// It was another one.
    KeyReused,
}

impl Table {
    /// A department's conversations, read or unread, newest first.
    ///
    /// # Errors
    /// When the cursor is none, or the table cannot be read.
    pub async fn inbox(
        &self,
        department: &DepartmentCode,
        unread: bool,
        cursor: Option<&str>,
        limit: i32,
    ) -> Result<Inbox, Error> {
        let (order, cursor) = self.indexed(&keys::inbox(department, unread), keys::conversation, cursor, limit).await?;
        let mut found = self.notices(&order).await?;
        // The index trails the table by a moment: what was read meanwhile belongs to the other list.
        let is_here = |notice: &Notice| notice.conversation.is_some_and(|talk| (talk.unread > 0) == unread);
        let notices = order.iter().filter_map(|id| found.remove(id)).filter(is_here);
        let talks = notices.map(|notice| async move {
            let newest = self.newest(notice.id).await?;
            Ok::<_, Error>(Talk { notice, newest })
        });
        Ok(Inbox { talks: try_join_all(talks).await?, cursor })
    }

    async fn newest(&self, notice: NoticeId) -> Result<Option<Reply>, Error> {
        let partition = keys::notice_partition(notice);
        let items = self.partition(partition, keys::REPLY_PREFIX, true, Some(NEWEST)).await?;
        for item in items {
            let reply = read::<ReplyItem>("reply", item)?.into_reply();
            if reply.direction == Direction::Inbound {
                return Ok(Some(reply));
            }
        }
        Ok(None)
    }

    /// How many of a department's conversations hold something that no officer has read.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn unread(&self, department: &DepartmentCode) -> Result<u32, Error> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(keys::BY_DEPARTMENT)
            .key_condition_expression("department_phase = :phase")
            .expression_attribute_values(":phase", AttributeValue::S(keys::inbox(department, true)))
            .select(Select::Count)
            .into_paginator()
            .send();
        let mut unread = 0;
        while let Some(page) = pages.next().await {
            unread += u32::try_from(page.map_err(Error::dynamo("Query"))?.count()).unwrap_or_default();
        }
        Ok(unread)
    }

    /// What was answered to an earlier request under this key, if there was one.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn answered(&self, scope: &str, key: &str, request_hash: &str) -> Result<Option<Answered>, Error> {
        Ok(self.earlier(scope, key, request_hash).await?.map(|created| match created {
            Created::Before { answer } => Answered::Before(answer),
            Created::Stored
            | Created::There
            | Created::KeyReused
            | Created::ReferenceTaken { .. }
            | Created::PreferenceChanged => Answered::KeyReused,
        }))
    }
}
