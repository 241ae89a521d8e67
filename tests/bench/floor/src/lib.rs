//! The floor that functions are measured against: a Lambda that does nothing, and one that does a single transaction.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use serde_json::{Map, Value};

/// The puts of a transaction as DynamoDB's JSON has them.
///
/// # Errors
/// When they are none.
pub fn transaction(puts: &[Value]) -> Result<Vec<TransactWriteItem>, bootstrap::Error> {
    puts.iter().map(|write| put(&write["Put"])).collect()
}

fn put(put: &Value) -> Result<TransactWriteItem, bootstrap::Error> {
    let put = Put::builder()
        .table_name(put["TableName"].as_str().ok_or("no table")?)
        .set_condition_expression(put["ConditionExpression"].as_str().map(str::to_owned))
        .set_item(Some(attributes(put["Item"].as_object().ok_or("no put")?)?))
        .build()?;
    Ok(TransactWriteItem::builder().put(put).build())
}

fn attributes(item: &Map<String, Value>) -> Result<HashMap<String, AttributeValue>, bootstrap::Error> {
    item.iter().map(|(name, value)| Ok((name.clone(), attribute(value)?))).collect()
}

fn attribute(typed: &Value) -> Result<AttributeValue, bootstrap::Error> {
    let (r#type, value) = typed.as_object().and_then(|typed| typed.iter().next()).ok_or("no attribute")?;
    let text = || value.as_str().map(str::to_owned).ok_or("no text");
    let texts = || value.as_array().map(|texts| texts.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    Ok(match r#type.as_str() {
        "S" => AttributeValue::S(text()?),
        "N" => AttributeValue::N(text()?),
        "B" => AttributeValue::B(Blob::new(text()?)),
        "BOOL" => AttributeValue::Bool(value.as_bool().ok_or("no yes or no")?),
        "NULL" => AttributeValue::Null(true),
        "M" => AttributeValue::M(attributes(value.as_object().ok_or("no map")?)?),
        "L" => AttributeValue::L(value.as_array().ok_or("no list")?.iter().map(attribute).collect::<Result<_, _>>()?),
        "NS" => AttributeValue::Ns(texts().ok_or("no numbers")?),
        "SS" => AttributeValue::Ss(texts().ok_or("no texts")?),
        _ => return Err("an unknown type of attribute".into()),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn puts_are_read_as_they_stand() {
        let item = json!({ "pk": { "S": "A" }, "n": { "N": "1" }, "m": { "M": { "l": { "L": [{ "NULL": true }] } } },
            "is": { "BOOL": true }, "ns": { "NS": ["1", "2"] } });
        let put =
            json!({ "Put": { "TableName": "t", "ConditionExpression": "attribute_not_exists(pk)", "Item": item } });
        let writes = transaction(&[put]).expect("a transaction");
        let put = writes[0].put().expect("a put");
        assert_eq!(put.item().len(), 5);
        assert_eq!(put.item()["ns"], AttributeValue::Ns(vec!["1".to_owned(), "2".to_owned()]));
        assert_eq!(put.condition_expression(), Some("attribute_not_exists(pk)"));
        assert!(transaction(&[json!({ "Delete": {} })]).is_err());
    }
}
