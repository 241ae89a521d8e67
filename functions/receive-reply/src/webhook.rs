//! `POST /webhooks/replies/{provider}`: signed, answered 202 once the text is safe.

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bootstrap::chain;
use domain::ProviderMessageId;
use domain::ports::{Clock, Entropy};
use serde_json::Value;
use standardwebhooks::Webhook;
use tongji_http::{Fields, Problem};

use crate::inbound::{Inbound, Sender};
use crate::{Received, Receiver};

/// No text message comes near this size.
const LARGEST_BODY: usize = 64 * 1024;

pub(crate) async fn receive_webhook<C: Clock, E: Entropy>(
    receiver: &Receiver<C, E>,
    secret: &str,
    request: ApiGatewayV2httpRequest,
) -> ApiGatewayV2httpResponse {
    match receive(receiver, secret, request).await {
        Ok(done) => {
            let body = format!("{{\"status\":\"{}\"}}", done.as_str());
            respond(StatusCode::ACCEPTED, "application/json", body)
        }
        Err(problem) => {
            let body = serde_json::to_string(&problem).unwrap_or_default();
            respond(problem.status(), "application/problem+json", body)
        }
    }
}

async fn receive<C: Clock, E: Entropy>(
    receiver: &Receiver<C, E>,
    secret: &str,
    request: ApiGatewayV2httpRequest,
) -> Result<Received, Problem> {
    // One adapter so far; each has its own signature, so an unknown name can prove nothing.
    if request.path_parameters.get("provider").map(String::as_str) != Some("standard") {
        return Err(Problem::new(StatusCode::NOT_FOUND, "no such provider"));
    }
    let body = body(&request)?;
    verify(secret, &request.headers, &body)?;
    let document: Value = serde_json::from_slice(&body)
        .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "the request is not well-formed").detail("not JSON"))?;
    let inbound = standard(&document)?;
    receiver.receive(inbound).await.map_err(|error| {
        tracing::error!(error = chain(&error), "a text was not kept; the provider sends it again");
        Problem::unavailable()
    })
}

fn body(request: &ApiGatewayV2httpRequest) -> Result<Vec<u8>, Problem> {
    let text = request.body.as_deref().unwrap_or_default();
    let malformed = |_| Problem::new(StatusCode::BAD_REQUEST, "the request is not well-formed");
    let body =
        if request.is_base64_encoded { STANDARD.decode(text).map_err(malformed)? } else { text.as_bytes().to_vec() };
    if body.len() > LARGEST_BODY {
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large"));
    }
    Ok(body)
}

/// Standard Webhooks: HMAC-SHA256 over id, timestamp and raw body, at most five minutes old.
fn verify(secret: &str, headers: &HeaderMap, body: &[u8]) -> Result<(), Problem> {
    let webhook = Webhook::new(secret).map_err(|_| {
        tracing::error!("the webhook secret is not base64");
        Problem::unavailable()
    })?;
    let refused = |error| {
        tracing::warn!(error = chain(&error), "a webhook was refused");
        Problem::new(StatusCode::UNAUTHORIZED, "the signature does not hold")
            .detail("expected webhook-id, webhook-timestamp and webhook-signature as in Standard Webhooks")
    };
    webhook.verify(body, headers).map_err(refused)
}

fn standard(document: &Value) -> Result<Inbound, Problem> {
    // A gateway may add what we do not know; what we need must be sound.
    let known: serde_json::Map<String, Value> = match document {
        Value::Object(object) => {
            let known = ["id", "from", "to", "text", "in_reply_to", "received_at"];
            object
                .iter()
                .filter(|(name, _)| known.contains(&name.as_str()))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => serde_json::Map::new(),
    };
    let plain = |text: &str| Ok::<_, &str>(text.to_owned());
    Fields::read(&Value::Object(known), |fields| {
        let id = fields.required("id", ProviderMessageId::parse);
        let from = fields.required("from", |text| Ok::<_, &str>(Sender::of(text)));
        let text = fields.required("text", plain);
        let in_reply_to = fields.optional("in_reply_to", plain);
        let _to = fields.optional("to", plain);
        let _received_at = fields.optional("received_at", plain);
        Some(Inbound { provider: "standard", id: id?, from: from?, text: text?, in_reply_to })
    })
    .map_err(Problem::unprocessable)
}

fn respond(status: StatusCode, content_type: &'static str, body: String) -> ApiGatewayV2httpResponse {
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = i64::from(status.as_u16());
    response.headers.insert("content-type", axum::http::HeaderValue::from_static(content_type));
    response.body = Some(Body::Text(body));
    response
}
