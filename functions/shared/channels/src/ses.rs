//! Amazon SES (v2) as a carrier of e-mails. Tries once, as for texts.

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_sesv2::operation::RequestId;
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{
    Attachment, AttachmentContentDisposition, AttachmentContentTransferEncoding, Body, Content, Destination,
    EmailContent, Message, MessageHeader, MessageTag,
};
use domain::{Billed, EmailAddress, Failure, ProviderMessageId};

use crate::error::Verdict;
use crate::{Fault, OutgoingMail, SendError, SendMail, Taken, Words};

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

    async fn send_mail(&self, mail: &OutgoingMail) -> Result<Taken, SendError> {
        let unbuilt = |_: BuildError| SendError::Retryable {
            source: fault_without_answer("nothing: the mail could not be built"),
        };
        let tag = |name: &str, value: String| MessageTag::builder().name(name).value(value).build().map_err(unbuilt);
        let mut tags = vec![tag("notice", mail.notice.to_string())?];
        if let Some(consent) = mail.result_under {
            tags.extend([tag("cause", mail.cause.to_string())?, tag("consent", consent.to_string())?]);
        }
        let request = self
            .client
            .send_email()
            .from_email_address(self.from.expose())
            .destination(Destination::builder().to_addresses(mail.to.expose()).build())
            .content(EmailContent::builder().simple(message(mail).map_err(unbuilt)?).build())
            .configuration_set_name(&self.configuration_set)
            .set_email_tags(Some(tags));
        let answer = request.send().await.map_err(|error| verdict(&error).into_error(fault(&error)))?;
        let id = answer.message_id().unwrap_or_default();
        let id = ProviderMessageId::parse(id).map_err(|_| SendError::Retryable {
            source: Fault {
                request: answer.request_id().unwrap_or("-").to_owned(),
                ..fault_without_answer("no message id")
            },
        })?;
        Ok(Taken { id, billed: Billed::email() })
    }
}

