//! The table against a real DynamoDB API: conditions, transactions, bindings, indexes.

use domain::ports::Entropy;
use domain::settings::SEOUL;
use domain::{
    Access, Action, Caller, Channel, Checksum, Consent, ConsentId, DepartmentCode, Details, EmailAddress, Entity,
    Evidence, Fact, Given, KindCode, Letter, LinkToken, Message, Nature, Notice, NoticeId, Officer, Opening, Paper,
    PersonName, PhoneNumber, PostReason, PostalAddress, Preference, ProviderMessageId, Recipient, Reference, Refused,
    ReplyId, Route, RunId, Scope, State, verify_chain,
};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use journeys::{OwnTable, Stack};
use rand::Rng;
use store::{
    Arrival, Binding, Change, Clarifying, Created, Dead, Decision, Direction, DueShard, Heard, Link, NewNotice, Once,
    RecipientKey, Reply, SentMessage, Stage, Table, Transition, UnmatchedText, Wanted, Withdrawal,
};

struct Chance;

impl Entropy for Chance {
    fn fill(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

fn now() -> Timestamp {
    "2026-11-23T01:00:00Z".parse().expect("a moment")
}

fn kind() -> KindCode {
    KindCode::parse("petition_result").expect("a code")
}

/// Somebody nobody else in the run is.
fn details() -> Details {
    let phone =
        PhoneNumber::parse(&format!("010{}", 20_000_000 + rand::random::<u32>() % 30_000_000)).expect("a phone");
    Details {
        reference: Reference::parse(&format!("2026-{}", rand::random::<u64>())).expect("a reference"),
        kind: kind(),
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
            email: Some(EmailAddress::parse("hong@example.org").expect("an address")),
            address: Some(PostalAddress::parse("06628", "서울특별시 서초구 동광로 475").expect("an address")),
            birth_date: None,
            entity: Entity::Person,
        },
    }
}

/// So that nobody makes one.
fn with_letter(notice: Notice) -> Notice {
    Notice { paper: Paper::Ready(Letter { sha256: Checksum::of(b"a letter"), pages: 1, bytes: 8 }), ..notice }
}

fn new(details: Details, opening: Opening) -> NewNotice {
    // A wait keeps the rest of the stack from asking anyone.
    let wait = (opening == Opening::Ask).then(|| now() + SignedDuration::from_hours(24 * 365 * 10));
    let (notice, events) = Notice::accept(NoticeId::new(now(), &Chance), details, &opening, wait, now());
    let notice = with_letter(notice);
    let once = once(notice.id);
    NewNotice { notice, events, opening, once: Some(once) }
}

fn once(id: NoticeId) -> Once {
    Once {
        scope: "intake#tests".to_owned(),
        key: id.to_string(),
        request_hash: "a".repeat(64),
        answer: "the answer".to_owned(),
    }
}

async fn table() -> Table {
    Stack::running().table().await
}

async fn stored(table: &Table) -> Notice {
    let new = new(details(), Opening::Ask);
    assert_eq!(table.create(&new).await.expect("a table"), Created::Stored);
    new.notice
}

#[tokio::test]
async fn what_is_known_by_its_id_is_taken_in_once_and_follows_the_preference_of_the_moment() {
    let table = table().await;
    let arrival = |name: &str, details: Details| Arrival {
        id: NoticeId::derived(now(), name),
        details,
        corporations_by_post: true,
        not_before: None,
        at: now(),
    };
    let details = Details { recipient: Recipient { entity: Entity::Corporation, ..details().recipient }, ..details() };
    let row = arrival(&format!("a batch, row 2, {}", details.reference), details);
    assert_eq!(table.take_in(&row).await.expect("a table"), Created::Stored);
    assert_eq!(table.take_in(&row).await.expect("a table"), Created::There, "the same row again");
    let other_row = Arrival { id: NoticeId::derived(now(), "another row"), ..row.clone() };
    let taken = Created::ReferenceTaken { notice: row.id };
    assert_eq!(table.take_in(&other_row).await.expect("a table"), taken, "its reference in another row");
    let notice = table.notice(row.id).await.expect("a table").expect("the notice");
    assert!(matches!(notice.state, State::Posting { reason: PostReason::Corporation, .. }), "{:?}", notice.state);
}

fn record(fact: Fact, bindings: Vec<Binding>) -> Decision<()> {
    Decision::Record(Change { at: now(), fact, bindings })
}

fn chosen(route: Route) -> Fact {
    let message = ProviderMessageId::parse("mo-1").expect("an id");
    Fact::ChannelChosen { route, evidence: Evidence::Text { message } }
}

fn consent(notice: &Notice, given: Given, scope: Scope) -> Consent {
    Consent {
        id: ConsentId::new(now(), &Chance),
        recipient: notice.details.recipient_id.clone().expect("a recipient"),
        given,
        scope,
        wording: "2026-11".to_owned(),
        evidence: Evidence::Link { link: LinkToken::new(&Chance).id() },
        at: now(),
    }
}

#[tokio::test]
async fn a_notice_comes_back_as_it_was_stored() {
    let table = table().await;
    let new = new(details(), Opening::Post(PostReason::Corporation));
    assert_eq!(table.create(&new).await.expect("a table"), Created::Stored);
    let read = table.notice(new.notice.id).await.expect("a table").expect("the notice");
    assert_eq!(read, new.notice);
    let events = table.events(read.id).await.expect("a table");
    let facts: Vec<_> = events.iter().map(|event| event.event().expect("an event")).collect();
    assert_eq!(facts, new.events);
    verify_chain(read.id, &events, &read.head).expect("a chain that holds");
}

#[tokio::test]
async fn what_was_handed_in_is_written_once_and_apart_from_what_changes() {
    let own = OwnTable::create().await;
    let table = own.table();
    let notice = stored(&table).await;
    let pk = format!("NOTICE#{}", notice.id);
    let handed_in = own.item(&pk, "NOTICE#DETAILS").await;
    let moved = table.transition(notice.id, |_| record(chosen(Route::Post), Vec::new())).await.expect("a table");
    assert!(matches!(moved, Transition::Moved(_)));
    assert_eq!(own.item(&pk, "NOTICE#DETAILS").await, handed_in);
    let changed = format!("{:?}", own.item(&pk, "NOTICE").await);
    for handed in ["처리결과", "내용", "홍길동", "hong@example.org", "동광로", "김담당"] {
        assert!(format!("{handed_in:?}").contains(handed), "{handed} is missing");
        assert!(!changed.contains(handed), "{handed} is written with each change");
    }
    own.drop().await;
}

#[tokio::test]
async fn one_key_and_one_reference_make_one_notice() {
    let table = table().await;
    let first = new(details(), Opening::Ask);
    assert_eq!(table.create(&first).await.expect("a table"), Created::Stored);
    let before = Created::Before { answer: "the answer".to_owned() };
    assert_eq!(table.create(&first).await.expect("a table"), before);
    let mut reused = new(details(), Opening::Ask);
    reused.once = Some(Once { request_hash: "b".repeat(64), ..once(first.notice.id) });
    assert_eq!(table.create(&reused).await.expect("a table"), Created::KeyReused);
    assert!(table.notice(reused.notice.id).await.expect("a table").is_none(), "nothing of it is stored");
    let same_reference = new(Details { reference: first.notice.details.reference.clone(), ..details() }, Opening::Ask);
    let taken = Created::ReferenceTaken { notice: first.notice.id };
    assert_eq!(table.create(&same_reference).await.expect("a table"), taken);
    let other_kind = KindCode::parse("guidance").expect("a code");
    let elsewhere = new(Details { kind: other_kind, ..same_reference.notice.details }, Opening::Ask);
    assert_eq!(table.create(&elsewhere).await.expect("a table"), Created::Stored, "unique per department and kind");
}

#[tokio::test]
async fn changes_at_once_are_recorded_one_after_the_other() {
    let table = table().await;
    let notice = stored(&table).await;
    let reply = |text: &str| Reply {
        id: ReplyId::new(now(), &Chance),
        notice: notice.id,
        direction: Direction::Inbound,
        officer: None,
        text: text.to_owned(),
        at: now(),
    };
    let keep = async |text: &str| {
        let reply = reply(text);
        let fact = Fact::ReplyReceived { reply: reply.id, acknowledge: false };
        let done = table.transition(notice.id, |_| record(fact.clone(), vec![Binding::Reply(reply.clone())])).await;
        assert!(matches!(done.expect("a table"), Transition::Moved(_)));
        let kept = table.reply(notice.id, reply.id).await.expect("a table").expect("the reply");
        assert_eq!(kept.text, text);
    };
    tokio::join!(keep("하나"), keep("둘"), keep("셋"));
    let after = table.notice(notice.id).await.expect("a table").expect("the notice");
    assert_eq!(after.version, notice.version + 3);
    let events = table.events(notice.id).await.expect("a table");
    verify_chain(notice.id, &events, &after.head).expect("a chain that holds");
}

#[tokio::test]
async fn what_is_bound_to_an_event_comes_with_it_or_not_at_all() {
    let table = table().await;
    let notice = stored(&table).await;
    let token = LinkToken::new(&Chance);
    let link = Link { id: token.id(), notice: notice.id, expires_at: now(), tries: 0 };
    let phone = notice.details.recipient.phone.clone().expect("a phone");
    let consent = consent(&notice, Given::Sms(phone), Scope::Notice(notice.id));
    let message = ProviderMessageId::parse(&format!("m-{}", rand::random::<u64>())).expect("an id");
    let sent = SentMessage { cause: 4, message: Message::Result { channel: Channel::Sms }, consent: Some(consent.id) };
    let key = format!("mo-{}", rand::random::<u64>());
    let bindings = || {
        vec![
            Binding::Link(link.clone()),
            Binding::Message { provider: "sns", id: message.clone(), sent: sent.clone() },
            Binding::Consent(consent.clone()),
            Binding::Once { scope: "reply", key: key.clone() },
        ]
    };
    let moved = table.transition(notice.id, |_| record(chosen(consent.route()), bindings())).await.expect("a table");
    assert!(matches!(moved, Transition::Moved(_)));
    assert_eq!(table.link(&link.id).await.expect("a table"), Some(link.clone()));
    let found = table.message("sns", message.as_str()).await.expect("a table");
    assert_eq!(found.map(|(id, _)| id), Some(notice.id));
    assert_eq!(table.message("sns", message.as_str()).await.expect("a table"), Some((notice.id, sent.clone())));
    assert_eq!(table.consent(&consent.recipient, consent.id).await.expect("a table"), Some(consent.clone()));
    assert!(table.was_done("reply", &key).await.expect("a table"));

    let other = stored(&table).await;
    let again = vec![Binding::Once { scope: "reply", key: key.clone() }];
    let done = table.transition(other.id, |_| record(chosen(Route::Post), again.clone())).await.expect("a table");
    assert!(matches!(done, Transition::DoneBefore(_)), "the same text again does nothing, whatever it is bound to");
    assert_eq!(table.notice(other.id).await.expect("a table"), Some(other), "nothing was written");
}

#[tokio::test]
async fn an_address_that_failed_ends_the_preferences_that_rest_on_it_and_no_later_ones() {
    let table = table().await;
    let notice = stored(&table).await;
    let recipient = notice.details.recipient_id.clone().expect("a recipient");
    let mail = |text: &str| Given::Email(EmailAddress::parse(text).expect("an address"));
    let (failed, other) = (mail("hong@example.org"), mail("gildong@example.org"));
    let later =
        Consent { at: now() + SignedDuration::from_mins(1), ..consent(&notice, failed.clone(), kinds("later")) };
    let consents = [
        consent(&notice, failed.clone(), kinds("failed")),
        consent(&notice, failed.clone(), Scope::Everything),
        consent(&notice, other, kinds("other")),
        later,
    ];
    for consent in &consents {
        let scope = consent.scope.clone();
        let preference = Binding::Preference { recipient: recipient.clone(), scope, route: consent.route() };
        let bindings = vec![Binding::Consent(consent.clone()), preference];
        let moved = table.transition(notice.id, |_| record(chosen(consent.route()), bindings.clone())).await;
        assert!(matches!(moved.expect("a table"), Transition::Moved(_)));
    }
    for _ in 0..2 {
        table.withdraw_address(&recipient, &failed, now()).await.expect("a table");
    }
    for (consent, usable) in consents.iter().zip([false, false, true, true]) {
        let found = table.usable_consent(&recipient, consent.id).await.expect("a table");
        assert_eq!(found.is_some(), usable, "{:?}", consent.scope);
    }
    table.withdraw_address(&recipient, &failed, now() - SignedDuration::from_hours(1)).await.expect("a table");
    let still = table.usable_consent(&recipient, consents[0].id).await.expect("a table");
    assert_eq!(still, None, "news of an earlier failure takes nothing back");
    for (kind, stands) in [("failed", false), ("other", true), ("later", true), ("unheard_of", false)] {
        let kind = KindCode::parse(kind).expect("a code");
        let preference = table.preference(&recipient, &kind).await.expect("a table");
        assert_eq!(preference.is_some(), stands, "{kind}");
    }
}

fn kinds(code: &str) -> Scope {
    Scope::Kind(KindCode::parse(code).expect("a code"))
}

#[tokio::test]
async fn what_is_kept_apart_is_found_by_its_day_and_forgotten_when_it_fits() {
    let table = table().await;
    let name = format!("sns#{}#arrived", rand::random::<u64>());
    let day = now() - SignedDuration::from_hours(24 * 400);
    for _ in 0..2 {
        table.keep_dead("receipt", &name, "content", day).await.expect("a table");
    }
    table.keep_dead("receipt_word", &name, "another kind", day).await.expect("a table");
    // Whatever else is kept of that day hides nothing.
    for number in 0..120 {
        table.keep_dead("receipt", &format!("a#{number}"), "foreign", day).await.expect("a table");
    }
    let kept = table.dead_items("receipt", day).await.expect("a table");
    let kept: Vec<_> = kept.into_iter().filter(|dead| dead.name == name).collect();
    assert_eq!(kept, [Dead { name: name.clone(), content: "content".to_owned(), at: day }]);
    table.forget_dead("receipt", &kept[0]).await.expect("a table");
    let rest = table.dead_items("receipt", day).await.expect("a table");
    assert!(rest.iter().all(|dead| dead.name != name));
    let words = table.dead_items("receipt_word", day).await.expect("a table");
    assert!(words.iter().any(|dead| dead.name == name), "other kinds are left alone");
}

#[tokio::test]
async fn texts_that_belong_to_no_notice_are_found_by_their_day_in_seoul() {
    let table = table().await;
    let day = date(2001, 1, 1);
    let at = |hour: i8, minute: i8| SEOUL.to_timestamp(day.at(hour, minute, 0, 0)).expect("a moment");
    let text = |words: &str| UnmatchedText {
        provider: "standard".to_owned(),
        from: "+821087654321".to_owned(),
        text: words.to_owned(),
    };
    let just_before = at(0, 0) - SignedDuration::from_secs(1);
    for (name, moment) in [("0", just_before), ("1", at(0, 0)), ("2", at(8, 59)), ("3", at(9, 0)), ("4", at(23, 59))] {
        for _ in 0..2 {
            table.keep_unmatched(name, &text(name), moment).await.expect("a table");
        }
    }
    let found = table.unmatched(day).await.expect("a table");
    let found: Vec<&str> = found.iter().map(|(_, text)| text.text.as_str()).collect();
    assert_eq!(found, ["4", "3", "2", "1"], "newest first, and each once");
}

#[tokio::test]
async fn what_cannot_happen_is_refused_and_writes_nothing() {
    let table = table().await;
    let notice = stored(&table).await;
    let refused = table.transition(notice.id, |_| record(Fact::Returned, Vec::new())).await.expect("a table");
    assert!(matches!(refused, Transition::Refused(_, Refused::OutOfPlace)));
    let left = table.transition(notice.id, |_| Decision::Leave("why")).await.expect("a table");
    assert_eq!(left, Transition::Left("why"));
    assert_eq!(table.notice(notice.id).await.expect("a table"), Some(notice));
    let nobody = NoticeId::new(now(), &Chance);
    let missing = table.transition(nobody, |_| record(Fact::Returned, Vec::new())).await;
    assert!(matches!(missing, Err(store::Error::NotFound)));
}

#[tokio::test]
async fn open_notices_of_a_telephone_are_found_newest_first_until_they_end() {
    let table = table().await;
    let older = stored(&table).await;
    let mut same = details();
    same.recipient = older.details.recipient.clone();
    same.recipient_id = older.details.recipient_id.clone();
    let mut newer = new(same, Opening::Ask);
    newer.notice.id = NoticeId::new(now() + SignedDuration::from_secs(1), &Chance);
    assert_eq!(table.create(&newer).await.expect("a table"), Created::Stored);
    let recipient = older.details.recipient_id.clone().expect("a recipient");
    let open = table.open_notices(&recipient, Some(10)).await.expect("a table");
    assert_eq!(open, [newer.notice.id, older.id]);
    let cancelled =
        Fact::Cancelled {
            officer: "김담당".to_owned(), unit: "교통행정과".to_owned(), reason: "중복".to_owned()
        };
    table.transition(newer.notice.id, |_| record(cancelled.clone(), Vec::new())).await.expect("a table");
    assert_eq!(table.open_notices(&recipient, Some(10)).await.expect("a table"), [older.id]);
}

#[tokio::test]
async fn a_withdrawal_reaches_every_open_notice_of_a_telephone() {
    let table = table().await;
    let oldest = stored(&table).await;
    let recipient = oldest.details.recipient_id.clone().expect("a recipient");
    let mut last = oldest.id;
    for number in 1..=60 {
        let mut same = details();
        same.recipient = oldest.details.recipient.clone();
        same.recipient_id = Some(recipient.clone());
        let mut newer = new(same, Opening::Ask);
        newer.notice.id = NoticeId::new(now() + SignedDuration::from_secs(number), &Chance);
        assert_eq!(table.create(&newer).await.expect("a table"), Created::Stored);
        last = newer.notice.id;
    }
    let withdrawal = Withdrawal {
        recipient,
        said_on: Some(last),
        only: None,
        evidence: Evidence::Text { message: ProviderMessageId::parse("mo-1").expect("an id") },
        at: now(),
    };
    table.withdraw_everywhere(&withdrawal).await.expect("a table");
    let oldest = table.notice(oldest.id).await.expect("a table").expect("the notice");
    assert_eq!(oldest.version, 2, "it is on record there, where it waits for its day");
}

#[tokio::test]
async fn a_preference_stands_until_it_is_withdrawn() {
    let table = table().await;
    let notice = stored(&table).await;
    let recipient = notice.details.recipient_id.clone().expect("a recipient");
    let email = notice.details.recipient.email.clone().expect("an address");
    assert_eq!(table.preference(&recipient, &kind()).await.expect("a table"), None);
    let consent = consent(&notice, Given::Email(email), Scope::Kind(kind()));
    let preference =
        Binding::Preference { recipient: recipient.clone(), scope: Scope::Kind(kind()), route: consent.route() };
    let bindings = vec![Binding::Consent(consent.clone()), preference];
    table.transition(notice.id, |_| record(chosen(consent.route()), bindings.clone())).await.expect("a table");
    let standing = table.preference(&recipient, &kind()).await.expect("a table").expect("a preference");
    assert_eq!(standing.route, consent.route());
    let other_kind = KindCode::parse("guidance").expect("a code");
    assert_eq!(table.preference(&recipient, &other_kind).await.expect("a table"), None);

    // Withdrawn between being read and being relied on: the notice is not stored.
    table.withdraw(&recipient, Some(Channel::Email), now()).await.expect("a table");
    assert_eq!(table.preference(&recipient, &kind()).await.expect("a table"), None);
    let mut next = details();
    next.recipient_id = Some(recipient.clone());
    let relying = new(next, Opening::Standing(standing));
    assert_eq!(table.create(&relying).await.expect("a table"), Created::PreferenceChanged);

    table.withdraw(&recipient, None, now()).await.expect("a table");
    let opted_out = table.preference(&recipient, &kind()).await.expect("a table");
    assert!(matches!(opted_out, Some(Preference { opted_out: true, route: Route::Post, .. })));
}

#[tokio::test]
async fn what_was_withdrawn_does_not_come_back_to_life() {
    let table = table().await;
    let notice = stored(&table).await;
    let recipient = notice.details.recipient_id.clone().expect("a recipient");
    let phone = notice.details.recipient.phone.clone().expect("a phone");
    let consent = consent(&notice, Given::Sms(phone), Scope::Kind(kind()));
    let preference =
        Binding::Preference { recipient: recipient.clone(), scope: Scope::Kind(kind()), route: consent.route() };
    let bindings = vec![Binding::Consent(consent.clone()), preference];
    table.transition(notice.id, |_| record(chosen(consent.route()), bindings.clone())).await.expect("a table");
    table.withdraw(&recipient, None, now()).await.expect("a table");
    table.prefer_post(&recipient, &Scope::Everything, now()).await.expect("a table");
    let standing = table.preference(&recipient, &kind()).await.expect("a table").expect("a preference");
    assert_eq!((standing.route, standing.scope, standing.opted_out), (Route::Post, Scope::Everything, false));
}

#[tokio::test]
async fn a_wish_for_the_notices_to_come_is_kept_with_its_consent_and_ends_an_opt_out() {
    let table = table().await;
    let notice = stored(&table).await;
    let recipient = notice.details.recipient_id.clone().expect("a recipient");
    let phone = notice.details.recipient.phone.clone().expect("a phone");
    let other_kind = KindCode::parse("guidance").expect("a code");
    let standing = async |kind: &KindCode| table.preference(&recipient, kind).await.expect("a table");

    // One kind, with nothing said before: the other kinds are asked as ever.
    let for_kind = consent(&notice, Given::Sms(phone.clone()), Scope::Kind(kind()));
    table.prefer(&for_kind, &[Scope::Kind(kind())]).await.expect("a table");
    assert_eq!(standing(&kind()).await.map(|preference| preference.route), Some(for_kind.route()));
    assert_eq!(standing(&other_kind).await, None);
    assert_eq!(table.consent(&recipient, for_kind.id).await.expect("a table"), Some(for_kind.clone()));
    assert!(table.prefer(&for_kind, &[Scope::Everything]).await.is_err(), "a consent is given once");
    assert_eq!(standing(&other_kind).await, None, "nothing of it is kept");

    // One kind after an opt-out: that kind electronically, all others by post, and no more questions.
    table.withdraw(&recipient, None, now()).await.expect("a table");
    let again = consent(&notice, Given::Sms(phone.clone()), Scope::Kind(kind()));
    table.prefer(&again, &[Scope::Kind(kind())]).await.expect("a table");
    assert_eq!(standing(&kind()).await.map(|preference| preference.route), Some(again.route()));
    let others = Preference { route: Route::Post, scope: Scope::Everything, opted_out: false };
    assert_eq!(standing(&other_kind).await, Some(others));
    assert_eq!(
        Opening::of(&notice.details, false, standing(&other_kind).await),
        Opening::Post(PostReason::StandingPreference)
    );

    // Everything after an opt-out: everything.
    table.withdraw(&recipient, None, now()).await.expect("a table");
    let for_all = consent(&notice, Given::Sms(phone), Scope::Everything);
    let scopes = [Scope::Kind(kind()), Scope::Kind(other_kind.clone()), Scope::Everything];
    table.prefer(&for_all, &scopes).await.expect("a table");
    for kind in [kind(), other_kind, KindCode::parse("unheard_of").expect("a code")] {
        let preference = standing(&kind).await.expect("a preference");
        assert_eq!((preference.route, preference.opted_out), (for_all.route(), false), "{kind}");
    }
    assert_eq!(table.notice(notice.id).await.expect("a table"), Some(notice), "the notice at hand does not change");
}

#[tokio::test]
async fn wrong_tries_are_counted_one_by_one() {
    let table = table().await;
    let notice = stored(&table).await;
    let link = Link { id: LinkToken::new(&Chance).id(), notice: notice.id, expires_at: now(), tries: 0 };
    let fact = Fact::LinkUnlocked { officer: "김담당".to_owned() };
    let locked = table.transition(notice.id, |_| record(Fact::LinkLocked, vec![Binding::Link(link.clone())])).await;
    assert!(matches!(locked.expect("a table"), Transition::Moved(_)));
    let count = async || table.count_wrong_try(&link.id, 3).await.expect("a table");
    let (first, second, third) = tokio::join!(count(), count(), count());
    assert_eq!(first + second + third, 1 + 2 + 3);
    assert_eq!((count().await, count().await), (4, 4), "more are told of and not kept");
    let unlocked = table.transition(notice.id, |_| record(fact.clone(), Vec::new())).await.expect("a table");
    assert!(matches!(unlocked, Transition::Moved(notice) if !notice.link_locked));
    table.take_back_try(&link.id).await.expect("a table");
    assert_eq!(count().await, 3, "a right answer is taken back");
    for _ in 0..5 {
        table.take_back_try(&link.id).await.expect("a table");
    }
    let tries = table.link(&link.id).await.expect("still readable").expect("the link").tries;
    assert_eq!(tries, 0, "a call that came again takes back no more than there is");
    let unknown = LinkToken::new(&Chance).id();
    assert!(table.count_wrong_try(&unknown, 5).await.is_err(), "a link nobody made is not made by trying it");
}

#[tokio::test]
async fn a_department_lists_its_notices_by_state_in_pages() {
    let table = table().await;
    let department = DepartmentCode::parse(&format!("d{}", rand::random::<u32>())).expect("a code");
    let mut ids = Vec::new();
    for second in 0..5 {
        let mut new = new(Details { department: department.clone(), ..details() }, Opening::Ask);
        new.notice.accepted_at = now() + SignedDuration::from_secs(second);
        ids.push(new.notice.id);
        assert_eq!(table.create(&new).await.expect("a table"), Created::Stored);
    }
    ids.reverse();
    let first = table.list(&department, "accepted", None, 3).await.expect("a table");
    let cursor = first.cursor.clone().expect("more");
    let second = table.list(&department, "accepted", Some(&cursor), 3).await.expect("a table");
    let listed: Vec<_> = first.notices.iter().chain(&second.notices).map(|notice| notice.id).collect();
    assert_eq!(listed, ids);
    assert_eq!(second.cursor, None);
    assert!(table.list(&department, "posting", None, 3).await.expect("a table").notices.is_empty());

    let reply = Fact::ReplyReceived { reply: ReplyId::new(now(), &Chance), acknowledge: false };
    let oldest = *ids.last().expect("five");
    table.transition(oldest, |_| record(reply.clone(), Vec::new())).await.expect("a table");
    let again = table.list(&department, "accepted", None, 5).await.expect("a table");
    assert_eq!(again.notices.iter().map(|notice| notice.id).collect::<Vec<_>>(), ids, "it came into its state first");
}

#[tokio::test]
async fn what_is_due_is_found_in_its_shard_oldest_first_in_pages_until_it_moves_on() {
    let table = table().await;
    // So late that the deployed function finds none of it due.
    let year: Timestamp = "2200-01-01T00:00:00Z".parse().expect("a moment");
    let minute = |number: i64| year + SignedDuration::from_mins(number);
    let mut waiting = Vec::new();
    for number in (0..40).rev() {
        let id = NoticeId::new(now(), &Chance);
        let (notice, events) = Notice::accept(id, details(), &Opening::Ask, Some(minute(number)), now());
        let notice = with_letter(notice);
        let new = NewNotice { notice, events, opening: Opening::Ask, once: Some(once(id)) };
        assert_eq!(table.create(&new).await.expect("a table"), Created::Stored);
        waiting.push(id);
    }
    waiting.reverse();
    let due = async |until: Timestamp| {
        let mut found = Vec::new();
        for shard in DueShard::all() {
            let (mut after, mut of_shard) = (None, Vec::new());
            loop {
                let page = table.due(shard, until, 2, after).await.expect("a table");
                assert!(page.notices.len() <= 2);
                of_shard.extend(page.notices);
                after = page.after;
                if after.is_none() {
                    break;
                }
            }
            let places: Vec<_> =
                of_shard.iter().filter_map(|id| waiting.iter().position(|other| other == id)).collect();
            assert!(places.is_sorted(), "oldest first: {places:?}");
            found.extend(places);
        }
        found.sort_unstable();
        found
    };
    assert!(due(year - SignedDuration::from_secs(1)).await.is_empty());
    assert_eq!(due(minute(0)).await, [0], "due at the very moment");
    assert_eq!(due(minute(24)).await, (0..25).collect::<Vec<_>>());
    for id in &waiting {
        let posted = Fact::PostRequired { reason: PostReason::NoPhone };
        table.transition(*id, |_| record(posted.clone(), Vec::new())).await.expect("a table");
    }
    assert!(due(minute(60)).await.is_empty(), "nothing to wait for any more");
}

#[tokio::test]
async fn one_run_is_open_at_a_time_held_by_one_printer_and_counted_by_the_day() {
    let table = table().await;
    let day = "2199-12-31".parse().expect("a day");
    let run = table.open_run(day, now(), "tests").await.expect("a table");
    assert_eq!(table.open_run(day, now(), "others").await.expect("a table"), run, "the open one");
    let until = now() + SignedDuration::from_secs(330);
    let mut held = table.hold_run(&run.id, now(), until).await.expect("a table").expect("held by nobody");
    assert_eq!(table.hold_run(&run.id, now(), until).await.expect("a table"), None, "held by another");

    let later = until + SignedDuration::from_secs(1);
    let taken_over = table.hold_run(&run.id, later, later + SignedDuration::from_secs(330)).await.expect("a table");
    let mut taken_over = taken_over.expect("its printer died");
    held.run.stage = Stage::Posting;
    assert!(table.save_run(&held).await.is_err(), "the dead one's hand is stayed");
    taken_over.run.stage = Stage::Done;
    table.save_run(&taken_over).await.expect("a table");
    assert_eq!(table.hold_run(&run.id, later, later).await.expect("a table"), None, "it is over");

    let next = table.open_run(day, now(), "tests").await.expect("a table");
    assert_ne!(next.id, run.id, "the next of the day");
    let mut held = table.hold_run(&next.id, now(), until).await.expect("a table").expect("held by nobody");
    held.run.stage = Stage::Done;
    table.save_run(&held).await.expect("a table");
}

#[tokio::test]
async fn who_goes_by_post_waits_for_a_run_and_stands_in_one() {
    let table = table().await;
    // So far off that no run of the stack takes it.
    let since: Timestamp = "2199-06-01T00:00:00Z".parse().expect("a moment");
    let id = stored(&table).await.id;
    let record = async |fact: Fact, bindings: Vec<Binding>| {
        let change = Change { at: since, fact, bindings };
        table.transition::<()>(id, |_| Decision::Record(change.clone())).await.expect("a table")
    };
    let waits = async || {
        let mut found = Vec::new();
        for shard in DueShard::all() {
            found.extend(table.awaiting_run(shard, since, 1000, None).await.expect("a table").notices);
        }
        found.contains(&id)
    };
    assert!(!waits().await);
    record(Fact::PostRequired { reason: PostReason::NotAMobile }, Vec::new()).await;
    assert!(waits().await);
    let run = RunId::of("2199-06-01".parse().expect("a day"), 1);
    let member = || vec![Binding::Member { run: run.clone() }];
    assert!(matches!(record(Fact::JoinedRun { run: run.clone() }, member()).await, Transition::Moved(_)));
    assert!(matches!(record(Fact::JoinedRun { run: run.clone() }, member()).await, Transition::AlreadyThere(_)));
    assert!(!waits().await);
    assert_eq!(table.members(&run).await.expect("a table"), [id]);
}

fn access(client: &str, request: &str, at: Timestamp, notice: NoticeId) -> Access {
    let (client, request) = (client.to_owned(), request.to_owned());
    Caller { client, source: Some("192.0.2.1".to_owned()), request }
        .sees(Action::ReadNotice, at)
        .of_notice(notice, None)
}

#[tokio::test]
async fn the_access_record_is_added_to_and_read_newest_first_by_day_notice_and_caller() {
    let table = table().await;
    // A day of this test's own: nobody else looks so far back.
    let day: Timestamp = "2003-05-10T03:00:00Z".parse().expect("a moment");
    let day = day + SignedDuration::from_hours(24 * i64::from(rand::random::<u16>() % 5_000));
    let (one, other) = (NoticeId::new(now(), &Chance), NoticeId::new(now(), &Chance));
    let hour = SignedDuration::from_hours(1);
    let lines = [
        access("petition-system", "r1", day, one),
        access("petition-system", "r2", day + hour, other),
        Access { officer: Some("김담당".to_owned()), ..access("desk", "r3", day + hour * 24, one) },
    ];
    for line in &lines {
        table.record_access(line).await.expect("recorded");
    }
    // Nothing is overwritten: the same line again is the one that is there.
    table.record_access(&Access { officer: Some("else".to_owned()), ..lines[0].clone() }).await.expect("recorded");

    let date = |at: Timestamp| domain::settings::SEOUL.to_datetime(at).date();
    let wanted = |notice, who: Option<&str>| Wanted {
        from: date(day),
        to: date(day + hour * 48),
        notice,
        who: who.map(str::to_owned),
    };
    let found = async |wanted: &Wanted, limit| {
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let page = table.accesses(wanted, cursor.as_deref(), limit).await.expect("a page");
            assert!(page.accesses.len() <= limit);
            found.extend(page.accesses);
            cursor = page.cursor;
            if cursor.is_none() {
                return found;
            }
        }
    };
    for limit in [1, 2, 100] {
        let newest_first: Vec<_> = lines.iter().rev().cloned().collect();
        assert_eq!(found(&wanted(None, None), limit).await, newest_first, "{limit}");
        assert_eq!(found(&wanted(Some(one), None), limit).await, [lines[2].clone(), lines[0].clone()], "{limit}");
        assert_eq!(found(&wanted(None, Some("김담당")), limit).await, [lines[2].clone()], "{limit}");
        assert_eq!(found(&wanted(Some(other), Some("desk")), limit).await, [], "{limit}");
    }
    let no_cursor = table.accesses(&wanted(None, None), Some("yesterday"), 10).await;
    assert!(matches!(no_cursor, Err(store::Error::NoSuchPage)));
}

