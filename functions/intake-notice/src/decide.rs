//! What a named officer decides: `POST /v1/notices/{id}/cancel` ends a notice and says why, `POST /v1/notices/{id}/post` sends
//! it by letter, `POST /v1/notices/{id}/unlock` lets a resident whom the officer knows by phone try the second factor again.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::ports::Clock;
use domain::{Caller, Fact, NoticeId};
use store::{Change, Decision, Transition};
use tongji_http::{Called, Problem};

use crate::Intake;
use crate::intake::{json, unavailable};
use crate::query::{no_such_notice, whole};
use crate::request::{Cancellation, named_officer};
use crate::view::NoticeView;

pub(crate) async fn cancel(
    State(intake): State<Arc<Intake>>,
    Called(caller): Called,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<NoticeView>, Problem> {
    let Cancellation { officer, unit, reason } = Cancellation::parse(&json(&body)?).map_err(Problem::unprocessable)?;
    let by = By { caller, officer: officer.clone() };
    decide(&intake, by, &id, &Fact::Cancelled { officer, unit, reason }, "the notice cannot be cancelled").await
}

pub(crate) async fn order_post(
    State(intake): State<Arc<Intake>>,
    Called(caller): Called,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<NoticeView>, Problem> {
    decide_by_name(&intake, caller, &id, &body, |officer| Fact::PostOrdered { officer }, "the notice cannot be posted")
        .await
}

pub(crate) async fn unlock(
    State(intake): State<Arc<Intake>>,
    Called(caller): Called,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<NoticeView>, Problem> {
    decide_by_name(&intake, caller, &id, &body, |officer| Fact::LinkUnlocked { officer }, "the link cannot be unlocked")
        .await
}

/// A decision that needs no more than the officer's name.
async fn decide_by_name(
    intake: &Intake,
    caller: Caller,
    id: &str,
    body: &Bytes,
    fact: fn(String) -> Fact,
    impossible: &'static str,
) -> Result<Json<NoticeView>, Problem> {
    let officer = named_officer(&json(body)?).map_err(Problem::unprocessable)?;
    let by = By { caller, officer: officer.clone() };
    decide(intake, by, id, &fact(officer), impossible).await
}

/// Who decides: the answer shows them the notice.
struct By {
    caller: Caller,
    officer: String,
}

async fn decide(
    intake: &Intake,
    by: By,
    id: &str,
    fact: &Fact,
    impossible: &'static str,
) -> Result<Json<NoticeView>, Problem> {
    let id = NoticeId::parse(id).map_err(|_| no_such_notice())?;
    let transition = intake.table.transition(id, |_| {
        Decision::<()>::Record(Change { at: intake.clock.now(), fact: fact.clone(), bindings: Vec::new() })
    });
    match transition.await {
        Ok(Transition::Moved(_)) => tracing::info!(notice.id = %id, r#type = fact.name(), "an officer decided"),
        Ok(Transition::AlreadyThere(_) | Transition::DoneBefore(_) | Transition::Left(())) => {}
        Ok(Transition::Refused(notice, refused)) => {
            let problem = Problem::new(StatusCode::CONFLICT, impossible);
            return Err(problem.detail(format!("it is {}: {refused}", notice.state.name())).notice(id));
        }
        Err(store::Error::NotFound) => return Err(no_such_notice()),
        Err(error) => return Err(unavailable(&error)),
    }
    whole(intake, &by.caller, Some(by.officer), id).await.map(Json)
}
