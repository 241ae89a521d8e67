//! Text messages. What no Korean carrier passes is left out of names; contents that hold it are announced, not maimed.

use askama::Template;
use domain::settings::QuestionMode;
use domain::text::{carrier_safe, fits_one_text};
use domain::{Channel, Message, Nature, Refusal, State};

use super::sender::Sender;
use super::{Occasion, Question, WrongChannel, hour, question, render};
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
        struct $name<'a> { from: &'a Sender, $($field: $type),* }
    };
}

text_template!(ReminderByDigits, "reminder/digits.txt", { label: &'a str, choose_by: String, posts: bool });
text_template!(ReminderByLink, "reminder/link.txt", { label: &'a str, link: String, choose_by: String, posts: bool });
text_template!(ReminderByBoth, "reminder/both.txt", { label: &'a str, link: String, choose_by: String, posts: bool });
text_template!(ReminderOfAddress, "reminder/email_address.txt", { label: &'a str, choose_by: String, posts: bool });
text_template!(EmailRequest, "email_request/sms.txt", { label: &'a str, choose_by: Option<String>, posts: bool });
text_template!(Announcement, "result/announcement.txt", { label: &'a str, link: String, by_birth_date: bool, read_by: Option<String>, posts: bool });
text_template!(Whole, "result/whole.txt", { title: &'a str, body: &'a str, refusal: Option<&'a Refusal> });
text_template!(Acknowledgement, "acknowledgement/sms.txt", {});
text_template!(Answer, "answer/sms.txt", { answer: &'a str });
text_template!(AnswerTooLong, "answer/too_long.txt", {});
text_template!(PostConfirmation, "post_confirmation/sms.txt", { label: &'a str, posts: bool });
text_template!(OptOutConfirmation, "opt_out_confirmation/sms.txt", {});

/// Puts a message into a text.
///
/// # Errors
/// When it goes by another channel.
pub fn text(occasion: &Occasion<'_>, message: &Message) -> Result<Text, WrongChannel> {
    let from = &Sender::of(occasion, carrier_safe);
    let (label, posts) = (&*occasion.kind.label, occasion.posts());
    Ok(match message {
        Message::Question => {
            let Occasion { settings, department, kind, public_url, token, .. } = *occasion;
            let Question { words, carries_link } = question(settings, department, kind, public_url, token);
            Text { words, carries_link }
        }
        Message::Reminder => reminder(occasion, from),
        Message::EmailRequest => {
            let choose_by = occasion.notice.state.choose_by().map(hour);
            Text::plain(&EmailRequest { from, label, choose_by, posts })
        }
        Message::Result { channel: Channel::Sms } => result(occasion, from),
        Message::Result { channel: Channel::Email | Channel::Post } => {
            return Err(WrongChannel { channel: Channel::Sms });
        }
        Message::Acknowledgement { .. } => Text::plain(&Acknowledgement { from }),
        Message::Answer { .. } => {
            let answer = carrier_safe(occasion.answer.unwrap_or_default());
            let told = Text::plain(&Answer { from, answer: &answer });
            // Cut words can say the opposite of the whole.
            if fits_one_text(&told.words.0) { told } else { Text::plain(&AnswerTooLong { from }) }
        }
        Message::PostConfirmation => Text::plain(&PostConfirmation { from, label, posts }),
        Message::OptOutConfirmation => Text::plain(&OptOutConfirmation { from }),
    })
}

fn reminder(occasion: &Occasion<'_>, from: &Sender) -> Text {
    let (label, posts, link) = (&*occasion.kind.label, occasion.posts(), occasion.link());
    let choose_by = hour(occasion.notice.state.choose_by().unwrap_or(occasion.at));
    if matches!(occasion.notice.state, State::Asking { awaiting_email: true, .. }) {
        return Text::plain(&ReminderOfAddress { from, label, choose_by, posts });
    }
    match occasion.settings.question {
        QuestionMode::Digits => Text::plain(&ReminderByDigits { from, label, choose_by, posts }),
        QuestionMode::Link => Text::with_link(&ReminderByLink { from, label, link, choose_by, posts }),
        QuestionMode::Both => Text::with_link(&ReminderByBoth { from, label, link, choose_by, posts }),
    }
}

/// A guidance is told whole where every character of it passes and it fits; all else is announced and read behind the
/// link.
fn result(occasion: &Occasion<'_>, from: &Sender) -> Text {
    let details = &occasion.notice.details;
    if details.nature == Nature::Guidance {
        // Names may lose a character no carrier passes; contents may not.
        let (title, body, refusal) = (&*details.title, &*details.body.replace("\r\n", "\n"), details.refusal.as_ref());
        let whole = Text::plain(&Whole { from, title, body, refusal });
        if fits_one_text(&whole.words.0) {
            return whole;
        }
    }
    Text::with_link(&Announcement {
        from,
        label: &occasion.kind.label,
        link: occasion.link(),
        by_birth_date: occasion.by_birth_date(),
        read_by: occasion.read_by().map(hour),
        posts: occasion.posts(),
    })
}
