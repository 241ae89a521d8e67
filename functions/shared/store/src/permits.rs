//! Permits: put by the API and by files, found when a stage of theirs falls due, moved on one version at a time.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, Update};
use domain::{
    BusinessName, Cycle, DepartmentCode, Permit, PermitCycle, PermitDetails, PermitNumber, PermitPut, PermitStatus,
    PermitTypeCode,
};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::items::{RecipientItem, put, read};
use crate::keys::Key;
use crate::transition::ATTEMPTS;
use crate::{DueShard, Error, Table, keys};

/// What became of a permit that was put; each with the permit as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PutPermit {
    /// It is new.
    Created(Box<Permit>),
    /// It was there, and has changed.
    Changed(Box<Permit>),
    /// It was there, and said all this already.
    Unchanged(Box<Permit>),
}

/// Where in its shard a page of permits ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenewalCursor(String);

/// Permits of which a stage is due, oldest moment first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenewalPage {
    /// The permits.
    pub permits: Vec<PermitNumber>,
    /// Where the next page starts; none at the end.
    pub after: Option<RenewalCursor>,
}

#[derive(Serialize, Deserialize)]
struct PermitItem {
    #[serde(flatten)]
    key: Key,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_shard: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at_id: Option<String>,

    number: PermitNumber,
    version: u32,
    status: PermitStatus,
    stages: Vec<u16>,
    cycles: BTreeMap<Date, Cycle>,
    updated_at: Timestamp,

    permit_type: PermitTypeCode,
    business: Option<String>,
    department: DepartmentCode,
    issued_on: Date,
    expires_on: Date,
    holder: RecipientItem,
}

impl PermitItem {
    fn of(permit: &Permit) -> Self {
        let (due_shard, due_at_id) = keys::renewal(permit).unzip();
        let details = permit.details.clone();
        Self {
            key: keys::permit(&details.number),
            due_shard,
            due_at_id,
            number: details.number,
            version: permit.version,
            status: permit.status,
            stages: permit.stages.clone(),
            cycles: permit.cycles.clone(),
            updated_at: permit.updated_at,
            permit_type: details.permit_type,
            business: details.business.map(|name| name.expose().to_owned()),
            department: details.department,
            issued_on: details.issued_on,
            expires_on: details.expires_on,
            holder: RecipientItem::of(&details.holder),
        }
    }

    fn into_permit(self) -> Result<Permit, Error> {
        let corrupt = Error::corrupt;
        let business = self.business.as_deref().map(BusinessName::parse).transpose();
        Ok(Permit {
            details: PermitDetails {
                number: self.number,
                permit_type: self.permit_type,
                business: business.map_err(|source| corrupt("permit")(source.into()))?,
                holder: self.holder.into_recipient().map_err(corrupt("permit"))?,
                department: self.department,
                issued_on: self.issued_on,
                expires_on: self.expires_on,
            },
            status: self.status,
            stages: self.stages,
            cycles: self.cycles,
            version: self.version,
            updated_at: self.updated_at,
        })
    }
}

impl Table {
    /// One permit.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn permit(&self, number: &PermitNumber) -> Result<Option<Permit>, Error> {
        match self.get(keys::permit(number)).await? {
            Some(item) => read::<PermitItem>("permit", item)?.into_permit().map(Some),
            None => Ok(None),
        }
    }

    /// Keeps a permit as it was handed in, by file or by request: the same again changes nothing, and what became of the
    /// stages of an expiry date is never forgotten.
    ///
    /// # Errors
    /// When the table cannot be read or written.
    pub async fn put_permit(&self, put: &PermitPut, at: Timestamp) -> Result<PutPermit, Error> {
        for _ in 0..ATTEMPTS {
            let before = self.permit(&put.details.number).await?;
            let Some(after) = Permit::put(before.as_ref(), put.clone(), at) else {
                // Nothing new can only be said of what is there.
                return before.map(|before| PutPermit::Unchanged(Box::new(before))).ok_or(Error::NotFound);
            };
            if self.write_permit(before.as_ref(), &after).await? {
                let is_new = before.is_none();
                let after = Box::new(after);
                return Ok(if is_new { PutPermit::Created(after) } else { PutPermit::Changed(after) });
            }
        }
        Err(Error::Contention { attempts: ATTEMPTS })
    }

    /// Moves a permit on from one version to the next. False where somebody else changed it first.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn advance_permit(&self, before: &Permit, after: &Permit) -> Result<bool, Error> {
        self.write_permit(Some(before), after).await
    }

    async fn write_permit(&self, before: Option<&Permit>, after: &Permit) -> Result<bool, Error> {
        let put = put(self, "permit", &PermitItem::of(after), before.is_none())?;
        let request = self.client.put_item().table_name(&self.name).set_item(Some(put.item));
        let request = match before {
            Some(before) => request
                .condition_expression("version = :before")
                .expression_attribute_values(":before", AttributeValue::N(before.version.to_string())),
            None => request.set_condition_expression(put.condition_expression),
        };
        match request.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
                Ok(false)
            }
            Err(error) => Err(Error::dynamo("PutItem")(error)),
        }
    }

    /// The first word of a holder that a permit is renewed, for the transaction in which their text is kept.
    pub(crate) fn report_renewal(&self, cycle: &PermitCycle, at: Timestamp) -> Result<Update, Error> {
        let said = "cycles.#cycle.reported_renewed_at";
        Update::builder()
            .table_name(&self.name)
            .set_key(Some(keys::permit(&cycle.permit).into_attributes()))
            .update_expression(format!(
                "SET {said} = if_not_exists({said}, :at), updated_at = :at, version = version + :one"
            ))
            .condition_expression("attribute_exists(cycles.#cycle)")
            .expression_attribute_names("#cycle", cycle.expires_on.to_string())
            .expression_attribute_values(":at", AttributeValue::S(at.to_string()))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .build()
            .map_err(|source| Error::corrupt("permit")(source.into()))
    }

    /// The permits of a shard of which a stage fell due by `until`, oldest first, at most `limit`, from `after` on.
    ///
    /// The index trails the table by a moment: what it names may have moved on.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn renewals_due(
        &self,
        shard: DueShard,
        until: Timestamp,
        limit: i32,
        after: Option<RenewalCursor>,
    ) -> Result<RenewalPage, Error> {
        let due_shard = keys::renewal_shard(shard.number());
        let start = after.and_then(|RenewalCursor(due_at_id)| {
            let mut key = keys::permit(&keys::permit_of_renewal(&due_at_id)?).into_attributes();
            key.insert("due_shard".to_owned(), AttributeValue::S(due_shard.clone()));
            key.insert("due_at_id".to_owned(), AttributeValue::S(due_at_id));
            Some(key)
        });
        let until = keys::renewal_until(until);
        let answer = self.query_due(due_shard, until, limit, start).await?;
        let position =
            |item: &HashMap<String, AttributeValue>| item.get("due_at_id").and_then(|value| value.as_s().ok()).cloned();
        let permits = answer.items().iter().filter_map(position).filter_map(|at| keys::permit_of_renewal(&at));
        Ok(RenewalPage {
            permits: permits.collect(),
            after: answer.last_evaluated_key().and_then(position).map(RenewalCursor),
        })
    }
}
