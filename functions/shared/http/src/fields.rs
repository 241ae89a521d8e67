//! Reads a JSON body field by field and collects every fault, so that a caller mends them all at once.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use crate::Fault;

/// One JSON object being read. Each field is asked for once; those nobody asked for are faults.
#[derive(Debug)]
pub struct Fields<'a> {
    object: &'a Map<String, Value>,
    pointer: String,
    known: BTreeSet<&'static str>,
    faults: &'a mut Vec<Fault>,
}

impl<'a> Fields<'a> {
    /// Reads `body` by `read`.
    ///
    /// # Errors
    /// Every fault found; at least one where `read` gave nothing.
    pub fn read<T>(body: &Value, read: impl FnOnce(&mut Fields<'_>) -> Option<T>) -> Result<T, Vec<Fault>> {
        let mut faults = Vec::new();
        let value = Fields::enter(body, "#".to_owned(), &mut faults, read);
        match value {
            Some(value) if faults.is_empty() => Ok(value),
            Some(_) | None => Err(faults),
        }
    }

    fn enter<T>(
        value: &'a Value,
        pointer: String,
        faults: &'a mut Vec<Fault>,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        let Value::Object(object) = value else {
            faults.push(Fault::field(pointer, "expected an object"));
            return None;
        };
        let mut fields = Fields { object, pointer, known: BTreeSet::new(), faults };
        let read = read(&mut fields);
        let unknown = object.keys().filter(|name| !fields.known.contains(name.as_str()));
        let unknown: Vec<String> = unknown.map(|name| fields.at(name)).collect();
        fields.faults.extend(unknown.into_iter().map(|pointer| Fault::field(pointer, "unknown field")));
        read
    }

    fn at(&self, name: &str) -> String {
        format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1"))
    }

    fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.insert(name);
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// The field is there, whether sound or not.
    #[must_use]
    pub fn is_present(&self, name: &str) -> bool {
        self.object.get(name).is_some_and(|value| !value.is_null())
    }

    /// Something of what was read so far is not sound.
    #[must_use]
    pub const fn is_faulty(&self) -> bool {
        !self.faults.is_empty()
    }

    /// Adds a fault of this object's field `name`; of the object itself if `name` is empty.
    pub fn fault(&mut self, name: &str, detail: impl Into<String>) {
        let pointer = if name.is_empty() { self.pointer.clone() } else { self.at(name) };
        self.faults.push(Fault::field(pointer, detail));
    }

    /// A text that must be there and that `parse` must accept.
    pub fn required<T, E: Display>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if self.value(name).is_none() {
            self.fault(name, "required");
            return None;
        }
        self.optional(name, parse)
    }

    /// A text that may be missing, and that `parse` must accept when it is there.
    pub fn optional<T, E: Display>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let detail = match self.value(name)? {
            Value::String(text) => match parse(text) {
                Ok(value) => return Some(value),
                Err(error) => error.to_string(),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                "expected a text".to_owned()
            }
        };
        self.fault(name, detail);
        None
    }

    /// A text of so many characters that must be there.
    pub fn text(&mut self, name: &'static str, length: RangeInclusive<usize>) -> Option<String> {
        self.required(name, |text| within(text, &length))
    }

    /// A whole number of this range that must be there.
    pub fn number(&mut self, name: &'static str, range: RangeInclusive<u64>) -> Option<u64> {
        let detail = match self.value(name) {
            None => "required".to_owned(),
            Some(value) => match value.as_u64().filter(|number| range.contains(number)) {
                Some(number) => return Some(number),
                None => format!("expected a whole number from {} to {}", range.start(), range.end()),
            },
        };
        self.fault(name, detail);
        None
    }

    /// A yes or no that may be missing.
    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        let flag = self.value(name)?.as_bool();
        if flag.is_none() {
            self.fault(name, "expected true or false");
        }
        flag
    }

    /// An object that must be there.
    pub fn object<T>(&mut self, name: &'static str, read: impl FnOnce(&mut Fields<'_>) -> Option<T>) -> Option<T> {
        if self.value(name).is_none() {
            self.fault(name, "required");
            return None;
        }
        self.optional_object(name, read)
    }

    /// An object that may be missing.
    pub fn optional_object<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(name)?;
        let pointer = self.at(name);
        Fields::enter(value, pointer, self.faults, read)
    }

    /// A list of at most so many objects, which may be missing; none where one of them is not sound.
    pub fn optional_list<T>(
        &mut self,
        name: &'static str,
        at_most: usize,
        mut read: impl FnMut(&mut Fields<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let value = self.value(name)?;
        let pointer = self.at(name);
        match value {
            Value::Array(items) if items.len() <= at_most => {
                let items = items.iter().enumerate();
                let read: Vec<Option<T>> = items
                    .map(|(index, item)| Fields::enter(item, format!("{pointer}/{index}"), self.faults, &mut read))
                    .collect();
                read.into_iter().collect()
            }
            Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                self.fault(name, format!("expected a list of at most {at_most} objects"));
                None
            }
        }
    }
}

fn within(text: &str, length: &RangeInclusive<usize>) -> Result<String, String> {
    let text = text.trim();
    let is_plain = |c: char| !c.is_control() || c == '\n' || c == '\t' || c == '\r';
    if !text.chars().all(is_plain) {
        return Err("holds control characters".to_owned());
    }
    if length.contains(&text.chars().count()) {
        Ok(text.to_owned())
    } else {
        Err(format!("expected {} to {} characters", length.start(), length.end()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Result<(String, Option<String>), Vec<Fault>> {
        Fields::read(body, |fields| {
            let name = fields.text("name", 1..=5);
            let nested = fields.optional_object("nested", |nested| nested.text("a/b", 1..=3));
            Some((name?, nested))
        })
    }

    #[test]
    fn a_sound_body_is_read() {
        let sound = read(&json!({ "name": " 홍길동 ", "nested": { "a/b": "x" } }));
        assert_eq!(sound, Ok(("홍길동".to_owned(), Some("x".to_owned()))));
        assert_eq!(read(&json!({ "name": "a", "nested": null })), Ok(("a".to_owned(), None)));
    }

    #[test]
    fn items_of_a_list_are_read_each_under_its_own_pointer() {
        let list = |body: &Value| {
            Fields::read(body, |fields| Some(fields.optional_list("items", 2, |item| item.text("name", 1..=3))))
        };
        assert_eq!(
            list(&json!({ "items": [{ "name": "a" }, { "name": "b" }] })),
            Ok(Some(vec!["a".into(), "b".into()]))
        );
        assert_eq!(list(&json!({})), Ok(None));
        let faults = list(&json!({ "items": [{ "name": "a" }, { "name": "long", "x": 1 }] })).expect_err("faults");
        let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_deref().unwrap_or_default()).collect();
        assert_eq!(pointers, ["#/items/1/name", "#/items/1/x"]);
        for other in [json!({ "items": "a" }), json!({ "items": [{}, {}, {}] })] {
            assert_eq!(list(&other).expect_err("no such list")[0].detail, "expected a list of at most 2 objects");
        }
    }

    #[test]
    fn every_fault_is_collected_with_its_pointer() {
        let faults =
            read(&json!({ "name": 3, "nested": { "a/b": "long", "x": 1 }, "extra": true })).expect_err("faults");
        insta::assert_json_snapshot!(faults);
        assert_eq!(read(&json!([])).expect_err("no object").len(), 1);
        assert_eq!(read(&json!({})).expect_err("no name")[0].detail, "required");
    }
}
