//! Amazon SNS: delivery status of texts, one JSON document a log line
//! (docs.aws.amazon.com/sns, "Viewing Amazon CloudWatch logs for SMS deliveries").

use domain::{Failure, ProviderMessageId};
use jiff::Timestamp;
use serde::Deserialize;

use crate::{Receipt, Report, UnknownWord, Verdict};

/// The name under which the sender of texts records its messages.
const PROVIDER: &str = "sns";

/// One status. The destination is not read.
#[derive(Deserialize)]
pub struct StatusLog {
    notification: Notification,
    delivery: Delivery,
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notification {
    message_id: ProviderMessageId,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delivery {
    #[serde(default)]
    provider_response: String,
}

impl StatusLog {
    /// What it says, in our words; `at` is when the line was logged.
    #[must_use]
    pub fn report(self, at: Timestamp) -> Report {
        let message = self.notification.message_id;
        let response = &*self.delivery.provider_response;
        let verdict = match &*self.status {
            "SUCCESS" => Some(Verdict::Arrived),
            "FAILURE" => failed(response),
            _ => None,
        };
        match verdict {
            Some(verdict) => {
                Report::Receipt(Receipt { provider: PROVIDER.to_owned(), message, verdict, at, tags: None })
            }
            None => Report::Unknown(UnknownWord::new(PROVIDER, message, &format!("{} {response}", self.status))),
        }
    }
}

/// The table of reasons, word for word as SNS documents them.
fn failed(reason: &str) -> Option<Verdict> {
    let reason = match reason {
        "Invalid phone number" => Failure::UnreachableAddress,
        "Phone has blocked SMS" | "Phone is on a blocked list" | "Phone number is opted out" => {
            Failure::BlockedByRecipient
        }
        "Destination is on a blocked list"
        | "Blocked as spam by phone carrier"
        | "Phone carrier has blocked this message" => Failure::BlockedByCarrier,
        "Message body is invalid" => Failure::MessageRefused,
        "This delivery would exceed max price" => return Some(Verdict::Misconfigured),
        "Phone carrier is currently unreachable/unavailable"
        | "Phone is currently unreachable/unavailable"
        | "Unknown error attempting to reach phone" => return Some(Verdict::Unreachable),
        _ => return None,
    };
    Some(Verdict::Failed { reason })
}
