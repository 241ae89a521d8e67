//! Papers asked for and handed in, and the conversation beside them, as a notice knows them.

use domain::ports::Entropy;
use domain::{
    Channel, Checksum, DepartmentCode, Details, DocumentRequest, Due, Entity, Event, Evidence, Fact, FileFault,
    KindCode, Letter, Message, Nature, Notice, NoticeId, Officer, Opening, Outcome, PersonName, PhoneNumber,
    PostReason, ProviderMessageId, Recipient, Reference, Refused, ReplyId, RequestCode, Route, SubmissionId,
    SubmittedFile, UploadId, Verdict, limits,
};
use jiff::{SignedDuration, Timestamp};

struct Ones;

impl Entropy for Ones {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(1);
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

fn monday() -> Timestamp {
    at("2026-11-23T01:00:00Z")
}

fn code(text: &str) -> RequestCode {
    RequestCode::parse(text).expect("a code")
}

fn paper(name: &str, required: bool, until: Option<&str>) -> DocumentRequest {
    let until = until.map(|day| day.parse().expect("a day"));
    DocumentRequest { code: code(name), name: "위임장".to_owned(), required, until }
}

fn file(number: usize, request: Option<&str>) -> SubmittedFile {
    let upload = UploadId::parse(&format!("{number:026}")).expect("an id");
    SubmittedFile { upload, request: request.map(code) }
}

fn submission(number: i64) -> SubmissionId {
    SubmissionId::new(monday() + SignedDuration::from_secs(number), &Ones)
}

fn clean() -> Verdict {
    Verdict::Clean { sha256: Checksum::of(b"%PDF-1.7"), warnings: Vec::new() }
}

fn notice(requests: Vec<DocumentRequest>) -> Notice {
    let details = Details {
        reference: Reference::parse("2026-민원-00001").expect("a reference"),
        kind: KindCode::parse("petition_result").expect("a code"),
        nature: Nature::Disposition,
        department: DepartmentCode::parse("building").expect("a code"),
        title: "보완 요청".to_owned(),
        body: "내용".to_owned(),
        refusal: None,
        officer: Officer {
            unit: "건축과".to_owned(), name: "김담당".to_owned(), phone: "02-2155-0001".to_owned()
        },
        recipient: Recipient {
            name: PersonName::parse("홍길동").expect("a name"),
            phone: Some(PhoneNumber::parse("010-1234-5678").expect("a phone")),
            email: None,
            address: None,
            birth_date: None,
            entity: Entity::Person,
        },
        recipient_id: None,
        permit: None,
        requests,
    };
    Notice::accept(NoticeId::new(monday(), &Ones), details, &Opening::Ask, None, monday()).0
}

fn try_at(notice: &Notice, at: Timestamp, fact: Fact) -> Outcome {
    notice.clone().apply(&Event { version: notice.version + 1, at, fact })
}

fn happen(notice: &Notice, fact: Fact) -> Notice {
    let name = fact.name();
    match try_at(notice, notice.updated_at, fact) {
        Outcome::Moved(after) => *after,
        other @ (Outcome::AlreadyThere | Outcome::Invalid(_)) => unreachable!("{name}: {other:?}"),
    }
}

fn asked_for(notice: &Notice, requests: Vec<DocumentRequest>) -> Notice {
    happen(notice, Fact::DocumentsRequested { requests, officer: "김담당".to_owned() })
}

fn submit(notice: &Notice, number: i64, files: Vec<SubmittedFile>) -> Notice {
    happen(notice, Fact::DocumentsSubmitted { submission: submission(number), files, confirm: true })
}

fn queued(notice: &Notice) -> Vec<Message> {
    let entry = |entry: &domain::Entry| match entry {
        domain::Entry::Queued { message, .. } => Some(message.clone()),
        domain::Entry::Claimed { .. } | domain::Entry::Held { .. } | domain::Entry::Done | domain::Entry::Failed => {
            None
        }
    };
    notice.ledger.values().filter_map(entry).collect()
}

#[test]
fn papers_are_complete_once_every_required_one_was_handed_in_and_is_sound() {
    let asked = notice(vec![paper("licence", true, None), paper("photo", false, None)]);
    assert!(!asked.documents.are_complete());
    let licence = file(1, Some("licence"));
    let handed_in = submit(&asked, 1, vec![licence.clone()]);
    assert!(handed_in.documents.are_complete(), "the optional paper may be left out");
    assert_eq!(queued(&handed_in), [Message::SubmissionReceipt { submission: submission(1) }]);

    let infected = happen(&handed_in, Fact::DocumentChecked { upload: licence.upload, verdict: Verdict::Infected });
    assert!(!infected.documents.are_complete(), "what nobody gets is as good as not sent");
    assert!(
        queued(&infected).contains(&Message::DocumentRefused { upload: licence.upload }),
        "the resident hears of it"
    );

    let again = submit(&infected, 2, vec![file(2, Some("licence"))]);
    assert!(again.documents.are_complete());
}

#[test]
fn a_file_is_handed_in_once_and_checked_once_whatever_comes_first() {
    let asked = notice(vec![paper("licence", true, None)]);
    let licence = file(1, Some("licence"));
    let checked = happen(&asked, Fact::DocumentChecked { upload: licence.upload, verdict: clean() });
    assert!(!checked.documents.are_complete(), "checked is not handed in");
    let handed_in = submit(&checked, 1, vec![licence.clone()]);
    assert!(handed_in.documents.are_complete());
    let again = Fact::DocumentsSubmitted { submission: submission(2), files: vec![licence.clone()], confirm: true };
    assert_eq!(try_at(&handed_in, monday(), again), Outcome::AlreadyThere);
    let contradiction = Fact::DocumentChecked { upload: licence.upload, verdict: Verdict::Infected };
    assert_eq!(try_at(&handed_in, monday(), contradiction), Outcome::AlreadyThere);
}

#[test]
fn a_file_can_be_taken_back_until_it_is_handed_in() {
    let asked = notice(vec![paper("licence", true, None)]);
    let licence = file(1, Some("licence"));
    let taken_back = Fact::DocumentDiscarded { upload: licence.upload };
    assert_eq!(try_at(&asked, monday(), taken_back.clone()), Outcome::AlreadyThere, "nobody has looked into it");
    let checked = happen(&asked, Fact::DocumentChecked { upload: licence.upload, verdict: clean() });
    assert!(happen(&checked, taken_back.clone()).documents.uploads.is_empty(), "and it makes room for another");
    let handed_in = submit(&checked, 1, vec![licence]);
    assert_eq!(try_at(&handed_in, monday(), taken_back), Outcome::Invalid(Refused::OutOfPlace));
}

#[test]
fn a_file_is_refused_by_text_though_it_was_never_handed_in() {
    let upload = file(1, None).upload;
    let verdict = Verdict::Refused { reason: FileFault::WrongType };
    let refused = happen(&notice(Vec::new()), Fact::DocumentChecked { upload, verdict });
    assert_eq!(queued(&refused), [Message::DocumentRefused { upload }]);
    let back = try_at(&refused, monday(), Fact::DocumentDiscarded { upload });
    assert_eq!(back, Outcome::Invalid(Refused::OutOfPlace), "or its place could be filled with texts without end");
}

#[test]
fn a_paper_asked_for_anew_must_come_anew() {
    let asked = notice(vec![paper("licence", true, None)]);
    let complete = submit(&asked, 1, vec![file(1, Some("licence"))]);
    let anew = asked_for(&complete, vec![paper("licence", true, Some("2026-12-31"))]);
    assert!(!anew.documents.are_complete());
    assert_eq!(anew.documents.requests.len(), 1);
    assert!(queued(&anew).contains(&Message::DocumentsRequest));
}

#[test]
fn one_reminder_comes_two_days_before_the_last_day_ends_unless_all_has_come() {
    let asked = notice(vec![paper("licence", true, Some("2026-11-27")), paper("photo", false, Some("2026-11-24"))]);
    // The 27th ends in Seoul at 15:00 in Greenwich.
    let due = at("2026-11-25T15:00:00Z");
    assert_eq!(asked.documents.remind_at(), Some(due));
    assert_eq!(
        try_at(&asked, due - SignedDuration::from_secs(1), Fact::DocumentsReminderFellDue),
        Outcome::Invalid(Refused::OutOfPlace)
    );
    let released = Notice {
        state: domain::State::Posted { run: domain::RunId::of("2026-11-23".parse().expect("a day"), 1), at: monday() },
        ..asked.clone()
    };
    let released = Notice {
        paper: domain::Paper::Ready(domain::Letter { sha256: Checksum::of(b""), pages: 1, bytes: 1 }),
        ..released
    };
    assert_eq!(
        released.fell_due(due),
        Some(Due::Passed(Fact::DocumentsReminderFellDue)),
        "whatever has become of the result"
    );
    let Outcome::Moved(reminded) = try_at(&released, due, Fact::DocumentsReminderFellDue) else {
        unreachable!("it is due")
    };
    assert!(queued(&reminded).contains(&Message::DocumentsReminder));
    assert_eq!(reminded.documents.remind_at(), None, "once");
    let complete = submit(&asked, 1, vec![file(1, Some("licence"))]);
    assert_eq!(complete.documents.remind_at(), None, "nothing is missing that is required");
}

#[test]
fn papers_with_other_last_days_are_reminded_of_apart_and_each_once() {
    let (early, late) = (paper("licence", true, Some("2026-11-27")), paper("lease", true, Some("2026-12-04")));
    let asked = notice(vec![early, late.clone(), paper("seal", true, Some("2026-11-27"))]);
    let due = asked.documents.remind_at().expect("a reminder");
    let Outcome::Moved(first) = try_at(&asked, due, Fact::DocumentsReminderFellDue) else { unreachable!("it is due") };
    let then = at("2026-12-02T15:00:00Z");
    assert_eq!(first.documents.remind_at(), Some(then), "both of the 27th in one");
    let Outcome::Moved(second) = try_at(&first, then, Fact::DocumentsReminderFellDue) else {
        unreachable!("it is due")
    };
    assert!(queued(&second).contains(&Message::DocumentsReminder));
    assert_eq!(second.documents.remind_at(), None);
    let anew = asked_for(&second, vec![late]);
    assert_eq!(anew.documents.remind_at(), Some(then), "what is asked for anew");
}

#[test]
fn a_file_that_nobody_searches_is_given_up_after_a_day_and_the_resident_hears_of_it() {
    let asked = notice(vec![paper("licence", true, None)]);
    let licence = file(1, Some("licence"));
    let handed_in = submit(&asked, 1, vec![licence.clone(), file(2, None)]);
    let searched = happen(&handed_in, Fact::DocumentChecked { upload: file(2, None).upload, verdict: clean() });
    let evidence = Evidence::Text { message: ProviderMessageId::parse("text").expect("an id") };
    let posted = happen(&searched, Fact::ChannelChosen { route: Route::Post, evidence });
    let letter = Letter { sha256: Checksum::of(b"%PDF-1.7"), pages: 1, bytes: 8 };
    let posted = happen(&posted, Fact::LetterRendered(letter));
    let given_up = submission(1).made_at() + SignedDuration::from_hours(24);
    let fact =
        Fact::DocumentChecked { upload: licence.upload, verdict: Verdict::Refused { reason: FileFault::NotChecked } };
    let falls_due = |at| posted.fell_due(at) == Some(Due::Passed(fact.clone()));
    assert!(!falls_due(given_up - SignedDuration::from_secs(1)) && falls_due(given_up));
    let Outcome::Moved(refused) = try_at(&posted, given_up, fact.clone()) else { unreachable!("it is due") };
    assert!(queued(&refused).contains(&Message::DocumentRefused { upload: licence.upload }));
    assert!(!refused.documents.are_complete());
}

#[test]
fn who_opts_out_is_reminded_of_nothing() {
    let asked = notice(vec![paper("licence", true, Some("2026-11-27"))]);
    let evidence = Evidence::Text { message: ProviderMessageId::parse("text").expect("an id") };
    assert!(asked.documents.remind_at().is_some());
    let chosen = happen(&asked, Fact::ChannelChosen { route: Route::Post, evidence: evidence.clone() });
    assert!(chosen.is_touched_by_withdrawal(None), "though nobody asks or sends any more");
    let by_mail = Fact::ConsentRevoked { only: Some(Channel::Email), confirm: true, evidence: evidence.clone() };
    assert!(happen(&asked, by_mail).documents.remind_at().is_some(), "texts are welcome");
    let silent = happen(&chosen, Fact::ConsentRevoked { only: None, confirm: true, evidence });
    assert_eq!(silent.documents.remind_at(), None);
    assert!(!silent.is_touched_by_withdrawal(None));
    let posted = happen(&asked, Fact::PostRequired { reason: PostReason::OptedOut });
    assert_eq!(posted.documents.remind_at(), None);
}

#[test]
fn the_one_paper_still_to_come_is_told() {
    let only = |notice: &Notice| notice.documents.only_missing().cloned();
    assert_eq!(only(&notice(Vec::new())), None);
    let two = notice(vec![paper("licence", true, None), paper("lease", false, None)]);
    assert_eq!(only(&two), None);
    let one = submit(&two, 1, vec![file(1, Some("licence"))]);
    assert_eq!(only(&one), Some(code("lease")));
    assert_eq!(only(&submit(&one, 2, vec![file(2, Some("lease"))])), None);
}

#[test]
fn a_notice_holds_so_many_papers_and_files_and_no_more() {
    let many = (0..=limits::REQUESTS).map(|number| paper(&format!("p{number}"), false, None)).collect();
    let fact = Fact::DocumentsRequested { requests: many, officer: "김담당".to_owned() };
    assert_eq!(try_at(&notice(Vec::new()), monday(), fact), Outcome::Invalid(Refused::TooMany));
    let full = submit(&notice(Vec::new()), 1, (0..limits::UPLOADS).map(|number| file(number, None)).collect());
    let one_more = file(limits::UPLOADS, None);
    let fact = Fact::DocumentsSubmitted { submission: submission(2), files: vec![one_more.clone()], confirm: true };
    assert_eq!(try_at(&full, monday(), fact), Outcome::Invalid(Refused::TooMany));
    let fact = Fact::DocumentChecked { upload: one_more.upload, verdict: clean() };
    assert_eq!(try_at(&full, monday(), fact), Outcome::Invalid(Refused::TooMany));
}

#[test]
fn what_no_officer_has_read_is_counted_until_one_reads_or_answers() {
    let reply = ReplyId::new(monday(), &Ones);
    let unread = |notice: &Notice| notice.conversation.map(|conversation| conversation.unread);
    let heard = |notice: &Notice| happen(notice, Fact::ReplyReceived { reply, acknowledge: false });
    let silent = notice(Vec::new());
    assert_eq!(unread(&silent), None);
    let twice = heard(&heard(&silent));
    assert_eq!(unread(&twice), Some(2));
    let read = happen(&twice, Fact::RepliesRead { officer: "김담당".to_owned() });
    assert_eq!(unread(&read), Some(0));
    assert_eq!(try_at(&read, monday(), Fact::RepliesRead { officer: "이담당".to_owned() }), Outcome::AlreadyThere);
    let answer = Fact::AnswerWritten { reply, channel: Channel::Sms, officer: "김담당".to_owned() };
    let answered = happen(&heard(&read), answer);
    assert_eq!(unread(&answered), Some(0));
    let newer = ReplyId::new(monday() + SignedDuration::from_mins(1), &Ones);
    let moved = happen(&heard(&answered), Fact::ReplyMoved { reply: newer, to: answered.id });
    assert_eq!(unread(&moved), Some(0), "it is read where it belongs");
    let moved = happen(&heard(&answered), Fact::ReplyMoved { reply, to: answered.id });
    assert_eq!(unread(&moved), Some(1), "what was read takes nothing of what was not");
}
