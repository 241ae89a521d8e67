//! Which of a person's open notices a text belongs to.

use domain::settings::Settings;
use domain::{Answer, Notice, NoticeId, State};
use jiff::{SignedDuration, Timestamp};

/// A conversation goes on so long after either side wrote.
pub(crate) const ALIVE: SignedDuration = SignedDuration::from_hours(72);
/// A notice that did not move for so long is hardly what a text out of the blue is about.
const TOUCHED: SignedDuration = SignedDuration::from_hours(24 * 14);
/// So many notices can be told apart by a digit in one text.
const CANDIDATES: usize = 4;

/// Where a text belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Belongs {
    /// To this notice.
    To(NoticeId),
    /// To one of these, of which the first keeps it until the resident says which.
    ToOneOf(Vec<NoticeId>),
    /// To none: nothing is open.
    Nowhere,
}

/// Finds where a text of this meaning belongs among a person's open notices, newest first. Where several are as likely,
/// they are asked if they may be, else the likeliest has it: the one that is talked about, or the newest.
#[must_use]
pub fn bind(open: &[Notice], meaning: &Answer, may_ask: bool, now: Timestamp) -> Belongs {
    let Some(newest) = open.first() else { return Belongs::Nowhere };
    let all: Vec<&Notice> = open.iter().collect();
    let fitting: Vec<&Notice> = match meaning {
        // Said of everything, so any notice will do to say so.
        Answer::OptOut | Answer::OptIn => return Belongs::To(newest.id),
        Answer::Choose(_) | Answer::Address(_) => all.iter().copied().filter(|notice| is_being_asked(notice)).collect(),
        Answer::Renewed => all.iter().copied().filter(|notice| awaits_renewal(notice)).collect(),
        Answer::Words => Vec::new(),
    };
    if !fitting.is_empty() {
        return likeliest(&fitting, may_ask, now);
    }
    if let Some(talked_about) = talked_about(&all, now) {
        return Belongs::To(talked_about.id);
    }
    let touched: Vec<&Notice> = all.iter().copied().filter(|notice| notice.updated_at + TOUCHED >= now).collect();
    if touched.is_empty() { Belongs::To(newest.id) } else { likeliest(&touched, may_ask, now) }
}

fn likeliest(fitting: &[&Notice], may_ask: bool, now: Timestamp) -> Belongs {
    match fitting {
        [] => Belongs::Nowhere,
        [only] => Belongs::To(only.id),
        [_, _, ..] if may_ask => Belongs::ToOneOf(fitting.iter().take(CANDIDATES).map(|notice| notice.id).collect()),
        [newest, ..] => Belongs::To(talked_about(fitting, now).unwrap_or(newest).id),
    }
}

/// The question went out, or is so far on its way that the answer may be quicker than our record.
pub(crate) const fn is_being_asked(notice: &Notice) -> bool {
    matches!(notice.state, State::Asking { .. } | State::Accepted { not_before: None, .. })
}

/// When the resident was last asked how they want the result; none while they are not. Counted back from the last day to
/// choose, which is set when the question goes out, or its reminder.
pub(crate) fn last_asked(notice: &Notice, settings: &Settings) -> Option<Timestamp> {
    if !is_being_asked(notice) {
        return None;
    }
    let kind = settings.kind(&notice.details.kind);
    Some(match (&notice.state, kind) {
        (State::Asking { choose_by, remind_at, awaiting_email: false }, Some(kind)) => {
            let asked = *choose_by - kind.choose_by();
            if remind_at.is_some() { asked } else { asked + kind.reminder() }
        }
        // It waited for its day, and is on its way now.
        (State::Accepted { cause, .. }, _) if *cause > 1 => notice.updated_at,
        (_, _) => notice.accepted_at,
    })
}

const fn awaits_renewal(notice: &Notice) -> bool {
    notice.details.permit.is_some() && notice.renewal_reported_at.is_none()
}

/// The one whose conversation is alive, and of several the one in which somebody wrote last.
fn talked_about<'a>(among: &[&'a Notice], now: Timestamp) -> Option<&'a Notice> {
    let alive = among.iter().filter_map(|notice| Some((notice.conversation?.newest_at, *notice)));
    let alive = alive.filter(|(newest_at, _)| *newest_at + ALIVE >= now);
    alive.max_by_key(|(newest_at, _)| *newest_at).map(|(_, notice)| notice)
}
