//! Takes many notices in at once: what is known of them is read in bulk, and several share one transaction.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{Details, Notice, NoticeId, Opening, Preference, RecipientId, Scope};
use futures_util::future::try_join;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::create::{reference_key, standing};
use crate::error::cancellations;
use crate::items::{OnceItem, PreferenceItem, read};
use crate::keys::{self, Key};
use crate::table::PAUSES;
use crate::{Arrival, Created, Error, NewNotice, Table};

/// Of what one transaction takes (100 items).
const ITEMS: usize = 100;
/// Of what one transaction takes (4 MB), with room for what surrounds the texts.
const BYTES: usize = 2_000_000;
/// Calls at a time.
const AT_ONCE: usize = 8;
/// What cancels a transaction because the table is asked too much.
const THROTTLED: [&str; 2] = ["ThrottlingError", "ProvisionedThroughputExceeded"];

/// What is known of a notice before it is taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// The notice that has its reference, perhaps itself.
    pub taken_by: Option<NoticeId>,
    /// How it would set out.
    pub opening: Opening,
}

/// Notices whose writes share a transaction, by their places among all.
#[derive(Default)]
struct Group {
    places: Vec<usize>,
    writes: Vec<TransactWriteItem>,
    bytes: usize,
    /// Whose preferences the transaction checks: no item may stand in it twice.
    checked: HashSet<RecipientId>,
}

