//! A table in memory that answers as DynamoDB does and tells what each call would have been billed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound::{Excluded, Unbounded};

use serde_json::{Value, json};

use crate::expression::{Expression, Item, Unreadable};
use crate::units::{item_bytes, read_half_units, write_units};

/// The table's indexes: name, partition key, sort key. All hold keys only, as the template has them.
const INDEXES: [(&str, &str, &str); 2] =
    [("by_department", "department_phase", "listed_at_id"), ("by_due", "due_shard", "due_at_id")];

/// What a call was billed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Billed {
    /// Halves of read units.
    pub read_half_units: u64,
    /// Write units of the table.
    pub write_units: u64,
    /// Write units of its indexes.
    pub index_write_units: u64,
}

/// What a call came to: its answer, or an error by its code with the rest of the body.
pub type Answer = Result<Value, (&'static str, Value)>;

type Entry = (String, String, String, String);

/// An item as the text of its JSON, which takes far less room than the item taken apart.
#[derive(Debug)]
struct Packed(Box<str>);

impl Packed {
    fn new(item: Item) -> Self {
        Self(Value::Object(item).to_string().into_boxed_str())
    }

    fn item(&self) -> Item {
        serde_json::from_str(&self.0).unwrap_or_else(|_| unreachable!("an item was written to it"))
    }
}

/// The table.
#[derive(Debug, Default)]
pub struct Memory {
    items: HashMap<String, BTreeMap<String, Packed>>,
    indexes: [BTreeSet<Entry>; 2],
    /// Events written since they were last taken: new images, in order.
    stream: Vec<Item>,
    forgets: bool,
    sequence: u64,
}

impl Memory {
    /// A table that keeps nothing of transactions, for files larger than memory should hold.
    #[must_use]
    pub fn forgetful() -> Self {
        Self { forgets: true, ..Self::default() }
    }

    /// Forgets the print runs, as if the next one were another day's.
    pub fn forget_runs(&mut self) {
        self.items.retain(|partition, _| !partition.starts_with("RUN#"));
    }

    /// Answers one operation.
    pub fn answer(&mut self, operation: &str, request: &Value) -> (Answer, Billed) {
        let mut billed = Billed::default();
        let answer = match operation {
            "GetItem" => Ok(self.get(request, &mut billed)),
            "BatchGetItem" => Ok(self.batch_get(request, &mut billed)),
            "Query" => self.query(request, &mut billed).map_err(unreadable),
            "PutItem" | "UpdateItem" | "DeleteItem" => self.write_one(operation, request, &mut billed),
            "TransactWriteItems" => self.transact(request, &mut billed),
            _ => Err(("UnknownOperationException", json!({}))),
        };
        (answer, billed)
    }

    /// Takes the events that were written since, with the sequence number of the first.
    pub fn take_events(&mut self) -> (u64, Vec<Item>) {
        let events = std::mem::take(&mut self.stream);
        let first = self.sequence;
        self.sequence += u64::try_from(events.len()).unwrap_or_default();
        (first, events)
    }

    /// How many notices stand in each state.
    #[must_use]
    pub fn states(&self) -> BTreeMap<String, usize> {
        let mut states = BTreeMap::new();
        for notice in self.items.values().filter_map(|partition| partition.get("NOTICE")) {
            let notice = notice.item();
            let name = notice.get("state").and_then(|state| state.pointer("/M/name/S")?.as_str());
            *states.entry(name.unwrap_or_default().to_owned()).or_default() += 1;
        }
        states
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.values().map(BTreeMap::len).sum()
    }

    /// Nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    fn item(&self, pk: &str, sk: &str) -> Option<Item> {
        Some(self.items.get(pk)?.get(sk)?.item())
    }

    fn found(&self, key: &Value) -> Option<Item> {
        self.item(key["pk"]["S"].as_str()?, key["sk"]["S"].as_str()?)
    }

    fn get(&self, request: &Value, billed: &mut Billed) -> Value {
        let item = self.found(&request["Key"]);
        billed.read_half_units += read_half_units(item.as_ref().map_or(0, item_bytes), consistent(request));
        item.map_or_else(|| json!({}), |item| json!({ "Item": item }))
    }

    fn batch_get(&self, request: &Value, billed: &mut Billed) -> Value {
        let mut responses = serde_json::Map::new();
        for (table, wanted) in request["RequestItems"].as_object().into_iter().flatten() {
            let keys = wanted["Keys"].as_array().into_iter().flatten();
            let found: Vec<_> = keys
                .filter_map(|key| {
                    let item = self.found(key);
                    billed.read_half_units += read_half_units(item.as_ref().map_or(0, item_bytes), consistent(wanted));
                    item
                })
                .collect();
            responses.insert(table.clone(), json!(found));
        }
        json!({ "Responses": responses, "UnprocessedKeys": {} })
    }

    fn query(&self, request: &Value, billed: &mut Billed) -> Result<Value, Unreadable> {
        let condition = request["KeyConditionExpression"].as_str().unwrap_or_default();
        let limit = request["Limit"].as_u64().and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        let mut items: Vec<Item> = Vec::new();
        for item in self.candidates(request) {
            if items.len() > limit {
                break;
            }
            if Expression::new(condition, request).holds(&item)? {
                items.push(item);
            }
        }
        let more = items.len() > limit;
        items.truncate(limit);
        billed.read_half_units += read_half_units(items.iter().map(item_bytes).sum(), consistent(request));
        let mut answer = json!({ "Count": items.len(), "ScannedCount": items.len(), "Items": items });
        if let (true, Some(last)) = (more, items.last()) {
            let keys = ["pk", "sk"].into_iter().chain(INDEXES.iter().flat_map(|(_, hash, range)| [*hash, *range]));
            let key: Item = keys.filter_map(|name| Some((name.to_owned(), last.get(name)?.clone()))).collect();
            answer["LastEvaluatedKey"] = json!(key);
        }
        Ok(answer)
    }

    /// The items that a query goes over, in its order, from where it goes on.
    fn candidates<'i>(&'i self, request: &Value) -> Box<dyn Iterator<Item = Item> + 'i> {
        let backwards = request["ScanIndexForward"] == false;
        let start = |name: &str| request["ExclusiveStartKey"][name]["S"].as_str().map(str::to_owned);
        let place = INDEXES.iter().position(|(name, ..)| request["IndexName"] == *name);
        let Some(place) = place else {
            let Some(partition) = self.items.get(value_of(request, ":pk")) else { return Box::new(std::iter::empty()) };
            let items = match start("sk") {
                None => partition.range::<String, _>(..),
                Some(sk) if backwards => partition.range((Unbounded, Excluded(sk))),
                Some(sk) => partition.range((Excluded(sk), Unbounded)),
            };
            let items = items.map(|(_, item)| item.item());
            return if backwards { Box::new(items.rev()) } else { Box::new(items) };
        };
        let (_, hash, range) = INDEXES[place];
        let partition = value_of(request, if place == 0 { ":phase" } else { ":shard" }).to_owned();
        let edge = |end: &str| (partition.clone(), end.to_owned(), String::new(), String::new());
        let last = start(range)
            .map(|at| (partition.clone(), at, start("pk").unwrap_or_default(), start("sk").unwrap_or_default()));
        // No key of an index begins with this sign, which sorts after all that do.
        let (first, past) = (edge(""), edge("\u{10ffff}"));
        let entries = match last {
            None => self.indexes[place].range((Excluded(first), Excluded(past))),
            Some(last) if backwards => self.indexes[place].range((Excluded(first), Excluded(last))),
            Some(last) => self.indexes[place].range((Excluded(last), Excluded(past))),
        };
        let items = entries.map(move |(partition, at, pk, sk)| {
            let texts = [(hash, partition), (range, at), ("pk", pk), ("sk", sk)];
            texts.into_iter().map(|(name, text)| (name.to_owned(), json!({ "S": text }))).collect::<Item>()
        });
        if backwards { Box::new(items.rev()) } else { Box::new(items) }
    }

    fn write_one(&mut self, operation: &str, request: &Value, billed: &mut Billed) -> Answer {
        match self.changed(operation, request) {
            Ok(Some(change)) => {
                let after = json!(change.after);
                self.apply(change, false, billed);
                let all = request["ReturnValues"] == "ALL_NEW";
                Ok(if all { json!({ "Attributes": after }) } else { json!({}) })
            }
            Ok(None) => {
                billed.write_units += 1;
                Err(("ConditionalCheckFailedException", json!({ "message": "The conditional request failed" })))
            }
            Err(error) => Err(unreadable(error)),
        }
    }

    fn transact(&mut self, request: &Value, billed: &mut Billed) -> Answer {
        let (mut changes, mut reasons, mut fails) = (Vec::new(), Vec::new(), false);
        for write in request["TransactItems"].as_array().into_iter().flatten() {
            let Some((kind, write)) = write.as_object().and_then(|write| write.iter().next()) else { continue };
            let change = self.changed(kind, write).map_err(unreadable)?;
            fails |= change.is_none();
            reasons.push(json!({ "Code": if change.is_some() { "None" } else { "ConditionalCheckFailed" } }));
            changes.extend(change);
        }
        if fails {
            billed.write_units += 2 * u64::try_from(reasons.len()).unwrap_or_default();
            let reasons = json!({ "Message": "Transaction cancelled", "CancellationReasons": reasons });
            return Err(("TransactionCanceledException", reasons));
        }
        for change in changes {
            self.apply(change, true, billed);
        }
        Ok(json!({}))
    }

    /// What a write makes of its item; none where its condition does not hold.
    fn changed(&self, kind: &str, write: &Value) -> Result<Option<Change>, Unreadable> {
        let key = if write["Item"].is_object() { &write["Item"] } else { &write["Key"] };
        let text = |name: &str| key[name]["S"].as_str().unwrap_or_default().to_owned();
        let (pk, sk) = (text("pk"), text("sk"));
        let before = self.item(&pk, &sk);
        if let Some(condition) = write["ConditionExpression"].as_str()
            && !Expression::new(condition, write).holds(before.as_ref().unwrap_or(&Item::new()))?
        {
            return Ok(None);
        }
        let after = match kind.trim_end_matches("Item") {
            "Put" => write["Item"].as_object().cloned(),
            "Update" => {
                let mut item = before.clone().or_else(|| key.as_object().cloned()).unwrap_or_default();
                Expression::new(write["UpdateExpression"].as_str().unwrap_or_default(), write).change(&mut item)?;
                Some(item)
            }
            "Delete" => None,
            _ => before.clone(),
        };
        Ok(Some(Change { pk, sk, before, after }))
    }

    fn apply(&mut self, change: Change, in_transaction: bool, billed: &mut Billed) {
        let Change { pk, sk, before, after } = change;
        let bytes = before.as_ref().map_or(0, item_bytes).max(after.as_ref().map_or(0, item_bytes));
        billed.write_units += write_units(bytes, in_transaction);
        for (place, (_, hash, range)) in INDEXES.iter().enumerate() {
            let entry = |item: &Option<Item>| {
                let text = |name: &str| Some(item.as_ref()?.get(name)?.get("S")?.as_str()?.to_owned());
                Some((text(hash)?, text(range)?, pk.clone(), sk.clone()))
            };
            let (old, new) = (entry(&before), entry(&after));
            if old != new {
                let entries = u64::from(old.is_some()) + u64::from(new.is_some());
                // A transaction doubles what the table takes, and not what an index does.
                billed.index_write_units += entries;
                if !self.forgets {
                    if let Some(old) = &old {
                        self.indexes[place].remove(old);
                    }
                    self.indexes[place].extend(new);
                }
            }
        }
        // How far a batch has come is kept.
        if self.forgets && in_transaction && sk != "BATCH" {
            return;
        }
        match after {
            Some(item) => {
                if before.is_none() && sk.starts_with("EVENT#") {
                    self.stream.push(item.clone());
                }
                self.items.entry(pk).or_default().insert(sk, Packed::new(item));
            }
            None => _ = self.items.get_mut(&pk).and_then(|partition| partition.remove(&sk)),
        }
    }
}

