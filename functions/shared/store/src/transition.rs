//! `transition`: the one way a stored notice changes. One transaction writes the notice at its next version, the event
//! that says why, and whatever the event binds.

use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem};
use domain::{ChainedEvent, Event, Fact, Notice, NoticeId, Outcome, Refused};
use jiff::Timestamp;

use crate::bindings::Binding;
use crate::create::event_item;
use crate::error::cancellations;
use crate::inbox::ConversationItem;
use crate::items::{AwaitingRunItem, NoticeItem, OpenItem, put};
use crate::{Error, Table, keys};

/// How often a write is tried again when others write the same items first.
pub(crate) const ATTEMPTS: u32 = 8;

/// What a caller wants recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub fact: Fact,
    /// What it binds.
    pub bindings: Vec<Binding>,
}

/// What a caller decides at the sight of the notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision<T> {
    /// Record this.
    Record(Change),
    /// Leave it as it is, and say why.
    Leave(T),
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transition<T> {
    /// Recorded; the notice after it.
    Moved(Box<Notice>),
    /// It had happened before; the notice as it is.
    AlreadyThere(Box<Notice>),
    /// A `Once` binding was there before, or a `Said` one just now.
    DoneBefore(Box<Notice>),
    /// It cannot happen; the notice as it is.
    Refused(Box<Notice>, Refused),
    /// The caller left it.
    Left(T),
}

impl Table {
    /// Reads the notice, lets `decide` look at it, and records what it wants, again from the start if the notice
    /// changed meanwhile.
    ///
    /// # Errors
    /// When there is no such notice, or the table cannot be read or written.
    pub async fn transition<T>(
        &self,
        id: NoticeId,
        mut decide: impl FnMut(&Notice) -> Decision<T>,
    ) -> Result<Transition<T>, Error> {
        for _ in 0..ATTEMPTS {
            let before = self.notice(id).await?.ok_or(Error::NotFound)?;
            let change = match decide(&before) {
                Decision::Record(change) => change,
                Decision::Leave(why) => return Ok(Transition::Left(why)),
            };
            // Hosts' clocks differ: a notice's own time never runs backwards.
            let at = change.at.max(before.updated_at);
            let event = Event { version: before.version + 1, at, fact: change.fact };
            let after = match before.clone().apply(&event) {
                Outcome::Moved(after) => after,
                Outcome::AlreadyThere => return Ok(Transition::AlreadyThere(Box::new(before))),
                Outcome::Invalid(refused) => return Ok(Transition::Refused(Box::new(before), refused)),
            };
            let (mut once, mut drawn) = (Vec::new(), Vec::new());
            let mut writes = vec![self.advance(&before, &after)?, self.record(&before, &event)?];
            for binding in change.bindings {
                let is_once = matches!(binding, Binding::Once { .. } | Binding::Said { .. } | Binding::Request(_));
                let is_drawn = matches!(binding, Binding::Text(_));
                if let Some(write) = binding.into_write(self, id, at)? {
                    if is_once {
                        once.push(writes.len());
                    }
                    if is_drawn {
                        drawn.push(writes.len());
                    }
                    writes.push(write);
                }
            }
            writes.extend(self.reopen_or_close(&before, &after)?);
            writes.extend(self.hand_to_post(Some(&before), &after)?);
            writes.extend(self.show_in_inbox(&before, &after)?);
            let request = self.client.transact_write_items().set_transact_items(Some(writes));
            let Err(error) = request.send().await else { return Ok(Transition::Moved(after)) };
            let reasons = cancellations(&error);
            let failed = |index: usize| reasons.get(index) == Some(&"ConditionalCheckFailed");
            if once.iter().any(|index| failed(*index)) {
                return Ok(Transition::DoneBefore(Box::new(before)));
            }
            let overtaken = failed(0) || failed(1) || reasons.contains(&"TransactionConflict");
            // A code that another text has: `decide` draws a new one.
            let overtaken = overtaken || drawn.iter().any(|index| failed(*index));
            if !overtaken {
                return Err(Error::dynamo("TransactWriteItems")(error));
            }
        }
        Err(Error::Contention { attempts: ATTEMPTS })
    }

    fn advance(&self, before: &Notice, after: &Notice) -> Result<TransactWriteItem, Error> {
        let mut put = put(self, "notice", &NoticeItem::of(after), false)?;
        put.condition_expression = Some("version = :before".to_owned());
        let before = AttributeValue::N(before.version.to_string());
        put.expression_attribute_values = Some([(":before".to_owned(), before)].into());
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn record(&self, before: &Notice, event: &Event) -> Result<TransactWriteItem, Error> {
        let chained = ChainedEvent::new(before.head.clone(), before.id, event);
        let put = put(self, "event", &event_item(before.id, event, chained), true)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Keeps the pointer by which a print run finds the notice for as long as it waits for one.
    pub(crate) fn hand_to_post(
        &self,
        before: Option<&Notice>,
        after: &Notice,
    ) -> Result<Vec<TransactWriteItem>, Error> {
        let (before, after) = (before.and_then(keys::awaiting_run), keys::awaiting_run(after));
        if before == after {
            return Ok(Vec::new());
        }
        let mut writes = Vec::new();
        if let Some(key) = before {
            writes.push(self.remove("letter", key)?);
        }
        if let Some(key) = after {
            let put = put(self, "letter", &AwaitingRunItem { key }, false)?;
            writes.push(TransactWriteItem::builder().put(put).build());
        }
        Ok(writes)
    }

    /// Keeps the conversation where its department finds it, read or unread.
    fn show_in_inbox(&self, before: &Notice, after: &Notice) -> Result<Option<TransactWriteItem>, Error> {
        if before.conversation == after.conversation {
            return Ok(None);
        }
        let Some(item) = ConversationItem::of(after) else { return Ok(None) };
        let put = put(self, "conversation", &item, false)?;
        Ok(Some(TransactWriteItem::builder().put(put).build()))
    }

    fn remove(&self, what: &'static str, key: keys::Key) -> Result<TransactWriteItem, Error> {
        let delete = Delete::builder().table_name(&self.name).set_key(Some(key.into_attributes())).build();
        let delete = delete.map_err(|source| Error::corrupt(what)(source.into()))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// Keeps the pointer from the recipient's telephone to the notice for as long as a text may belong to it.
    fn reopen_or_close(&self, before: &Notice, after: &Notice) -> Result<Option<TransactWriteItem>, Error> {
        let Some(recipient) = &after.details.recipient_id else { return Ok(None) };
        match (before.state.hears_replies(), after.state.hears_replies()) {
            (true, false) => self.remove("open", keys::open(recipient, after.id)).map(Some),
            (false, true) => {
                let put = put(self, "open", &OpenItem::of(recipient, after.id, after.updated_at), false)?;
                Ok(Some(TransactWriteItem::builder().put(put).build()))
            }
            (true, true) | (false, false) => Ok(None),
        }
    }
}
