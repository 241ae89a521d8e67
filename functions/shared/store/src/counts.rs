//! Counters, exactly once: which events of a notice were counted stands beside it, and changes in the transaction that
//! adds to the numbers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem, Update};
use domain::statistics::{Counted, Counts, Line, count};
use domain::{DepartmentCode, NoticeId};
use jiff::civil::Date;

use crate::error::cancellations;
use crate::items::{CountedItem, EventItem, StatisticsItem, assembled, read};
use crate::{Error, Table, keys};

/// What is counted in one transaction.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    events: BTreeMap<NoticeId, BTreeSet<u32>>,
    lines: BTreeMap<Line, Counts>,
}

impl Tally {
    /// `DynamoDB` takes so many items at once.
    const ITEMS: usize = 100;

    /// Adds what an event of a notice counts; false, and nothing is added, when no more fits.
    #[must_use]
    pub fn add(&mut self, notice: NoticeId, counted: &Counted) -> bool {
        let new =
            usize::from(!self.events.contains_key(&notice)) + usize::from(!self.lines.contains_key(&counted.line));
        if self.events.len() + self.lines.len() + new > Self::ITEMS {
            return false;
        }
        self.events.entry(notice).or_default().insert(counted.version);
        *self.lines.entry(counted.line.clone()).or_default() += &counted.counts;
        true
    }

    /// Nothing is to be counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The events it counts, by notice.
    #[must_use]
    pub const fn events(&self) -> &BTreeMap<NoticeId, BTreeSet<u32>> {
        &self.events
    }

    /// What they add.
    #[must_use]
    pub const fn lines(&self) -> &BTreeMap<Line, Counts> {
        &self.lines
    }
}

/// What became of a tally.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// Its numbers stand, all of them.
    Whole,
    /// Some of its events were counted before; none of its numbers stands.
    Overtaken,
    /// Others write the same numbers at this moment; none of its numbers stands.
    Busy,
}

impl Table {
    /// What the events of a notice add that are not counted yet, oldest first.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn uncounted(&self, id: NoticeId) -> Result<Vec<Counted>, Error> {
        let items = self.between(keys::notice_partition(id), keys::counted(id).sk, keys::details(id).sk).await?;
        let (mut counted, mut events, mut rest) = (BTreeSet::new(), Vec::new(), Vec::new());
        for item in items {
            if keys::is(&item, &keys::counted(id)) {
                counted = read::<CountedItem>("counted", item)?.versions;
            } else if keys::is_event(&item) {
                events.push(read::<EventItem>("event", item)?.event()?);
            } else {
                rest.push(item);
            }
        }
        let Some(notice) = assembled(rest)?.pop() else { return Ok(Vec::new()) };
        let mut all = count(&notice, &events);
        all.retain(|event| !counted.contains(&event.version));
        Ok(all)
    }

    /// Counts all of a tally, or nothing.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn enter(&self, tally: &Tally) -> Result<Entered, Error> {
        let marks = tally.events.iter().map(|(notice, versions)| self.mark(*notice, versions));
        let sums = tally.lines.iter().map(|(line, counts)| self.sum(line, counts));
        let writes = marks.chain(sums).collect::<Result<_, _>>()?;
        let request = self.client.transact_write_items().set_transact_items(Some(writes));
        let Err(error) = request.send().await else { return Ok(Entered::Whole) };
        let reasons = cancellations(&error);
        let transient = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
        if reasons.contains(&"ConditionalCheckFailed") {
            Ok(Entered::Overtaken)
        } else if reasons.iter().any(|reason| transient.contains(reason)) {
            Ok(Entered::Busy)
        } else {
            Err(Error::dynamo("TransactWriteItems")(error))
        }
    }

    /// Marks events as counted, if none of them was. The mark stays as long as the events do: without it they would
    /// count again.
    fn mark(&self, notice: NoticeId, versions: &BTreeSet<u32>) -> Result<TransactWriteItem, Error> {
        let numbers: Vec<String> = versions.iter().map(u32::to_string).collect();
        let names: Vec<String> = (0..numbers.len()).map(|index| format!(":v{index}")).collect();
        let unmarked: Vec<String> = names.iter().map(|name| format!("NOT contains(versions, {name})")).collect();
        let mut values: HashMap<String, AttributeValue> =
            names.into_iter().zip(numbers.iter().cloned().map(AttributeValue::N)).collect();
        values.insert(":versions".to_owned(), AttributeValue::Ns(numbers));
        let update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(keys::counted(notice).into_attributes()))
            .update_expression("ADD versions :versions")
            .condition_expression(unmarked.join(" AND "))
            .set_expression_attribute_values(Some(values))
            .build()
            .map_err(|source| Error::corrupt("counted")(source.into()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Adds to the numbers of a line. Names are given apart: some counters are called as words of `DynamoDB`.
    fn sum(&self, line: &Line, counts: &Counts) -> Result<TransactWriteItem, Error> {
        let (mut parts, mut names, mut values) = (Vec::new(), HashMap::new(), HashMap::new());
        for (index, (name, amount)) in counts.iter().enumerate() {
            parts.push(format!("#c{index} :c{index}"));
            names.insert(format!("#c{index}"), name.to_owned());
            values.insert(format!(":c{index}"), AttributeValue::N(amount.to_string()));
        }
        let update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(keys::statistics(line).into_attributes()))
            .update_expression(format!("ADD {}", parts.join(", ")))
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
            .build()
            .map_err(|source| Error::corrupt("statistics")(source.into()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// A department's numbers of the days from `from` to `to`, which lie in one year, in the order of days and kinds.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn statistics(
        &self,
        department: &DepartmentCode,
        from: Date,
        to: Date,
    ) -> Result<Vec<(Line, Counts)>, Error> {
        let partition = keys::statistics_partition(department, from.year());
        let items = self.between(partition, keys::statistics_from(from), keys::statistics_until(to)).await?;
        let line = |item| {
            let StatisticsItem { key, counts } = read("statistics", item)?;
            let line =
                keys::line(department, &key).ok_or_else(|| Error::corrupt("statistics")("no such key".into()))?;
            Ok((line, counts))
        };
        items.into_iter().map(line).collect()
    }
}
