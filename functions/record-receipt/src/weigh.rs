//! What a verdict means for a notice: only the message that carries its result may move it, and the question whose failure
//! means that nobody can be asked.

use domain::{Fact, Failure, Message, Notice, PostReason, State};
use store::SentMessage;

use crate::Verdict;

/// The fact to record; none where the verdict changes nothing.
#[must_use]
pub fn weigh(notice: &Notice, sent: &SentMessage, verdict: Verdict) -> Option<Fact> {
    match &sent.message {
        Message::Result { channel } if carries_the_result(notice, sent) => {
            let channel = *channel;
            let failed = |reason| Some(Fact::DeliveryFailed { channel, reason });
            match verdict {
                Verdict::Arrived => Some(Fact::Delivered { channel }),
                Verdict::Failed { reason } => failed(reason),
                Verdict::Misconfigured => failed(Failure::MessageRefused),
                // Where nothing waits for the reader, no clock would ever decide.
                Verdict::Unreachable if waits_for_no_reader(notice) => failed(Failure::GaveUp),
                Verdict::Unreachable | Verdict::Delayed => None,
            }
        }
        Message::Question if !has_answered(notice) => match verdict {
            Verdict::Failed { .. } => Some(Fact::PostRequired { reason: PostReason::QuestionFailed }),
            // The reminder asks once more, perhaps after an operator has mended the setting.
            Verdict::Misconfigured | Verdict::Unreachable | Verdict::Delayed | Verdict::Arrived => None,
        },
        Message::Result { .. }
        | Message::Question
        | Message::Reminder
        | Message::EmailRequest
        | Message::Acknowledgement { .. }
        | Message::RenewalConfirmation
        | Message::Answer { .. }
        | Message::Clarification { .. }
        | Message::ResumeConfirmation
        | Message::DocumentsRequest
        | Message::DocumentsReminder
        | Message::SubmissionReceipt { .. }
        | Message::DocumentRefused { .. }
        | Message::PostConfirmation
        | Message::OptOutConfirmation => None,
    }
}

/// A result that went out under another consent than the one in force has been overtaken by a later one.
fn carries_the_result(notice: &Notice, sent: &SentMessage) -> bool {
    match &notice.state {
        State::Sending { route, .. }
        | State::Sent { route, .. }
        | State::Delivered { route, .. }
        | State::Read { route, .. } => route.consent() == sent.consent,
        State::Accepted { .. }
        | State::Asking { .. }
        | State::Posting { .. }
        | State::Printing { .. }
        | State::Posted { .. }
        | State::Returned { .. }
        | State::NeedsAttention { .. }
        | State::Cancelled { .. } => true,
    }
}

const fn waits_for_no_reader(notice: &Notice) -> bool {
    matches!(notice.state, State::Sent { read_by: None, .. })
}

/// They have texted already: the question reached them, whatever a report says.
const fn has_answered(notice: &Notice) -> bool {
    matches!(notice.state, State::Asking { awaiting_email: true, .. })
}
