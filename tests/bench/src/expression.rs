//! DynamoDB's condition, key condition and update expressions, as far as the functions write them.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};

/// An item as DynamoDB's JSON has it: attributes with their types.
pub type Item = Map<String, Value>;

/// An expression that this stand-in does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the expression {0:?}")]
pub struct Unreadable(String);

/// An expression with the names and values it speaks of.
pub struct Expression<'a> {
    text: &'a str,
    tokens: Vec<&'a str>,
    at: usize,
    names: Option<&'a Value>,
    values: Option<&'a Value>,
}

impl<'a> Expression<'a> {
    /// The expression `text` of a request, and what the request says about its placeholders.
    #[must_use]
    pub fn new(text: &'a str, request: &'a Value) -> Self {
        let (names, values) = (request.get("ExpressionAttributeNames"), request.get("ExpressionAttributeValues"));
        Self { text, tokens: tokens(text), at: 0, names, values }
    }

    /// Whether it holds of an item; nothing is there where there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn holds(mut self, item: &Item) -> Result<bool, Unreadable> {
        let holds = self.any(item)?;
        if self.at == self.tokens.len() { Ok(holds) } else { Err(self.unreadable()) }
    }

    /// Changes an item.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn change(mut self, item: &mut Item) -> Result<(), Unreadable> {
        while let Some(verb) = self.next() {
            loop {
                let path = self.path()?;
                match verb.to_ascii_uppercase().as_str() {
                    "SET" => {
                        self.expect("=")?;
                        let value = self.sum(item)?;
                        *place(item, &path).ok_or_else(|| self.unreadable())? = value;
                    }
                    "ADD" => {
                        let more = self.operand(item)?.ok_or_else(|| self.unreadable())?;
                        let before = find(item, &path).cloned();
                        *place(item, &path).ok_or_else(|| self.unreadable())? = added(before.as_ref(), &more);
                    }
                    "REMOVE" => {
                        item.remove(path.first().map_or("", String::as_str));
                    }
                    _ => return Err(self.unreadable()),
                }
                if self.peek() == Some(",") {
                    self.at += 1;
                } else {
                    break;
                }
            }
        }
        Ok(())
    }

    fn any(&mut self, item: &Item) -> Result<bool, Unreadable> {
        let mut holds = self.all(item)?;
        while self.take("OR") {
            holds |= self.all(item)?;
        }
        Ok(holds)
    }

    fn all(&mut self, item: &Item) -> Result<bool, Unreadable> {
        let mut holds = self.one(item)?;
        while self.take("AND") {
            holds &= self.one(item)?;
        }
        Ok(holds)
    }

    fn one(&mut self, item: &Item) -> Result<bool, Unreadable> {
        if self.take("NOT") {
            return Ok(!self.one(item)?);
        }
        if self.take("(") {
            let holds = self.any(item)?;
            self.expect(")")?;
            return Ok(holds);
        }
        for function in ["attribute_exists", "attribute_not_exists", "contains", "begins_with"] {
            if self.take(function) {
                return self.function(function, item);
            }
        }
        let left = self.operand(item)?;
        if self.take("BETWEEN") {
            let low = self.operand(item)?;
            self.expect("AND")?;
            let high = self.operand(item)?;
            let order = |bound: &Option<Value>| left.as_ref().zip(bound.as_ref()).and_then(|(a, b)| order(a, b));
            return Ok(order(&low).is_some_and(Ordering::is_ge) && order(&high).is_some_and(Ordering::is_le));
        }
        let sign = self.next().ok_or_else(|| self.unreadable())?;
        let right = self.operand(item)?;
        let (Some(left), Some(right)) = (left, right) else { return Ok(sign == "<>") };
        Ok(match sign {
            "=" => left == right || order(&left, &right) == Some(Ordering::Equal),
            "<>" => left != right,
            "<" => order(&left, &right).is_some_and(Ordering::is_lt),
            "<=" => order(&left, &right).is_some_and(Ordering::is_le),
            ">" => order(&left, &right).is_some_and(Ordering::is_gt),
            ">=" => order(&left, &right).is_some_and(Ordering::is_ge),
            _ => return Err(self.unreadable()),
        })
    }

    fn function(&mut self, name: &str, item: &Item) -> Result<bool, Unreadable> {
        self.expect("(")?;
        let path = self.path()?;
        let found = find(item, &path);
        let holds = match name {
            "attribute_exists" => found.is_some(),
            "attribute_not_exists" => found.is_none(),
            _ => {
                self.expect(",")?;
                let operand = self.operand(item)?;
                let (found, wanted) = (found.and_then(plain), operand.as_ref().and_then(plain));
                match (found, wanted) {
                    (Some(Value::Array(all)), Some(one)) => all.contains(one),
                    (Some(Value::String(text)), Some(Value::String(part))) if name == "contains" => {
                        text.contains(part.as_str())
                    }
                    (Some(Value::String(text)), Some(Value::String(part))) => text.starts_with(part.as_str()),
                    (_, _) => false,
                }
            }
        };
        self.expect(")")?;
        Ok(holds)
    }

    /// An operand, and perhaps another added to it.
    fn sum(&mut self, item: &Item) -> Result<Value, Unreadable> {
        let value = self.operand(item)?.ok_or_else(|| self.unreadable())?;
        if !self.take("+") {
            return Ok(value);
        }
        let more = self.operand(item)?.ok_or_else(|| self.unreadable())?;
        Ok(added(Some(&value), &more))
    }

    fn operand(&mut self, item: &Item) -> Result<Option<Value>, Unreadable> {
        if self.take("if_not_exists") {
            self.expect("(")?;
            let path = self.path()?;
            self.expect(",")?;
            let otherwise = self.operand(item)?;
            self.expect(")")?;
            return Ok(find(item, &path).cloned().or(otherwise));
        }
        if self.peek().is_some_and(|token| token.starts_with(':')) {
            let name = self.next().unwrap_or_default();
            return Ok(self.values.and_then(|values| values.get(name)).cloned());
        }
        let path = self.path()?;
        Ok(find(item, &path).cloned())
    }

    fn path(&mut self) -> Result<Vec<String>, Unreadable> {
        let path = self.next().ok_or_else(|| self.unreadable())?;
        let named = |part: &str| {
            let name = self.names.and_then(|names| names.get(part)).and_then(Value::as_str);
            name.unwrap_or(part).to_owned()
        };
        Ok(path.split('.').map(named).collect())
    }

    fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.at).copied()
    }

    fn next(&mut self) -> Option<&'a str> {
        let token = self.peek();
        self.at += usize::from(token.is_some());
        token
    }

    fn take(&mut self, word: &str) -> bool {
        let is_next = self.peek().is_some_and(|token| token.eq_ignore_ascii_case(word));
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, word: &str) -> Result<(), Unreadable> {
        if self.take(word) { Ok(()) } else { Err(self.unreadable()) }
    }

    fn unreadable(&self) -> Unreadable {
        Unreadable(self.text.to_owned())
    }
}

