//! `POST /v1/batches`, `GET /v1/batches/{id}` and `GET /v1/batches/{id}/errors`: for whoever hands files in.

use std::time::Duration;

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use axum::http::{HeaderValue, StatusCode, header};
use bootstrap::{ReadSettings, chain};
use domain::ports::{Clock, Entropy};
use domain::{Action, BatchId, Caller};
use letters::{ShareFile, TakeFile, report_key, upload_key};
use serde_json::Value;
use store::{Batch, BatchStage};
use tongji_http::{Problem, answer, caller};

use crate::forecast::expectation;
use crate::request::BatchRequest;
use crate::view::{BatchView, Opened};
use crate::{Batches, Importer};

/// Addresses of uploads and reports work this long; asking again gives new ones.
const LENT_FOR: Duration = Duration::from_mins(15);

/// Answers a request.
pub(crate) async fn respond<T, F, O, S, C, E>(
    importer: &Importer<T, F, O, S, C, E>,
    request: &ApiGatewayV2httpRequest,
) -> ApiGatewayV2httpResponse
where
    T: Batches,
    F: ShareFile + TakeFile,
    S: ReadSettings,
    C: Clock,
    E: Entropy,
{
    let id = || request.path_parameters.get("id").map_or("", String::as_str);
    match request.route_key.as_deref() {
        Some("POST /v1/batches") => answer(match tongji_http::json(request) {
            Ok(body) => open(importer, &body, caller(request).client).await,
            Err(problem) => Err(problem),
        }),
        Some("GET /v1/batches/{id}") => answer(tell(importer, &caller(request), id()).await),
        Some("GET /v1/batches/{id}/errors") => match report(importer, &caller(request), id()).await {
            Ok(url) => see(&url),
            Err(problem) => answer::<Value>(Err(problem)),
        },
        Some(_) | None => answer::<Value>(Err(Problem::new(StatusCode::NOT_FOUND, "no such resource"))),
    }
}

async fn open<T, F, O, S, C, E>(
    importer: &Importer<T, F, O, S, C, E>,
    body: &Value,
    caller: String,
) -> Result<(StatusCode, Opened), Problem>
where
    T: Batches,
    F: TakeFile,
    C: Clock,
    E: Entropy,
{
    let request = BatchRequest::parse(body).map_err(Problem::unprocessable)?;
    let now = importer.clock.now();
    // To the millisecond, as the ids of its rows hold it.
    let opened_at = jiff::Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
    let new = Batch {
        dry_run: request.dry_run,
        all_or_nothing: request.all_or_nothing,
        ..Batch::opened(BatchId::new(now, &importer.entropy), request.file, caller, opened_at)
    };
    let batch = importer.table.open_batch(&new).await.map_err(|error| unavailable(&error))?;
    if batch.stage == BatchStage::AwaitingUpload && batch.all_or_nothing != new.all_or_nothing {
        let problem = Problem::new(StatusCode::CONFLICT, "the same content is announced with another `all_or_nothing`");
        return Err(problem.detail(format!("batch {} awaits it; upload it there", batch.id)));
    }
    let upload = match batch.stage {
        BatchStage::AwaitingUpload => {
            let upload = importer.files.take(&upload_key(batch.id), batch.bytes, &batch.sha256, LENT_FOR).await;
            Some(upload.map_err(|error| unavailable(&error))?)
        }
        BatchStage::Checking | BatchStage::Importing | BatchStage::Done | BatchStage::Refused => None,
    };
    let (status, imported_as) = match (batch.id == new.id, &upload) {
        (true, _) => (StatusCode::CREATED, None),
        (false, Some(_)) => (StatusCode::OK, None),
        (false, None) => (StatusCode::OK, Some(batch.id)),
    };
    tracing::info!(batch.id = %batch.id, r#type = batch.r#type.as_str(), new = status == StatusCode::CREATED, "a batch was opened");
    Ok((
        status,
        Opened { batch: BatchView::of(&batch), already_imported_as: imported_as, upload: upload.map(Into::into) },
    ))
}

async fn tell<T, F, O, S, C, E>(
    importer: &Importer<T, F, O, S, C, E>,
    caller: &Caller,
    id: &str,
) -> Result<(StatusCode, BatchView), Problem>
where
    T: Batches,
    F: ShareFile,
    S: ReadSettings,
    C: Clock,
{
    let batch = find(importer, id).await?;
    let mut view = BatchView::of(&batch);
    if has_report(&batch) {
        view.report_url = Some(share(importer, caller, &batch).await?);
    }
    if batch.dry_run && batch.stage == BatchStage::Done {
        let settings = importer.settings.current().await.map_err(|error| unavailable(&error))?;
        view.expected = Some(expectation(&batch.forecast, &settings.prices, importer.clock.now()));
    }
    Ok((StatusCode::OK, view))
}

async fn report<T, F, O, S, C, E>(
    importer: &Importer<T, F, O, S, C, E>,
    caller: &Caller,
    id: &str,
) -> Result<String, Problem>
where
    T: Batches,
    F: ShareFile,
    C: Clock,
{
    let batch = find(importer, id).await?;
    if has_report(&batch) {
        return share(importer, caller, &batch).await;
    }
    let detail = if batch.stage.is_over() { "no row has an error" } else { "it is made when the batch is over" };
    Err(Problem::new(StatusCode::NOT_FOUND, "no report").detail(detail))
}

async fn find<T, F, O, S, C, E>(importer: &Importer<T, F, O, S, C, E>, id: &str) -> Result<Batch, Problem>
where
    T: Batches,
{
    let no_such_batch = || Problem::new(StatusCode::NOT_FOUND, "no such batch");
    let id = BatchId::parse(id).map_err(|_| no_such_batch())?;
    importer.table.batch(id).await.map_err(|error| unavailable(&error))?.ok_or_else(no_such_batch)
}

const fn has_report(batch: &Batch) -> bool {
    batch.stage.is_over() && batch.report_parts > 0
}

/// Whoever gets the report's address gets the rows as they stand in the file.
async fn share<T, F, O, S, C, E>(
    importer: &Importer<T, F, O, S, C, E>,
    caller: &Caller,
    batch: &Batch,
) -> Result<String, Problem>
where
    T: Batches,
    F: ShareFile,
    C: Clock,
{
    let access = caller.sees(Action::ReadBatchErrors, importer.clock.now()).of_object(&batch.id);
    importer.table.record_access(&access).await.map_err(|error| unavailable(&error))?;
    let stem = batch.file_name.rsplit_once('.').map_or(batch.file_name.as_str(), |(stem, _)| stem);
    let url = importer.files.share(&report_key(batch.id), &format!("{stem}-오류.csv"), LENT_FOR).await;
    url.map_err(|error| unavailable(&error))
}

fn see(url: &str) -> ApiGatewayV2httpResponse {
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = i64::from(StatusCode::SEE_OTHER.as_u16());
    response.headers.extend(HeaderValue::from_str(url).ok().map(|url| (header::LOCATION, url)));
    response
}

fn unavailable(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(error = chain(error), "a request failed");
    Problem::unavailable()
}
