//! The table itself: a client and a name.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use serde::Serialize;

use crate::Error;
use crate::items::put;

/// Before what the table did not do, because it was asked too much, is asked again.
pub(crate) const PAUSES: [Duration; 6] = [
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
    Duration::from_millis(1_600),
    Duration::from_millis(3_200),
];

/// The one table.
#[derive(Debug, Clone)]
pub struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
}

impl Table {
    /// The table of that name.
    #[must_use]
    pub const fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// Writes one item by itself, over whatever stood there.
    pub(crate) async fn overwrite(&self, what: &'static str, item: &impl Serialize) -> Result<(), Error> {
        let put = put(self, what, item, false)?;
        let request = self.client.put_item().table_name(&self.name).set_item(Some(put.item));
        request.send().await.map_err(Error::dynamo("PutItem"))?;
        Ok(())
    }
}
