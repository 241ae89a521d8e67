//! The access record: who saw whose data, when and from where. It is only ever added to.

use std::future::Future;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Access, Action, Caller, NoticeId, RecipientId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::items::{put, read};
use crate::keys::{self, Key};
use crate::{Error, Table};

/// A page asks the table this often at most: rare lines are looked for page by page.
const QUERIES: u32 = 40;

/// Keeps who saw what.
pub trait RecordAccess: Send + Sync {
    /// As [`Table::record_access`].
    fn record_access(&self, access: &Access) -> impl Future<Output = Result<(), Error>> + Send;
}

impl RecordAccess for Table {
    async fn record_access(&self, access: &Access) -> Result<(), Error> {
        Self::record_access(self, access).await
    }
}

/// Which lines of the record an auditor wants to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The first day, in Seoul.
    pub from: Date,
    /// The last day, in Seoul.
    pub to: Date,
    /// Only accesses to this notice.
    pub notice: Option<NoticeId>,
    /// Only accesses of this client, or this officer.
    pub who: Option<String>,
}

/// Lines of the access record, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessPage {
    /// The lines.
    pub accesses: Vec<Access>,
    /// Where the next page starts; none at the end. A page may be empty and have a next one.
    pub cursor: Option<String>,
}

/// Without a time to live: the statute asks for two years where the data are those of fifty thousand people or more
/// (개인정보의 안전성 확보조치 기준 §8①), and nothing here ends it sooner.
#[derive(Serialize, Deserialize)]
struct AccessItem {
    #[serde(flatten)]
    key: Key,
    at: Timestamp,
    request: String,
    client: String,
    source: Option<String>,
    officer: Option<String>,
    action: Action,
    notices: Vec<NoticeId>,
    recipient: Option<RecipientId>,
    object: Option<String>,
}

impl AccessItem {
    fn of(access: &Access) -> Self {
        let Access { at, caller, officer, action, notices, recipient, object } = access.clone();
        let Caller { client, source, request } = caller;
        Self { key: keys::access(access), at, request, client, source, officer, action, notices, recipient, object }
    }

    fn into_access(self) -> Access {
        let Self { key: _, at, request, client, source, officer, action, notices, recipient, object } = self;
        Access { at, caller: Caller { client, source, request }, officer, action, notices, recipient, object }
    }
}

impl Table {
    /// Adds a line to the access record. Nothing that is there is overwritten: a line of the same request and moment is
    /// this very one, written before its answer was lost.
    ///
    /// # Errors
    /// When the table cannot be written: then nothing may be shown.
    pub async fn record_access(&self, access: &Access) -> Result<(), Error> {
        let put = put(self, "access", &AccessItem::of(access), true)?;
        let request = self.client.put_item().table_name(&self.name).set_item(Some(put.item));
        match request.set_condition_expression(put.condition_expression).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
                Ok(())
            }
            Err(error) => Err(Error::dynamo("PutItem")(error)),
        }
    }

    /// Lines of the access record, newest first, at most `limit` at a time.
    ///
    /// # Errors
    /// When the cursor is none, or the table cannot be read.
    pub async fn accesses(&self, wanted: &Wanted, cursor: Option<&str>, limit: usize) -> Result<AccessPage, Error> {
        let (mut day, mut before) = match cursor.map(|cursor| position(cursor, wanted)) {
            Some(position) => position.map(|(day, name)| (day, Some(name)))?,
            None => (wanted.to, None),
        };
        let mut accesses = Vec::new();
        for _ in 0..QUERIES {
            let room = limit.saturating_sub(accesses.len());
            if room == 0 {
                break;
            }
            let pk = keys::access_partition(day);
            let start = before.take().map(|sk| Key { pk: pk.clone(), sk }.into_attributes());
            let mut query = self
                .client
                .query()
                .table_name(&self.name)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", AttributeValue::S(pk))
                .scan_index_forward(false)
                .consistent_read(true)
                .limit(i32::try_from(room).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start);
            let mut filters = Vec::new();
            if let Some(notice) = wanted.notice {
                filters.push("contains(notices, :notice)");
                query = query.expression_attribute_values(":notice", AttributeValue::S(notice.to_string()));
            }
            if let Some(who) = &wanted.who {
                filters.push("(client = :who OR officer = :who)");
                query = query.expression_attribute_values(":who", AttributeValue::S(who.clone()));
            }
            let filter = (!filters.is_empty()).then(|| filters.join(" AND "));
            let answer = query.set_filter_expression(filter).send().await.map_err(Error::dynamo("Query"))?;
            for item in answer.items.unwrap_or_default() {
                accesses.push(read::<AccessItem>("access", item)?.into_access());
            }
            let last = answer.last_evaluated_key.and_then(|mut key| key.remove("sk"));
            before = last.and_then(|sk| sk.as_s().ok().cloned());
            if before.is_none() {
                match day.yesterday() {
                    Ok(yesterday) if yesterday >= wanted.from => day = yesterday,
                    Ok(_) | Err(_) => return Ok(AccessPage { accesses, cursor: None }),
                }
            }
        }
        Ok(AccessPage { accesses, cursor: Some(format!("{day}~{}", before.unwrap_or_default())) })
    }
}

/// The day a cursor names, and the line after which it goes on: `~` sorts after every line, for a day not begun.
fn position(cursor: &str, wanted: &Wanted) -> Result<(Date, String), Error> {
    let (day, name) = cursor.split_once('~').ok_or(Error::NoSuchPage)?;
    let day: Date = day.parse().map_err(|_| Error::NoSuchPage)?;
    if !(wanted.from..=wanted.to).contains(&day) {
        return Err(Error::NoSuchPage);
    }
    Ok((day, if name.is_empty() { "~".to_owned() } else { name.to_owned() }))
}
