//! `PUT` and `GET /v1/permits/{number}`: the office's other systems keep permits and see what became of the reminders.

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use axum::http::StatusCode;
use bootstrap::chain;
use domain::ports::Clock;
use domain::{Access, Action, PermitNumber};
use percent_encoding::percent_decode_str;
use store::PutPermit;
use tongji_http::{Fault, Problem, answer, caller, json};

use crate::view::PermitView;
use crate::{KeepPermits, ReadSettings, Renewals, request};

/// Answers a request.
pub(crate) async fn respond<T: KeepPermits, S: ReadSettings, C: Clock>(
    renewals: &Renewals<T, S, C>,
    request: &ApiGatewayV2httpRequest,
) -> ApiGatewayV2httpResponse {
    answer(match request.route_key.as_deref() {
        Some("PUT /v1/permits/{number}") => put(renewals, request).await,
        Some("GET /v1/permits/{number}") => tell(renewals, request).await,
        Some(_) | None => Err(Problem::new(StatusCode::NOT_FOUND, "no such resource")),
    })
}

/// The gateway hands a path over as it decoded it, all but the percent sign.
fn number(request: &ApiGatewayV2httpRequest) -> Option<PermitNumber> {
    let text = percent_decode_str(request.path_parameters.get("number")?).decode_utf8().ok()?;
    PermitNumber::parse(&text).ok()
}

async fn put<T: KeepPermits, S: ReadSettings, C: Clock>(
    renewals: &Renewals<T, S, C>,
    request: &ApiGatewayV2httpRequest,
) -> Result<(StatusCode, PermitView), Problem> {
    let number = number(request).ok_or_else(|| {
        Problem::unprocessable(vec![Fault::parameter("number", "expected 1 to 64 printable characters")])
    })?;
    let document = json(request)?;
    let settings = renewals.settings.current().await.map_err(|error| unavailable(&error))?;
    let put = request::permit(number, &document, &settings).map_err(Problem::unprocessable)?;
    let now = renewals.clock.now();
    let (status, permit) = match renewals.table.put_permit(&put, now).await.map_err(|error| unavailable(&error))? {
        PutPermit::Created(permit) => (StatusCode::CREATED, permit),
        PutPermit::Changed(permit) | PutPermit::Unchanged(permit) => (StatusCode::OK, permit),
    };
    tracing::info!(permit.number = %permit.details.number, version = permit.version, "a permit was put");
    Ok((status, PermitView::of(&permit)))
}

async fn tell<T: KeepPermits, S: ReadSettings, C: Clock>(
    renewals: &Renewals<T, S, C>,
    request: &ApiGatewayV2httpRequest,
) -> Result<(StatusCode, PermitView), Problem> {
    let no_such_permit = || Problem::new(StatusCode::NOT_FOUND, "no such permit");
    let number = number(request).ok_or_else(no_such_permit)?;
    let permit =
        renewals.table.permit(&number).await.map_err(|error| unavailable(&error))?.ok_or_else(no_such_permit)?;
    let access = caller(request).sees(Action::ReadPermit, renewals.clock.now()).of_object(&number);
    let phone = permit.details.holder.phone.as_ref();
    let recipient = phone.map(|phone| renewals.recipient_key.identify(phone));
    let recorded = renewals.table.record_access(&Access { recipient, ..access }).await;
    recorded.map_err(|error| unavailable(&error))?;
    Ok((StatusCode::OK, PermitView::of(&permit)))
}

fn unavailable(error: &(dyn std::error::Error + 'static)) -> Problem {
    tracing::error!(error = chain(error), "a request failed");
    Problem::unavailable()
}
