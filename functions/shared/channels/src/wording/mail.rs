//! E-mails: the document whole, for plain readers and in HTML, with nothing fetched from elsewhere.

use askama::Template;
use domain::{Channel, Message, Refusal};

use super::sender::Sender;
use super::{Occasion, Paper, WrongChannel, day, hour, link, render};
use crate::Words;

/// An e-mail in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Subject.
    pub subject: Words,
    /// For plain readers.
    pub text: Words,
    /// The same, in HTML.
    pub html: Words,
    /// Where the resident ends electronic notices.
    pub opt_out_url: Words,
}

macro_rules! answer_template {
    ($name:ident, $path:literal, $escape:literal) => {
        #[derive(Template)]
        #[template(path = $path, escape = $escape)]
        struct $name<'a> {
            from: &'a Sender,
            name: &'a str,
            label: &'a str,
            reference: &'a str,
            answer: &'a str,
            opt_out_url: &'a str,
        }

        impl<'a> $name<'a> {
            fn of(occasion: &Occasion<'a>, from: &'a Sender, opt_out_url: &'a str) -> Self {
                let details = &occasion.notice.details;
                Self {
                    from,
                    name: details.recipient.name.expose(),
                    label: &occasion.kind.label,
                    reference: details.reference.as_str(),
                    answer: occasion.answer.unwrap_or_default().trim_end(),
                    opt_out_url,
                }
            }
        }
    };
}

#[derive(Template)]
#[template(path = "answer/subject.txt", escape = "none")]
struct AnswerSubject<'a> {
    from: &'a Sender,
    reference: &'a str,
}

answer_template!(PlainAnswer, "answer/body.txt", "none");
answer_template!(HtmlAnswer, "answer/body.html", "html");

#[derive(Template)]
#[template(path = "result/subject.txt", escape = "none")]
struct Subject<'a> {
    from: &'a Sender,
    label: &'a str,
    reference: &'a str,
}

macro_rules! result_template {
    ($name:ident, $path:literal, $escape:literal) => {
        #[derive(Template)]
        #[template(path = $path, escape = $escape)]
        struct $name<'a> {
            from: &'a Sender,
            name: &'a str,
            label: &'a str,
            reference: &'a str,
            sent_on: &'a str,
            title: &'a str,
            body: &'a str,
            refusal: Option<&'a Refusal>,
            link: &'a str,
            by_birth_date: bool,
            read_by: Option<&'a str>,
            posts: bool,
            opt_out_url: &'a str,
            papers: &'a [Paper],
        }

        impl<'a> $name<'a> {
            fn of(occasion: &Occasion<'a>, from: &'a Sender, written: &'a Written) -> Self {
                let details = &occasion.notice.details;
                Self {
                    from,
                    name: details.recipient.name.expose(),
                    label: &occasion.kind.label,
                    reference: details.reference.as_str(),
                    sent_on: &written.sent_on,
                    title: &details.title,
                    body: details.body.trim_end(),
                    refusal: details.refusal.as_ref(),
                    link: &written.link,
                    by_birth_date: occasion.by_birth_date(),
                    read_by: written.read_by.as_deref(),
                    posts: occasion.posts(),
                    opt_out_url: &written.opt_out_url,
                    papers: &written.papers,
                }
            }
        }
    };
}

result_template!(PlainBody, "result/body.txt", "none");
result_template!(HtmlBody, "result/body.html", "html");

/// What both bodies hold and neither keeps.
struct Written {
    sent_on: String,
    link: String,
    read_by: Option<String>,
    opt_out_url: String,
    papers: Vec<Paper>,
}

/// Puts a message into an e-mail.
///
/// # Errors
/// When it goes by another channel.
pub fn mail(occasion: &Occasion<'_>, message: &Message) -> Result<Mail, WrongChannel> {
    match message {
        Message::Result { channel: Channel::Email } => Ok(result(occasion)),
        Message::Answer { channel: Channel::Email, .. } => Ok(answer(occasion)),
        Message::Result { channel: Channel::Sms | Channel::Post }
        | Message::Question
        | Message::Reminder
        | Message::EmailRequest
        | Message::Acknowledgement { .. }
        | Message::RenewalConfirmation
        | Message::Answer { channel: Channel::Sms | Channel::Post, .. }
        | Message::Clarification { .. }
        | Message::ResumeConfirmation
        | Message::DocumentsRequest
        | Message::DocumentsReminder
        | Message::SubmissionReceipt { .. }
        | Message::DocumentRefused { .. }
        | Message::PostConfirmation
        | Message::OptOutConfirmation => Err(WrongChannel { channel: Channel::Email }),
    }
}

fn result(occasion: &Occasion<'_>) -> Mail {
    let from = &Sender::of(occasion, str::to_owned);
    let written = Written {
        sent_on: day(occasion.at),
        link: occasion.link(),
        read_by: occasion.read_by().map(hour),
        opt_out_url: link::to_opt_out(occasion.public_url, occasion.token),
        papers: occasion.notice.documents.missing().map(|request| Paper::of(request, str::to_owned)).collect(),
    };
    let details = &occasion.notice.details;
    let subject = render(&Subject { from, label: &occasion.kind.label, reference: details.reference.as_str() });
    Mail {
        subject: one_line(&subject),
        text: render(&PlainBody::of(occasion, from, &written)),
        html: render(&HtmlBody::of(occasion, from, &written)),
        opt_out_url: Words(written.opt_out_url),
    }
}

fn answer(occasion: &Occasion<'_>) -> Mail {
    let from = &Sender::of(occasion, str::to_owned);
    let opt_out_url = &*link::to_opt_out(occasion.public_url, occasion.token);
    Mail {
        subject: one_line(&render(&AnswerSubject { from, reference: occasion.notice.details.reference.as_str() })),
        text: render(&PlainAnswer::of(occasion, from, opt_out_url)),
        html: render(&HtmlAnswer::of(occasion, from, opt_out_url)),
        opt_out_url: Words(opt_out_url.to_owned()),
    }
}

/// Nothing that came with a name or number begins another header.
fn one_line(subject: &Words) -> Words {
    Words(subject.0.chars().filter(|c| !c.is_control()).collect())
}