#[tokio::test]
async fn a_conversation_stands_in_its_departments_inbox_read_or_unread() {
    let table = table().await;
    let mut details = details();
    details.department = DepartmentCode::parse(&format!("d{}", rand::random::<u32>())).expect("a code");
    let department = details.department.clone();
    let mut ids = Vec::new();
    for number in 0..3 {
        let reference = Reference::parse(&format!("2026-{}", rand::random::<u64>())).expect("a reference");
        let new = new(Details { reference, ..details.clone() }, Opening::Ask);
        assert_eq!(table.create(&new).await.expect("stored"), Created::Stored);
        let id = new.notice.id;
        let at = now() + SignedDuration::from_mins(number);
        let reply = Reply {
            id: ReplyId::new(at, &Chance),
            notice: id,
            direction: Direction::Inbound,
            text: format!("문의 {number}"),
            officer: None,
            at,
        };
        let fact = Fact::ReplyReceived { reply: reply.id, acknowledge: false };
        let change = Change { at, fact, bindings: vec![Binding::Reply(reply)] };
        table.transition::<()>(id, |_| Decision::Record(change.clone())).await.expect("recorded");
        ids.push(id);
    }
    let listed = async |unread, cursor: Option<&str>| {
        let page = table.inbox(&department, unread, cursor, 2).await.expect("a page");
        let talks: Vec<_> =
            page.talks.iter().map(|talk| (talk.notice.id, talk.newest.clone().expect("a text").text)).collect();
        (talks, page.cursor)
    };
    let (first, cursor) = listed(true, None).await;
    assert_eq!(first, [(ids[2], "문의 2".to_owned()), (ids[1], "문의 1".to_owned())]);
    assert_eq!(listed(true, cursor.as_deref()).await.0, [(ids[0], "문의 0".to_owned())]);
    assert_eq!(table.unread(&department).await.expect("a number"), 3);
    assert_eq!(
        table.list(&department, "accepted", None, 10).await.expect("a page").notices.len(),
        3,
        "apart from them"
    );

    let read = Change {
        at: now() + SignedDuration::from_hours(1),
        fact: Fact::RepliesRead { officer: "김담당".to_owned() },
        bindings: Vec::new(),
    };
    table.transition::<()>(ids[1], |_| Decision::Record(read.clone())).await.expect("recorded");
    assert_eq!(table.unread(&department).await.expect("a number"), 2);
    assert_eq!(listed(false, None).await.0, [(ids[1], "문의 1".to_owned())]);
}

