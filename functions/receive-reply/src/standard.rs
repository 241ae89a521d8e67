//! A gateway that signs as in Standard Webhooks.

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use domain::ProviderMessageId;
use serde_json::Value;
use tongji_http::{Fields, Problem, signatures, webhooks};

use crate::inbound::{Inbound, MOST_TOLD, Media, Provider, Sender};

/// Reads `{"id", "from", "to", "text", "in_reply_to", "received_at", "media": [{"url", "content_type"}]}`.
pub(crate) fn inbound(secret: &str, request: &ApiGatewayV2httpRequest) -> Result<Inbound, Problem> {
    let document = signatures::signed_json(secret, request)?;
    let names = ["id", "from", "to", "text", "in_reply_to", "received_at", "media"];
    let mut known = webhooks::known_members(&document, &names);
    if let Some(Value::Array(files)) = known.get_mut("media") {
        for file in files {
            *file = webhooks::known_members(file, &["url", "content_type"]);
        }
    }
    let plain = |text: &str| Ok::<_, &str>(text.to_owned());
    Fields::read(&known, |fields| {
        let id = fields.required("id", ProviderMessageId::parse);
        let from = fields.required("from", |text| Ok::<_, &str>(Sender::of(text)));
        let text = fields.required("text", plain);
        let in_reply_to = fields.optional("in_reply_to", plain);
        let _to = fields.optional("to", plain);
        let _received_at = fields.optional("received_at", plain);
        let media = fields.optional_list("media", MOST_TOLD, |file| {
            let (url, content_type) = (file.required("url", plain), file.required("content_type", plain));
            Some(Media { url: url?, content_type: content_type? })
        });
        let (id, from, text, media) = (id?, from?, text?, media.unwrap_or_default());
        Some(Inbound { provider: Provider::Standard, id, from, text, in_reply_to, media, note: None })
    })
    .map_err(Problem::unprocessable)
}
