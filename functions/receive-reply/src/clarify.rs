//! Asks a resident, once, which of several notices their text is about, and does as they say.

use bootstrap::ReadSettings;
use domain::ports::{Clock, Entropy};
use domain::settings::{SEOUL, Settings};
use domain::text::carrier_safe;
use domain::{Fact, Notice, NoticeId, ReplyId, interpret};
use jiff::SignedDuration;
use store::{Binding, Change, Clarifying, Decision, Direction, Reply, Transition};
use unicode_normalization::UnicodeNormalization;

use crate::bound::Bound;
use crate::receive::{Received, Receiver, Unreceived};
use crate::{KeepReplies, binding};

/// A digit answers the question for so long.
const ANSWERED_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// A person is asked again only once the conversation in which they were is over.
pub(crate) fn may_ask(before: Option<&Clarifying>, now: jiff::Timestamp) -> bool {
    before.is_none_or(|before| before.at + binding::ALIVE < now)
}

/// The notice that a text names by its digit.
pub(crate) fn chosen(clarifying: &Clarifying, text: &str, now: jiff::Timestamp) -> Option<NoticeId> {
    if clarifying.at + ANSWERED_WITHIN < now {
        return None;
    }
    let plain: String = text.nfkc().filter(|c| c.is_alphanumeric()).collect();
    let digit: usize = plain.strip_suffix('번').unwrap_or(&plain).parse().ok()?;
    clarifying.candidates.get(digit.checked_sub(1)?).copied()
}

impl<T: KeepReplies, S: ReadSettings, C: Clock, E: Entropy> Receiver<T, S, C, E> {
    /// Keeps the text with the first of the candidates and asks which one it is about.
    pub(crate) async fn ask_which(
        &self,
        bound: &Bound<'_>,
        candidates: &[Notice],
    ) -> Result<Option<Received>, Unreceived> {
        let settings = self.settings.current().await?;
        // After the text that it asks about: what stands at one moment stands in any order.
        let asked_at = bound.now + SignedDuration::from_millis(1);
        let question = Reply {
            id: ReplyId::new(asked_at, &self.entropy),
            notice: bound.notice,
            direction: Direction::Outbound,
            text: choices(candidates, &settings),
            officer: None,
            at: asked_at,
        };
        let clarifying = Clarifying {
            recipient: bound.recipient.clone(),
            notice: bound.notice,
            reply: bound.reply,
            message: bound.message.clone(),
            candidates: candidates.iter().map(|candidate| candidate.id).collect(),
            at: bound.now,
        };
        let fact = Fact::ClarificationAsked { about: bound.reply, reply: question.id };
        let asked = [Binding::Reply(question), Binding::Clarifying(clarifying)];
        let transition = self.table.transition(bound.notice, |_| {
            let bindings = bound.keeping(asked.clone());
            Decision::<()>::Record(Change { at: bound.now, fact: fact.clone(), bindings })
        });
        Ok(match transition.await? {
            Transition::Moved(notice) => {
                tracing::info!(notice.id = %notice.id, "a resident is asked which notice a text is about");
                Some(Received::Asked)
            }
            Transition::DoneBefore(_) => Some(Received::Before),
            Transition::AlreadyThere(_) | Transition::Refused(_, _) | Transition::Left(()) => None,
        })
    }

    /// The digit has come: the text goes to the notice it names, and does there what it says. `digit` is bound to the notice
    /// with which the text stands. A crash half-way is made up for when the digit comes again.
    pub(crate) async fn resolve(
        &self,
        digit: &Bound<'_>,
        clarifying: &Clarifying,
        chosen: NoticeId,
    ) -> Result<Received, Unreceived> {
        let settled = Binding::Clarifying(clarifying.clone().settled());
        let Some(text) = self.table.reply(clarifying.notice, clarifying.reply).await? else {
            return self.keep(digit).await;
        };
        if chosen == clarifying.notice {
            // It stands where it belongs: only what it says is still to be done.
            let marks = digit.keeping([settled.clone()]);
            let (message, reply) = (&clarifying.message, clarifying.reply);
            let there = Bound { message, reply, kept: None, marks, ..digit.clone() };
            return match self.act(&there, &interpret(&text.text)).await? {
                Some(received) => Ok(received),
                None => self.keep(&Bound { marks: digit.bindings([settled]), ..digit.clone() }).await,
            };
        }
        let moved_to = self.copy(digit, clarifying, &text, chosen).await?;
        let fact = Fact::ReplyMoved { reply: clarifying.reply, to: moved_to };
        let transition = self.table.transition(clarifying.notice, |_| {
            let bindings = digit.bindings([settled.clone()]);
            Decision::<()>::Record(Change { at: digit.now, fact: fact.clone(), bindings })
        });
        Ok(match transition.await? {
            Transition::DoneBefore(_) => Received::Before,
            Transition::Moved(_) | Transition::AlreadyThere(_) | Transition::Refused(_, _) | Transition::Left(()) => {
                tracing::info!(notice.id = %moved_to, "a text was moved to the notice it is about");
                Received::Moved
            }
        })
    }

    /// Keeps the text, and the digit, with the chosen notice, and does there what the text says; where that was done
    /// before, nothing. The notice that has it.
    async fn copy(
        &self,
        digit: &Bound<'_>,
        clarifying: &Clarifying,
        text: &Reply,
        chosen: NoticeId,
    ) -> Result<NoticeId, Unreceived> {
        let key = clarifying.reply.to_string();
        if let Some(earlier) = self.table.done_on("moved", &key).await? {
            return Ok(earlier);
        }
        let copy = Reply { id: ReplyId::new(digit.now, &self.entropy), notice: chosen, ..text.clone() };
        let answer = digit.kept.clone().map(|kept| Binding::Reply(Reply { notice: chosen, ..kept }));
        let marks = answer
            .into_iter()
            .chain([Binding::Reply(copy.clone()), Binding::Once { scope: "moved", key: key.clone() }]);
        let there = Bound {
            message: &clarifying.message,
            notice: chosen,
            reply: copy.id,
            kept: None,
            marks: marks.collect(),
            ..digit.clone()
        };
        if self.act(&there, &interpret(&text.text)).await?.is_none() {
            self.keep(&there).await?;
        }
        // Another delivery may have been quicker, and it may have named another notice.
        Ok(self.table.done_on("moved", &key).await?.unwrap_or(chosen))
    }
}

/// `1 건축과 민원 처리결과 (11월 23일)`, each on a line; with the office's number where nothing else tells them apart.
fn choices(candidates: &[Notice], settings: &Settings) -> String {
    let named = |notice: &Notice| {
        let details = &notice.details;
        let department = settings.department(&details.department).map_or("", |department| &*department.name);
        let label = settings.kind(&details.kind).map_or("통지", |kind| &*kind.label);
        let day = SEOUL.to_datetime(notice.accepted_at);
        format!("{department} {label} ({}월 {}일)", day.month(), day.day()).trim_start().to_owned()
    };
    let titles: Vec<String> = candidates.iter().map(named).collect();
    let lines = candidates.iter().zip(&titles).enumerate().map(|(index, (notice, name))| {
        let is_ambiguous = titles.iter().filter(|other| *other == name).count() > 1;
        let number = if is_ambiguous { format!(" {}", notice.details.reference) } else { String::new() };
        format!("{} {}", index + 1, carrier_safe(&format!("{name}{number}")))
    });
    lines.collect::<Vec<_>>().join("\n")
}
