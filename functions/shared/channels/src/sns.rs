//! Amazon SNS as a carrier of texts.
//!
//! SNS knows no idempotency token: a call repeated after a lost answer is a second text. So the client tries once.

use aws_sdk_sns::Client;
use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sns::operation::RequestId;
use aws_sdk_sns::operation::publish::PublishError;
use aws_sdk_sns::types::MessageAttributeValue;
use domain::{Failure, ProviderMessageId};

use crate::error::Verdict;
use crate::{Fault, OutgoingText, SendError, SendText};

/// Amazon SNS.
#[derive(Debug, Clone)]
pub struct Sns {
    client: Client,
}

impl Sns {
    /// SNS by the function's AWS configuration, without the SDK's own retries.
    pub fn new(config: impl Into<aws_sdk_sns::config::Builder>) -> Self {
        let config = config.into().retry_config(RetryConfig::disabled()).build();
        Self { client: Client::from_conf(config) }
    }
}

impl SendText for Sns {
    const PROVIDER: &'static str = "sns";

    async fn send_text(&self, text: &OutgoingText) -> Result<ProviderMessageId, SendError> {
        let request = self
            .client
            .publish()
            .phone_number(text.to.expose())
            .message(&text.body.0)
            .message_attributes("AWS.SNS.SMS.SMSType", attribute("Transactional"))
            .message_attributes("AWS.MM.SMS.OriginationNumber", attribute(text.from.expose()));
        let answer = request.send().await.map_err(|error| verdict(&error).into_error(fault(&error)))?;
        let id = answer.message_id().unwrap_or_default();
        ProviderMessageId::parse(id).map_err(|_| SendError::Retryable {
            source: Fault {
                provider: Self::PROVIDER,
                code: "no message id".to_owned(),
                request: answer.request_id().unwrap_or("-").to_owned(),
            },
        })
    }
}

fn attribute(value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build()
        .unwrap_or_else(|_| unreachable!("an attribute with a type is whole"))
}

/// The table: what each answer of SNS means for a text.
#[expect(deprecated, reason = "`Unhandled` is named, so that the lints see every modeled variant weighed")]
fn verdict<R>(error: &SdkError<PublishError, R>) -> Verdict {
    // Everything else is a call that broke off: the text may or may not be out.
    let SdkError::ServiceError(answer) = error else { return Verdict::Later };
    let error = answer.err();
    match error {
        PublishError::InternalErrorException(_) | PublishError::KmsThrottlingException(_) => Verdict::Later,
        PublishError::InvalidParameterException(_)
        | PublishError::InvalidParameterValueException(_)
        | PublishError::ValidationException(_) => invalid(error.message().unwrap_or_default()),
        PublishError::EndpointDisabledException(_) => Verdict::Never(Failure::UnreachableAddress),
        PublishError::AuthorizationErrorException(_)
        | PublishError::InvalidSecurityException(_)
        | PublishError::KmsAccessDeniedException(_)
        | PublishError::KmsDisabledException(_)
        | PublishError::KmsInvalidStateException(_)
        | PublishError::KmsNotFoundException(_)
        | PublishError::KmsOptInRequired(_)
        | PublishError::NotFoundException(_)
        | PublishError::PlatformApplicationDisabledException(_) => Verdict::OurFault,
        // Codes the SDK does not model. Of the unknown ones nothing says that the resident's number is at fault.
        unmodeled @ (PublishError::Unhandled(_) | _) => match unmodeled.code() {
            Some("OptedOut" | "OptedOutException") => Verdict::Never(Failure::BlockedByRecipient),
            Some(_) | None => Verdict::Later,
        },
    }
}

/// SNS answers "Invalid parameter: <which> Reason: <why>" for the number, the text and our own attributes alike.
fn invalid(message: &str) -> Verdict {
    let message = message.to_lowercase();
    if message.contains("opted out") {
        Verdict::Never(Failure::BlockedByRecipient)
    } else if message.contains("attribute") || message.contains("origination") || message.contains("sender") {
        Verdict::OurFault
    } else if message.contains("phonenumber") || message.contains("phone number") {
        Verdict::Never(Failure::UnreachableAddress)
    } else {
        Verdict::Never(Failure::MessageRefused)
    }
}

fn fault<R>(error: &SdkError<PublishError, R>) -> Fault {
    let (code, request) = match error {
        SdkError::ServiceError(answer) => {
            (answer.err().code().unwrap_or("an unknown error"), answer.err().meta().request_id())
        }
        SdkError::TimeoutError(_) => ("nothing in time", None),
        SdkError::DispatchFailure(_) => ("nothing: not reached", None),
        SdkError::ResponseError(_) => ("something unreadable", None),
        SdkError::ConstructionFailure(_) => ("nothing: the request could not be built", None),
        _ => ("an unknown failure", None),
    };
    Fault { provider: Sns::PROVIDER, code: code.to_owned(), request: request.unwrap_or("-").to_owned() }
}
