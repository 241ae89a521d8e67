//! DynamoDB's capacity units: how large an item is, and what reading and writing it takes.
//!
//! By the developer guide's "Item sizes and formats" and "Read and write operations".

use serde_json::Value;

use crate::expression::Item;

/// Bytes of an item.
#[must_use]
pub fn item_bytes(item: &Item) -> u64 {
    item.iter().map(|(name, value)| len(name) + value_bytes(value)).sum()
}

fn value_bytes(typed: &Value) -> u64 {
    let Some((r#type, value)) = typed.as_object().and_then(|typed| typed.iter().next()) else { return 0 };
    match (r#type.as_str(), value) {
        ("S", Value::String(text)) => len(text),
        ("N", Value::String(digits)) => number_bytes(digits),
        ("B", Value::String(encoded)) => len(encoded) / 4 * 3,
        ("NS", Value::Array(numbers)) => numbers.iter().filter_map(Value::as_str).map(number_bytes).sum(),
        ("SS", Value::Array(texts)) => texts.iter().filter_map(Value::as_str).map(len).sum(),
        ("M", Value::Object(map)) => {
            3 + map.iter().map(|(name, value)| 1 + len(name) + value_bytes(value)).sum::<u64>()
        }
        ("L", Value::Array(list)) => 3 + list.iter().map(|value| 1 + value_bytes(value)).sum::<u64>(),
        (_, _) => 1,
    }
}

/// About a byte for every two digits, and one more.
fn number_bytes(digits: &str) -> u64 {
    (len(digits.trim_start_matches('-').trim_matches('0'))).div_ceil(2) + 1
}

fn len(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}

/// Units of writing so many bytes: one a KB begun, twice that in a transaction.
#[must_use]
pub fn write_units(bytes: u64, in_transaction: bool) -> u64 {
    bytes.div_ceil(1024).max(1) * if in_transaction { 2 } else { 1 }
}

/// Halves of units of reading so many bytes: a unit for every 4 KB begun, half where an older state will do.
#[must_use]
pub fn read_half_units(bytes: u64, consistent: bool) -> u64 {
    bytes.div_ceil(4096).max(1) * if consistent { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sizes_count_names_values_and_nesting() {
        let item = json!({ "pk": { "S": "가나" }, "n": { "N": "1500" }, "t": { "BOOL": true }, "x": { "NULL": true },
            "m": { "M": { "a": { "S": "bc" } } }, "l": { "L": [{ "S": "de" }] } });
        let item = serde_json::from_value(item).expect("an item");
        assert_eq!(item_bytes(&item), (2 + 6) + (1 + 2) + 2 + 2 + (1 + 3 + 1 + 1 + 2) + (1 + 3 + 1 + 2));
    }

    #[test]
    fn units_are_begun_and_doubled() {
        assert_eq!((write_units(1, false), write_units(1024, false), write_units(1025, true)), (1, 1, 4));
        assert_eq!((read_half_units(0, false), read_half_units(4096, true), read_half_units(4097, true)), (1, 2, 4));
    }
}
