//! What finds a receipt its notice: the messages that went out, receipts that found none, and addresses that failed.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{ConsentId, Given, Message, NoticeId, RecipientId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::items::{FailedAddressItem, KeptDeadItem, MessageItem, put, read};
use crate::{Error, Table, keys};

/// A message of ours that a provider took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentMessage {
    /// The version of the event that caused it.
    pub cause: u32,
    /// What it said.
    #[serde(flatten)]
    pub message: Message,
    /// The consent it rested on; results alone need one.
    pub consent: Option<ConsentId>,
}

/// Something kept apart because it fitted no notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dead {
    /// The name it came under.
    pub name: String,
    /// What it says.
    pub content: String,
    /// When it was kept.
    pub at: Timestamp,
}

impl Table {
    /// The message a provider knows by this name, and its notice.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn message(&self, provider: &str, id: &str) -> Result<Option<(NoticeId, SentMessage)>, Error> {
        let Some(item) = self.get(keys::message(provider, id)).await? else { return Ok(None) };
        let item: MessageItem = read("message", item)?;
        Ok(Some((item.notice, item.sent)))
    }

    /// What of this kind was kept on this day.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn dead_items(&self, what: &str, day: Timestamp) -> Result<Vec<Dead>, Error> {
        let prefix = keys::dead_prefix(what);
        let items = self.partition(keys::dead_partition(day), &prefix, false, None).await?;
        let kept = |item| {
            let item: KeptDeadItem = read("dead", item)?;
            Ok(Dead { name: item.key.sk[prefix.len()..].to_owned(), content: item.content, at: item.at })
        };
        items.into_iter().map(kept).collect()
    }

    /// Removes what has found its notice after all.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn forget_dead(&self, what: &str, dead: &Dead) -> Result<(), Error> {
        let key = keys::dead(dead.at, what, &dead.name).into_attributes();
        let request = self.client.delete_item().table_name(&self.name).set_key(Some(key));
        request.send().await.map_err(Error::dynamo("DeleteItem"))?;
        Ok(())
    }

    /// Makes consents to this address given no later than `by` useless, and ends the standing preferences that rest on
    /// them; a later consent names the address anew. Doing it twice does no more than doing it once.
    ///
    /// # Errors
    /// When the table cannot be read or written.
    pub async fn withdraw_address(&self, recipient: &RecipientId, given: &Given, by: Timestamp) -> Result<(), Error> {
        let failed = FailedAddressItem { key: keys::failed_address(recipient, given), until: by.as_millisecond() };
        let mark = put(self, "failed address", &failed, false)?;
        let mark = self.client.put_item().table_name(mark.table_name).set_item(Some(mark.item));
        let mark = mark
            .condition_expression("attribute_not_exists(pk) OR #until < :until")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":until", AttributeValue::N(failed.until.to_string()));
        match mark.send().await {
            Ok(_) => {}
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
            }
            Err(error) => return Err(Error::dynamo("PutItem")(error)),
        }
        for item in self.preferences(recipient).await? {
            let Some(id) = item.route.consent() else { continue };
            let Some(consent) = self.consent(recipient, id).await? else { continue };
            if consent.given != *given || consent.at > by {
                continue;
            }
            let request = self
                .client
                .delete_item()
                .table_name(&self.name)
                .set_key(Some(item.key.into_attributes()))
                .condition_expression("consent = :consent")
                .expression_attribute_values(":consent", AttributeValue::S(id.to_string()));
            match request.send().await {
                Ok(_) => {}
                // The resident has just chosen anew.
                Err(error)
                    if error.as_service_error().is_some_and(DeleteItemError::is_conditional_check_failed_exception) => {
                }
                Err(error) => return Err(Error::dynamo("DeleteItem")(error)),
            }
        }
        Ok(())
    }
}
