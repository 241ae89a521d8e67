//! The `standard` gateway: `{id, message_id, status, reason?, at?}`, its words the table below.

use domain::{Failure, ProviderMessageId};
use jiff::Timestamp;
use serde_json::Value;
use tongji_http::{Fault, Fields, webhooks};

use crate::{Receipt, Report, UnknownWord, Verdict};

const PROVIDER: &str = "standard";

/// What a gateway's document says, and when it happened if it tells: the gateway tries again for a while only then.
///
/// # Errors
/// Every fault of the document.
pub(crate) fn report(document: &Value, now: Timestamp) -> Result<(Report, Option<Timestamp>), Vec<Fault>> {
    let known = webhooks::known_members(document, &["id", "message_id", "status", "reason", "at"]);
    let word = |text: &str| Ok::<_, &str>(text.to_owned());
    let moment = |text: &str| text.parse::<Timestamp>().map_err(|_| "expected a moment such as 2026-11-23T01:00:00Z");
    Fields::read(&known, |fields| {
        let id = fields.required("id", ProviderMessageId::parse);
        let message = fields.required("message_id", ProviderMessageId::parse);
        let status = fields.required("status", word);
        let reason = fields.optional("reason", word).unwrap_or_default();
        // A moment yet to come is no moment: another clock is wrong.
        let at = fields.optional("at", moment).filter(|at| *at <= now);
        let (_, message, status) = (id?, message?, status?);
        let report = match verdict(&status, &reason) {
            Some(verdict) => {
                let (provider, at) = (PROVIDER.to_owned(), at.unwrap_or(now));
                Report::Receipt(Receipt { provider, message, verdict, at, tags: None })
            }
            None => Report::Unknown(UnknownWord::new(PROVIDER, message, &format!("{status} {reason}"))),
        };
        Some((report, at))
    })
}

/// The table of the gateway's words.
fn verdict(status: &str, reason: &str) -> Option<Verdict> {
    let reason = match (status, reason) {
        ("delivered", _) => return Some(Verdict::Arrived),
        ("delayed", _) => return Some(Verdict::Delayed),
        ("unreachable", _) => return Some(Verdict::Unreachable),
        ("failed", "misconfigured") => return Some(Verdict::Misconfigured),
        ("failed", "invalid_number") => Failure::UnreachableAddress,
        ("failed", "blocked_by_recipient") => Failure::BlockedByRecipient,
        ("failed", "blocked_by_carrier") => Failure::BlockedByCarrier,
        ("failed", "message_refused") => Failure::MessageRefused,
        ("failed", "gave_up" | "") => Failure::GaveUp,
        (_, _) => return None,
    };
    Some(Verdict::Failed { reason })
}
