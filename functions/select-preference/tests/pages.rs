//! Every page and answer a resident can get, driven by the events API Gateway sends.

mod documents;
mod memory;
mod verify;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use domain::{AttentionReason, Channel, Consent, Fact, Given, PostReason, Route, Scope};
use memory::{Life, Memory, Office, Stopped, TOKEN, details, email, recipient, sms};
use select_preference::{App, router};
use store::Binding;
use tower::ServiceExt;

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    /// Status, way on and page, the style sheet left out.
    fn shown(&self) -> String {
        let page = match (self.body.find("<style>"), self.body.find("</style>")) {
            (Some(from), Some(to)) => format!("{}<style>…{}", &self.body[..from], &self.body[to..]),
            _ => self.body.clone(),
        };
        let location = self.headers.get("location").map_or("", |value| value.to_str().expect("plain ASCII"));
        format!("{} {location}\n{page}", self.status.as_u16())
    }
}

async fn ask(memory: &Memory, office: Office, request: Request<Body>) -> Answer {
    let app = App::new(
        memory.clone(),
        office,
        memory.clone(),
        "https://tongji.example".to_owned(),
        Stopped,
        memory.entropy.clone(),
    );
    let response = router(app).oneshot(request).await.expect("a router never fails");
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 1024 * 1024).await.expect("a short body");
    Answer { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).expect("UTF-8") }
}