#[tokio::test]
async fn the_same_words_are_one_text_within_ten_seconds_and_texts_are_counted() {
    let table = table().await;
    let notice = stored(&table).await;
    let recipient = notice.details.recipient_id.clone().expect("a telephone");
    let say = async |seal: &str, seconds: i64| {
        let at = now() + SignedDuration::from_secs(seconds);
        let reply = ReplyId::new(at, &Chance);
        let fact = Fact::ReplyReceived { reply, acknowledge: false };
        let (recipient, seal) = (recipient.clone(), format!("{seal}{}", notice.id));
        let bindings = vec![Binding::Said { seal: seal.clone() }, Binding::Heard { recipient, seal }];
        let change = Change { at, fact, bindings };
        table.transition::<()>(notice.id, |_| Decision::Record(change.clone())).await.expect("an answer")
    };
    assert!(matches!(say("a", 0).await, Transition::Moved(_)));
    assert!(matches!(say("b", 1).await, Transition::Moved(_)));
    assert!(matches!(say("a", 9).await, Transition::DoneBefore(_)));
    assert!(matches!(say("a", 10).await, Transition::Moved(_)));
    assert!(matches!(say("c", 2_000).await, Transition::Moved(_)));
    let heard =
        async |seconds: i64| table.heard(&recipient, now() + SignedDuration::from_secs(seconds)).await.expect("heard");
    assert_eq!(heard(2_001).await, Heard { texts: 4, newest: Some(format!("c{}", notice.id)) });
    assert_eq!(heard(5_000).await.texts, 1);
    assert_eq!(heard(50_000).await, Heard::default());
}

