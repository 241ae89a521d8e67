//! `GET /v1/inbox`: a department's conversations, those that no officer has read first of all.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use bootstrap::ReadSettings;
use domain::text::shown;
use domain::{Action, NoticeId};
use jiff::Timestamp;
use serde::Serialize;
use store::Talk;
use tongji_http::people::{RecipientView, department};
use tongji_http::{Called, Fault, Problem};

use crate::console::unavailable;
use crate::desk::{Converse, Desk};

const PAGE: i32 = 20;
/// So much of a text is shown in the list.
const BEGINNING: usize = 60;

/// A page of the inbox.
#[derive(Debug, Serialize)]
pub(crate) struct InboxView {
    /// Conversations of the department that hold something unread, on this page and all others.
    unread_total: u32,
    /// Newest first.
    conversations: Vec<ConversationView>,
    /// Hand it in as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

#[derive(Debug, Serialize)]
struct ConversationView {
    notice: NoticeId,
    reference: String,
    kind: String,
    /// Where the notice stands.
    state: &'static str,
    recipient: RecipientView,
    /// Texts and submissions no officer has read.
    unread: u32,
    newest_at: Timestamp,
    /// How the resident's newest text begins; absent where they only handed papers in.
    #[serde(skip_serializing_if = "Option::is_none")]
    newest_text: Option<String>,
}

impl ConversationView {
    fn of(Talk { notice, newest }: &Talk) -> Option<Self> {
        let conversation = notice.conversation?;
        Some(Self {
            notice: notice.id,
            reference: notice.details.reference.to_string(),
            kind: notice.details.kind.to_string(),
            state: notice.state.name(),
            recipient: RecipientView::of(&notice.details.recipient),
            unread: conversation.unread,
            newest_at: conversation.newest_at,
            newest_text: newest.as_ref().map(|reply| beginning(&reply.text)),
        })
    }
}

fn beginning(text: &str) -> String {
    let line: String = shown(text).split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= BEGINNING {
        return line;
    }
    line.chars().take(BEGINNING).chain(['…']).collect()
}

pub(crate) async fn list<T: Converse, S: ReadSettings + 'static>(
    State(desk): State<Arc<Desk<T, S>>>,
    Called(caller): Called,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<Json<InboxView>, Problem> {
    let settings = desk.settings().await?;
    let mut faults = Vec::new();
    let named = query.get("department").ok_or_else(|| "required".to_owned());
    let code = named.and_then(|text| department(&settings, text));
    let code = code.map_err(|detail| faults.push(Fault::parameter("department", detail))).ok();
    let unread = match query.get("unread").map(String::as_str) {
        None | Some("true") => true,
        Some("false") => false,
        Some(_) => {
            faults.push(Fault::parameter("unread", "expected true or false"));
            true
        }
    };
    let Some(code) = code.filter(|_| faults.is_empty()) else { return Err(Problem::unprocessable(faults)) };
    let inbox = match desk.table.inbox(&code, unread, query.get("cursor").map(String::as_str), PAGE).await {
        Ok(inbox) => inbox,
        Err(store::Error::NoSuchPage) => return Err(no_such_page()),
        Err(error) => return Err(unavailable(&error)),
    };
    let unread_total = desk.table.unread(&code).await.map_err(|error| unavailable(&error))?;
    let access = caller.sees(Action::ReadInbox, desk.clock.now());
    desk.record(&access.of_notices(inbox.talks.iter().map(|talk| talk.notice.id)).of_object(&code)).await?;
    let conversations = inbox.talks.iter().filter_map(ConversationView::of).collect();
    Ok(Json(InboxView { unread_total, conversations, cursor: inbox.cursor }))
}

pub(crate) fn no_such_page() -> Problem {
    Problem::unprocessable(vec![Fault::parameter("cursor", "expected the cursor of the page before")])
}