/// What comes of an event of `events/select-preference`.
async fn event(memory: &Memory, name: &str) -> Answer {
    let path = format!("{}/../../events/select-preference/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let json = std::fs::read_to_string(path).expect("an event");
    let request = lambda_http::request::from_str(&json).expect("an API Gateway event");
    ask(memory, Office::Shipped, request.map(Body::new)).await
}

/// Checks a page against its snapshot and against what holds for all pages, and keeps it under `target/pages` to look at.
fn check(name: &str, answer: &Answer) {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/pages");
    std::fs::create_dir_all(folder).expect("a folder");
    std::fs::write(format!("{folder}/{name}.html"), &answer.body).expect("a file");
    assert!(!answer.body.contains(TOKEN), "{name} holds the token");
    assert!(answer.body.len() < 50 * 1024, "{name} has {} bytes even before compression", answer.body.len());
    assert_eq!(answer.body.matches("<h1").count(), 1, "{name} has one h1");
    // The letter, which the reader fetches if they want it, is the one thing that is elsewhere.
    let page = answer.shown().replacen("<a class=\"button\" href=\"https://bucket.example/letters/", "", 1);
    for elsewhere in ["http:", "https:", "//", "<script", "src="] {
        assert!(!page.contains(elsewhere), "{name} reaches elsewhere: {elsewhere}");
    }
    insta::assert_snapshot!(name, answer.shown());
}

fn nothing_personal(name: &str, answer: &Answer) {
    let person = ["홍길동", "1234-5678", "hong.gildong", "동광로 475", "450408", "용도변경", "주차장"];
    for secret in person {
        assert!(!answer.body.contains(secret), "{name} tells {secret} before the second factor");
    }
}

fn standing_at(life: Life, consent: Option<Consent>) -> Memory {
    consent.into_iter().fold(Memory::with(life), Memory::knowing)
}

#[tokio::test]
async fn each_standing_has_its_page_and_none_tells_anything_personal() {
    let delivered = |channel| Fact::Delivered { channel };
    let hotmail = email("other@example.net");
    let nobody = {
        let mut details = details();
        details.recipient.phone = None;
        details.recipient_id = None;
        details
    };
    let corporation = {
        let mut details = details();
        details.recipient.birth_date = None;
        details.recipient.entity = domain::Entity::Corporation;
        details
    };
    let nameless = {
        let mut details = details();
        details.recipient.birth_date = None;
        details
    };
    let homeless = {
        let mut details = details();
        details.recipient.address = None;
        details.recipient.email = None;
        details
    };
    let cancelled =
        Fact::Cancelled {
            officer: "김서초".to_owned(), unit: "건축과".to_owned(), reason: "중복 접수".to_owned()
        };
    let no_phone = Fact::PostRequired { reason: PostReason::NoPhone };
    let pages = vec![
        ("accepted", Life::accepted(), None, 200),
        ("asking", Life::accepted().asked(), None, 200),
        (
            "asking-for-email",
            Life::accepted().asked().then(Fact::EmailChosenWithoutAddress {
                evidence: domain::Evidence::Paper { form: "1".to_owned() },
                choose_by: memory::now(),
            }),
            None,
            200,
        ),
        ("chosen-text", Life::accepted().chosen(&sms()), Some(sms()), 200),
        ("chosen-email", Life::accepted().chosen(&hotmail), Some(hotmail), 200),
        ("chosen-post", Life::accepted().asked().post(), None, 200),
        (
            "post-for-want-of-an-answer",
            Life::accepted().then(Fact::PostRequired { reason: PostReason::NoAnswer }),
            None,
            200,
        ),
        ("no-telephone", Life::of(nobody.clone()), None, 200),
        (
            "no-address",
            Life::of(homeless).then(Fact::AttentionNeeded { reason: AttentionReason::NoAddress }),
            None,
            200,
        ),
        ("held", Life::accepted().chosen(&sms()).held(), Some(sms()), 200),
        ("held-after-an-attempt", Life::accepted().chosen(&sms()).sending(Channel::Sms).held_again(), Some(sms()), 200),
        ("sending", Life::accepted().chosen(&sms()).sending(Channel::Sms), Some(sms()), 200),
        ("sent", Life::accepted().chosen(&sms()).sent(Channel::Sms), Some(sms()), 200),
        (
            "delivered-to-a-corporation",
            Life::of(corporation.clone()).chosen(&sms()).sent(Channel::Sms).then(delivered(Channel::Sms)),
            Some(sms()),
            200,
        ),
        ("sent-without-birth-date", Life::of(nameless).chosen(&sms()).sent(Channel::Sms), None, 200),
        ("unread", Life::accepted().chosen(&sms()).sent(Channel::Sms).then(Fact::UnreadPassed), None, 200),
        ("cancelled", Life::accepted().then(cancelled), None, 410),
        ("printing", Life::accepted().post().printing(), None, 200),
        ("posted", Life::accepted().post().posted(), None, 200),
        ("posted-without-telephone", Life::of(nobody).then(no_phone).posted(), None, 200),
        ("posted-to-a-corporation", Life::of(corporation.clone()).post().posted(), None, 200),
        ("returned", Life::accepted().post().posted().then(Fact::Returned), None, 200),
        ("locked", Life::accepted().chosen(&sms()).sent(Channel::Sms).then(Fact::LinkLocked), None, 423),
    ];
    for (name, life, consent, status) in pages {
        let answer = event(&standing_at(life, consent), "show").await;
        assert_eq!(answer.status, status, "{name}");
        nothing_personal(name, &answer);
        check(name, &answer);
    }
}

#[tokio::test]
async fn tokens_that_open_nothing_are_told_apart_by_nobody() {
    let known = Memory::with(Life::accepted());
    let unknown = event(&known, "show-unknown-token").await;
    assert_eq!(known.reads(), ["link", "notice"]);
    let malformed = event(&known, "show-malformed-token").await;
    assert_eq!(known.reads(), ["link", "notice"]);
    let late = Memory::with_link(Life::accepted(), memory::NOW, 0);
    let expired = event(&late, "show").await;
    assert_eq!(late.reads(), ["link", "notice"]);
    let expired_choice = event(&late, "choose-text").await;
    assert!(late.facts().is_empty());
    for other in [malformed, expired, expired_choice] {
        assert_eq!(other.status, unknown.status);
        assert_eq!(other.headers, unknown.headers);
        assert_eq!(other.body, unknown.body);
    }
    check("not-found", &unknown);
    nothing_personal("not-found", &unknown);
}

#[tokio::test]
async fn an_old_mail_still_takes_a_refusal() {
    let late = Memory::with_link(Life::accepted(), memory::NOW, 0);
    assert_eq!(event(&late, "show-opt-out").await.status, StatusCode::OK);
    assert_eq!(event(&late, "opt-out-one-click").await.status, StatusCode::OK);
    assert_eq!(late.withdrawn(), [Some(Channel::Email)]);
}

#[tokio::test]
async fn every_answer_is_kept_framed_and_indexed_by_nobody() {
    let answer = event(&Memory::with(Life::accepted()), "show").await;
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().expect("plain ASCII")))
        .collect();
    headers.sort();
    insta::assert_snapshot!("headers", headers.join("\n"));
    let bodies = [event(&Memory::broken(), "show").await, event(&Memory::with(Life::accepted()), "choose-post").await];
    for other in bodies {
        assert_eq!(other.headers["content-security-policy"], answer.headers["content-security-policy"]);
        assert_eq!(other.headers["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn a_choice_is_recorded_with_the_consent_it_makes() {
    for name in [
        "choose-text",
        "choose-text-for-kind",
        "choose-email-on-file",
        "choose-other-email",
        "choose-post",
        "choose-post-for-kind",
    ] {
        let memory = Memory::with(Life::accepted().asked());
        let answer = event(&memory, name).await;
        assert_eq!(
            (answer.status, &answer.headers["location"]),
            (StatusCode::SEE_OTHER, &TOKEN.parse().expect("ASCII"))
        );
        insta::assert_debug_snapshot!(format!("recorded-{name}"), (memory.facts(), memory.bindings()));
        let again = event(&memory, name).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER);
        assert_eq!(memory.facts().len(), 1, "{name}: a second click does nothing");
    }
}

#[tokio::test]
async fn a_choice_is_shown_afterwards_and_may_be_changed() {
    let memory = Memory::with(Life::accepted().asked());
    event(&memory, "choose-email-on-file").await;
    check("chosen-email-on-file", &event(&memory, "show").await);
    event(&memory, "choose-text").await;
    let page = event(&memory, "show").await;
    assert!(page.body.contains("고르신 방법: 문자"));
    event(&memory, "choose-post").await;
    let page = event(&memory, "show").await;
    assert!(page.body.contains("고르신 방법: 우편"));
    assert_eq!(memory.facts().len(), 3);
    assert!(memory.notice_now().consented.is_empty());
}

#[tokio::test]
async fn faults_are_named_by_field_and_what_was_written_is_kept() {
    for name in
        ["choose-bad-email", "choose-without-consent", "choose-with-earlier-wording", "choose-nothing", "garbage"]
    {
        let memory = Memory::with(Life::accepted().asked());
        let answer = event(&memory, name).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert!(memory.facts().is_empty());
        nothing_personal(name, &answer);
        check(name, &answer);
    }
}

#[tokio::test]
async fn who_has_no_telephone_cannot_choose_anything_electronic() {
    let mut nobody = details();
    nobody.recipient.phone = None;
    nobody.recipient_id = None;
    let memory = Memory::with(Life::of(nobody));
    for name in ["choose-text", "choose-email-on-file", "choose-other-email"] {
        assert_eq!(event(&memory, name).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
    }
    assert_eq!(event(&memory, "choose-post").await.status, StatusCode::SEE_OTHER);
    assert_eq!(memory.facts().len(), 1);
}

#[tokio::test]
async fn a_choice_that_comes_too_late_is_told_so() {
    for life in
        [Life::accepted().chosen(&sms()).sending(Channel::Sms), Life::accepted().chosen(&sms()).sent(Channel::Sms)]
    {
        let memory = standing_at(life, Some(sms()));
        let answer = event(&memory, "choose-post").await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        assert!(memory.facts().is_empty());
        check("already-sent", &answer);
    }
}

#[tokio::test]
async fn the_right_answer_opens_the_notice_and_is_recorded_once() {
    let memory = Memory::with(Life::accepted().chosen(&sms()).sent(Channel::Sms));
    let answer = event(&memory, "read-right").await;
    assert_eq!(answer.status, StatusCode::OK);
    check("reading", &answer);
    event(&memory, "read-right").await;
    assert_eq!(memory.facts(), [Fact::Read]);
    let late = Memory::with(Life::accepted().chosen(&sms()).sent(Channel::Sms).then(Fact::UnreadPassed));
    assert_eq!(event(&late, "read-right").await.status, StatusCode::OK);
    assert_eq!(late.facts(), [Fact::Read], "read before the letter is printed: no letter");
}

#[tokio::test]
async fn without_a_birth_date_the_name_opens_the_notice() {
    let mut guidance = details();
    guidance.recipient.birth_date = None;
    guidance.refusal = None;
    guidance.nature = domain::Nature::Guidance;
    guidance.kind = domain::KindCode::parse("guidance").expect("a kind");
    let memory = Memory::with(Life::of(guidance).chosen(&sms()).sent(Channel::Sms));
    let wrong = event(&memory, "read-wrong").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    check("wrong-name", &wrong);
    let right = event(&memory, "read-right-by-name").await;
    assert_eq!(right.status, StatusCode::OK);
    check("reading-guidance", &right);
}

#[tokio::test]
async fn a_birth_date_is_understood_however_it_is_written() {
    for written in ["450408", "45-04-08", "1945.04.08", "19450408", " 45 04 08 ", "４５０４０８"] {
        let memory = Memory::with(Life::accepted().chosen(&sms()).sent(Channel::Sms));
        let body: String = form_urlencoded::Serializer::new(String::new()).append_pair("answer", written).finish();
        let request = Request::post(format!("/c/{TOKEN}")).body(Body::from(body)).expect("a request");
        assert_eq!(ask(&memory, Office::Shipped, request).await.status, StatusCode::OK, "{written}");
    }
}

#[tokio::test]
async fn the_fifth_wrong_answer_locks_the_link_for_the_right_one_too() {
    let memory = Memory::with(Life::accepted().chosen(&sms()).sent(Channel::Sms));
    let blank = event(&memory, "read-blank").await;
    assert_eq!(blank.status, StatusCode::UNPROCESSABLE_ENTITY);
    check("blank-answer", &blank);
    for left in (1..5).rev() {
        let answer = event(&memory, "read-wrong").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(&format!("앞으로 {left}번")), "a blank answer costs no try");
        nothing_personal("wrong", &answer);
        check(&format!("wrong-answer-{left}-left"), &answer);
    }
    let last = event(&memory, "read-wrong").await;
    assert_eq!(last.status, StatusCode::LOCKED);
    assert_eq!(memory.facts(), [Fact::LinkLocked]);
    let right = event(&memory, "read-right").await;
    assert_eq!(right.status, StatusCode::LOCKED);
    nothing_personal("locked", &right);
    assert_eq!(memory.facts(), [Fact::LinkLocked]);
}

#[tokio::test]
async fn guesses_that_come_all_at_once_are_each_a_try() {
    let memory = Memory::with_link(Life::accepted().chosen(&sms()).sent(Channel::Sms), "2026-12-24T01:00:00Z", 4);
    for _ in 0..3 {
        assert_eq!(event(&memory, "read-right").await.status, StatusCode::OK, "a right answer costs no try");
    }
    let door = Memory::with_link(Life::accepted().chosen(&sms()).sent(Channel::Sms), "2026-12-24T01:00:00Z", 4);
    door.others_guess_meanwhile();
    assert_eq!(event(&door, "read-right").await.status, StatusCode::LOCKED, "the sixth at the same moment");
}

#[tokio::test]
async fn refusing_e_mail_takes_one_click() {
    let memory = Memory::with(Life::accepted().chosen(&email("hong.gildong@example.org")));
    check("opt-out", &event(&memory, "show-opt-out").await);
    assert!(memory.facts().is_empty(), "looking refuses nothing");
    let answer = event(&memory, "opt-out-one-click").await;
    assert_eq!(answer.status, StatusCode::OK);
    check("opted-out-of-email", &answer);
    insta::assert_debug_snapshot!("recorded-opt-out", (memory.withdrawn(), memory.facts(), memory.bindings()));
    event(&memory, "opt-out-one-click").await;
    // The second click finds no consent any more: one more mark for that, and then nothing.
    event(&memory, "opt-out-one-click").await;
    assert_eq!(memory.facts().len(), 2);
    assert_eq!(memory.notice_now().state.name(), "posting");
}

#[tokio::test]
async fn refusing_everything_ends_the_question_too() {
    let memory = Memory::with(Life::accepted().asked());
    let answer = event(&memory, "opt-out-everything").await;
    assert_eq!(answer.status, StatusCode::OK);
    check("opted-out-of-everything", &answer);
    assert_eq!(memory.withdrawn(), [None]);
    check("post-after-opting-out", &event(&memory, "show").await);
    let on = event(&memory, "go-to-opt-out").await;
    assert_eq!(on.status, StatusCode::SEE_OTHER);
    assert_eq!(on.headers["location"], "AbCdEf123456/opt-out");
    let back = event(&memory, "opt-out-back").await;
    assert_eq!(back.status, StatusCode::SEE_OTHER);
    assert_eq!(back.headers["location"], "../AbCdEf123456");
}

#[tokio::test]
async fn a_failure_is_a_page_too() {
    let answer = event(&Memory::broken(), "show").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    check("unavailable", &answer);
    let request = Request::get(format!("/c/{TOKEN}")).body(Body::empty()).expect("a request");
    let answer = ask(&Memory::with(Life::accepted()), Office::Gone, request).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    check("unavailable-without-settings", &answer);
}

#[tokio::test]
async fn what_is_too_long_or_elsewhere_is_answered_in_korean() {
    let memory = Memory::with(Life::accepted());
    let answer = event(&memory, "too-large").await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    check("too-large", &answer);
    for (method, path) in [("GET", "/elsewhere"), ("DELETE", "/c/AbCdEf123456"), ("GET", "/c/%ff"), ("GET", "/c/a/b/c")]
    {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).expect("a request");
        let answer = ask(&memory, Office::Shipped, request).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
        assert!(answer.body.contains("열 수 없는 링크"));
    }
}

