//! Permits, notices, settings and a clock in memory; the table breaks off, or is written by others, at any call.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bootstrap::SettingsUnavailable;
use domain::ports::Clock;
use domain::settings::Settings;
use domain::{
    Access, BusinessName, DepartmentCode, Entity, NoticeId, Permit, PermitDetails, PermitNumber, PermitPut,
    PermitTypeCode, PersonName, PhoneNumber, PostalAddress, Recipient, Unspoken,
};
use jiff::{SignedDuration, Timestamp};
use notify_renewals::{FindRenewals, KeepPermits, ReadSettings, Renewals, TakeIn};
use store::{Arrival, Created, DueShard, Error, PutPermit, RecipientKey, RecordAccess, RenewalCursor, RenewalPage};

/// Nine in the morning in Seoul, so many days before 2027-01-20.
pub(crate) fn morning(days_before: i64) -> Timestamp {
    let expiry: Timestamp = "2027-01-20T00:00:00Z".parse().expect("a moment");
    expiry - SignedDuration::from_hours(24 * days_before)
}

pub(crate) fn number(text: &str) -> PermitNumber {
    PermitNumber::parse(text).expect("a number")
}

pub(crate) fn put(text: &str, expires_on: &str) -> PermitPut {
    PermitPut {
        details: PermitDetails {
            number: number(text),
            permit_type: PermitTypeCode::parse("road_occupation").expect("a code"),
            business: Some(BusinessName::parse("한빛상사").expect("a name")),
            holder: Recipient {
                name: PersonName::parse("홍길동").expect("a name"),
                phone: Some(PhoneNumber::parse("010-1234-5678").expect("a phone")),
                email: None,
                address: Some(PostalAddress::parse("06628", "서울특별시 서초구 동광로 475").expect("an address")),
                birth_date: None,
                entity: Entity::Person,
            },
            department: DepartmentCode::parse("building").expect("a code"),
            issued_on: "2024-01-21".parse().expect("a day"),
            expires_on: expires_on.parse().expect("a day"),
        },
        status: None,
        remind_anyway: None,
        unspoken: Unspoken::default(),
        stages: vec![60, 30, 7],
    }
}

/// What comes in the way of a call to the table.
#[derive(Debug, Clone)]
pub(crate) enum Disturbance {
    /// It fails, and nothing is done.
    Fails,
    /// It is done, and whoever called does not live to hear of it.
    DiesAfter,
    /// Somebody else writes the permit first.
    Written(Box<PermitPut>),
    /// Another run does the whole of its work first.
    AnotherRun,
}

#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) permits: BTreeMap<PermitNumber, Permit>,
    pub(crate) notices: BTreeMap<NoticeId, Arrival>,
    pub(crate) calls: usize,
    pub(crate) accesses: Vec<Access>,
    /// Nothing more can be written into the access record.
    pub(crate) record_is_full: bool,
    disturbance: Option<(usize, Disturbance)>,
    taken_references: Vec<PermitNumber>,
}

/// The table.
#[derive(Default)]
pub(crate) struct Memory {
    pub(crate) kept: Mutex<Kept>,
    pub(crate) unreadable: bool,
}

impl Memory {
    pub(crate) fn holding(puts: impl IntoIterator<Item = PermitPut>) -> Self {
        let memory = Self::default();
        for put in puts {
            memory.put_by_another(put);
        }
        memory
    }

    /// At the call of this number, counted from 0.
    pub(crate) fn disturb(&self, call: usize, by: Disturbance) {
        self.kept.lock().expect("one thread").disturbance = Some((call, by));
    }

    pub(crate) fn take_reference_of(&self, permit: PermitNumber) {
        self.kept.lock().expect("one thread").taken_references.push(permit);
    }

    pub(crate) fn put_by_another(&self, put: PermitPut) {
        let permits = &mut self.kept.lock().expect("one thread").permits;
        let number = put.details.number.clone();
        if let Some(after) = Permit::put(permits.get(&number), put, morning(100)) {
            permits.insert(number, after);
        }
    }

    pub(crate) fn report_renewed(&self, text: &str) {
        let permits = &mut self.kept.lock().expect("one thread").permits;
        let permit = permits.get_mut(&number(text)).expect("the permit");
        let cycle = permit.cycles.get_mut(&permit.details.expires_on).expect("the cycle");
        cycle.reported_renewed_at = Some(morning(50));
        permit.version += 1;
    }

    pub(crate) fn permit_of(&self, text: &str) -> Permit {
        self.kept.lock().expect("one thread").permits[&number(text)].clone()
    }

    pub(crate) fn notices(&self) -> Vec<Arrival> {
        self.kept.lock().expect("one thread").notices.values().cloned().collect()
    }

