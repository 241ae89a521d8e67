//! Standing preferences that no notice records: what a resident wants of the notices to come.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use domain::{Consent, RecipientId, Route, Scope};
use jiff::Timestamp;

use crate::error::cancellations;
use crate::items::{ConsentItem, PreferenceItem, put};
use crate::transition::ATTEMPTS;
use crate::{Error, Table, keys};

impl Table {
    /// Keeps post as a standing preference: the one way that needs no consent, and so no event beside it.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn prefer_post(&self, recipient: &RecipientId, scope: &Scope, at: Timestamp) -> Result<(), Error> {
        let Some(key) = keys::preference(recipient, scope) else { return Ok(()) };
        let preference = PreferenceItem { key, route: Route::Post, opted_out: false, at };
        self.overwrite("preference", &preference).await
    }

    /// Keeps a consent and the standing preferences that rest on it, all or nothing.
    ///
    /// An opt-out outranks every other preference, so what is now wished ends it. Wished for everything, it takes the
    /// opt-out's place; wished for single kinds, it leaves post there for all the others: nothing else begins to come
    /// electronically, and nobody is asked anew.
    ///
    /// # Errors
    /// When the consent was there before, or the table cannot be read or written.
    pub async fn prefer(&self, consent: &Consent, scopes: &[Scope]) -> Result<(), Error> {
        let Consent { recipient, at, .. } = consent;
        let mut puts = vec![put(self, "consent", &ConsentItem::of(consent), true)?];
        for key in scopes.iter().filter_map(|scope| keys::preference(recipient, scope)) {
            let preference = PreferenceItem { key, route: consent.route(), opted_out: false, at: *at };
            puts.push(put(self, "preference", &preference, false)?);
        }
        for _ in 0..ATTEMPTS {
            let lifted = if scopes.contains(&Scope::Everything) { None } else { self.lift(recipient, *at).await? };
            let lifts = lifted.is_some();
            let writes = puts.iter().cloned().chain(lifted).map(|put| TransactWriteItem::builder().put(put).build());
            let request = self.client.transact_write_items().set_transact_items(Some(writes.collect()));
            let Err(error) = request.send().await else { return Ok(()) };
            let reasons = cancellations(&error);
            // Somebody else has lifted the opt-out meanwhile, or writes the same items at this moment.
            let no_longer_there = lifts && reasons.last() == Some(&"ConditionalCheckFailed");
            if !no_longer_there && !reasons.contains(&"TransactionConflict") {
                return Err(Error::dynamo("TransactWriteItems")(error));
            }
        }
        Err(Error::Contention { attempts: ATTEMPTS })
    }

    /// Post in the place of an opt-out; none where none stands.
    async fn lift(&self, recipient: &RecipientId, at: Timestamp) -> Result<Option<Put>, Error> {
        let Some(key) = keys::preference(recipient, &Scope::Everything) else { return Ok(None) };
        if !self.preferences(recipient).await?.iter().any(|item| item.key == key && item.opted_out) {
            return Ok(None);
        }
        let post = PreferenceItem { key, route: Route::Post, opted_out: false, at };
        let mut put = put(self, "preference", &post, false)?;
        put.condition_expression = Some("opted_out = :true".to_owned());
        put.expression_attribute_values = Some([(":true".to_owned(), AttributeValue::Bool(true))].into());
        Ok(Some(put))
    }
}
