//! Answers to webhooks, and the part of their documents that we know.

use aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::{Problem, answer};

/// 202 with what was done, or the problem.
#[must_use]
pub fn accepted(outcome: Result<&str, Problem>) -> ApiGatewayV2httpResponse {
    answer(outcome.map(|status| (StatusCode::ACCEPTED, json!({ "status": status }))))
}

/// The members of a document that have these names: a gateway may add what we do not know; what we need must be sound.
#[must_use]
pub fn known_members(document: &Value, names: &[&str]) -> Value {
    let is_known = |(name, _): &(&String, &Value)| names.contains(&name.as_str());
    let members = document.as_object().into_iter().flatten().filter(is_known);
    Value::Object(members.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
}
