//! `GET /v1/notices/{id}/thread` and `POST /v1/notices/{id}/read`: all that resident and office wrote to each other.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use bootstrap::ReadSettings;
use domain::text::shown;
use domain::{Action, Channel, Entry, Event, Fact, Notice, NoticeId, ReplyId};
use jiff::Timestamp;
use serde::Serialize;
use store::{Change, Decision, Direction, Reply, Transition};
use tongji_http::people::signatory;
use tongji_http::{Called, Fields, Problem};

use crate::answer::body;
use crate::console::unavailable;
use crate::desk::{Converse, Desk, no_such_notice};

/// A conversation.
#[derive(Debug, Serialize)]
pub(crate) struct Thread {
    notice: NoticeId,
    /// How an answer would go: `sms` or `email`; absent where the resident must be called.
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_by: Option<Channel>,
    /// What no officer has read.
    unread: u32,
    /// Oldest first.
    entries: Vec<ThreadEntry>,
}

/// A text of it, or papers that were handed in.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ThreadEntry {
    Text {
        id: ReplyId,
        direction: Direction,
        text: String,
        /// Who wrote it; absent for a resident's, and for what the office says by itself.
        #[serde(skip_serializing_if = "Option::is_none")]
        officer: Option<String>,
        at: Timestamp,
        /// Of what the office wrote: `on_its_way`, `sent` or `failed`.
        #[serde(skip_serializing_if = "Option::is_none")]
        delivery: Option<&'static str>,
        /// How it goes.
        #[serde(skip_serializing_if = "Option::is_none")]
        channel: Option<Channel>,
        /// The notice it turned out to be about, where it stands too.
        #[serde(skip_serializing_if = "Option::is_none")]
        moved_to: Option<NoticeId>,
    },
    Submission {
        id: String,
        /// As the resident quotes it.
        number: String,
        files: usize,
        at: Timestamp,
    },
}

impl ThreadEntry {
    const fn at(&self) -> Timestamp {
        match self {
            Self::Text { at, .. } | Self::Submission { at, .. } => *at,
        }
    }
}

impl Thread {
    fn of(notice: &Notice, replies: Vec<Reply>, events: &[Event]) -> Self {
        let mut sent: HashMap<ReplyId, (u32, Channel)> = HashMap::new();
        let mut moved: HashMap<ReplyId, NoticeId> = HashMap::new();
        let mut entries = Vec::new();
        for event in events {
            if let Some(message) = event.fact.calls_for()
                && let Fact::AnswerWritten { reply, .. } | Fact::ClarificationAsked { reply, .. } = &event.fact
            {
                sent.insert(*reply, (event.version, message.channel()));
            }
            if let Fact::ReplyMoved { reply, to } = &event.fact {
                moved.insert(*reply, *to);
            }
            if let Fact::DocumentsSubmitted { submission, files, .. } = &event.fact {
                let (id, number) = (submission.to_string(), submission.number());
                entries.push(ThreadEntry::Submission { id, number, files: files.len(), at: event.at });
            }
        }
        for Reply { id, direction, text, officer, at, .. } in replies {
            let sent = sent.get(&id);
            entries.push(ThreadEntry::Text {
                id,
                direction,
                // What cannot be seen could turn words around or hide some.
                text: shown(&text),
                officer,
                at,
                delivery: sent.map(|(cause, _)| delivery(notice.ledger.get(cause))),
                channel: sent.map(|(_, channel)| *channel),
                moved_to: moved.get(&id).copied(),
            });
        }
        entries.sort_by_key(ThreadEntry::at);
        // A text's own moment may lie before its event's, by which `seen` is judged.
        if let (Some(ThreadEntry::Text { at, .. } | ThreadEntry::Submission { at, .. }), Some(conversation)) =
            (entries.last_mut(), notice.conversation)
        {
            *at = (*at).max(conversation.newest_at);
        }
        let unread = notice.conversation.map_or(0, |conversation| conversation.unread);
        Self { notice: notice.id, answered_by: notice.answered_by(), unread, entries }
    }
}

const fn delivery(entry: Option<&Entry>) -> &'static str {
    match entry {
        Some(Entry::Done) => "sent",
        Some(Entry::Failed) => "failed",
        Some(Entry::Claimed { .. } | Entry::Held { .. } | Entry::Queued { .. }) | None => "on_its_way",
    }
}

pub(crate) async fn show<T: Converse, S: ReadSettings + 'static>(
    State(desk): State<Arc<Desk<T, S>>>,
    Called(caller): Called,
    Path(id): Path<String>,
) -> Result<Json<Thread>, Problem> {
    let notice = desk.find(&id).await?;
    let events = desk.timeline(&notice).await?;
    let replies = desk.table.replies(notice.id).await.map_err(|error| unavailable(&error))?;
    let recipient = notice.details.recipient_id.as_ref();
    desk.record(&caller.sees(Action::ReadThread, desk.clock.now()).of_notice(notice.id, recipient)).await?;
    Ok(Json(Thread::of(&notice, replies, &events)))
}

/// What stands unread after it.
#[derive(Debug, Serialize)]
pub(crate) struct Unread {
    notice: NoticeId,
    unread: u32,
}

pub(crate) async fn mark_read<T: Converse, S: ReadSettings + 'static>(
    State(desk): State<Arc<Desk<T, S>>>,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Result<Json<Unread>, Problem> {
    let document = body(&bytes)?;
    let said = Fields::read(&document, |fields| {
        let (seen, officer) = (fields.optional("seen", moment), fields.object("officer", signatory));
        Some((seen, officer?.1))
    });
    let (seen, officer) = said.map_err(Problem::unprocessable)?;
    let id = NoticeId::parse(&id).map_err(|_| no_such_notice())?;
    let fact = Fact::RepliesRead { officer };
    let change = Change { at: desk.clock.now(), fact, bindings: Vec::new() };
    let decide = |notice: &Notice| {
        if is_overtaken(notice, seen) { Decision::Leave(notice.id) } else { Decision::Record(change.clone()) }
    };
    match desk.table.transition(id, decide).await {
        Ok(
            Transition::Moved(notice)
            | Transition::AlreadyThere(notice)
            | Transition::DoneBefore(notice)
            | Transition::Refused(notice, _),
        ) => {
            let unread = notice.conversation.map_or(0, |conversation| conversation.unread);
            Ok(Json(Unread { notice: id, unread }))
        }
        Ok(Transition::Left(id)) => Err(overtaken(id)),
        Err(store::Error::NotFound) => Err(no_such_notice()),
        Err(error) => Err(unavailable(&error)),
    }
}

/// The moment of the newest entry that an officer has before their eyes.
pub(crate) fn moment(text: &str) -> Result<Timestamp, &'static str> {
    text.parse().map_err(|_| "expected a moment such as 2026-11-24T09:00:00+09:00")
}

/// Something came that the officer has not seen.
pub(crate) fn is_overtaken(notice: &Notice, seen: Option<Timestamp>) -> bool {
    seen.zip(notice.conversation).is_some_and(|(seen, conversation)| conversation.newest_at > seen)
}

/// What an officer has not seen is neither read nor answered.
pub(crate) fn overtaken(notice: NoticeId) -> Problem {
    let problem = Problem::new(StatusCode::CONFLICT, "the conversation has gone on since");
    problem.detail("read the thread again").notice(notice)
}
