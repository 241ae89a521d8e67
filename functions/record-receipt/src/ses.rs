//! Amazon SES: events of the configuration set, as the `Message` of an SNS notification
//! (docs.aws.amazon.com/ses, "Contents of event data that Amazon SES publishes to Amazon SNS").

use std::collections::HashMap;

use domain::{ConsentId, Failure, NoticeId, ProviderMessageId};
use jiff::Timestamp;
use serde::Deserialize;

use crate::{Receipt, Report, Tags, UnknownWord, Verdict};

/// The name under which the sender of e-mails records its messages.
const PROVIDER: &str = "ses";

/// One event. What quotes the resident's address is not read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SesEvent {
    event_type: String,
    mail: Mail,
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
    delivery: Option<Timed>,
    reject: Option<Reject>,
    delivery_delay: Option<Timed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    message_id: ProviderMessageId,
    timestamp: Timestamp,
    /// Ours, and those that SES adds.
    #[serde(default)]
    tags: HashMap<String, Vec<String>>,
}

impl Mail {
    /// Ours, if they are all there.
    fn own_tags(&self) -> Option<Tags> {
        let tag = |name| self.tags.get(name)?.first();
        Some(Tags {
            notice: NoticeId::parse(tag("notice")?).ok()?,
            cause: tag("cause")?.parse().ok()?,
            consent: ConsentId::parse(tag("consent")?).ok()?,
        })
    }
}

#[derive(Deserialize)]
struct Bounce {
    #[serde(rename = "bounceType")]
    kind: String,
    #[serde(rename = "bounceSubType", default)]
    detail: String,
    timestamp: Timestamp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    complaint_feedback_type: Option<String>,
    timestamp: Timestamp,
}

#[derive(Deserialize)]
struct Timed {
    timestamp: Timestamp,
}

#[derive(Deserialize)]
struct Reject {
    reason: String,
}

impl SesEvent {
    /// What it says, in our words.
    #[must_use]
    pub fn report(self) -> Report {
        let tags = self.mail.own_tags();
        let Mail { message_id: message, timestamp: sent_at, .. } = self.mail;
        let receipt = |verdict, at: Option<Timestamp>| {
            let (provider, message) = (PROVIDER.to_owned(), message.clone());
            Report::Receipt(Receipt { provider, message, verdict, at: at.unwrap_or(sent_at), tags })
        };
        let unknown = |word: &str| Report::Unknown(UnknownWord::new(PROVIDER, message.clone(), word));
        match (&*self.event_type, self.bounce, self.complaint, self.reject) {
            ("Delivery", ..) => receipt(Verdict::Arrived, self.delivery.map(|delivery| delivery.timestamp)),
            ("DeliveryDelay", ..) => receipt(Verdict::Delayed, self.delivery_delay.map(|delay| delay.timestamp)),
            ("Bounce", Some(bounce), ..) => {
                let word = || unknown(&format!("Bounce {} {}", bounce.kind, bounce.detail));
                bounced(&bounce.kind, &bounce.detail)
                    .map_or_else(word, |reason| receipt(Verdict::Failed { reason }, Some(bounce.timestamp)))
            }
            ("Complaint", _, Some(complaint), _) => match complaint.complaint_feedback_type.as_deref() {
                // Takes an earlier report back.
                Some("not-spam") => Report::Nothing,
                Some("abuse" | "auth-failure" | "fraud" | "other" | "virus") | None => {
                    receipt(Verdict::Failed { reason: Failure::Complaint }, Some(complaint.timestamp))
                }
                Some(other) => unknown(&format!("Complaint {other}")),
            },
            ("Reject", _, _, Some(reject)) => match &*reject.reason {
                "Bad content" => receipt(Verdict::Failed { reason: Failure::MessageRefused }, None),
                other => unknown(&format!("Reject {other}")),
            },
            ("Send" | "Open" | "Click" | "Subscription", ..) => Report::Nothing,
            // Without its own part, a report is as good as unknown.
            (other, ..) => unknown(other),
        }
    }
}

/// The table of bounces. A transient bounce comes only after SES stopped trying: for this mail it is final, for the address
/// it is not.
fn bounced(bounce_type: &str, sub_type: &str) -> Option<Failure> {
    match (bounce_type, sub_type) {
        ("Permanent", _) => Some(Failure::UnreachableAddress),
        ("Transient", "MessageTooLarge" | "ContentRejected" | "AttachmentRejected") => Some(Failure::MessageRefused),
        ("Transient" | "Undetermined", _) => Some(Failure::GaveUp),
        (_, _) => None,
    }
}
