//! An office in memory, for tests: a ledger that runs the real `Notice::apply`, carriers that keep what they are given,
//! a clock that stands still until it is moved.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bootstrap::SettingsUnavailable;
use domain::ports::{Clock, Entropy};
use domain::settings::Settings;
use domain::{
    Billed, BirthDate, Checksum, Consent, ConsentId, DepartmentCode, Details, EmailAddress, Entity, Event, Evidence,
    Fact, Failure, Given, KindCode, Letter, LinkId, Nature, Notice, NoticeId, Officer, Opening, Outcome, Paper,
    PersonName, PhoneNumber, PostalAddress, ProviderMessageId, Recipient, RecipientId, Reference, ReplyId, Route,
    Scope,
};
use jiff::{SignedDuration, Timestamp};
use store::{Binding, Decision, Direction, Reply, Transition};

use crate::{Fault, Ledger, OutgoingMail, OutgoingText, ReadSettings, SendError, SendMail, SendText, Taken};

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn parsed<T, E>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|_| unreachable!("samples are well-formed"))
}

/// 2026-11-24 14:30 in Seoul.
#[must_use]
pub fn noon() -> Timestamp {
    parsed("2026-11-24T05:30:00Z".parse())
}

/// A clock that stands still until it is moved.
#[derive(Debug, Clone)]
pub struct StoppedClock(Arc<Mutex<Timestamp>>);

impl Default for StoppedClock {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(noon())))
    }
}

impl StoppedClock {
    /// Moves it on.
    pub fn advance(&self, by: SignedDuration) {
        *lock(&self.0) += by;
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        *lock(&self.0)
    }
}

/// Bytes that count up, so that tokens differ and tests repeat.
#[derive(Debug, Default)]
pub struct Counting(Mutex<u8>);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let mut next = lock(&self.0);
        for byte in bytes {
            *byte = *next % 248;
            *next = next.wrapping_add(1);
        }
    }
}

/// Settings that can be exchanged.
#[derive(Debug, Clone)]
pub struct HeldSettings(Arc<Mutex<Arc<Settings>>>);

impl HeldSettings {
    /// These settings.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self(Arc::new(Mutex::new(Arc::new(settings))))
    }

    /// Exchanges them.
    pub fn replace(&self, settings: Settings) {
        *lock(&self.0) = Arc::new(settings);
    }
}

impl ReadSettings for HeldSettings {
    async fn current(&self) -> Result<Arc<Settings>, SettingsUnavailable> {
        Ok(Arc::clone(&lock(&self.0)))
    }
}

/// The settings that ship.
#[must_use]
pub fn shipped_settings() -> Settings {
    parsed(Settings::parse(include_str!("../../../../infra/settings.json")))
}

#[derive(Debug, Default)]
struct Shelf {
    notices: HashMap<NoticeId, Notice>,
    facts: Vec<(NoticeId, Fact)>,
    bindings: Vec<Binding>,
    consents: Vec<Consent>,
    replies: Vec<Reply>,
    broken: bool,
}

/// A ledger in memory.
#[derive(Debug, Clone, Default)]
pub struct MemoryLedger(Arc<Mutex<Shelf>>);

impl MemoryLedger {
    /// Takes a notice in.
    pub fn add(&self, notice: Notice) {
        lock(&self.0).notices.insert(notice.id, notice);
    }

    /// Keeps a consent.
    pub fn add_consent(&self, consent: Consent) {
        lock(&self.0).consents.push(consent);
    }

    /// Keeps a reply.
    pub fn add_reply(&self, reply: Reply) {
        lock(&self.0).replies.push(reply);
    }

    /// From now on every call fails, or works again.
    pub fn break_down(&self, broken: bool) {
        lock(&self.0).broken = broken;
    }

    /// Something happens to a notice by another hand.
    pub fn happen(&self, id: NoticeId, fact: Fact, at: Timestamp) {
        let mut kept = lock(&self.0);
        let notice = kept.notices.get(&id).cloned().unwrap_or_else(|| unreachable!("the notice was added"));
        let event = Event { version: notice.version + 1, at, fact };
        if let Outcome::Moved(moved) = notice.apply(&event) {
            kept.notices.insert(id, *moved);
            kept.facts.push((id, event.fact));
        } else {
            unreachable!("it can happen: {event:?}");
        }
    }

    /// A notice as it stands.
    #[must_use]
    pub fn notice(&self, id: NoticeId) -> Notice {
        lock(&self.0).notices.get(&id).cloned().unwrap_or_else(|| unreachable!("the notice was added"))
    }

    /// What happened to a notice, oldest first.
    #[must_use]
    pub fn facts(&self, id: NoticeId) -> Vec<Fact> {
        lock(&self.0).facts.iter().filter(|(of, _)| *of == id).map(|(_, fact)| fact.clone()).collect()
    }

    /// Everything bound so far.
    #[must_use]
    pub fn bindings(&self) -> Vec<Binding> {
        lock(&self.0).bindings.clone()
    }