fn message(mail: &OutgoingMail) -> Result<Message, BuildError> {
    let utf8 = |words: &Words| Content::builder().charset("UTF-8").data(&words.0).build();
    let attach = |file: &crate::Attachment| {
        Attachment::builder()
            .file_name(file.name)
            .content_type(file.content_type)
            .content_disposition(AttachmentContentDisposition::Attachment)
            .content_transfer_encoding(AttachmentContentTransferEncoding::Base64)
            .raw_content(Blob::new(file.content.clone()))
            .build()
    };
    let attachments = mail.attachment.as_ref().map(attach).transpose()?.map(|attachment| vec![attachment]);
    let header = |name: &str, value: &str| MessageHeader::builder().name(name).value(value).build();
    Ok(Message::builder()
        .subject(utf8(&mail.subject)?)
        .body(Body::builder().text(utf8(&mail.text)?).html(utf8(&mail.html)?).build())
        .headers(header("List-Unsubscribe", &format!("<{}>", mail.opt_out_url.0))?)
        .headers(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")?)
        .set_attachments(attachments)
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

#[cfg(test)]
mod tests {
    use aws_sdk_sesv2::error::ErrorMetadata;
    use aws_sdk_sesv2::operation::send_email::SendEmailOutput;
    use aws_sdk_sesv2::types::error::{
        AccountSuspendedException, BadRequestException, LimitExceededException, MailFromDomainNotVerifiedException,
        MessageRejected, NotFoundException, SendingPausedException, TooManyRequestsException,
    };
    use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};

    use super::*;
    use crate::fake::{consent_id, email, notice_id};

    fn ses(rule: &Rule) -> Ses {
        let client = mock_client!(aws_sdk_sesv2, RuleMode::MatchAny, [rule]);
        let from = EmailAddress::parse("notice@tongji.example").expect("a sender");
        Ses::new(client.config().to_builder(), from, "tongji-mail".to_owned())
    }

    fn mail() -> OutgoingMail {
        let words = |text: &str| Words(text.to_owned());
        OutgoingMail {
            notice: notice_id(),
            cause: 2,
            result_under: Some(consent_id()),
            to: email(),
            subject: words("제목"),
            text: words("본문"),
            html: words("<p>본문</p>"),
            opt_out_url: words("https://n.seocho.go.kr/c/000000000000/opt-out"),
            attachment: Some(crate::Attachment {
                name: "통지서.pdf",
                content_type: "application/pdf",
                content: b"%PDF-1.7".to_vec(),
            }),
        }
    }

    async fn answered(error: impl Fn() -> SendEmailError + Send + Sync + 'static) -> SendError {
        let rule = mock!(Client::send_email).then_error(error);
        let error = ses(&rule).send_mail(&mail()).await.expect_err("an error");
        assert_eq!(rule.num_calls(), 1, "one attempt, whatever the answer");
        error
    }

    fn reason(error: &SendError) -> Option<Failure> {
        match error {
            SendError::Permanent { reason, .. } => Some(*reason),
            SendError::Retryable { .. } => None,
        }
    }

    fn rejected(message: &'static str) -> impl Fn() -> SendEmailError + Send + Sync {
        move || {
            let meta = ErrorMetadata::builder().code("MessageRejected").message(message).build();
            SendEmailError::MessageRejected(MessageRejected::builder().message(message).meta(meta).build())
        }
    }

    fn unmodeled(code: &'static str) -> impl Fn() -> SendEmailError + Send + Sync {
        move || SendEmailError::generic(ErrorMetadata::builder().code(code).build())
    }

    #[tokio::test]
    async fn a_mail_names_its_notice_its_configuration_and_the_way_out_in_one_click() {
        let rule = mock!(Client::send_email)
            .match_requests(|request| {
                let simple = request.content().and_then(EmailContent::simple);
                let header =
                    |name| simple?.headers().iter().find(|header| header.name() == name).map(MessageHeader::value);
                let file = simple.and_then(|simple| simple.attachments().first());
                let file = file.map(|file| (file.file_name(), file.content_type(), file.raw_content().as_ref()));
                let subject = simple.and_then(Message::subject);
                let tags: Vec<_> = request.email_tags().iter().map(|tag| (tag.name(), tag.value())).collect();
                request.from_email_address() == Some("notice@tongji.example")
                    && request.destination().map(Destination::to_addresses) == Some(&["hong@example.org".to_owned()])
                    && request.configuration_set_name() == Some("tongji-mail")
                    && tags == [("notice", crate::fake::NOTICE), ("cause", "2"), ("consent", crate::fake::CONSENT)]
                    && subject.map(|subject| (subject.data(), subject.charset())) == Some(("제목", Some("UTF-8")))
                    && header("List-Unsubscribe") == Some("<https://n.seocho.go.kr/c/000000000000/opt-out>")
                    && file == Some(("통지서.pdf", Some("application/pdf"), b"%PDF-1.7".as_slice()))
                    && header("List-Unsubscribe-Post") == Some("List-Unsubscribe=One-Click")
            })
            .then_output(|| SendEmailOutput::builder().message_id("0102018f-000000").build());
        let taken = ses(&rule).send_mail(&mail()).await.expect("sent");
        assert_eq!((taken.id.as_str(), taken.billed), ("0102018f-000000", Billed::email()));
    }

    #[tokio::test]
    async fn throttles_and_a_paused_account_hold_the_queue() {
        let throttle = || SendEmailError::TooManyRequestsException(TooManyRequestsException::builder().build());
        let quota = || SendEmailError::LimitExceededException(LimitExceededException::builder().build());
        let paused = || SendEmailError::SendingPausedException(SendingPausedException::builder().build());
        let suspended = || SendEmailError::AccountSuspendedException(AccountSuspendedException::builder().build());
        assert_eq!(reason(&answered(throttle).await), None);
        assert_eq!(reason(&answered(quota).await), None);
        assert_eq!(reason(&answered(paused).await), None);
        assert_eq!(reason(&answered(suspended).await), None);
        assert_eq!(reason(&answered(unmodeled("InternalServiceErrorException")).await), None);
    }

    #[tokio::test]
    async fn faults_of_ours_never_send_results_to_the_post() {
        let unverified = MailFromDomainNotVerifiedException::builder;
        let unverified = move || SendEmailError::MailFromDomainNotVerifiedException(unverified().build());
        let missing = || SendEmailError::NotFoundException(NotFoundException::builder().build());
        let sandbox = rejected("Email address is not verified. The following identities failed: hong@example.org");
        assert_eq!(reason(&answered(unverified).await), None);
        assert_eq!(reason(&answered(missing).await), None);
        assert_eq!(reason(&answered(unmodeled("AccessDeniedException")).await), None);
        let error = answered(sandbox).await;
        assert_eq!(reason(&error), None);
        let shown = format!("{} {error:?}", bootstrap::chain(&error));
        assert!(!shown.contains("hong"), "SES quotes the address, we do not: {shown}");
    }

    #[tokio::test]
    async fn what_lies_with_this_mail_is_final() {
        let bad = || SendEmailError::BadRequestException(BadRequestException::builder().build());
        assert_eq!(reason(&answered(bad).await), Some(Failure::MessageRefused));
        assert_eq!(reason(&answered(rejected("Illegal content")).await), Some(Failure::MessageRefused));
    }

    #[test]
    fn a_call_that_broke_off_is_tried_again_since_its_outcome_is_unknown() {
        let timeout = SdkError::<SendEmailError, ()>::timeout_error("4 s");
        let garbled = SdkError::<SendEmailError, ()>::response_error("no JSON", ());
        for error in [timeout, garbled] {
            assert_eq!(verdict(&error), Verdict::Later);
        }
    }
}
