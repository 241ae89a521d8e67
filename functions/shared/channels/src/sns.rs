//! Amazon SNS as a carrier of texts.
//!
//! SNS knows no idempotency token: a call repeated after a lost answer is a second text. So the client tries once.

use aws_sdk_sns::Client;
use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sns::operation::RequestId;
use aws_sdk_sns::operation::publish::PublishError;
use aws_sdk_sns::types::MessageAttributeValue;
use domain::text::TextSize;
use domain::{Billed, Failure, ProviderMessageId};

use crate::error::Verdict;
use crate::{Fault, OutgoingText, SendError, SendText, Taken};

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

    async fn send_text(&self, text: &OutgoingText) -> Result<Taken, SendError> {
        let request = self
            .client
            .publish()
            .phone_number(text.to.expose())
            .message(&text.body.0)
            .message_attributes("AWS.SNS.SMS.SMSType", attribute("Transactional"))
            .message_attributes("AWS.MM.SMS.OriginationNumber", attribute(text.from.expose()));
        let answer = request.send().await.map_err(|error| verdict(&error).into_error(fault(&error)))?;
        let id = answer.message_id().unwrap_or_default();
        let id = ProviderMessageId::parse(id).map_err(|_| SendError::Retryable {
            source: Fault {
                provider: Self::PROVIDER,
                code: "no message id".to_owned(),
                request: answer.request_id().unwrap_or("-").to_owned(),
            },
        })?;
        let parts = u32::try_from(TextSize::of(&text.body.0).parts).unwrap_or(u32::MAX);
        Ok(Taken { id, billed: Billed::parts(parts) })
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

#[cfg(test)]
mod tests {
    use aws_sdk_sns::error::ErrorMetadata;
    use aws_sdk_sns::operation::publish::PublishOutput;
    use aws_sdk_sns::types::error::{
        AuthorizationErrorException, InternalErrorException, InvalidParameterException, KmsThrottlingException,
    };
    use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};

    use super::*;
    use crate::Words;
    use crate::fake::phone;

    fn sns(rule: &Rule) -> Sns {
        let client = mock_client!(aws_sdk_sns, RuleMode::MatchAny, [rule]);
        Sns::new(client.config().to_builder())
    }

    fn text() -> OutgoingText {
        let from = domain::PhoneNumber::parse("02-2155-0001").expect("a sender");
        OutgoingText { to: phone(), from, body: Words("[서초구 건축과] 안내".to_owned()) }
    }

    async fn answered(error: impl Fn() -> PublishError + Send + Sync + 'static) -> SendError {
        let rule = mock!(Client::publish).then_error(error);
        let error = sns(&rule).send_text(&text()).await.expect_err("an error");
        assert_eq!(rule.num_calls(), 1, "one attempt, whatever the answer");
        error
    }

    fn invalid_parameter(message: &'static str) -> impl Fn() -> PublishError + Send + Sync {
        move || {
            let meta = ErrorMetadata::builder().code("InvalidParameter").message(message).build();
            let error = InvalidParameterException::builder().message(message).meta(meta).build();
            PublishError::InvalidParameterException(error)
        }
    }

    fn unmodeled(code: &'static str) -> impl Fn() -> PublishError + Send + Sync {
        move || PublishError::generic(ErrorMetadata::builder().code(code).build())
    }

    fn reason(error: &SendError) -> Option<Failure> {
        match error {
            SendError::Permanent { reason, .. } => Some(*reason),
            SendError::Retryable { .. } => None,
        }
    }

    #[tokio::test]
    async fn a_text_goes_as_transactional_from_the_registered_number() {
        let rule = mock!(Client::publish)
            .match_requests(|request| {
                let attribute = |name| request.message_attributes().and_then(|all| all.get(name)?.string_value());
                request.phone_number() == Some("+821012345678")
                    && request.topic_arn().is_none()
                    && request.message() == Some("[서초구 건축과] 안내")
                    && attribute("AWS.SNS.SMS.SMSType") == Some("Transactional")
                    && attribute("AWS.MM.SMS.OriginationNumber") == Some("+82221550001")
            })
            .then_output(|| PublishOutput::builder().message_id("34d9b400").build());
        let taken = sns(&rule).send_text(&text()).await.expect("sent");
        assert_eq!((taken.id.as_str(), taken.billed), ("34d9b400", Billed::parts(1)));
    }

    #[tokio::test]
    async fn every_part_of_a_long_text_is_billed() {
        let rule = mock!(Client::publish).then_output(|| PublishOutput::builder().message_id("34d9b400").build());
        for (letters, parts) in [(70, 1), (71, 2), (135, 3)] {
            let text = OutgoingText { body: Words("가".repeat(letters)), ..text() };
            assert_eq!(sns(&rule).send_text(&text).await.expect("sent").billed, Billed::parts(parts), "{letters}");
        }
    }

    #[tokio::test]
    async fn outages_throttles_and_faults_of_ours_are_tried_again() {
        let internal = || PublishError::InternalErrorException(InternalErrorException::builder().build());
        let kms = || PublishError::KmsThrottlingException(KmsThrottlingException::builder().build());
        let denied = || PublishError::AuthorizationErrorException(AuthorizationErrorException::builder().build());
        assert_eq!(reason(&answered(internal).await), None);
        assert_eq!(reason(&answered(kms).await), None);
        assert_eq!(reason(&answered(denied).await), None);
        assert_eq!(reason(&answered(unmodeled("Throttled")).await), None);
        assert_eq!(reason(&answered(unmodeled("ServiceUnavailable")).await), None);
        let sender = invalid_parameter("Invalid parameter: OriginationNumber Reason: not owned by this account");
        assert_eq!(reason(&answered(sender).await), None);
    }

    #[tokio::test]
    async fn what_lies_with_the_number_or_the_text_is_final() {
        let number =
            invalid_parameter("Invalid parameter: PhoneNumber Reason: +821012345678 is not valid to publish to");
        let error = answered(number).await;
        assert_eq!(reason(&error), Some(Failure::UnreachableAddress));
        let shown = format!("{} {error:?}", bootstrap::chain(&error));
        assert!(!shown.contains("12345678"), "SNS quotes the number, we do not: {shown}");
        let opted_out = invalid_parameter("Invalid parameter: PhoneNumber Reason: Phone number is opted out");
        assert_eq!(reason(&answered(opted_out).await), Some(Failure::BlockedByRecipient));
        assert_eq!(reason(&answered(unmodeled("OptedOut")).await), Some(Failure::BlockedByRecipient));
        let too_long = invalid_parameter("Invalid parameter: Message too long");
        assert_eq!(reason(&answered(too_long).await), Some(Failure::MessageRefused));
    }

    #[test]
    fn a_call_that_broke_off_is_tried_again_since_its_outcome_is_unknown() {
        let timeout = SdkError::<PublishError, ()>::timeout_error("4 s");
        let garbled = SdkError::<PublishError, ()>::response_error("no XML", ());
        let unbuilt = SdkError::<PublishError, ()>::construction_failure("no credentials");
        for error in [timeout, garbled, unbuilt] {
            assert_eq!(verdict(&error), Verdict::Later);
        }
    }
}
