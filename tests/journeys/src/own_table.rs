//! A table of a test's own, which counts what is asked of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::BeforeSerializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{Builder, ConfigBag, Intercept};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::get_item::GetItemInput;
use aws_sdk_dynamodb::operation::query::QueryInput;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, PutRequest, ScalarAttributeType, WriteRequest,
};
use store::Table;

use crate::Stack;

/// How often the table was asked, by verb.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    queries: Arc<AtomicUsize>,
    reads: Arc<AtomicUsize>,
}

impl Asked {
    /// Queries and single reads so far.
    #[must_use]
    pub fn so_often(&self) -> (usize, usize) {
        (self.queries.load(Ordering::Relaxed), self.reads.load(Ordering::Relaxed))
    }
}

impl Intercept for Asked {
    fn name(&self) -> &'static str {
        "Asked"
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.input().downcast_ref::<QueryInput>().is_some() {
            self.queries.fetch_add(1, Ordering::Relaxed);
        }
        if context.input().downcast_ref::<GetItemInput>().is_some() {
            self.reads.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// A table of a test's own, with the indexes that the template gives it and no stream.
#[derive(Debug)]
pub struct OwnTable {
    client: Client,
    name: String,
}

impl OwnTable {
    /// A new one.
    pub async fn create() -> Self {
        let client = Client::new(&Stack::running().aws().await);
        let name = format!("own-{}", rand::random::<u64>());
        let attributes = ["pk", "sk", "department_phase", "listed_at_id", "due_shard", "due_at_id"].map(|name| {
            let attribute = AttributeDefinition::builder().attribute_name(name);
            attribute.attribute_type(ScalarAttributeType::S).build().expect("an attribute")
        });
        client
            .create_table()
            .table_name(&name)
            .billing_mode(BillingMode::PayPerRequest)
            .set_attribute_definitions(Some(attributes.to_vec()))
            .set_key_schema(Some(keys("pk", "sk")))
            .global_secondary_indexes(index("by_department", "department_phase", "listed_at_id"))
            .global_secondary_indexes(index("by_due", "due_shard", "due_at_id"))
            .send()
            .await
            .expect("a table");
        Self { client, name }
    }

    /// As functions see it.
    #[must_use]
    pub fn table(&self) -> Table {
        Table::new(self.client.clone(), self.name.clone())
    }

    /// The same table, counting what is asked of it.
    pub async fn counted(&self) -> (Table, Asked) {
        let asked = Asked::default();
        let config = Builder::from(&Stack::running().aws().await).interceptor(asked.clone()).build();
        (Table::new(Client::from_conf(config), self.name.clone()), asked)
    }

    /// One item, as it is stored.
    pub async fn item(&self, pk: &str, sk: &str) -> HashMap<String, AttributeValue> {
        let [pk, sk] = [pk, sk].map(|key| AttributeValue::S(key.to_owned()));
        let found = self.client.get_item().table_name(&self.name).key("pk", pk).key("sk", sk).consistent_read(true);
        found.send().await.expect("a table").item.expect("the item")
    }

    /// Many that differ from one that waits for a clock in nothing but the name it is known by.
    pub async fn like(&self, name: &str, others: impl IntoIterator<Item = String>) {
        let mut scan = self.client.scan().table_name(&self.name).into_paginator().items().send();
        let mut templates = Vec::new();
        while let Some(item) = scan.next().await {
            let item = item.expect("an item");
            let text = |attribute: &str| item.get(attribute).and_then(|value| value.as_s().ok());
            let waits = text("due_at_id").is_some_and(|due| due.ends_with(name));
            // A notice is two items.
            let is_its_details =
                text("pk").is_some_and(|pk| pk.ends_with(name)) && text("sk").is_some_and(|sk| sk == "NOTICE#DETAILS");
            if waits || is_its_details {
                templates.push(item);
            }
        }
        let other = |(template, other): (&HashMap<String, AttributeValue>, &String)| {
            let renamed = template.iter().map(|(attribute, value)| match value.as_s() {
                Ok(text) => (attribute.clone(), AttributeValue::S(text.replace(name, other))),
                Err(value) => (attribute.clone(), value.clone()),
            });
            let put = PutRequest::builder().set_item(Some(renamed.collect())).build().expect("an item");
            WriteRequest::builder().put_request(put).build()
        };
        let others: Vec<String> = others.into_iter().collect();
        let writes = others.iter().flat_map(|name| templates.iter().map(move |template| (template, name))).map(other);
        for batch in writes.collect::<Vec<_>>().chunks(25) {
            let written = self.client.batch_write_item().request_items(&self.name, batch.to_vec()).send().await;
            assert_eq!(written.expect("a table").unprocessed_items.map(|left| left.len()), Some(0));
        }
    }

    /// Takes it away.
    pub async fn drop(self) {
        self.client.delete_table().table_name(&self.name).send().await.expect("a table");
    }
}

fn keys(hash: &str, range: &str) -> Vec<KeySchemaElement> {
    let key = |name: &str, role| KeySchemaElement::builder().attribute_name(name).key_type(role).build();
    vec![key(hash, KeyType::Hash).expect("a key"), key(range, KeyType::Range).expect("a key")]
}

fn index(name: &str, hash: &str, range: &str) -> GlobalSecondaryIndex {
    let keys_only = Projection::builder().projection_type(ProjectionType::KeysOnly).build();
    let index = GlobalSecondaryIndex::builder().index_name(name).set_key_schema(Some(keys(hash, range)));
    index.projection(keys_only).build().expect("an index")
}