#[tokio::test]
async fn standing_preferences_follow_the_scope() {
    let scopes = |memory: &Memory| -> Vec<Scope> {
        let of = |binding| match binding {
            Binding::Preference { scope, .. } => Some(scope),
            Binding::Link(_)
            | Binding::Text(_)
            | Binding::Message { .. }
            | Binding::Consent(_)
            | Binding::Revocation(_)
            | Binding::Resumption(_)
            | Binding::Reply(_)
            | Binding::Submission(_)
            | Binding::RenewalReported(_)
            | Binding::Member { .. }
            | Binding::Clarifying(_)
            | Binding::Heard { .. }
            | Binding::Said { .. }
            | Binding::Request(_)
            | Binding::Once { .. } => None,
        };
        memory.bindings().into_iter().filter_map(of).collect()
    };
    let memory = Memory::with(Life::accepted().asked());
    event(&memory, "choose-email-on-file").await;
    let kinds = ["petition_result", "permit_renewal", "guidance"]
        .map(|kind| Scope::Kind(domain::KindCode::parse(kind).expect("a kind")));
    let all: Vec<Scope> = kinds.into_iter().chain([Scope::Everything]).collect();
    assert_eq!(scopes(&memory), all, "for all notices, whatever was said for single kinds before");
    let consent = memory.bindings().into_iter().find_map(|binding| match binding {
        Binding::Consent(consent) => Some(consent),
        Binding::Link(_)
        | Binding::Text(_)
        | Binding::Message { .. }
        | Binding::Preference { .. }
        | Binding::Revocation(_)
        | Binding::Resumption(_)
        | Binding::Reply(_)
        | Binding::Submission(_)
        | Binding::RenewalReported(_)
        | Binding::Member { .. }
        | Binding::Clarifying(_)
        | Binding::Heard { .. }
        | Binding::Said { .. }
        | Binding::Request(_)
        | Binding::Once { .. } => None,
    });
    let consent = consent.expect("a consent");
    assert_eq!((consent.recipient, consent.wording.as_str()), (recipient(), "2026-11"));
    assert!(matches!(consent.given, Given::Email(_)));
    assert_eq!(memory.notice_now().consented, [Route::Email { consent: consent.id }]);
    event(&memory, "choose-text").await;
    assert_eq!(memory.withdrawn(), [Some(Channel::Email)], "this one only takes back what was said for all");
    let narrow = Memory::with(Life::accepted().asked());
    event(&narrow, "choose-text").await;
    assert_eq!(scopes(&narrow), []);
    let post = Memory::with(Life::accepted().asked());
    event(&post, "choose-post").await;
    assert_eq!(scopes(&post), []);
    event(&post, "choose-post-for-kind").await;
    assert_eq!(scopes(&post), all[..1], "post for this one, and then for the kind");
    assert_eq!(post.facts().len(), 1);
}

