//! Withdrawing consent: from standing preferences, and from every notice it would still steer.

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Channel, Evidence, Fact, Notice, NoticeId, RecipientId, Route, Scope};
use jiff::Timestamp;

use crate::items::PreferenceItem;
use crate::{Change, Decision, Error, Table, keys};

/// A resident takes nothing by one channel any more, or by none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Who.
    pub recipient: RecipientId,
    /// The notice they said it on, which the caller records with what it binds.
    pub said_on: Option<NoticeId>,
    /// One channel, or all.
    pub only: Option<Channel>,
    /// How they said so.
    pub evidence: Evidence,
    /// When.
    pub at: Timestamp,
}

impl Table {
    /// Ends the person's standing preferences, and steers their other open notices away from what is withdrawn. A crash
    /// half-way repeats what is harmless to repeat.
    ///
    /// # Errors
    /// When the table cannot be read or written.
    pub async fn withdraw_everywhere(&self, withdrawal: &Withdrawal) -> Result<(), Error> {
        let Withdrawal { recipient, said_on, only, evidence, at } = withdrawal;
        self.withdraw(recipient, *only, *at).await?;
        let open = self.open_notices(recipient, None).await?;
        for other in open.into_iter().filter(|id| Some(*id) != *said_on) {
            let decide = |notice: &Notice| {
                if !notice.is_touched_by_withdrawal(*only) {
                    return Decision::Leave(());
                }
                let fact = Fact::ConsentRevoked { only: *only, confirm: false, evidence: evidence.clone() };
                Decision::Record(Change { at: *at, fact, bindings: Vec::new() })
            };
            self.transition(other, decide).await?;
        }
        Ok(())
    }

    /// Ends standing preferences: those for one channel, or all, and then nothing electronic is sent any more.
    /// Doing it twice does no more than doing it once.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn withdraw(&self, recipient: &RecipientId, only: Option<Channel>, at: Timestamp) -> Result<(), Error> {
        let opted_out = keys::preference(recipient, &Scope::Everything).filter(|_| only.is_none());
        if let Some(key) = opted_out.clone() {
            let preference = PreferenceItem { key, route: Route::Post, opted_out: true, at };
            self.overwrite("preference", &preference).await?;
        }
        // Left in place, a preference would come back to life with the next choice that lifts the opt-out.
        let is_withdrawn = |item: &PreferenceItem| {
            only.is_none_or(|channel| channel == item.route.channel()) && Some(&item.key) != opted_out.as_ref()
        };
        for item in self.preferences(recipient).await?.into_iter().filter(is_withdrawn) {
            let request = self.client.delete_item().table_name(&self.name).set_key(Some(item.key.into_attributes()));
            request.send().await.map_err(Error::dynamo("DeleteItem"))?;
        }
        Ok(())
    }

    /// Takes back a refusal of everything electronic, so that the person is asked again; it consents to nothing. Where
    /// none stands, nothing changes.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn resume(&self, recipient: &RecipientId) -> Result<(), Error> {
        let Some(key) = keys::preference(recipient, &Scope::Everything) else { return Ok(()) };
        let request = self.client.delete_item().table_name(&self.name).set_key(Some(key.into_attributes()));
        let request = request
            .condition_expression("opted_out = :true")
            .expression_attribute_values(":true", AttributeValue::Bool(true));
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(DeleteItemError::is_conditional_check_failed_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(Error::dynamo("DeleteItem")(error)),
        }
    }
}
