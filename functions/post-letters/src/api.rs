//! `POST /v1/letters/runs`, `GET /v1/letters/runs/{id}` and `POST /v1/notices/{id}/returned`: for whoever prints and posts.

use std::time::Duration;

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use axum::http::StatusCode;
use bootstrap::chain;
use domain::ports::Clock;
use domain::{Action, Caller, Fact, NoticeId, RunId};
use jiff::Timestamp;
use letters::{FetchLetter, KeepFile, ShareFile, run_key};
use serde::Serialize;
use serde_json::{Value, json};
use store::{Change, Decision, Run, Stage, Transition};
use tongji_http::{Problem, answer, caller};

use crate::{OrderRun, Printer, Runs};

/// Addresses of files work this long; asking again gives new ones.
const LENT_FOR: Duration = Duration::from_mins(15);

/// A run as the API answers it.
#[derive(Serialize)]
struct RunView<'a> {
    id: &'a RunId,
    /// `gathering`, `printing`, `posting` or `done`.
    stage: Stage,
    cut_off: Timestamp,
    ordered_by: &'a str,
    opened_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    done_at: Option<Timestamp>,
    letters: u32,
    pages: u32,
    /// Rows of the list in CP949 in which `〓` stands for characters it lacks.
    outside_cp949: u32,
    files: Vec<Value>,
}

/// Answers a request.
pub(crate) async fn respond<R, F, O, C>(
    printer: &Printer<R, F, O, C>,
    request: &ApiGatewayV2httpRequest,
) -> ApiGatewayV2httpResponse
where
    R: Runs,
    F: FetchLetter + KeepFile + ShareFile,
    O: OrderRun,
    C: Clock,
{
    let id = || request.path_parameters.get("id").map_or("", String::as_str);
    answer(match request.route_key.as_deref() {
        Some("POST /v1/letters/runs") => order(printer, &caller(request)).await,
        Some("GET /v1/letters/runs/{id}") => tell(printer, &caller(request), id()).await,
        Some("POST /v1/notices/{id}/returned") => returned(printer, id()).await,
        Some(_) | None => Err(Problem::new(StatusCode::NOT_FOUND, "no such resource")),
    })
}

async fn order<R, F, O, C>(printer: &Printer<R, F, O, C>, caller: &Caller) -> Result<(StatusCode, Value), Problem>
where
    R: Runs,
    F: FetchLetter + KeepFile + ShareFile,
    O: OrderRun,
    C: Clock,
{
    let run = printer.open(&caller.client).await.map_err(|error| unavailable(&error))?;
    tracing::info!(run.id = %run.id, "a print run was ordered");
    view(printer, caller, &run).await.map(|view| (StatusCode::ACCEPTED, view))
}

async fn tell<R, F, O, C>(
    printer: &Printer<R, F, O, C>,
    caller: &Caller,
    id: &str,
) -> Result<(StatusCode, Value), Problem>
where
    R: Runs,
    F: FetchLetter + KeepFile + ShareFile,
    O: OrderRun,
    C: Clock,
{
    let no_such_run = || Problem::new(StatusCode::NOT_FOUND, "no such run");
    let id = RunId::parse(id).map_err(|_| no_such_run())?;
    let run = printer.runs.run(&id).await.map_err(|error| unavailable(&error))?.ok_or_else(no_such_run)?;
    view(printer, caller, &run).await.map(|view| (StatusCode::OK, view))
}

async fn view<R, F, O, C>(printer: &Printer<R, F, O, C>, caller: &Caller, run: &Run) -> Result<Value, Problem>
where
    R: Runs,
    F: ShareFile,
    C: Clock,
{
    if !run.files.is_empty() {
        let access = caller.sees(Action::ReadPrintRun, printer.clock.now()).of_object(&run.id);
        printer.runs.record_access(&access).await.map_err(|error| unavailable(&error))?;
    }
    let mut files = Vec::new();
    for file in &run.files {
        let name = format!("{}-{}", run.id, file.name);
        let url = printer.files.share(&run_key(&run.id, &file.name), &name, LENT_FOR).await;
        let url = url.map_err(|error| unavailable(&error))?;
        files.push(json!({ "name": file.name, "sha256": file.sha256, "bytes": file.bytes, "url": url }));
    }
    Ok(json!(RunView {
        id: &run.id,
        stage: run.stage,
        cut_off: run.cut_off,
        ordered_by: &run.ordered_by,
        opened_at: run.opened_at,
        done_at: run.done_at,
        letters: run.letters,
        pages: run.pages,
        outside_cp949: run.outside_cp949,
        files,
    }))
}

/// A letter came back and was scanned.
async fn returned<R, F, O, C>(printer: &Printer<R, F, O, C>, id: &str) -> Result<(StatusCode, Value), Problem>
where
    R: Runs,
    C: Clock,
{
    let no_such_notice = || Problem::new(StatusCode::NOT_FOUND, "no such notice");
    let id = NoticeId::parse(id).map_err(|_| no_such_notice())?;
    let change = Change { at: printer.clock.now(), fact: Fact::Returned, bindings: Vec::new() };
    let transition = printer.runs.transition::<()>(id, |_| Decision::Record(change.clone())).await;
    let notice = match transition {
        Ok(Transition::Moved(notice)) => {
            tracing::info!(notice.id = %id, "a letter came back");
            notice
        }
        Ok(Transition::AlreadyThere(notice) | Transition::DoneBefore(notice)) => notice,
        Ok(Transition::Refused(notice, refused)) => {
            let problem = Problem::new(StatusCode::CONFLICT, "the notice has no letter out");
            return Err(problem.detail(format!("it is {}: {refused}", notice.state.name())).notice(id));
        }
        Ok(Transition::Left(())) | Err(store::Error::NotFound) => return Err(no_such_notice()),
        Err(error) => return Err(unavailable(&error)),
    };
    Ok((StatusCode::OK, json!({ "id": id, "state": notice.state })))
}

fn unavailable(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(error = chain(error), "a request failed");
    Problem::unavailable()
}
