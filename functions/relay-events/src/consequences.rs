//! What an event causes: the one place that routes.

use domain::{Command, Event, Fact, Message, Notice, Rendering, State};

/// Work for one of the queues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// A message to send.
    Send(Command),
    /// A letter to make.
    Render(Rendering),
}

/// The event may cause work: of all others the notice need not be looked at.
#[must_use]
pub fn may_cause(fact: &Fact) -> bool {
    let on_the_way = matches!(
        fact,
        Fact::Accepted { .. }
            | Fact::Released
            | Fact::LetterRendered(_)
            | Fact::LetterOverdue { .. }
            | Fact::HoldEnded { .. }
            | Fact::SetGoingAgain { .. }
            | Fact::ChannelChosen { .. }
            | Fact::SendFailed { .. }
            | Fact::DeliveryFailed { .. }
            | Fact::UnreadPassed
            | Fact::ConsentRevoked { .. }
    );
    on_the_way || fact.calls_for().is_some()
}

/// The work `event` causes, given the notice as it stands now. An event that the notice has moved on from causes nothing:
/// whatever moved it has consequences of its own. A message keeps the name it has in the ledger: the version of the event
/// that called for it.
#[must_use]
pub fn consequences(event: &Event, notice: &Notice) -> Vec<Work> {
    let makes_letter = matches!(event.fact, Fact::Accepted { .. } | Fact::LetterOverdue { .. });
    let letter =
        (makes_letter && notice.paper.letter().is_none()).then_some(Work::Render(Rendering { notice: notice.id }));
    let send = |cause, message| Work::Send(Command { notice: notice.id, cause, message });
    let messages = called_for(event, notice).into_iter().filter(|(cause, message)| notice.wants(*cause, message));
    letter.into_iter().chain(messages.map(|(cause, message)| send(cause, message))).collect()
}

/// The messages an event may call for, each by the event that named it.
fn called_for(event: &Event, notice: &Notice) -> Vec<(u32, Message)> {
    if let Fact::HoldEnded { cause, message } | Fact::SetGoingAgain { cause, message, .. } = &event.fact {
        return vec![(*cause, message.clone())];
    }
    let result = match &notice.state {
        // A result may have been waiting for its letter alone.
        State::Sending { route, cause } if *cause == event.version || matches!(event.fact, Fact::LetterRendered(_)) => {
            Some((*cause, Message::Result { channel: route.channel() }))
        }
        State::Sending { .. }
        | State::Accepted { .. }
        | State::Asking { .. }
        | State::Sent { .. }
        | State::Delivered { .. }
        | State::Read { .. }
        | State::Posting { .. }
        | State::Printing { .. }
        | State::Posted { .. }
        | State::Returned { .. }
        | State::NeedsAttention { .. }
        | State::Cancelled { .. } => None,
    };
    let of_its_own = [Some(Message::Question), event.fact.calls_for()].into_iter().flatten();
    of_its_own.map(|message| (event.version, message)).chain(result).collect()
}