struct Change {
    pk: String,
    sk: String,
    before: Option<Item>,
    after: Option<Item>,
}

fn consistent(request: &Value) -> bool {
    request["ConsistentRead"] == true
}

fn value_of<'r>(request: &'r Value, name: &str) -> &'r str {
    request["ExpressionAttributeValues"][name]["S"].as_str().unwrap_or_default()
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of map_err")]
fn unreadable(error: Unreadable) -> (&'static str, Value) {
    ("ValidationException", json!({ "message": error.to_string() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "reads better where it is called")]
    fn put(pk: &str, more: Value) -> Value {
        let mut item = json!({ "pk": { "S": pk }, "sk": { "S": "NOTICE" } });
        item.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        json!({ "Put": { "Item": item, "ConditionExpression": "attribute_not_exists(pk)" } })
    }

    #[test]
    fn a_transaction_is_whole_or_nothing() {
        let mut memory = Memory::default();
        let (first, billed) = memory.answer("TransactWriteItems", &json!({ "TransactItems": [put("A", json!({}))] }));
        assert!(first.is_ok());
        assert_eq!(billed, Billed { write_units: 2, ..Billed::default() });
        let both = json!({ "TransactItems": [put("B", json!({})), put("A", json!({}))] });
        let (code, body) = memory.answer("TransactWriteItems", &both).0.expect_err("A is there");
        assert_eq!(code, "TransactionCanceledException");
        assert_eq!(body["CancellationReasons"], json!([{ "Code": "None" }, { "Code": "ConditionalCheckFailed" }]));
        assert_eq!(memory.len(), 1);
    }

    #[test]
    fn an_index_is_billed_when_its_entry_changes_and_asked_by_its_keys() {
        let mut memory = Memory::default();
        let due = |at: &str| json!({ "due_shard": { "S": "DUE#1" }, "due_at_id": { "S": at } });
        let write = json!({ "TransactItems": [put("A", due("1#A")), put("B", due("2#B"))] });
        assert_eq!(memory.answer("TransactWriteItems", &write).1.index_write_units, 2);
        let mut moved = put("A", due("3#A"))["Put"].clone();
        moved["ConditionExpression"] = json!("attribute_exists(pk)");
        assert_eq!(memory.answer("PutItem", &moved).1.index_write_units, 2);
        assert_eq!(memory.answer("PutItem", &moved).1.index_write_units, 0);
        let query = json!({ "IndexName": "by_due", "KeyConditionExpression": "due_shard = :shard AND due_at_id < :until",
            "Limit": 1, "ExpressionAttributeValues": { ":shard": { "S": "DUE#1" }, ":until": { "S": "9" } } });
        let answer = memory.answer("Query", &query).0.expect("an answer");
        assert_eq!(answer["Items"][0]["pk"]["S"], "B");
        let mut next = query.clone();
        next["ExclusiveStartKey"] = answer["LastEvaluatedKey"].clone();
        let answer = memory.answer("Query", &next).0.expect("an answer");
        assert_eq!((&answer["Items"][0]["pk"]["S"], answer.get("LastEvaluatedKey")), (&json!("A"), None));
    }

    #[test]
    fn events_stream_once_and_in_order() {
        let mut memory = Memory::default();
        for number in ["1", "2"] {
            let item = json!({ "pk": { "S": "N" }, "sk": { "S": format!("EVENT#{number}") } });
            assert!(memory.answer("PutItem", &json!({ "Item": item })).0.is_ok());
        }
        assert_eq!(memory.take_events().1.len(), 2);
        assert_eq!(memory.take_events(), (2, Vec::new()));
    }

    #[test]
    fn an_update_returns_the_item_and_a_failed_condition_its_error() {
        let mut memory = Memory::default();
        let update = json!({ "Key": { "pk": { "S": "L" }, "sk": { "S": "LINK" } }, "UpdateExpression": "ADD tries :one",
            "ConditionExpression": "attribute_exists(pk)", "ReturnValues": "ALL_NEW",
            "ExpressionAttributeValues": { ":one": { "N": "1" } } });
        assert_eq!(memory.answer("UpdateItem", &update).0.expect_err("no link").0, "ConditionalCheckFailedException");
        assert!(memory.answer("PutItem", &json!({ "Item": { "pk": { "S": "L" }, "sk": { "S": "LINK" } } })).0.is_ok());
        let answer = memory.answer("UpdateItem", &update).0.expect("a link");
        assert_eq!(answer["Attributes"]["tries"]["N"], "1");
    }
}