    /// The links bound so far.
    #[must_use]
    pub fn links(&self) -> Vec<LinkId> {
        let link = |binding: &Binding| if let Binding::Link(link) = binding { Some(link.id.clone()) } else { None };
        lock(&self.0).bindings.iter().filter_map(link).collect()
    }
}

fn outage() -> store::Error {
    store::Error::DynamoDb { operation: "TransactWriteItems", source: "out of order".into() }
}

impl Ledger for MemoryLedger {
    async fn transition<T: Send>(
        &self,
        id: NoticeId,
        mut decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> Result<Transition<T>, store::Error> {
        let mut kept = lock(&self.0);
        if kept.broken {
            return Err(outage());
        }
        let before = kept.notices.get(&id).cloned().ok_or(store::Error::NotFound)?;
        let change = match decide(&before) {
            Decision::Record(change) => change,
            Decision::Leave(why) => return Ok(Transition::Left(why)),
        };
        let event = Event { version: before.version + 1, at: change.at.max(before.updated_at), fact: change.fact };
        match before.clone().apply(&event) {
            Outcome::Moved(after) => {
                kept.notices.insert(id, (*after).clone());
                kept.facts.push((id, event.fact));
                kept.bindings.extend(change.bindings);
                Ok(Transition::Moved(after))
            }
            Outcome::AlreadyThere => Ok(Transition::AlreadyThere(Box::new(before))),
            Outcome::Invalid(refused) => Ok(Transition::Refused(Box::new(before), refused)),
        }
    }

    async fn consent(&self, recipient: &RecipientId, id: ConsentId) -> Result<Option<Consent>, store::Error> {
        let kept = lock(&self.0);
        if kept.broken {
            return Err(outage());
        }
        Ok(kept.consents.iter().find(|consent| consent.recipient == *recipient && consent.id == id).cloned())
    }

    async fn reply(&self, notice: NoticeId, id: ReplyId) -> Result<Option<Reply>, store::Error> {
        let kept = lock(&self.0);
        Ok(kept.replies.iter().find(|reply| reply.notice == notice && reply.id == id).cloned())
    }
}

/// What happens while a carrier is being called.
type Meanwhile = Box<dyn Fn() + Send + Sync>;

/// A carrier of texts or e-mails that keeps what it takes.
#[derive(Clone)]
pub struct MemoryCarrier<M>(Arc<CarrierShelf<M>>);

struct CarrierShelf<M> {
    taken: Mutex<Vec<M>>,
    answers: Mutex<VecDeque<SendError>>,
    meanwhile: Mutex<Option<Meanwhile>>,
}

impl<M> Default for MemoryCarrier<M> {
    fn default() -> Self {
        Self(Arc::new(CarrierShelf { taken: Mutex::default(), answers: Mutex::default(), meanwhile: Mutex::default() }))
    }
}

impl<M: Clone> MemoryCarrier<M> {
    /// The next call is answered with this error.
    pub fn refuse(&self, error: SendError) {
        lock(&self.0.answers).push_back(error);
    }

    /// Every call from now on lets this happen before it answers.
    pub fn meanwhile(&self, happens: impl Fn() + Send + Sync + 'static) {
        *lock(&self.0.meanwhile) = Some(Box::new(happens));
    }

    /// What it took, oldest first.
    #[must_use]
    pub fn taken(&self) -> Vec<M> {
        lock(&self.0.taken).clone()
    }

    fn take(&self, message: &M, billed: Billed) -> Result<Taken, SendError> {
        if let Some(happens) = &*lock(&self.0.meanwhile) {
            happens();
        }
        if let Some(error) = lock(&self.0.answers).pop_front() {
            return Err(error);
        }
        let mut taken = lock(&self.0.taken);
        taken.push(message.clone());
        Ok(Taken { id: parsed(ProviderMessageId::parse(&format!("message-{}", taken.len()))), billed })
    }
}

impl SendText for MemoryCarrier<OutgoingText> {
    const PROVIDER: &'static str = "sns";

    async fn send_text(&self, text: &OutgoingText) -> Result<Taken, SendError> {
        self.take(text, Billed::parts(1))
    }
}

impl SendMail for MemoryCarrier<OutgoingMail> {
    const PROVIDER: &'static str = "ses";