#[tokio::test]
async fn the_letter_is_offered_with_the_notice_and_missed_by_nobody_who_reads() {
    let memory = Memory::with(Life::accepted().chosen(&sms()).sent(Channel::Sms));
    let answer = event(&memory, "read-right").await;
    assert!(answer.body.contains("seconds=600"), "for ten minutes");
    assert_eq!(answer.body.matches("https://").count(), 1);
    assert!(!event(&memory, "read-wrong").await.body.contains("https://"), "not before the second factor");
    memory.lose_letters();
    let answer = event(&memory, "read-right").await;
    assert_eq!(answer.status, StatusCode::OK);
    check("reading-without-letter", &answer);
}

fn posted(change: impl FnOnce(&mut domain::Details)) -> Memory {
    let mut details = details();
    change(&mut details);
    let required = Fact::PostRequired { reason: PostReason::OfficerOrdered };
    Memory::with(Life::of(details).then(required).posted())
}

fn landline(details: &mut domain::Details) {
    details.recipient.phone = Some(domain::PhoneNumber::parse("02-2155-6000").expect("a landline"));
}

#[tokio::test]
async fn who_holds_a_letter_chooses_how_the_next_ones_come() {
    let on = event(&posted(|_| {}), "go-to-next").await;
    assert_eq!(
        (on.status, &on.headers["location"]),
        (StatusCode::SEE_OTHER, &"AbCdEf123456/next".parse().expect("ASCII"))
    );
    let memory = posted(|_| {});
    let form = event(&memory, "show-next").await;
    assert_eq!(form.status, StatusCode::OK);
    nothing_personal("next", &form);
    check("next", &form);
    for name in ["next-text", "next-email-on-file-for-everything", "next-other-email"] {
        let memory = posted(|_| {});
        let answer = event(&memory, name).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}");
        check(name, &answer);
        insta::assert_debug_snapshot!(format!("recorded-{name}"), memory.bindings());
        assert_eq!(event(&memory, name).await.body, answer.body, "{name}: twice does no harm");
        assert!(memory.facts().is_empty(), "{name}: the notice at hand stays as it is");
    }
    let back = event(&memory, "next-back").await;
    assert_eq!(
        (back.status, &back.headers["location"]),
        (StatusCode::SEE_OTHER, &"../AbCdEf123456".parse().expect("ASCII"))
    );
}

