//! `POST /v1/notices/{id}/cancel`: a named officer ends a notice, and says why.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::ports::Clock;
use domain::{Fact, NoticeId};
use store::{Change, Decision, Transition};
use tongji_http::Problem;

use crate::Intake;
use crate::intake::{json, unavailable};
use crate::query::{no_such_notice, whole};
use crate::request::Cancellation;
use crate::view::NoticeView;

pub(crate) async fn cancel(
    State(intake): State<Arc<Intake>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Json<NoticeView>, Problem> {
    let id = NoticeId::parse(&id).map_err(|_| no_such_notice())?;
    let Cancellation { officer, unit, reason } = Cancellation::parse(&json(&body)?).map_err(Problem::unprocessable)?;
    let fact = Fact::Cancelled { officer, unit, reason };
    let transition = intake.table.transition(id, |_| {
        Decision::<()>::Record(Change { at: intake.clock.now(), fact: fact.clone(), bindings: Vec::new() })
    });
    match transition.await {
        Ok(Transition::Moved(_)) => tracing::info!(notice.id = %id, "notice cancelled"),
        Ok(Transition::AlreadyThere(_) | Transition::DoneBefore(_) | Transition::Left(())) => {}
        Ok(Transition::Refused(notice, refused)) => {
            let problem = Problem::new(StatusCode::CONFLICT, "the notice cannot be cancelled");
            return Err(problem.detail(format!("it is {}: {refused}", notice.state.name())).notice(id));
        }
        Err(store::Error::NotFound) => return Err(no_such_notice()),
        Err(error) => return Err(unavailable(&error)),
    }
    whole(&intake, id).await.map(Json)
}
