//! `POST /webhooks/receipts/{provider}`: signed, answered 202 once the receipt is safe.

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use axum::http::StatusCode;
use bootstrap::chain;
use domain::ports::Clock;
use tongji_http::{Problem, signatures, webhooks};

use crate::{KeepReceipts, Recorded, Recorder, gateway};

pub(crate) async fn receive_webhook<S: KeepReceipts, C: Clock>(
    recorder: &Recorder<S, C>,
    secret: &str,
    request: ApiGatewayV2httpRequest,
) -> ApiGatewayV2httpResponse {
    webhooks::accepted(receive(recorder, secret, &request).await.map(Recorded::as_str))
}

async fn receive<S: KeepReceipts, C: Clock>(
    recorder: &Recorder<S, C>,
    secret: &str,
    request: &ApiGatewayV2httpRequest,
) -> Result<Recorded, Problem> {
    if request.path_parameters.get("provider").map(String::as_str) != Some("standard") {
        return Err(Problem::new(StatusCode::NOT_FOUND, "no such provider"));
    }
    let document = signatures::signed_json(secret, request)?;
    let (report, at) = gateway::report(&document, recorder.clock.now()).map_err(Problem::unprocessable)?;
    recorder.take(report, at).await.map_err(|error| {
        tracing::error!(error = chain(&error), "a receipt was not recorded; the provider sends it again");
        Problem::unavailable()
    })
}
