//! What a run costs on a real DynamoDB API, and what two runs at once do.

mod office;

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
use domain::{Checksum, Letter, Notice, NoticeId, Opening, Paper};
use jiff::{SignedDuration, Timestamp};
use journeys::Stack;
use office::{Chance, Shipped, TestClock, details, hours, noon};
use store::{Created, NewNotice, Once, Table};
use watch_deadlines::{Report, Watch};

/// How often the table was asked, by verb.
#[derive(Debug, Clone, Default)]
struct Asked {
    queries: Arc<AtomicUsize>,
    reads: Arc<AtomicUsize>,
}

impl Asked {
    fn so_often(&self) -> (usize, usize) {
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

/// A table of this test's own, with the indexes that the template gives it.
struct OwnTable {
    client: Client,
    name: String,
}

impl OwnTable {
    async fn create() -> Self {
        let client = Client::new(&Stack::running().aws().await);
        let name = format!("deadlines-{}", rand::random::<u64>());
        let attributes = ["pk", "sk", "department_phase", "updated_at_id", "due_shard", "due_at_id"].map(|name| {
            let attribute = AttributeDefinition::builder().attribute_name(name);
            attribute.attribute_type(ScalarAttributeType::S).build().expect("an attribute")
        });
        client
            .create_table()
            .table_name(&name)
            .billing_mode(BillingMode::PayPerRequest)
            .set_attribute_definitions(Some(attributes.to_vec()))
            .set_key_schema(Some(keys("pk", "sk")))
            .global_secondary_indexes(index("by_department", "department_phase", "updated_at_id"))
            .global_secondary_indexes(index("by_due", "due_shard", "due_at_id"))
            .send()
            .await
            .expect("a table");
        Self { client, name }
    }

    fn table(&self) -> Table {
        Table::new(self.client.clone(), self.name.clone())
    }

    /// The same table, counting what is asked of it.
    async fn counted(&self) -> (Table, Asked) {
        let asked = Asked::default();
        let config = Builder::from(&Stack::running().aws().await).interceptor(asked.clone()).build();
        (Table::new(Client::from_conf(config), self.name.clone()), asked)
    }

    /// A notice whose day is so many hours from noon.
    async fn stored(&self, from_noon: i64) -> NoticeId {
        let taken_in = noon() - hours(48);
        let not_before = Some(noon() + hours(from_noon));
        let opening = Opening::Ask;
        let id = NoticeId::new(taken_in, &Chance);
        let (notice, events) = Notice::accept(id, details(), &opening, not_before, taken_in);
        // So that nobody makes one.
        let letter = Letter { sha256: Checksum::of(b"a letter"), pages: 1, bytes: 8 };
        let notice = Notice { paper: Paper::Ready(letter), ..notice };
        let once = Once {
            scope: "intake#tests".to_owned(),
            key: id.to_string(),
            request_hash: "a".repeat(64),
            answer: "the answer".to_owned(),
        };
        let created = self.table().create(&NewNotice { notice, events, opening, once }).await.expect("a table");
        assert_eq!(created, Created::Stored);
        id
    }

    /// Many that differ from one that is stored in nothing but their ids.
    async fn like(&self, id: NoticeId, count: usize) {
        let mut scan = self.client.scan().table_name(&self.name).into_paginator().items().send();
        let mut template = HashMap::new();
        while let Some(item) = scan.next().await {
            let item = item.expect("an item");
            if item.contains_key("due_at_id") && item["id"] == AttributeValue::S(id.to_string()) {
                template = item;
            }
        }
        let other = || {
            let other = NoticeId::new(noon(), &Chance).to_string();
            let renamed = template.iter().map(|(name, value)| match value.as_s() {
                Ok(text) => (name.clone(), AttributeValue::S(text.replace(&id.to_string(), &other))),
                Err(value) => (name.clone(), value.clone()),
            });
            let put = PutRequest::builder().set_item(Some(renamed.collect())).build().expect("an item");
            WriteRequest::builder().put_request(put).build()
        };
        for _ in 0..count / 25 {
            let batch = (0..25).map(|_| other()).collect();
            let written = self.client.batch_write_item().request_items(&self.name, batch).send().await;
            assert_eq!(written.expect("a table").unprocessed_items.map(|left| left.len()), Some(0));
        }
    }

    async fn drop(self) {
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

fn watch(table: Table) -> Watch<Table, Shipped, TestClock> {
    Watch::new(table, Shipped, TestClock::at(noon()))
}

/// What a run over ten that are due asks of a table that holds so many others.
async fn cost_beside(others: usize) -> (usize, usize) {
    let own = OwnTable::create().await;
    for hour in 0..10 {
        own.stored(-hour).await;
    }
    let later = own.stored(1).await;
    own.like(later, others).await;
    let (table, asked) = own.counted().await;
    assert_eq!(watch(table).run(Timestamp::MAX).await, Report { moved: 10, ..Report::default() });
    own.drop().await;
    asked.so_often()
}

#[tokio::test]
async fn a_run_costs_what_is_due_whatever_else_waits() {
    let among_few = cost_beside(25).await;
    let among_many = cost_beside(2_000).await;
    assert_eq!(among_few, among_many);
    let shards = store::DueShard::all().count();
    // A look at each shard; for each notice a look before and after the resident's preference was looked up.
    assert_eq!(among_many, (shards + 10, 20));
}

#[tokio::test]
async fn two_runs_at_once_do_nothing_twice() {
    let own = OwnTable::create().await;
    let mut ids = Vec::new();
    for hour in 0..10 {
        ids.push(own.stored(-hour).await);
    }
    let (first, second) = (watch(own.table()), watch(own.table()));
    let (first, second) = tokio::join!(first.run(Timestamp::MAX), second.run(Timestamp::MAX));
    assert_eq!(first.moved + second.moved, 10);
    assert_eq!(first.failed + second.failed, 0);
    for id in ids {
        let notice = own.table().notice(id).await.expect("a table").expect("the notice");
        assert_eq!(notice.version, 2, "released once");
        assert_eq!(own.table().events(id).await.expect("a table").len(), 2);
    }
    own.drop().await;
}

#[tokio::test]
async fn more_than_a_page_is_worked_off_and_what_is_stuck_waits_longer_each_time() {
    let own = OwnTable::create().await;
    let due = own.stored(-1).await;
    own.like(due, 250).await;
    let clock = TestClock::at(noon());
    let run = async |clock: TestClock| Watch::new(own.table(), Shipped, clock).run(Timestamp::MAX).await;
    assert_eq!(run(clock.clone()).await, Report { moved: 251, ..Report::default() });
    assert_eq!(run(clock).await, Report::default());
    let later = |minutes| TestClock::at(noon() + SignedDuration::from_mins(minutes));
    assert_eq!(run(later(19)).await, Report::default(), "on their way");
    let again = Report { moved: 251, stuck: 251, ..Report::default() };
    assert_eq!(run(later(20)).await, again, "nobody took them up");
    assert_eq!(run(later(25)).await, Report::default());
    assert_eq!(run(later(59)).await, Report::default(), "on their way again");
    assert_eq!(run(later(60)).await, again);
    own.drop().await;
}
