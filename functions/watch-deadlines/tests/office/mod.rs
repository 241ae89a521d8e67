//! Notices, settings and a clock of the tests' own.

use std::sync::{Arc, Mutex};

use bootstrap::SettingsUnavailable;
use domain::ports::{Clock, Entropy};
use domain::settings::Settings;
use domain::{
    DepartmentCode, Details, Entity, KindCode, Nature, Officer, PersonName, PhoneNumber, PostalAddress, Recipient,
    Reference,
};
use jiff::{SignedDuration, Timestamp};
use rand::Rng;
use store::RecipientKey;
use watch_deadlines::ReadSettings;

/// 2026-11-24 14:30 in Seoul.
pub(crate) fn noon() -> Timestamp {
    "2026-11-24T05:30:00Z".parse().expect("a moment")
}

pub(crate) const fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// Moves by itself by `pace` each time it is looked at.
#[derive(Debug, Clone)]
pub(crate) struct TestClock {
    now: Arc<Mutex<Timestamp>>,
    pace: SignedDuration,
}

impl TestClock {
    pub(crate) fn at(now: Timestamp) -> Self {
        Self::moving(now, SignedDuration::ZERO)
    }

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

pub(crate) struct Chance;

impl Entropy for Chance {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
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

/// For somebody nobody else in the run is.
pub(crate) fn details() -> Details {
    let phone = format!("010{}", 20_000_000 + rand::random::<u32>() % 30_000_000);
    let phone = PhoneNumber::parse(&phone).expect("a phone");
    Details {
        reference: Reference::parse(&format!("2026-{}", rand::random::<u64>())).expect("a reference"),
        kind: KindCode::parse("petition_result").expect("a code"),
        nature: Nature::Disposition,
        department: DepartmentCode::parse("traffic").expect("a code"),
        title: "처리결과".to_owned(),
        body: "내용".to_owned(),
        refusal: None,
        officer: Officer {
            unit: "교통행정과".to_owned(), name: "김담당".to_owned(), phone: "02-2155-0003".to_owned()
        },
        recipient_id: Some(RecipientKey::new("a key for tests").identify(&phone)),
        permit: None,
        requests: Vec::new(),
        recipient: Recipient {
            name: PersonName::parse("홍길동").expect("a name"),
            phone: Some(phone),
            email: None,
            address: Some(PostalAddress::parse("06628", "서울특별시 서초구 동광로 475").expect("an address")),
            birth_date: None,
            entity: Entity::Person,
        },
    }
}
