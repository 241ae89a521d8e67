//! Who there is: residents with their telephones, mailboxes and habits, and what the office has to tell them.

use domain::settings::Settings;
use domain::{
    BirthDate, Consent, ConsentId, Details, EmailAddress, Entity, Evidence, Given, KindCode, NoticeId, Officer,
    PersonName, PhoneNumber, PostalAddress, Recipient, RecipientId, Reference, Route, Scope,
};
use jiff::SignedDuration;
use store::RecipientKey;

use crate::chance::Chance;
use crate::cloud::Cloud;

/// A resident; whoever is handed several notices has them all on one telephone.
#[derive(Debug, Clone)]
pub(crate) struct Resident {
    pub(crate) recipient: Recipient,
    pub(crate) id: Option<RecipientId>,
    /// The number is nobody's any more.
    pub(crate) number_is_dead: bool,
    pub(crate) mailbox_bounces: bool,
    /// Answers and reads nothing.
    pub(crate) is_silent: bool,
}

/// The key of the telephones' identities.
pub(crate) fn recipient_key() -> RecipientKey {
    RecipientKey::new("a key for tests")
}

fn resident(number: usize, key: &RecipientKey, chance: &mut Chance) -> Resident {
    let phone = match chance.below(100) {
        0..4 => None,
        4..8 => Some(format!("02-2155-{number:04}")),
        _ => Some(format!("010{}", 20_000_000 + number)),
    };
    let phone = phone.map(|text| PhoneNumber::parse(&text).expect("a telephone"));
    let email = chance.hits(4_000).then(|| EmailAddress::parse(&format!("r{number}@example.org")).expect("an address"));
    let address = chance.hits(9_600).then(|| PostalAddress::parse("06628", "서초구 동광로 475").expect("an address"));
    let entity = if chance.hits(500) { Entity::Corporation } else { Entity::Person };
    let birth_date = chance.hits(7_000).then(|| BirthDate::parse("900101").expect("a birth date"));
    let name = PersonName::parse("홍길동").expect("a name");
    let id = phone.as_ref().map(|phone| key.identify(phone));
    Resident {
        recipient: Recipient { name, phone, email, address, birth_date, entity },
        id,
        number_is_dead: chance.hits(400),
        mailbox_bounces: chance.hits(1_000),
        is_silent: chance.hits(1_200),
    }
}

/// As many residents as it takes for some to get several notices.
pub(crate) fn settle(cloud: &Cloud, notices: usize) {
    let key = recipient_key();
    let count = (notices * 4 / 5).max(1);
    for number in 0..count {
        let resident = resident(number, &key, &mut cloud.world().chance);
        prefer(cloud, &resident);
        cloud.world().residents.push(resident);
    }
}

/// Some said before what they want.
fn prefer(cloud: &Cloud, resident: &Resident) {
    let Some(recipient) = &resident.id else { return };
    let at = cloud.world().now - SignedDuration::from_hours(1_000);
    let id = ConsentId::new(at, cloud);
    let mut world = cloud.world();
    let scope = if world.chance.hits(5_000) { Scope::Everything } else { Scope::Kind(kind(&world.settings, 0)) };
    let given = match world.chance.below(100) {
        0 => return world.shelf.prefer(recipient, &Scope::Everything, Route::Post, true),
        1 => return world.shelf.prefer(recipient, &scope, Route::Post, false),
        2..5 => resident.recipient.phone.clone().filter(PhoneNumber::is_mobile).map(Given::Sms),
        5..8 => Some(Given::Email(resident.recipient.email.clone().unwrap_or_else(written_address))),
        _ => None,
    };
    let Some(given) = given else { return };
    let evidence = Evidence::Paper { form: "form-1".to_owned() };
    let wording = world.settings.consent.version.clone();
    let consent = Consent { id, recipient: recipient.clone(), given, scope: scope.clone(), wording, evidence, at };
    world.shelf.prefer(recipient, &scope, consent.route(), false);
    world.shelf.keep_consent(consent, at);
}

/// An address that stands on no file.
pub(crate) fn written_address() -> EmailAddress {
    EmailAddress::parse("written@example.org").expect("an address")
}

fn kind(settings: &Settings, index: usize) -> KindCode {
    settings.kinds[index].code.clone()
}

/// The petition system hands a notice in.
pub(crate) fn hand_in(cloud: &Cloud) {
    let now = cloud.world().now;
    let id = NoticeId::new(now, cloud);
    let mut world = cloud.world();
    let world = &mut *world;
    let residents = u64::try_from(world.residents.len()).expect("few");
    let resident = usize::try_from(world.chance.below(residents)).expect("few");
    let kind = &world.settings.kinds[usize::try_from(world.chance.below(3)).expect("few")];
    let department = &world.settings.departments[usize::try_from(world.chance.below(6)).expect("few")];
    let Resident { recipient, id: recipient_id, .. } = world.residents[resident].clone();
    let details = Details {
        reference: Reference::parse(&format!("2026-{}", world.tally.accepted)).expect("a reference"),
        kind: kind.code.clone(),
        nature: kind.nature,
        department: department.code.clone(),
        title: "처리결과".to_owned(),
        body: "내용".to_owned(),
        refusal: None,
        officer: Officer {
            unit: "건축과".to_owned(), name: "김담당".to_owned(), phone: "02-2155-0001".to_owned()
        },
        recipient,
        recipient_id,
        permit: None,
        requests: Vec::new(),
    };
    let not_before = world.chance.hits(1_000).then(|| world.now + world.chance.minutes(5, 4_000));
    world.accept(id, details, not_before, resident);
    world.second_thoughts(id);
}