    async fn send_mail(&self, mail: &OutgoingMail) -> Result<Taken, SendError> {
        self.take(mail, Billed::email())
    }
}

/// An answer that passes with time.
#[must_use]
pub fn throttled() -> SendError {
    SendError::Retryable { source: fault("Throttled") }
}

/// An answer for good.
#[must_use]
pub fn refused(reason: Failure) -> SendError {
    SendError::Permanent { reason, source: fault("InvalidParameter") }
}

fn fault(code: &str) -> Fault {
    Fault { provider: "a carrier", code: code.to_owned(), request: "request-1".to_owned() }
}

/// The sample notices' identity; samples with other last characters follow.
pub const NOTICE: &str = "01KAVQ8Z3M0000000000000001";

/// The sample's identity.
#[must_use]
pub fn notice_id() -> NoticeId {
    parsed(NoticeId::parse(NOTICE))
}

/// The sample resident as a keyed hash.
#[must_use]
pub fn recipient_id() -> RecipientId {
    parsed(RecipientId::parse(&"ab".repeat(32)))
}

/// The sample resident's number.
#[must_use]
pub fn phone() -> PhoneNumber {
    parsed(PhoneNumber::parse("010-1234-5678"))
}

/// The sample resident's address.
#[must_use]
pub fn email() -> EmailAddress {
    parsed(EmailAddress::parse("hong@example.org"))
}

/// The sample consent's identity.
pub const CONSENT: &str = "01KAVQ8Z3M0000000000000C01";

/// The sample consent's identity.
#[must_use]
pub fn consent_id() -> ConsentId {
    parsed(ConsentId::parse(CONSENT))
}

/// The sample reply's identity.
#[must_use]
pub fn reply_id() -> ReplyId {
    parsed(ReplyId::parse("01KAVQ8Z3M0000000000000R01"))
}

/// A petition's result: a disposition of the building department for a resident with everything on file.
#[must_use]
pub fn details() -> Details {
    Details {
        reference: parsed(Reference::parse("건축과-2026-01234")),
        kind: parsed(KindCode::parse("petition_result")),
        nature: Nature::Disposition,
        department: parsed(DepartmentCode::parse("building")),
        title: "건축물 용도변경 신고 처리 결과".to_owned(),
        body: "귀하께서 2026년 11월 10일 신고하신 건축물 용도변경은 관계 법령에 적합하여 수리되었음을 알려 드립니다.\n용도변경 후 사용승인을 신청하여 주시기 바랍니다.".to_owned(),
        refusal: None,
        officer: Officer { unit: "건축과 건축허가팀".to_owned(), name: "이영희".to_owned(), phone: "02-2155-0101".to_owned() },
        recipient: Recipient {
            name: parsed(PersonName::parse("홍길동")),
            phone: Some(phone()),
            email: Some(email()),
            address: Some(parsed(PostalAddress::parse("06628", "서울특별시 서초구 남부순환로 2584, 101동 1001호"))),
            birth_date: Some(parsed(BirthDate::parse("900101"))),
            entity: Entity::Person,
        },
        recipient_id: Some(recipient_id()),
        permit: None,
        requests: Vec::new(),
    }
}

/// A guidance of the sanitation department.
#[must_use]
pub fn guidance() -> Details {
    Details {
        kind: parsed(KindCode::parse("permit_renewal")),
        nature: Nature::Guidance,
        department: parsed(DepartmentCode::parse("sanitation")),
        reference: parsed(Reference::parse("위생과-2026-00077")),
        title: "식품접객업 영업허가 갱신 안내".to_owned(),
        body: "허가 만료일은 2027년 1월 23일입니다.\n만료 30일 전까지 갱신을 신청하여 주시기 바랍니다.".to_owned(),
        officer: Officer {
            unit: "위생과 식품위생팀".to_owned(),
            name: "박철수".to_owned(),
            phone: "02-2155-0202".to_owned(),
        },
        ..details()
    }
}

/// A file as a letter.
pub const LETTER: &[u8] = b"%PDF-1.7 a letter";

/// A notice just taken in, to be asked about.
#[must_use]
pub fn just_accepted(details: Details) -> Notice {
    Notice::accept(notice_id(), details, &Opening::Ask, None, noon()).0
}

/// The same, with its letter made.
#[must_use]
pub fn accepted(details: Details) -> Notice {
    let letter = Letter { sha256: Checksum::of(LETTER), pages: 1, bytes: 17 };
    Notice { paper: Paper::Ready(letter), ..just_accepted(details) }
}

/// The consent to texts.
#[must_use]
pub fn by_text() -> Consent {
    consent(Given::Sms(phone()))
}

/// The consent to e-mails.
#[must_use]
pub fn by_mail() -> Consent {
    consent(Given::Email(email()))
}

fn consent(given: Given) -> Consent {
    Consent {
        id: consent_id(),
        recipient: recipient_id(),
        given,
        scope: Scope::Notice(notice_id()),
        wording: "2026-11".to_owned(),
        evidence: Evidence::Text { message: parsed(ProviderMessageId::parse("inbound-1")) },
        at: noon(),
    }
}

/// The sample resident writes which way they choose.
#[must_use]
pub fn chosen(route: Route) -> Fact {
    Fact::ChannelChosen { route, evidence: by_text().evidence }
}

/// An officer's text to the sample resident.
#[must_use]
pub fn officers_reply(text: &str) -> Reply {
    Reply {
        id: reply_id(),
        notice: notice_id(),
        direction: Direction::Outbound,
        text: text.to_owned(),
        officer: Some("이영희".to_owned()),
        at: noon(),
    }
}
