//! Notices as the API answers them: states and events whole, personal data masked.

use domain::{ChainedEvent, Event, Notice, State};
use jiff::Timestamp;
use serde::Serialize;
use tongji_http::people::RecipientView;
use utoipa::ToSchema;

/// A notice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NoticeView {
    /// Its id (ULID).
    #[schema(value_type = String, example = "01KAXG4N3S9V7E6Q2M5T8R1WZC")]
    id: String,
    /// The office's own number.
    #[schema(value_type = String, example = "2026-민원-00001")]
    reference: String,
    /// Code of its kind.
    #[schema(value_type = String, example = "petition_result")]
    kind: String,
    /// Code of its department.
    #[schema(value_type = String, example = "building")]
    department: String,
    /// Where it stands: `name` and the state's own data.
    #[schema(value_type = StateView)]
    state: State,
    /// Number of events so far.
    version: u32,
    /// The recipient, masked.
    recipient: RecipientView,
    /// When it was taken in.
    #[schema(value_type = String, format = DateTime)]
    accepted_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// What happened to it, oldest first. Absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<EventView>>)]
    events: Option<Vec<Event>>,
}

/// A state: its name, and data of its own beside it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the domain's state to callers")]
pub(crate) struct StateView {
    /// `accepted`, `asking`, `sending`, `sent`, `delivered`, `read`, `posting`, `printing`, `posted`, `returned`,
    /// `needs_attention` or `cancelled`.
    name: String,
}

/// An event: what happened and when, and data of its own beside it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the domain's event to callers")]
pub(crate) struct EventView {
    /// The notice's version after it.
    version: u32,
    /// What happened, such as `accepted`, `asked`, `channel_chosen`, `sent`.
    r#type: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
}

/// One page of notices.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PageView {
    /// Who came into the state last stands first; of those that are asked, who has longest to choose.
    pub(crate) notices: Vec<NoticeView>,
    /// Hand it in as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cursor: Option<String>,
}

impl NoticeView {
    pub(crate) fn of(notice: &Notice, events: Option<Vec<Event>>) -> Self {
        let details = &notice.details;
        Self {
            id: notice.id.to_string(),
            reference: details.reference.to_string(),
            kind: details.kind.to_string(),
            department: details.department.to_string(),
            state: notice.state.clone(),
            version: notice.version,
            recipient: RecipientView::of(&details.recipient),
            accepted_at: notice.accepted_at,
            updated_at: notice.updated_at,
            events,
        }
    }
}

/// The events as they were recorded.
pub(crate) fn timeline(events: &[ChainedEvent]) -> Result<Vec<Event>, serde_json::Error> {
    events.iter().map(ChainedEvent::event).collect()
}