impl Table {
    /// What is known of these notices, in their order.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn look(&self, arrivals: &[Arrival]) -> Result<Vec<Looked>, Error> {
        let (taken, preferences) = try_join(self.taken(arrivals), self.standing(arrivals)).await?;
        let looked = arrivals.iter().map(|Arrival { details, corporations_by_post, .. }| {
            let items =
                details.recipient_id.as_ref().and_then(|recipient| Some((recipient, preferences.get(recipient)?)));
            let preference: Option<Preference> =
                items.and_then(|(recipient, items)| standing(items, recipient, &details.kind));
            Looked {
                taken_by: taken.get(&reference_key(details)).copied(),
                opening: Opening::of(details, *corporations_by_post, preference),
            }
        });
        Ok(looked.collect())
    }

    /// Takes notices in, as [`Table::take_in`] does each; what became of them, in their order. Their references differ.
    ///
    /// # Errors
    /// When the table cannot be read or written; some of them may be stored then.
    pub async fn take_in_all(&self, arrivals: &[Arrival]) -> Result<Vec<Created>, Error> {
        let looked = self.look(arrivals).await?;
        let mut created: Vec<Option<Created>> = vec![None; arrivals.len()];
        let mut groups = vec![Group::default()];
        for (place, (arrival, looked)) in arrivals.iter().zip(looked).enumerate() {
            match looked.taken_by {
                Some(notice) if notice == arrival.id => created[place] = Some(Created::There),
                Some(notice) => created[place] = Some(Created::ReferenceTaken { notice }),
                None => self.join(&mut groups, place, arrival, looked.opening)?,
            }
        }
        let writes: Vec<_> = groups.iter().map(|group| self.write(group, arrivals)).collect();
        let written: Vec<_> = stream::iter(writes).buffer_unordered(AT_ONCE).try_collect().await?;
        for (place, outcome) in written.into_iter().flatten() {
            created[place] = Some(outcome);
        }
        Ok(created.into_iter().flatten().collect())
    }

    fn join(&self, groups: &mut Vec<Group>, place: usize, arrival: &Arrival, opening: Opening) -> Result<(), Error> {
        let Arrival { id, details, not_before, at, .. } = arrival;
        let checked = match &opening {
            Opening::Standing(_) => details.recipient_id.clone(),
            Opening::Ask | Opening::Post(_) => None,
        };
        let (notice, events) = Notice::accept(*id, details.clone(), &opening, *not_before, *at);
        let (writes, _) = self.first_writes(&NewNotice { notice, events, opening, once: None })?;
        let bytes = size(details);
        let fits = |group: &Group| {
            group.writes.len() + writes.len() <= ITEMS
                && group.bytes + bytes <= BYTES
                && checked.as_ref().is_none_or(|recipient| !group.checked.contains(recipient))
        };
        if !groups.last().is_some_and(fits) {
            groups.push(Group::default());
        }
        if let Some(group) = groups.last_mut() {
            group.places.push(place);
            group.writes.extend(writes);
            group.bytes += bytes;
            group.checked.extend(checked);
        }
        Ok(())
    }

    /// Writes a group in one transaction; if that is refused, one notice after the other, so that each learns its own
    /// reason.
    async fn write(&self, group: &Group, arrivals: &[Arrival]) -> Result<Vec<(usize, Created)>, Error> {
        if group.places.is_empty() {
            return Ok(Vec::new());
        }
        let mut pauses = PAUSES.into_iter();
        loop {
            let request = self.client.transact_write_items().set_transact_items(Some(group.writes.clone()));
            let Err(error) = request.send().await else {
                return Ok(group.places.iter().map(|place| (*place, Created::Stored)).collect());
            };
            let reasons = cancellations(&error);
            let (is_cancelled, is_throttled) = (!reasons.is_empty(), reasons.iter().any(|why| THROTTLED.contains(why)));
            if is_cancelled && !is_throttled {
                break;
            }
            match pauses.next().filter(|_| is_throttled) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(Error::dynamo("TransactWriteItems")(error)),
            }
        }
        let mut created = Vec::new();
        for place in &group.places {
            if let Some(arrival) = arrivals.get(*place) {
                created.push((*place, self.take_in(arrival).await?));
            }
        }
        Ok(created)
    }

    /// Which notices have these references.
    async fn taken(&self, arrivals: &[Arrival]) -> Result<HashMap<Key, NoticeId>, Error> {
        let wanted: HashSet<Key> = arrivals.iter().map(|arrival| reference_key(&arrival.details)).collect();
        let items = self.in_bulk(wanted).await?;
        let taken = items.into_iter().map(|item| {
            let item: OnceItem = read("once", item)?;
            Ok((item.key, item.notice))
        });
        taken.collect()
    }

    /// The standing preferences of these recipients, as far as they concern these kinds.
    async fn standing(&self, arrivals: &[Arrival]) -> Result<HashMap<RecipientId, Vec<PreferenceItem>>, Error> {
        let mut of = HashMap::new();
        for details in arrivals.iter().map(|arrival| &arrival.details) {
            let Some(recipient) = &details.recipient_id else { continue };
            for scope in [Scope::Everything, Scope::Kind(details.kind.clone())] {
                of.extend(keys::preference(recipient, &scope).map(|key| (key, recipient.clone())));
            }
        }
        let mut preferences: HashMap<RecipientId, Vec<PreferenceItem>> = HashMap::new();
        for item in self.in_bulk(of.keys().cloned().collect()).await? {
            let item: PreferenceItem = read("preference", item)?;
            if let Some(recipient) = of.get(&item.key) {
                preferences.entry(recipient.clone()).or_default().push(item);
            }
        }
        Ok(preferences)
    }

    async fn in_bulk(
        &self,
        wanted: HashSet<Key>,
    ) -> Result<Vec<HashMap<String, aws_sdk_dynamodb::types::AttributeValue>>, Error> {
        let wanted: Vec<Key> = wanted.into_iter().collect();
        let calls: Vec<_> = wanted.chunks(100).map(|keys| self.get_all(keys.to_vec())).collect();
        let pages: Vec<_> = stream::iter(calls).buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(pages.into_iter().flatten().collect())
    }
}

/// About what a notice's items take.
fn size(details: &Details) -> usize {
    let refusal = details.refusal.as_ref().map_or(0, |refusal| refusal.reason.len() + refusal.remedy.len());
    4_000 + details.title.len() + details.body.len() + refusal
}
