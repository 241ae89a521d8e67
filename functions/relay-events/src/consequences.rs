//! What an event causes: the one place that routes.

use domain::{Command, Event, Evidence, Fact, Message, Notice, Rendering, Route, State};

/// Work for one of the queues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// A message to send.
    Send(Command),
    /// A letter to make.
    Render(Rendering),
}

/// The work `event` causes, given the notice as it stands now. An event that the notice has moved on from causes nothing:
/// whatever moved it has consequences of its own.
#[must_use]
pub fn consequences(event: &Event, notice: &Notice) -> Vec<Work> {
    let send = |cause, message| Work::Send(Command { notice: notice.id, cause, message });
    let new = |message| Some(send(event.version, message));
    let letter = || notice.paper.letter().is_none().then_some(Work::Render(Rendering { notice: notice.id }));
    let waits_to_be_asked = matches!(notice.state, State::Accepted { not_before: None, .. });
    let question = || waits_to_be_asked.then(|| new(Message::Question)).flatten();
    let work = match &event.fact {
        Fact::Accepted { .. } => return letter().into_iter().chain(question()).collect(),
        Fact::LetterOverdue { .. } => letter(),
        // A result that was only waiting for its letter.
        Fact::LetterRendered(_) => result(notice).map(|(cause, message)| send(cause, message)),
        Fact::ChannelChosen { route: Route::Post, evidence: Evidence::Text { .. } } => {
            // Who chose post by text hears that it was understood; on the page they see it.
            new(Message::PostConfirmation)
        }
        Fact::ChannelChosen { .. }
        | Fact::SendFailed { .. }
        | Fact::DeliveryFailed { .. }
        | Fact::UnreadPassed
        | Fact::ConsentRevoked { confirm: false, .. } => {
            result(notice).filter(|(cause, _)| *cause == event.version).map(|(cause, message)| send(cause, message))
        }
        // The message keeps the name it has in the ledger.
        Fact::HoldEnded { cause, message } | Fact::SetGoingAgain { cause, message, .. } => {
            notice.wants(*cause, message).then(|| send(*cause, message.clone()))
        }
        Fact::Released => question(),
        Fact::ReminderFellDue if matches!(notice.state, State::Asking { .. }) => new(Message::Reminder),
        Fact::EmailChosenWithoutAddress { .. }
            if matches!(notice.state, State::Asking { awaiting_email: true, .. }) =>
        {
            new(Message::EmailRequest)
        }
        Fact::ConsentRevoked { confirm: true, .. } => new(Message::OptOutConfirmation),
        Fact::ReplyReceived { reply, acknowledge: true } => new(Message::Acknowledgement { reply: *reply }),
        Fact::AnswerWritten { reply, .. } => new(Message::Answer { reply: *reply }),
        Fact::ReminderFellDue
        | Fact::EmailChosenWithoutAddress { .. }
        | Fact::ReplyReceived { acknowledge: false, .. }
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
        | Fact::JoinedRun { .. }
        | Fact::Posted { .. }
        | Fact::Returned
        | Fact::AttentionNeeded { .. }
        | Fact::Cancelled { .. }
        | Fact::LinkLocked
        | Fact::LinkReissued { .. } => None,
    };
    work.into_iter().collect()
}

/// The result that is to be sent now, and the event that names it.
fn result(notice: &Notice) -> Option<(u32, Message)> {
    let State::Sending { route, cause } = &notice.state else { return None };
    let message = Message::Result { channel: route.channel() };
    notice.wants(*cause, &message).then_some((*cause, message))
}
