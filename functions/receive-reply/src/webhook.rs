//! `POST /webhooks/replies/{provider}`: signed, answered once the text is safe.

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use axum::http::StatusCode;
use bootstrap::{ReadSettings, chain};
use domain::ports::{Clock, Entropy};
use tongji_http::{Problem, answer, webhooks};

use crate::inbound::Inbound;
use crate::{Gateways, HandOn, KeepReplies, Received, TakeMedia, standard, twilio};

/// What proves who calls.
#[derive(Clone)]
pub struct Secrets {
    /// Of the gateway that signs as in Standard Webhooks, base64.
    pub standard: String,
    /// Twilio's auth token.
    pub twilio: String,
    /// Where the office's pages and webhooks live, without a slash at the end: Twilio signs it.
    pub public_url: String,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

impl<T: KeepReplies, S: ReadSettings, C: Clock, E: Entropy, M: TakeMedia, H: HandOn> Gateways<T, S, C, E, M, H> {
    pub(crate) async fn webhook(&self, request: ApiGatewayV2httpRequest) -> ApiGatewayV2httpResponse {
        let Secrets { standard, twilio, public_url } = &self.secrets;
        match request.path_parameters.get("provider").map(String::as_str) {
            Some("standard") => {
                let received = self.told(standard::inbound(standard, &request)).await;
                webhooks::accepted(received.map(Received::as_str))
            }
            Some("twilio") => match self.told(twilio::inbound(twilio, public_url, &request)).await {
                Ok(_) => twilio::accepted(),
                Err(problem) => answer::<()>(Err(problem)),
            },
            // Each adapter has its own signature, so an unknown name can prove nothing.
            Some(_) | None => answer::<()>(Err(Problem::new(StatusCode::NOT_FOUND, "no such provider"))),
        }
    }

    async fn told(&self, inbound: Result<Inbound, Problem>) -> Result<Received, Problem> {
        self.take_in(inbound?).await.map_err(|error| {
            tracing::error!(error = chain(&error), "a text was not kept; the provider sends it again");
            Problem::unavailable()
        })
    }
}
