//! Text messages. What no Korean carrier passes is left out of names; contents that hold it are announced, not maimed.

use askama::Template;
use domain::settings::QuestionMode;
use domain::text::{carrier_safe, fits_one_text};
use domain::{Channel, FileFault, Message, Nature, Refusal, State, SubmissionId, TextCode, UploadId, Verdict};

use super::sender::Sender;
use super::{Occasion, Paper, Question, WrongChannel, hour, moment, question, render};
use crate::Words;

/// A text message in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The words.
    pub words: Words,
    /// It holds the resident's link.
    pub carries_link: bool,
}

impl Text {
    fn plain(template: &impl Template) -> Self {
        Self { words: render(template), carries_link: false }
    }

    fn with_link(template: &impl Template) -> Self {
        Self { words: render(template), carries_link: true }
    }
}

macro_rules! text_template {
    ($name:ident, $path:literal, { $($field:ident: $type:ty),* $(,)? }) => {
        #[derive(Template)]
        #[template(path = $path, escape = "none")]
        struct $name<'a> { from: &'a Sender, code: &'a TextCode, $($field: $type),* }
    };
}

text_template!(ReminderByDigits, "reminder/digits.txt", { label: &'a str, choose_by: String, posts: bool });
text_template!(ReminderByLink, "reminder/link.txt", { label: &'a str, link: String, choose_by: String, posts: bool });
text_template!(ReminderByBoth, "reminder/both.txt", { label: &'a str, link: String, choose_by: String, posts: bool });
text_template!(ReminderOfAddress, "reminder/email_address.txt", { label: &'a str, choose_by: String, posts: bool });
text_template!(EmailRequest, "email_request/sms.txt", { label: &'a str, choose_by: Option<String>, posts: bool });
text_template!(Announcement, "result/announcement.txt", { label: &'a str, link: String, by_birth_date: bool, read_by: Option<String>, posts: bool, papers: bool });
text_template!(Whole, "result/whole.txt", { title: &'a str, body: &'a str, refusal: Option<&'a Refusal>, papers: Option<String> });
text_template!(Acknowledgement, "acknowledgement/sms.txt", {});
text_template!(RenewalConfirmation, "renewal_confirmation/sms.txt", {});
text_template!(OfficersWords, "answer/sms.txt", { answer: &'a str });
text_template!(AnswerTooLong, "answer/too_long.txt", {});
text_template!(Clarification, "clarification/sms.txt", { question: &'a str });
text_template!(ResumeConfirmation, "resume_confirmation/sms.txt", {});
text_template!(DocumentsRequest, "documents/request.txt", { label: &'a str, papers: Vec<Paper>, link: String });
text_template!(DocumentsReminder, "documents/reminder.txt", { label: &'a str, papers: Vec<Paper>, link: String });
text_template!(SubmissionReceipt, "documents/receipt.txt", { number: String, at: String, files: usize });
text_template!(DocumentRefused, "documents/refused.txt", { paper: Option<&'a str>, why: &'a str, link: String });
text_template!(PostConfirmation, "post_confirmation/sms.txt", { label: &'a str, posts: bool });
text_template!(OptOutConfirmation, "opt_out_confirmation/sms.txt", {});

/// Puts a message into a text.
///
/// # Errors
/// When it goes by another channel.
pub fn text(occasion: &Occasion<'_>, message: &Message) -> Result<Text, WrongChannel> {
    let from = &Sender::of(occasion, carrier_safe);
    let (label, posts, code) = (&*occasion.kind.label, occasion.posts(), occasion.code);
    Ok(match message {
        Message::Question => {
            let Occasion { settings, department, kind, public_url, token, code, .. } = *occasion;
            let Question { words, carries_link } = question(settings, department, kind, public_url, token, code);
            Text { words, carries_link }
        }
        Message::Reminder => reminder(occasion, from),
        Message::EmailRequest => {
            let choose_by = occasion.notice.state.choose_by().map(hour);
            Text::plain(&EmailRequest { from, code, label, choose_by, posts })
        }
        Message::Result { channel: Channel::Sms } => result(occasion, from),
        Message::Result { channel: Channel::Email | Channel::Post }
        | Message::Answer { channel: Channel::Email | Channel::Post, .. } => {
            return Err(WrongChannel { channel: Channel::Sms });
        }
        Message::Acknowledgement { .. } => Text::plain(&Acknowledgement { from, code }),
        Message::RenewalConfirmation => Text::plain(&RenewalConfirmation { from, code }),
        Message::Answer { channel: Channel::Sms, .. } => {
            let told = Text { words: answer_whole(occasion, occasion.answer.unwrap_or_default()), carries_link: false };
            // Cut words can say the opposite of the whole.
            if fits_one_text(&told.words.0) { told } else { Text::plain(&AnswerTooLong { from, code }) }
        }
        Message::Clarification { .. } => {
            let question = occasion.answer.unwrap_or_default();
            Text::plain(&Clarification { from, code, question })
        }
        Message::ResumeConfirmation => Text::plain(&ResumeConfirmation { from, code }),
        Message::DocumentsRequest => {
            let papers = occasion.notice.documents.missing().map(|request| Paper::of(request, carrier_safe)).collect();
            Text::with_link(&DocumentsRequest { from, code, label, papers, link: occasion.link() })
        }
        Message::DocumentsReminder => {
            let required = occasion.notice.documents.missing().filter(|request| request.required);
            let papers = required.map(|request| Paper::of(request, carrier_safe)).collect();
            Text::with_link(&DocumentsReminder { from, code, label, papers, link: occasion.link() })
        }
        Message::SubmissionReceipt { submission } => receipt(occasion, from, *submission),
        Message::DocumentRefused { upload } => refused(occasion, from, *upload),
        Message::PostConfirmation => Text::plain(&PostConfirmation { from, code, label, posts }),
        Message::OptOutConfirmation => Text::plain(&OptOutConfirmation { from, code }),
    })
}

/// An officer's answer as a text, whole, whether it fits or not.
#[must_use]
pub fn answer_whole(occasion: &Occasion<'_>, answer: &str) -> Words {
    let from = &Sender::of(occasion, carrier_safe);
    render(&OfficersWords { from, code: occasion.code, answer: &carrier_safe(answer) })
}

fn reminder(occasion: &Occasion<'_>, from: &Sender) -> Text {
    let (label, posts, link, code) = (&*occasion.kind.label, occasion.posts(), occasion.link(), occasion.code);
    let choose_by = hour(occasion.notice.state.choose_by().unwrap_or(occasion.at));
    if matches!(occasion.notice.state, State::Asking { awaiting_email: true, .. }) {
        return Text::plain(&ReminderOfAddress { from, code, label, choose_by, posts });
    }
    match occasion.settings.question {
        QuestionMode::Digits => Text::plain(&ReminderByDigits { from, code, label, choose_by, posts }),
        QuestionMode::Link => Text::with_link(&ReminderByLink { from, code, label, link, choose_by, posts }),
        QuestionMode::Both => Text::with_link(&ReminderByBoth { from, code, label, link, choose_by, posts }),
    }
}

fn receipt(occasion: &Occasion<'_>, from: &Sender, submission: SubmissionId) -> Text {
    let files = occasion.notice.documents.uploads.values().filter(|upload| upload.submission == Some(submission));
    let (number, at, code) = (submission.number(), moment(submission.made_at()), occasion.code);
    Text::plain(&SubmissionReceipt { from, code, number, at, files: files.count() })
}

fn refused(occasion: &Occasion<'_>, from: &Sender, upload: UploadId) -> Text {
    let documents = &occasion.notice.documents;
    let upload = documents.uploads.get(&upload);
    let code = upload.and_then(|upload| upload.request.as_ref());
    let paper = code.and_then(|code| documents.requests.iter().find(|request| request.code == *code));
    let paper = paper.map(|request| carrier_safe(&request.name));
    let why = match upload.and_then(|upload| upload.verdict.as_ref()) {
        Some(Verdict::Infected) => {
            "보안 검사에서 악성코드가 발견되었습니다. 다른 기기에서 다시 찍거나 저장하여 내 주십시오."
        }
        Some(Verdict::Refused { reason: FileFault::NotChecked }) => {
            "안전한지 확인하지 못했습니다. 암호가 걸려 있으면 풀어서 다시 내 주십시오."
        }
        Some(Verdict::Refused { reason: FileFault::TooLarge }) => {
            "파일이 너무 큽니다. 나누거나 줄여서 다시 내 주십시오."
        }
        Some(Verdict::Refused { reason: FileFault::Empty }) => "빈 파일입니다. 다시 내 주십시오.",
        Some(Verdict::Refused { reason: FileFault::WrongType } | Verdict::Clean { .. }) | None => {
            "사진(JPG, PNG, HEIC)이나 PDF 파일로 다시 내 주십시오."
        }
    };
    let (paper, link) = (paper.as_deref(), occasion.link());
    Text::with_link(&DocumentRefused { from, code: occasion.code, paper, why, link })
}

/// A guidance is told whole where every character of it passes and it fits; all else is announced and read behind the
/// link.
fn result(occasion: &Occasion<'_>, from: &Sender) -> Text {
    let (details, code) = (&occasion.notice.details, occasion.code);
    let asks_for_papers = occasion.notice.documents.missing().next().is_some();
    if details.nature == Nature::Guidance {
        // Names may lose a character no carrier passes; contents may not.
        let (title, body, refusal) = (&*details.title, &*details.body.replace("\r\n", "\n"), details.refusal.as_ref());
        let papers = asks_for_papers.then(|| occasion.link());
        let whole = Whole { from, code, title, body, refusal, papers };
        let whole = Text { words: render(&whole), carries_link: asks_for_papers };
        if fits_one_text(&whole.words.0) {
            return whole;
        }
    }
    Text::with_link(&Announcement {
        from,
        code,
        label: &occasion.kind.label,
        link: occasion.link(),
        by_birth_date: occasion.by_birth_date(),
        read_by: occasion.read_by().map(hour),
        posts: occasion.posts(),
        papers: asks_for_papers,
    })
}
