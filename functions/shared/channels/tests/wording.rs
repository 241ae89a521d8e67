//! Every text and mail a resident can get, as they get it, with what it measures.

use channels::fake::{accepted, details, guidance, noon, reply_id, shipped_settings};
use channels::wording::{self, Mail, Occasion, Text, mail, question_faults, text};
use domain::settings::{QuestionMode, Settings};
use domain::text::{TextSize, fits_one_part, fits_one_text};
use domain::{
    Channel, Details, DocumentRequest, Entry, FileFault, LinkToken, Message, Notice, Officer, Refusal, RequestCode,
    State, SubmissionId, TextCode, Upload, UploadId, Verdict,
};
use jiff::SignedDuration;

const LOCAL: &str = "http://localhost:4580";
const OFFICE: &str = "https://n.seocho.go.kr";
const API_GATEWAY: &str = "https://a1b2c3d4e5.execute-api.ap-northeast-2.amazonaws.com";

const BY_TEXT: Message = Message::Result { channel: Channel::Sms };
const BY_MAIL: Message = Message::Result { channel: Channel::Email };

/// What a message is written from, with everything usual.
struct Case {
    notice: Notice,
    settings: Settings,
    public_url: &'static str,
    answer: Option<&'static str>,
}

fn code() -> TextCode {
    TextCode::parse("7K4M2Q").expect("a code")
}

impl Case {
    fn new(details: Details) -> Self {
        Self { notice: accepted(details), settings: shipped_settings(), public_url: OFFICE, answer: None }
    }

    fn mode(mut self, mode: QuestionMode) -> Self {
        self.settings.question = mode;
        self
    }

    fn at(mut self, public_url: &'static str) -> Self {
        self.public_url = public_url;
        self
    }

    fn asked(mut self, awaiting_email: bool) -> Self {
        let choose_by = noon() + SignedDuration::from_hours(72);
        self.notice.state = State::Asking { choose_by, remind_at: None, awaiting_email };
        self
    }

    fn homeless(mut self) -> Self {
        self.notice.has_postal_address = false;
        self
    }

