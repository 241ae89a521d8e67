//! Twilio: a form, and the signature in a header (twilio.com/docs/messaging/guides/webhook-request).

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use axum::http::{HeaderValue, StatusCode};
use domain::ProviderMessageId;
use tongji_http::{Fault, Problem, SignedForm};

use crate::inbound::{Inbound, MOST_TOLD, Media, Provider, Sender};

/// Where Twilio is told to call, below the office's public address.
const PATH: &str = "/webhooks/replies/twilio";

/// Reads `From`, `Body`, `MessageSid`, `OriginalRepliedMessageSid`, `NumMedia`, `MediaUrl0` and `MediaContentType0` on.
pub(crate) fn inbound(secret: &str, public_url: &str, request: &ApiGatewayV2httpRequest) -> Result<Inbound, Problem> {
    let form = SignedForm::of(secret, &format!("{public_url}{PATH}"), request)?;
    let mut faults = Vec::new();
    let mut required = |name: &str| {
        let value = form.get(name);
        if value.is_none() {
            faults.push(Fault::field(format!("#/{name}"), "required"));
        }
        value
    };
    let (id, from, text) = (required("MessageSid"), required("From"), required("Body"));
    let (Some(id), Some(from), Some(text)) = (id, from, text) else { return Err(Problem::unprocessable(faults)) };
    let id = ProviderMessageId::parse(id)
        .map_err(|error| Problem::unprocessable(vec![Fault::field("#/MessageSid".to_owned(), error.to_string())]))?;
    Ok(Inbound {
        provider: Provider::Twilio,
        id,
        from: Sender::of(from),
        text: text.to_owned(),
        in_reply_to: form.get("OriginalRepliedMessageSid").map(str::to_owned),
        media: media(&form),
        note: None,
    })
}

/// A file whose type is not told is fetched all the same: its content decides.
fn media(form: &SignedForm) -> Vec<Media> {
    let count = form.get("NumMedia").and_then(|count| count.parse().ok()).unwrap_or(0).min(MOST_TOLD);
    let file = |index| {
        let url = form.get(&format!("MediaUrl{index}"))?.to_owned();
        let content_type = form.get(&format!("MediaContentType{index}")).unwrap_or_default().to_owned();
        Some(Media { url, content_type })
    };
    (0..count).filter_map(file).collect()
}

/// `TwiML` that says nothing: what the office answers goes out on its own way.
pub(crate) fn accepted() -> ApiGatewayV2httpResponse {
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = i64::from(StatusCode::OK.as_u16());
    response.headers.insert("content-type", HeaderValue::from_static("text/xml"));
    response.body = Some(Body::Text("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>".to_owned()));
    response
}
