//! `POST /webhooks/replies/{provider}`: signed, answered 202 once the text is safe.

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use axum::http::StatusCode;
use bootstrap::{ReadSettings, chain};
use domain::ProviderMessageId;
use domain::ports::{Clock, Entropy};
use serde_json::Value;
use tongji_http::{Fields, Problem, signatures, webhooks};

use crate::inbound::{Inbound, Sender};
use crate::{KeepReplies, Received, Receiver};

pub(crate) async fn receive_webhook<T: KeepReplies, S: ReadSettings, C: Clock, E: Entropy>(
    receiver: &Receiver<T, S, C, E>,
    secret: &str,
    request: ApiGatewayV2httpRequest,
) -> ApiGatewayV2httpResponse {
    webhooks::accepted(receive(receiver, secret, &request).await.map(Received::as_str))
}

async fn receive<T: KeepReplies, S: ReadSettings, C: Clock, E: Entropy>(
    receiver: &Receiver<T, S, C, E>,
    secret: &str,
    request: &ApiGatewayV2httpRequest,
) -> Result<Received, Problem> {
    // One adapter so far; each has its own signature, so an unknown name can prove nothing.
    if request.path_parameters.get("provider").map(String::as_str) != Some("standard") {
        return Err(Problem::new(StatusCode::NOT_FOUND, "no such provider"));
    }
    let inbound = standard(&signatures::signed_json(secret, request)?)?;
    receiver.receive(inbound).await.map_err(|error| {
        tracing::error!(error = chain(&error), "a text was not kept; the provider sends it again");
        Problem::unavailable()
    })
}

fn standard(document: &Value) -> Result<Inbound, Problem> {
    let known = webhooks::known_members(document, &["id", "from", "to", "text", "in_reply_to", "received_at"]);
    let plain = |text: &str| Ok::<_, &str>(text.to_owned());
    Fields::read(&known, |fields| {
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