    async fn call<T>(&self, work: impl FnOnce(&mut Kept) -> T) -> Result<T, Error> {
        let disturbance = {
            let mut kept = self.kept.lock().expect("one thread");
            let call = kept.calls;
            kept.calls += 1;
            kept.disturbance.take_if(|(at, _)| *at == call).map(|(_, by)| by)
        };
        match &disturbance {
            Some(Disturbance::Fails) => return Err(failing()),
            Some(Disturbance::Written(put)) => self.put_by_another(*put.clone()),
            Some(Disturbance::AnotherRun) => {
                // Boxed: a run in a run.
                Box::pin(renewals(self, morning(30)).run(Timestamp::MAX)).await;
            }
            Some(Disturbance::DiesAfter) | None => {}
        }
        let done = work(&mut self.kept.lock().expect("one thread"));
        if matches!(disturbance, Some(Disturbance::DiesAfter)) { Err(failing()) } else { Ok(done) }
    }
}

fn failing() -> Error {
    Error::DynamoDb { operation: "Query", source: "out of order".into() }
}

impl FindRenewals for &Memory {
    async fn renewals_due(
        &self,
        shard: DueShard,
        until: Timestamp,
        _: i32,
        _: Option<RenewalCursor>,
    ) -> Result<RenewalPage, Error> {
        if Some(shard) != DueShard::all().next() {
            return Ok(RenewalPage { permits: Vec::new(), after: None });
        }
        if self.unreadable {
            return Err(failing());
        }
        self.call(|kept| {
            let mut due: Vec<_> = kept.permits.values().filter(|permit| permit.due_at() <= Some(until)).collect();
            due.retain(|permit| permit.due_at().is_some());
            due.sort_by_key(|permit| permit.due_at());
            RenewalPage { permits: due.into_iter().map(|permit| permit.details.number.clone()).collect(), after: None }
        })
        .await
    }
}

impl RecordAccess for &Memory {
    async fn record_access(&self, access: &Access) -> Result<(), Error> {
        let mut kept = self.kept.lock().expect("one thread");
        if kept.record_is_full {
            return Err(failing());
        }
        kept.accesses.push(access.clone());
        Ok(())
    }
}

impl KeepPermits for &Memory {
    async fn permit(&self, number: &PermitNumber) -> Result<Option<Permit>, Error> {
        self.call(|kept| kept.permits.get(number).cloned()).await
    }

    async fn put_permit(&self, put: &PermitPut, at: Timestamp) -> Result<PutPermit, Error> {
        self.call(|kept| {
            let before = kept.permits.get(&put.details.number).cloned();
            let Some(after) = Permit::put(before.as_ref(), put.clone(), at) else {
                return PutPermit::Unchanged(Box::new(before.expect("nothing new can only be said of what is there")));
            };
            kept.permits.insert(put.details.number.clone(), after.clone());
            if before.is_none() { PutPermit::Created(Box::new(after)) } else { PutPermit::Changed(Box::new(after)) }
        })
        .await
    }

    async fn advance_permit(&self, before: &Permit, after: &Permit) -> Result<bool, Error> {
        self.call(|kept| {
            let unchanged = kept.permits[&before.details.number].version == before.version;
            if unchanged {
                kept.permits.insert(after.details.number.clone(), after.clone());
            }
            unchanged
        })
        .await
    }
}

impl TakeIn for &Memory {
    async fn take_in(&self, arrival: &Arrival) -> Result<Created, Error> {
        self.call(|kept| {
            let permit = arrival.details.permit.as_ref().map(|cycle| &cycle.permit);
            if permit.is_some_and(|permit| kept.taken_references.contains(permit)) {
                return Created::ReferenceTaken { notice: arrival.id };
            }
            if kept.notices.contains_key(&arrival.id) {
                return Created::There;
            }
            kept.notices.insert(arrival.id, arrival.clone());
            Created::Stored
        })
        .await
    }
}

/// Moves by itself by `pace` each time it is looked at.
#[derive(Debug, Clone)]
pub(crate) struct TestClock {
    now: Arc<Mutex<Timestamp>>,
    pace: SignedDuration,
}

impl TestClock {
    pub(crate) fn moving(now: Timestamp, pace: SignedDuration) -> Self {
        Self { now: Arc::new(Mutex::new(now)), pace }
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let mut now = self.now.lock().expect("one thread");
        let seen = *now;
        *now += self.pace;
        seen
    }
}

/// The settings that ship.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shipped;

impl ReadSettings for Shipped {
    async fn current(&self) -> Result<Arc<Settings>, SettingsUnavailable> {
        Ok(Arc::new(Settings::parse(include_str!("../../../../infra/settings.json"))?))
    }
}

pub(crate) fn renewals<T>(table: T, now: Timestamp) -> Renewals<T, Shipped, TestClock> {
    let clock = TestClock::moving(now, SignedDuration::ZERO);
    Renewals { table, settings: Shipped, recipient_key: RecipientKey::new("a key for tests"), clock }
}