#[tokio::test]
async fn faults_on_the_next_page_are_told_at_once_and_cost_no_try() {
    let memory = posted(|_| {});
    for name in [
        "next-bad-email",
        "next-without-consent",
        "next-with-earlier-wording",
        "next-post",
        "next-nothing",
        "next-blank",
    ] {
        let answer = event(&memory, name).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        nothing_personal(name, &answer);
        check(name, &answer);
        assert!(!answer.body.contains("앞으로 4번"), "{name}");
    }
    assert!(memory.bindings().is_empty());
}

#[tokio::test]
async fn the_next_page_counts_wrong_answers_with_the_reading_page_and_locks_with_it() {
    let memory = Memory::with(Life::accepted().chosen(&sms()).sent(Channel::Sms));
    for left in (2..5).rev() {
        let answer = event(&memory, "next-wrong").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(&format!("앞으로 {left}번")));
        nothing_personal("next-wrong", &answer);
        assert!(!answer.body.contains("450409"), "what was written is not shown again");
        check(&format!("next-wrong-{left}-left"), &answer);
    }
    assert!(event(&memory, "read-wrong").await.body.contains("앞으로 1번"));
    assert_eq!(event(&memory, "next-wrong").await.status, StatusCode::LOCKED);
    assert_eq!(memory.facts(), [Fact::LinkLocked]);
    for name in ["next-text", "show-next", "read-right"] {
        assert_eq!(event(&memory, name).await.status, StatusCode::LOCKED, "{name}");
    }
    assert!(memory.bindings().is_empty());
}