#[tokio::test]
async fn a_refusal_is_taken_back_and_a_wish_is_left_alone() {
    let table = table().await;
    let (refused, wishing) = (details(), details());
    let [first, second] = [&refused, &wishing].map(|details| details.recipient_id.clone().expect("a telephone"));
    table.withdraw(&first, None, now()).await.expect("written");
    assert_eq!(table.opening(&refused, false).await.expect("an opening"), Opening::Post(PostReason::OptedOut));
    table.prefer_post(&second, &Scope::Everything, now()).await.expect("written");
    for recipient in [&first, &second, &first] {
        table.resume(recipient).await.expect("written, or nothing to write");
    }
    assert_eq!(table.opening(&refused, false).await.expect("an opening"), Opening::Ask);
    assert_eq!(
        table.opening(&wishing, false).await.expect("an opening"),
        Opening::Post(PostReason::StandingPreference)
    );
}

#[tokio::test]
async fn what_a_person_was_asked_is_remembered_and_settled() {
    let table = table().await;
    let notice = stored(&table).await;
    let recipient = notice.details.recipient_id.clone().expect("a telephone");
    assert_eq!(table.clarifying(&recipient).await.expect("an answer"), None);
    let about = ReplyId::new(now(), &Chance);
    let clarifying = Clarifying {
        recipient: recipient.clone(),
        notice: notice.id,
        reply: about,
        message: ProviderMessageId::parse("mo-1").expect("an id"),
        candidates: vec![notice.id, NoticeId::new(now(), &Chance)],
        at: now(),
    };
    for held in [clarifying.clone(), clarifying.settled()] {
        // Not the question itself, which the stack around would send.
        let fact = Fact::ReplyReceived { reply: about, acknowledge: false };
        let once = Binding::Once { scope: "asked", key: format!("{}{}", notice.id, held.candidates.len()) };
        let change = Change { at: now(), fact, bindings: vec![Binding::Clarifying(held.clone()), once] };
        table.transition::<()>(notice.id, |_| Decision::Record(change.clone())).await.expect("recorded");
        assert_eq!(table.clarifying(&recipient).await.expect("an answer"), Some(held));
    }
    let key = format!("{}2", notice.id);
    assert_eq!(table.done_on("asked", &key).await.expect("an answer"), Some(notice.id));
    assert_eq!(table.done_on("asked", "never").await.expect("an answer"), None);
}
