//! What an event causes: the one place that routes.

use domain::{Command, Event, Evidence, Fact, Message, Notice, Route, State};

/// The messages `event` causes, given the notice as it stands now. An event that the notice has moved on from causes
/// nothing: whatever moved it has consequences of its own.
#[must_use]
pub fn consequences(event: &Event, notice: &Notice) -> Vec<Command> {
    let command = |message| Command { notice: notice.id, cause: event.version, message };
    let result = || {
        let State::Sending { route, cause } = &notice.state else { return None };
        let caused = *cause == event.version && *route != Route::Post;
        caused.then_some(Message::Result { channel: route.channel() })
    };
    let waits_to_be_asked = matches!(notice.state, State::Accepted { not_before: None, .. });
    let again = |cause: &u32, message: &Message| {
        let command = Command { notice: notice.id, cause: *cause, message: message.clone() };
        notice.wants(*cause, message).then_some(command).into_iter().collect()
    };
    let message = match &event.fact {
        // The message keeps the name it has in the ledger.
        Fact::HoldEnded { cause, message } | Fact::SetGoingAgain { cause, message, .. } => {
            return again(cause, message);
        }
        Fact::Accepted { .. } | Fact::Released => waits_to_be_asked.then_some(Message::Question),
        Fact::ReminderFellDue => matches!(notice.state, State::Asking { .. }).then_some(Message::Reminder),
        Fact::EmailChosenWithoutAddress { .. } => {
            matches!(notice.state, State::Asking { awaiting_email: true, .. }).then_some(Message::EmailRequest)
        }
        // Who chose post by text hears that it was understood; on the page they see it.
        Fact::ChannelChosen { route: Route::Post, evidence: Evidence::Text { .. } } => Some(Message::PostConfirmation),
        Fact::ConsentRevoked { confirm: true, .. } => Some(Message::OptOutConfirmation),
        Fact::ChannelChosen { .. }
        | Fact::SendFailed { .. }
        | Fact::DeliveryFailed { .. }
        | Fact::UnreadPassed
        | Fact::ConsentRevoked { confirm: false, .. } => result(),
        Fact::ReplyReceived { reply, acknowledge: true } => Some(Message::Acknowledgement { reply: *reply }),
        Fact::AnswerWritten { reply, .. } => Some(Message::Answer { reply: *reply }),
        Fact::ReplyReceived { acknowledge: false, .. }
        | Fact::SendClaimed { .. }
        | Fact::Held { .. }
        | Fact::Asked { .. }
        | Fact::Sent { .. }
        | Fact::MessageSent { .. }
        | Fact::Delivered { .. }
        | Fact::Read
        | Fact::ChooseByPassed
        | Fact::PostRequired { .. }
        | Fact::PostOrdered { .. }
        | Fact::Posted { .. }
        | Fact::Returned
        | Fact::AttentionNeeded { .. }
        | Fact::Cancelled { .. }
        | Fact::LinkLocked
        | Fact::LinkReissued { .. } => None,
    };
    message.map(command).into_iter().collect()
}
