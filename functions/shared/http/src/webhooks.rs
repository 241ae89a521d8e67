//! Answers to webhooks, and the part of their documents that we know.

use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use aws_lambda_events::encodings::Body;
use axum::http::{HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use crate::Problem;

/// 202 with what was done, or the problem.
#[must_use]
pub fn accepted(outcome: Result<&str, Problem>) -> ApiGatewayV2httpResponse {
    match outcome {
        Ok(status) => respond(StatusCode::ACCEPTED, "application/json", json!({ "status": status }).to_string()),
        Err(problem) => {
            let body = serde_json::to_string(&problem).unwrap_or_default();
            respond(problem.status(), "application/problem+json", body)
        }
    }
}

fn respond(status: StatusCode, content_type: &'static str, body: String) -> ApiGatewayV2httpResponse {
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = i64::from(status.as_u16());
    response.headers.insert("content-type", HeaderValue::from_static(content_type));
    response.body = Some(Body::Text(body));
    response
}

/// The members of a document that have these names: a gateway may add what we do not know; what we need must be sound.
#[must_use]
pub fn known_members(document: &Value, names: &[&str]) -> Value {
    let is_known = |(name, _): &(&String, &Value)| names.contains(&name.as_str());
    let members = document.as_object().into_iter().flatten().filter(is_known);
    Value::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
}
