//! Amazon SES (v2) as a carrier of e-mails. Tries once, as for texts.

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::RequestId;
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag};
use domain::{EmailAddress, Failure, ProviderMessageId};

use crate::error::Verdict;
use crate::sms::Words;
use crate::{Fault, OutgoingMail, SendError, SendMail};

/// Amazon SES.
#[derive(Debug, Clone)]
pub struct Ses {
    client: Client,
    from: EmailAddress,
    configuration_set: String,
}

impl Ses {
    /// SES by the function's AWS configuration, without the SDK's own retries.
    pub fn new(
        config: impl Into<aws_sdk_sesv2::config::Builder>,
        from: EmailAddress,
        configuration_set: String,
    ) -> Self {
        let config = config.into().retry_config(RetryConfig::disabled()).build();
        Self { client: Client::from_conf(config), from, configuration_set }
    }
}

impl SendMail for Ses {
    const PROVIDER: &'static str = "ses";

    async fn send_mail(&self, mail: &OutgoingMail) -> Result<ProviderMessageId, SendError> {
        let unbuilt = |_: BuildError| SendError::Retryable {
            source: fault_without_answer("nothing: the mail could not be built"),
        };
        let request = self
            .client
            .send_email()
            .from_email_address(self.from.expose())
            .destination(Destination::builder().to_addresses(mail.to.expose()).build())
            .content(EmailContent::builder().simple(message(mail).map_err(unbuilt)?).build())
            .configuration_set_name(&self.configuration_set)
            .email_tags(MessageTag::builder().name("notice").value(mail.notice.to_string()).build().map_err(unbuilt)?);
        let answer = request.send().await.map_err(|error| verdict(&error).into_error(fault(&error)))?;
        let id = answer.message_id().unwrap_or_default();
        ProviderMessageId::parse(id).map_err(|_| SendError::Retryable {
            source: Fault {
                request: answer.request_id().unwrap_or("-").to_owned(),
                ..fault_without_answer("no message id")
            },
        })
    }
}

fn message(mail: &OutgoingMail) -> Result<Message, BuildError> {
    let utf8 = |words: &Words| Content::builder().charset("UTF-8").data(&words.0).build();
    let header = |name: &str, value: &str| MessageHeader::builder().name(name).value(value).build();
    Ok(Message::builder()
        .subject(utf8(&mail.subject)?)
        .body(Body::builder().text(utf8(&mail.text)?).html(utf8(&mail.html)?).build())
        .headers(header("List-Unsubscribe", &format!("<{}>", mail.opt_out_url.0))?)
        .headers(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")?)
        .build())
}

/// The table: what each answer of SES means for a mail.
#[expect(deprecated, reason = "`Unhandled` is named, so that the lints see every modeled variant weighed")]
fn verdict<R>(error: &SdkError<SendEmailError, R>) -> Verdict {
    // Everything else is a call that broke off: the mail may or may not be out.
    let SdkError::ServiceError(answer) = error else { return Verdict::Later };
    match answer.err() {
        SendEmailError::TooManyRequestsException(_)
        | SendEmailError::LimitExceededException(_)
        | SendEmailError::SendingPausedException(_)
        | SendEmailError::AccountSuspendedException(_) => Verdict::Later,
        // The sender's domain, or the configuration set.
        SendEmailError::MailFromDomainNotVerifiedException(_) | SendEmailError::NotFoundException(_) => {
            Verdict::OurFault
        }
        // An account still in the sandbox refuses every resident as "not verified": ours to mend, not theirs.
        SendEmailError::MessageRejected(rejected) => {
            if rejected.message().is_some_and(|message| message.contains("not verified")) {
                Verdict::OurFault
            } else {
                Verdict::Never(Failure::MessageRefused)
            }
        }
        // Sender, tag and configuration set are sound or would be answered otherwise: what is left is this mail.
        SendEmailError::BadRequestException(_) => Verdict::Never(Failure::MessageRefused),
        // Codes the SDK does not model, and every 5xx.
        unmodeled @ (SendEmailError::Unhandled(_) | _) => match unmodeled.code() {
            Some("AccessDeniedException" | "UnrecognizedClientException" | "InvalidSignatureException") => {
                Verdict::OurFault
            }
            Some(_) | None => Verdict::Later,
        },
    }
}

fn fault<R>(error: &SdkError<SendEmailError, R>) -> Fault {
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
    Fault { request: request.unwrap_or("-").to_owned(), ..fault_without_answer(code) }
}

fn fault_without_answer(code: &str) -> Fault {
    Fault { provider: Ses::PROVIDER, code: code.to_owned(), request: "-".to_owned() }
}
