//! `GET /v1/notices/{id}` and `GET /v1/notices`: one notice with its timeline, or a department's by state.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use domain::ports::Clock;
use domain::{Access, Action, Caller, NoticeId};
use serde::Deserialize;
use tongji_http::people::department;
use tongji_http::{Called, Fault, Problem};

use crate::Intake;
use crate::intake::unavailable;
use crate::view::{NoticeView, PageView, timeline};

const PAGE: i32 = 50;

/// The query of a list.
#[derive(Debug, Deserialize)]
pub(crate) struct ListQuery {
    department: Option<String>,
    phase: Option<String>,
    cursor: Option<String>,
}

pub(crate) fn no_such_notice() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no such notice")
}

pub(crate) async fn read(
    State(intake): State<Arc<Intake>>,
    Called(caller): Called,
    Path(id): Path<String>,
) -> Result<Json<NoticeView>, Problem> {
    let id = NoticeId::parse(&id).map_err(|_| no_such_notice())?;
    whole(&intake, &caller, None, id).await.map(Json)
}

/// The notice and its timeline, agreeing with each other although they are read one after the other; for this caller, and
/// the officer they name.
pub(crate) async fn whole(
    intake: &Intake,
    caller: &Caller,
    officer: Option<String>,
    id: NoticeId,
) -> Result<NoticeView, Problem> {
    let notice = intake.table.notice(id).await.map_err(|error| unavailable(&error))?.ok_or_else(no_such_notice)?;
    let events = intake.table.events(id).await.map_err(|error| unavailable(&error))?;
    let mut events = timeline(&events).map_err(|error| unavailable(&error))?;
    events.retain(|event| event.version <= notice.version);
    let access =
        caller.sees(Action::ReadNotice, intake.clock.now()).of_notice(id, notice.details.recipient_id.as_ref());
    intake.record(&Access { officer, ..access }).await?;
    Ok(NoticeView::of(&notice, Some(events)))
}

pub(crate) async fn list(
    State(intake): State<Arc<Intake>>,
    Called(caller): Called,
    Query(query): Query<ListQuery>,
) -> Result<Json<PageView>, Problem> {
    let settings = intake.settings().await?;
    let mut faults = Vec::new();
    let department = match query.department.as_deref().map(|text| department(&settings, text)) {
        Some(Ok(code)) => Some(code),
        Some(Err(detail)) => {
            faults.push(Fault::parameter("department", detail));
            None
        }
        None => {
            faults.push(Fault::parameter("department", "required"));
            None
        }
    };
    let phase = query.phase.filter(|phase| domain::State::NAMES.contains(&phase.as_str()));
    if phase.is_none() {
        faults.push(Fault::parameter("phase", format!("expected one of {}", domain::State::NAMES.join(", "))));
    }
    let (Some(department), Some(phase)) = (department, phase) else { return Err(Problem::unprocessable(faults)) };
    let page = match intake.table.list(&department, &phase, query.cursor.as_deref(), PAGE).await {
        Ok(page) => page,
        Err(store::Error::NoSuchPage) => {
            let fault = Fault::parameter("cursor", "expected the cursor of the page before");
            return Err(Problem::unprocessable(vec![fault]));
        }
        Err(error) => return Err(unavailable(&error)),
    };
    let access = caller.sees(Action::ListNotices, intake.clock.now());
    intake.record(&access.of_notices(page.notices.iter().map(|notice| notice.id)).of_object(&department)).await?;
    Ok(Json(PageView {
        notices: page.notices.iter().map(|notice| NoticeView::of(notice, None)).collect(),
        cursor: page.cursor,
    }))
}