    fn written<T>(&self, write: impl FnOnce(&Occasion<'_>) -> T) -> T {
        let (settings, details) = (&self.settings, &self.notice.details);
        write(&Occasion {
            notice: &self.notice,
            settings,
            department: settings.department(&details.department).expect("a department"),
            kind: settings.kind(&details.kind).expect("a kind"),
            public_url: self.public_url,
            token: &LinkToken::parse("4fKq9ZxT1mWb").expect("a token"),
            code: &code(),
            answer: self.answer,
            at: noon(),
        })
    }

    fn text(&self, message: &Message) -> Text {
        let text = self.written(|occasion| text(occasion, message)).expect("a text");
        assert_eq!(text.carries_link, text.words.0.contains("/c/"), "{}", text.words.0);
        assert!(fits_one_text(&text.words.0), "{}", text.words.0);
        assert!(text.words.0.lines().last().is_some_and(|line| line.starts_with("확인")), "{}", text.words.0);
        assert!(text.words.0.ends_with("7K4M2Q"), "every text carries its code: {}", text.words.0);
        text
    }

    fn mail(&self) -> Mail {
        self.written(|occasion| mail(occasion, &BY_MAIL)).expect("a mail")
    }
}

/// The text with what it measures.
fn measured(text: &Text) -> String {
    let TextSize { euc_kr_bytes, encoding, units, parts } = TextSize::of(&text.words.0);
    let bytes = euc_kr_bytes.expect("characters that pass");
    let gateway = if bytes <= 90 { "SMS" } else { "LMS" };
    format!("{}\n--\n{bytes} bytes EUC-KR ({gateway}), {units} units {encoding:?}, {parts} parts", text.words.0)
}

macro_rules! snapshot {
    ($name:literal, $case:expr, $message:expr) => {
        insta::assert_snapshot!($name, measured(&$case.text(&$message)))
    };
}

#[test]
fn questions_in_every_mode() {
    let question = Message::Question;
    for (name, case) in [
        ("question_both", Case::new(details())),
        ("question_both_local", Case::new(details()).at(LOCAL)),
        ("question_both_guidance", Case::new(guidance())),
        ("question_both_without_room_for_the_link", Case::new(details()).at(API_GATEWAY)),
        ("question_digits", Case::new(details()).mode(QuestionMode::Digits)),
        ("question_digits_guidance", Case::new(guidance()).mode(QuestionMode::Digits)),
        ("question_link", Case::new(details()).mode(QuestionMode::Link)),
    ] {
        let text = case.text(&question);
        assert!(fits_one_part(&text.words.0), "{}", text.words.0);
        insta::assert_snapshot!(name, measured(&text));
    }
}

#[test]
fn every_shipped_question_is_one_part_with_its_link() {
    let mut settings = shipped_settings();
    for mode in [QuestionMode::Both, QuestionMode::Digits, QuestionMode::Link] {
        settings.question = mode;
        for public_url in [LOCAL, OFFICE] {
            assert_eq!(question_faults(&settings, public_url), [""; 0], "{mode:?} {public_url}");
        }
    }
}

#[test]
fn questions_by_digits_of_every_department() {
    let mut settings = shipped_settings();
    settings.question = QuestionMode::Digits;
    let token = LinkToken::parse("4fKq9ZxT1mWb").expect("a token");
    let in_words = |department| {
        let words =
            channels::wording::question(&settings, department, &settings.kinds[0], OFFICE, &token, &code()).words.0;
        format!("{words}\n{} bytes", TextSize::of(&words).euc_kr_bytes.expect("characters that pass"))
    };
    let all: Vec<String> = settings.departments.iter().map(in_words).collect();
    insta::assert_snapshot!(all.join("\n\n"));
}

#[test]
fn the_telephone_stays_where_a_short_domain_leaves_it_room() {
    for mode in [QuestionMode::Both, QuestionMode::Link] {
        let text = |public_url| Case::new(details()).mode(mode).at(public_url).text(&Message::Question).words.0;
        assert!(text("https://a.kr").contains("02-2155-0000"), "{}", text("https://a.kr"));
        assert!(!text(OFFICE).contains("02-2155-0000"), "{}", text(OFFICE));
    }
}

#[test]
fn questions_that_do_not_fit_are_named() {
    let mut settings = shipped_settings();
    settings.kinds.truncate(1);
    settings.departments.truncate(2);
    let too_long = question_faults(&settings, API_GATEWAY);
    settings.question = QuestionMode::Link;
    let too_many_parts = question_faults(&settings, API_GATEWAY);
    insta::assert_snapshot!([too_long, too_many_parts].concat().join("\n"));
}

#[test]
fn a_long_kind_gives_way_before_the_department_and_the_digits_stay() {
    let mut case = Case::new(details()).mode(QuestionMode::Digits);
    case.settings.kinds[0].label = "건축물대장 기재내용 변경신청 처리결과".to_owned();
    case.settings.departments[0].name = "도시계획건축안전관리과".to_owned();
    snapshot!("question_digits_long_names", case, Message::Question);
}

#[test]
fn reminders_say_what_silence_leads_to() {
    let reminder = Message::Reminder;
    snapshot!("reminder_both", Case::new(details()).asked(false), reminder);
    snapshot!("reminder_digits", Case::new(details()).mode(QuestionMode::Digits).asked(false), reminder);
    snapshot!("reminder_link", Case::new(details()).mode(QuestionMode::Link).asked(false), reminder);
    snapshot!("reminder_of_address", Case::new(details()).asked(true), reminder);
    snapshot!("reminder_without_postal_address", Case::new(details()).asked(false).homeless(), reminder);
}

#[test]
fn a_disposition_is_announced_without_contents() {
    snapshot!("result_disposition", Case::new(details()), BY_TEXT);
    let mut nameless = details();
    nameless.recipient.birth_date = None;
    snapshot!("result_disposition_by_name", Case::new(nameless).homeless(), BY_TEXT);
    let text = Case::new(details()).text(&BY_TEXT).words.0;
    for secret in ["용도변경", "홍길동", "900101", "1234-5678"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn a_guidance_is_told_whole_where_it_fits_and_passes() {
    snapshot!("result_guidance", Case::new(guidance()), BY_TEXT);
    let refusal =
        Refusal { reason: "제출 서류 미비".to_owned(), remedy: "60일 이내에 이의신청".to_owned() };
    snapshot!("result_guidance_refused", Case::new(Details { refusal: Some(refusal), ..guidance() }), BY_TEXT);
    snapshot!("result_guidance_too_long", Case::new(Details { body: "안내 ".repeat(300), ..guidance() }), BY_TEXT);
    let unpassable = Details { body: "축하드립니다 🎉".to_owned(), ..guidance() };
    let announced = Case::new(unpassable).text(&BY_TEXT);
    assert!(announced.carries_link && !announced.words.0.contains("축하"), "{}", announced.words.0);
    let windows = Details { body: "첫째 줄\r\n둘째 줄".to_owned(), ..guidance() };
    assert!(Case::new(windows).text(&BY_TEXT).words.0.contains("첫째 줄\n둘째 줄"));
}

#[test]
fn names_lose_what_no_carrier_passes_and_nothing_else_is_lost() {
    let officer = Officer { name: "김뷁희".to_owned(), ..details().officer };
    let text = Case::new(Details { officer, ..details() }).text(&BY_TEXT);
    assert!(text.words.0.contains("건축과 건축허가팀 김희 02-2155-0101"), "{}", text.words.0);
}

#[test]
fn the_conversation() {
    snapshot!("acknowledgement", Case::new(details()), Message::Acknowledgement { reply: reply_id() });
    snapshot!("renewal_confirmation", Case::new(guidance()), Message::RenewalConfirmation);
    let answer = Message::Answer { reply: reply_id(), channel: Channel::Sms };
    let mut told = Case::new(details());
    told.answer = Some("내일 오후 2시에 1층 민원실로 오시면 됩니다. 신분증을 가져와 주십시오.");
    snapshot!("answer", told, answer);
    let long: &'static str = Box::leak("가나다라마바사 ".repeat(100).into_boxed_str());
    told.answer = Some(long);
    snapshot!("answer_too_long", told, answer);
    snapshot!("email_request", Case::new(details()).asked(true), Message::EmailRequest);
    snapshot!("post_confirmation", Case::new(details()), Message::PostConfirmation);
    snapshot!("post_confirmation_without_address", Case::new(details()).homeless(), Message::PostConfirmation);
    snapshot!("opt_out_confirmation", Case::new(details()), Message::OptOutConfirmation);
    snapshot!("resume_confirmation", Case::new(details()), Message::ResumeConfirmation);
    let mut asked = Case::new(details());
    asked.answer = Some("1 건축과 민원 처리결과 (11월 24일)\n2 위생과 안내 (11월 23일)");
    snapshot!("clarification", asked, Message::Clarification { reply: reply_id() });
}

#[test]
fn an_answer_by_mail_says_it_whole_and_shows_no_markup_of_an_officer() {
    let mut case = Case::new(details());
    case.answer = Some("네, 오시면 됩니다 🎉\n<b>신분증</b>을 가져와 주십시오.");
    let answer = Message::Answer { reply: reply_id(), channel: Channel::Email };
    let Mail { subject, text, html, .. } = case.written(|occasion| mail(occasion, &answer)).expect("a mail");
    insta::assert_snapshot!("answer_mail", format!("{}\n\n{}\n\n{}", subject.0, text.0, html.0));
    assert!(!html.0.contains("<b>"));
    assert!(case.written(|occasion| wording::text(occasion, &answer)).is_err(), "a text is another message");
}

#[test]
fn a_mail_holds_the_document_whole() {
    let mail = Case::new(details()).mail();
    insta::assert_snapshot!("mail_subject", mail.subject.0);
    insta::assert_snapshot!("mail_text", mail.text.0);
    insta::assert_snapshot!("mail_html", mail.html.0);
}

#[test]
fn a_mail_of_a_refusal_states_reason_and_remedy_and_a_guidance_asks_for_no_proof_of_reading() {
    let reason = "건축법 제11조의 기준에 맞지 않습니다.\n(대지와 도로의 관계)".to_owned();
    let remedy = "처분을 안 날부터 60일 이내에 이의신청을 하실 수 있습니다.".to_owned();
    let mail = Case::new(Details { refusal: Some(Refusal { reason, remedy }), ..guidance() }).mail();
    insta::assert_snapshot!("mail_refusal_text", mail.text.0);
    insta::assert_snapshot!("mail_refusal_html", mail.html.0);
}

#[test]
fn what_an_office_writes_is_never_taken_for_markup_nor_fetched() {
    let title = "<script>alert(1)</script>".to_owned();
    let body = "<img src=\"https://example.org/x.png\">\n둘째 줄".to_owned();
    let mail = Case::new(Details { title, body, ..details() }).mail();
    for fetched in ["<script", "<img", "<link", "url(", "@import"] {
        assert!(!mail.html.0.contains(fetched), "{fetched} in {}", mail.html.0);
    }
    assert!(mail.html.0.contains("둘째 줄") && mail.text.0.contains("<img src="), "{}", mail.text.0);
    assert!(!mail.subject.0.contains('\n'));
}

#[test]
fn a_mail_keeps_every_character_a_carrier_would_drop() {
    let mail = Case::new(Details { body: "축하드립니다 🎉 뷁".to_owned(), ..guidance() }).mail();
    assert!(mail.text.0.contains("🎉 뷁") && mail.html.0.contains("🎉 뷁"));
}

#[test]
fn each_message_has_its_channel() {
    let case = Case::new(details());
    assert!(case.written(|occasion| text(occasion, &BY_MAIL)).is_err());
    assert!(case.written(|occasion| mail(occasion, &BY_TEXT)).is_err());
    assert!(case.written(|occasion| mail(occasion, &Message::Question)).is_err());
    assert!(!matches!(case.notice.ledger.get(&1), Some(Entry::Done)));
}

fn asking_for_papers(details: Details) -> Details {
    let paper = |code: &str, name: &str, required, until: Option<&str>| DocumentRequest {
        code: RequestCode::parse(code).expect("a code"),
        name: name.to_owned(),
        required,
        until: until.map(|day| day.parse().expect("a day")),
    };
    let requests =
        vec![paper("licence", "사업자등록증", true, Some("2026-12-10")), paper("photo", "현장 사진", false, None)];
    Details { requests, ..details }
}

#[test]
fn a_result_that_asks_for_papers_says_so() {
    let announced = Case::new(asking_for_papers(details())).text(&BY_TEXT);
    let whole = Case::new(asking_for_papers(guidance())).text(&BY_TEXT);
    let Mail { text, html, .. } = Case::new(asking_for_papers(details())).mail();
    assert!(html.0.contains("<li>사업자등록증 12월 10일까지</li>"), "{}", html.0);
    insta::assert_snapshot!(format!("{}\n\n{}\n\n{}", announced.words.0, whole.words.0, text.0));
}

#[test]
fn papers_are_asked_for_receipted_and_refused() {
    let mut case = Case::new(asking_for_papers(details()));
    let mut texts =
        vec![measured(&case.text(&Message::DocumentsRequest)), measured(&case.text(&Message::DocumentsReminder))];
    let submission = SubmissionId::parse("01KAVQ8Z3M0000000000000S01").expect("an id");
    let upload = UploadId::parse("01KAVQ8Z3M00000000000000P1").expect("an id");
    let faults = [FileFault::WrongType, FileFault::NotChecked, FileFault::TooLarge, FileFault::Empty];
    let refusals = faults.map(|reason| (Verdict::Refused { reason }, None));
    for (verdict, request) in [(Verdict::Infected, Some("licence"))].into_iter().chain(refusals) {
        let request = request.map(|code| RequestCode::parse(code).expect("a code"));
        let file = Upload { request, submission: Some(submission), verdict: Some(verdict) };
        case.notice.documents.uploads.insert(upload, file);
        texts.push(measured(&case.text(&Message::DocumentRefused { upload })));
    }
    texts.push(measured(&case.text(&Message::SubmissionReceipt { submission })));
    insta::assert_snapshot!(texts.join("\n\n"));
}