fn tokens(text: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '#' | ':' | '.');
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else if ["<>", "<=", ">="].iter().any(|sign| rest.starts_with(sign)) {
            2
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        tokens.push(token);
        rest = after.trim_start();
    }
    tokens
}

fn find<'i>(item: &'i Item, path: &[String]) -> Option<&'i Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(item.get(first)?, |value, part| value.get("M")?.get(part))
}

/// Where the path leads; all but its last part must be there.
fn place<'i>(item: &'i mut Item, path: &[String]) -> Option<&'i mut Value> {
    let (last, before) = path.split_last()?;
    let within = before.iter().try_fold(item, |map, part| map.get_mut(part)?.get_mut("M")?.as_object_mut())?;
    Some(within.entry(last.clone()).or_insert(Value::Null))
}

/// The value without its type.
fn plain(typed: &Value) -> Option<&Value> {
    typed.as_object().and_then(|typed| typed.values().next())
}

fn number(typed: &Value) -> Option<f64> {
    typed.get("N")?.as_str()?.parse().ok()
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (number(left), number(right)) {
        (Some(left), Some(right)) => left.partial_cmp(&right),
        (_, _) => Some(left.get("S")?.as_str()?.cmp(right.get("S")?.as_str()?)),
    }
}

/// A number and another, or a set and more of it.
fn added(before: Option<&Value>, more: &Value) -> Value {
    for set in ["NS", "SS"] {
        if let Some(Value::Array(more)) = more.get(set) {
            let mut all = before.and_then(|set_before| set_before.get(set)?.as_array().cloned()).unwrap_or_default();
            all.extend(more.iter().filter(|one| !all.contains(one)).cloned().collect::<Vec<_>>());
            return json!({ set: all });
        }
    }
    let sum = before.and_then(number).unwrap_or_default() + number(more).unwrap_or_default();
    json!({ "N": sum.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(value: Value) -> Item {
        serde_json::from_value(value).expect("an item")
    }

    #[expect(clippy::needless_pass_by_value, reason = "reads better where it is called")]
    fn holds(text: &str, values: Value, of: Value) -> bool {
        let request = json!({ "ExpressionAttributeNames": { "#c": "2026-01-01", "#run": "run" }, "ExpressionAttributeValues": values });
        Expression::new(text, &request).holds(&item(of)).expect("readable")
    }

    #[test]
    fn conditions_hold_as_dynamodb_says() {
        assert!(holds("attribute_not_exists(pk)", json!({}), json!({})));
        assert!(!holds("attribute_not_exists(pk)", json!({}), json!({ "pk": { "S": "a" } })));
        let batch = json!({ "pk": { "S": "a" }, "stage": { "S": "importing" }, "held_until": { "N": "9" } });
        let hold = "attribute_exists(pk) AND stage <> :done AND stage <> :refused AND held_until <= :now";
        let values =
            |now: &str| json!({ ":done": { "S": "done" }, ":refused": { "S": "refused" }, ":now": { "N": now } });
        assert!(holds(hold, values("10"), batch.clone()));
        assert!(!holds(hold, values("8"), batch));
        let opted = "attribute_not_exists(pk) OR opted_out = :value";
        assert!(holds(
            opted,
            json!({ ":value": { "BOOL": false } }),
            json!({ "pk": { "S": "a" }, "opted_out": { "BOOL": false } })
        ));
        let unmarked = "NOT contains(versions, :v0) AND NOT contains(versions, :v1)";
        let marks = json!({ ":v0": { "N": "3" }, ":v1": { "N": "4" } });
        assert!(holds(unmarked, marks.clone(), json!({})));
        assert!(!holds(unmarked, marks, json!({ "versions": { "NS": ["1", "4"] } })));
        assert!(holds(
            "attribute_exists(cycles.#c)",
            json!({}),
            json!({ "cycles": { "M": { "2026-01-01": { "NULL": true } } } })
        ));
        assert!(!holds("#run = :run", json!({ ":run": { "S": "1" } }), json!({})));
        let keys = json!({ ":pk": { "S": "a" }, ":from": { "S": "b" }, ":to": { "S": "d" } });
        assert!(holds(
            "pk = :pk AND sk BETWEEN :from AND :to",
            keys,
            json!({ "pk": { "S": "a" }, "sk": { "S": "c" } })
        ));
    }

    #[test]
    fn updates_set_add_and_remove() {
        let request = json!({ "ExpressionAttributeNames": { "#c": "day" }, "ExpressionAttributeValues": {
            ":at": { "S": "now" }, ":one": { "N": "1" }, ":v": { "NS": ["2", "3"] } } });
        let mut it = item(
            json!({ "version": { "N": "4" }, "seen": { "NS": ["1", "2"] }, "old": { "S": "x" }, "m": { "M": { "day": { "M": {} } } } }),
        );
        let text = "SET m.#c.at = :at, version = version + :one ADD seen :v, count :one REMOVE old";
        Expression::new(text, &request).change(&mut it).expect("readable");
        assert_eq!(
            Value::Object(it),
            json!({ "version": { "N": "5" }, "seen": { "NS": ["1", "2", "3"] }, "count": { "N": "1" },
            "m": { "M": { "day": { "M": { "at": { "S": "now" } } } } } })
        );
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        assert!(Expression::new("size(a) > :b", &json!({})).holds(&Item::new()).is_err());
    }
}
