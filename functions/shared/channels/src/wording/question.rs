//! The question: which way do you want it? One part to AWS and to domestic gateways alike, so every character counts.

use askama::Template;
use domain::settings::{Department, Kind, QuestionMode, Settings};
use domain::text::fits_one_part;
use domain::{LinkToken, Nature, TextCode};

use super::{link, render};
use crate::Words;

#[derive(Template)]
#[template(path = "question/digits.txt", escape = "none")]
struct Digits<'a> {
    sender: &'a str,
    matter: &'a str,
    phone: &'a str,
    code: &'a TextCode,
}

#[derive(Template)]
#[template(path = "question/link.txt", escape = "none")]
struct ByLink<'a> {
    office: &'a str,
    phone: Option<&'a str>,
    matter: &'a str,
    link: &'a str,
    code: &'a TextCode,
}

#[derive(Template)]
#[template(path = "question/both.txt", escape = "none")]
struct Both<'a> {
    office: &'a str,
    phone: Option<&'a str>,
    matter: &'a str,
    link: &'a str,
    code: &'a TextCode,
}

/// A question in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The words.
    pub words: Words,
    /// It holds the resident's link.
    pub carries_link: bool,
}

/// The question of a department about a kind of notice. Beside a link the office's telephone gives way to the code: the
/// text comes from the department's own number, and the page that checks codes names them all. Where digits and link
/// together do not fit one part, the digits stay: they need no tap on a link, and the office hears them.
#[must_use]
pub fn question(
    settings: &Settings,
    department: &Department,
    kind: &Kind,
    public_url: &str,
    token: &LinkToken,
    code: &TextCode,
) -> Question {
    let (office, phone, matter) = (&*settings.office.short_name, &*settings.office.phone, matter(kind.nature));
    let link = &*link::to_page(public_url, token);
    let phones = [Some(phone), None].into_iter();
    match settings.question {
        QuestionMode::Digits => digits(settings, department, kind, code),
        QuestionMode::Link => {
            let words = phones.map(|phone| render(&ByLink { office, phone, matter, link, code }));
            Question { words: fitting_or_last(words), carries_link: true }
        }
        QuestionMode::Both => {
            let words = fitting_or_last(phones.map(|phone| render(&Both { office, phone, matter, link, code })));
            if fits_one_part(&words.0) {
                Question { words, carries_link: true }
            } else {
                digits(settings, department, kind, code)
            }
        }
    }
}

/// The fullest wording with digits that fits one part: the kind gives way first, then the department.
fn digits(settings: &Settings, department: &Department, kind: &Kind, code: &TextCode) -> Question {
    let (office, phone) = (&*settings.office.short_name, &*settings.office.phone);
    let both = format!("{office} {}", department.name);
    let matter = matter(kind.nature);
    let fuller = [(&*both, &*kind.label), (&*both, matter), (office, &*kind.label), (office, matter)];
    let fuller = fuller.into_iter().map(|(sender, matter)| render(&Digits { sender, matter, phone, code }));
    Question { words: fitting_or_last(fuller), carries_link: false }
}

/// The first that fits one part, else the last.
fn fitting_or_last(words: impl Iterator<Item = Words>) -> Words {
    let mut last = Words(String::new());
    for words in words {
        if fits_one_part(&words.0) {
            return words;
        }
        last = words;
    }
    last
}

/// The kind in two syllables.
const fn matter(nature: Nature) -> &'static str {
    match nature {
        Nature::Disposition => "결과",
        Nature::Guidance => "안내",
    }
}

/// Each department and kind whose question takes more than one part, or has no room for the link it should hold.
#[must_use]
pub fn question_faults(settings: &Settings, public_url: &str) -> Vec<String> {
    let (Ok(token), Ok(code)) = (LinkToken::parse("000000000000"), TextCode::parse("000000")) else {
        unreachable!("twelve digits are a token, six are a code")
    };
    let wants_link = settings.question != QuestionMode::Digits;
    let mut faults = Vec::new();
    for department in &settings.departments {
        for kind in &settings.kinds {
            let question = question(settings, department, kind, public_url, &token, &code);
            let place = format!("the question of department {} on kind {}", department.code, kind.code);
            if !fits_one_part(&question.words.0) {
                faults.push(format!("{place} takes more than one part"));
            } else if wants_link && !question.carries_link {
                faults.push(format!("{place} has no room for the link"));
            }
        }
    }
    faults
}