#[tokio::test]
async fn a_letters_own_link_locks_too() {
    let memory = posted(|_| {});
    for _ in 0..5 {
        event(&memory, "next-wrong").await;
    }
    assert_eq!(event(&memory, "next-text").await.status, StatusCode::LOCKED);
    assert_eq!(event(&memory, "show-next").await.status, StatusCode::LOCKED);
    assert_eq!(event(&memory, "show").await.status, StatusCode::OK, "that the letter is out is no secret");
    assert!(memory.bindings().is_empty());
}

#[tokio::test]
async fn the_next_page_asks_for_the_name_where_there_is_no_birth_date() {
    let memory = posted(|details| details.recipient.birth_date = None);
    check("next-by-name", &event(&memory, "show-next").await);
    assert_eq!(event(&memory, "next-wrong").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(event(&memory, "next-text-by-name").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_landline_takes_e_mail_alone() {
    let memory = posted(landline);
    check("next-landline", &event(&memory, "show-next").await);
    let text = event(&memory, "next-text").await;
    assert_eq!(text.status, StatusCode::UNPROCESSABLE_ENTITY);
    check("next-landline-text", &text);
    assert_eq!(event(&memory, "next-other-email").await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_cannot_choose_for_the_next_ones_is_told_whom_to_call() {
    let nobody = posted(|details| (details.recipient.phone, details.recipient_id) = (None, None));
    let corporation = posted(|details| details.recipient.entity = domain::Entity::Corporation);
    for (name, memory) in [("next-without-telephone", nobody), ("next-for-a-corporation", corporation)] {
        assert!(!event(&memory, "show").await.body.contains("value=\"next\""), "{name}: no button");
        let answer = event(&memory, "show-next").await;
        assert_eq!(answer.status, StatusCode::CONFLICT);
        check(name, &answer);
        assert_eq!(event(&memory, "next-text").await.status, StatusCode::CONFLICT);
        assert!(memory.bindings().is_empty());
    }
}

#[tokio::test]
async fn the_next_page_is_there_only_after_the_choice_for_this_notice() {
    for life in [Life::accepted().asked(), Life::accepted().chosen(&sms()).sending(Channel::Sms)] {
        let answer = event(&Memory::with(life), "show-next").await;
        assert_eq!(
            (answer.status, &answer.headers["location"]),
            (StatusCode::SEE_OTHER, &"../AbCdEf123456".parse().expect("ASCII"))
        );
    }
    let cancelled =
        Fact::Cancelled { officer: "김서초".to_owned(), unit: "건축과".to_owned(), reason: "중복".to_owned() };
    let ended = Memory::with(Life::accepted().then(cancelled));
    assert_eq!(event(&ended, "next-text").await.status, StatusCode::GONE);
    let late = Memory::with_link(Life::accepted().post().posted(), memory::NOW, 0);
    assert_eq!(event(&late, "show-next").await.status, StatusCode::NOT_FOUND);
    assert_eq!(event(&late, "next-text").await.status, StatusCode::NOT_FOUND);
    assert!(late.bindings().is_empty());
    for life in [Life::accepted().post().printing(), Life::accepted().post().posted().then(Fact::Returned)] {
        let memory = Memory::with(life);
        assert_eq!(event(&memory, "next-text").await.status, StatusCode::OK);
        assert!(memory.facts().is_empty());
    }
}
