//! Claim, call, record: what surrounds every message, whatever carries it.

use std::sync::Arc;

use bootstrap::SettingsUnavailable;
use domain::ports::{Clock, Entropy};
use domain::settings::{Kind, Settings};
use domain::{
    Claim, Command, DepartmentCode, Fact, Failure, Given, InvalidPerson, KindCode, LEASE, LinkToken, Message, Notice,
    NoticeId, PhoneNumber, Refused, ReplyId, TextCode,
};
use jiff::Timestamp;
use store::{Binding, Change, Decision, IssuedText, Link, SentMessage, Transition};

use crate::wording::{Occasion, Wording, WrongChannel};
use crate::{Ledger, ReadSettings, SendError, Taken};

/// A message that is not done: it goes back to the queue.
#[derive(Debug, thiserror::Error)]
#[error("message {cause} of notice {notice} is not done")]
pub struct Undone {
    notice: NoticeId,
    cause: u32,
    #[source]
    why: Why,
}

impl Undone {
    /// What stood in the way.
    #[must_use]
    pub const fn why(&self) -> &Why {
        &self.why
    }
}

/// What stands in a message's way.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// There are no settings.
    #[error("no settings")]
    Settings(#[source] SettingsUnavailable),
    /// The table failed.
    #[error("the table failed")]
    Store(#[from] store::Error),
    /// Another sender holds it.
    #[error("another sender holds it until {until}")]
    Leased {
        /// The end of its lease.
        until: Timestamp,
    },
    /// The notice refuses the event.
    #[error("the notice refuses it")]
    Refused(#[source] Refused),
    /// The settings no longer know the kind.
    #[error("kind {0} is not in the settings")]
    UnknownKind(KindCode),
    /// The settings no longer know the department.
    #[error("department {0} is not in the settings")]
    UnknownDepartment(DepartmentCode),
    /// The department's sender number is none.
    #[error("the department's sender number")]
    Sender(#[source] InvalidPerson),
    /// The reply it should carry is not there.
    #[error("reply {0} is missing")]
    ReplyMissing(ReplyId),
    /// It came to the wrong queue.
    #[error(transparent)]
    WrongChannel(#[from] WrongChannel),
    /// The provider did not take it, for now.
    #[error(transparent)]
    Send(#[from] SendError),
}

/// A message this sender holds, in words.
pub struct Claimed<W> {
    /// The notice after the claim.
    pub notice: Notice,
    /// The department's registered sender number.
    pub sender: PhoneNumber,
    /// What to say.
    pub words: W,
    kind: Kind,
    command: Command,
}

/// Claims and records messages.
pub struct Dispatch<L, S> {
    ledger: L,
    settings: S,
    clock: Box<dyn Clock>,
    entropy: Box<dyn Entropy>,
    public_url: String,
}

impl<L, S> std::fmt::Debug for Dispatch<L, S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dispatch").field("public_url", &self.public_url).finish_non_exhaustive()
    }
}

/// What was put into words under the claim.
struct Composed<W> {
    words: W,
    kind: Kind,
    sender: PhoneNumber,
    possible_duplicate: bool,
}

/// Why a claim was not recorded.
enum Left {
    Over,
    For(Why),
}

impl<L: Ledger, S: ReadSettings> Dispatch<L, S> {
    /// Sends from this ledger, by these settings, with links to pages under `public_url`.
    pub fn new(
        ledger: L,
        settings: S,
        clock: impl Clock + 'static,
        entropy: impl Entropy + 'static,
        public_url: String,
    ) -> Self {
        Self { ledger, settings, clock: Box::new(clock), entropy: Box::new(entropy), public_url }
    }

    /// The settings as they are now.
    ///
    /// # Errors
    /// When there are none.
    pub async fn settings(&self, command: &Command) -> Result<Arc<Settings>, Undone> {
        self.settings.current().await.map_err(|source| undone(command, Why::Settings(source)))
    }

    /// Where the office's pages live.
    pub fn public_url(&self) -> &str {
        &self.public_url
    }

    /// Takes hold of a message and puts it into words; the link and the code it carries are stored with the claim. None when
    /// there is nothing to do any more.
    ///
    /// # Errors
    /// When another sender holds it, or it cannot be put into words, or the claim cannot be recorded.
    pub async fn claim<W: Wording>(
        &self,
        command: &Command,
        compose: fn(&Occasion<'_>, &Message) -> Result<W, WrongChannel>,
    ) -> Result<Option<Claimed<W>>, Undone> {
        let settings = self.settings(command).await?;
        let answer = self.answer(command).await.map_err(|why| undone(command, why))?;
        let (now, token) = (self.clock.now(), LinkToken::new(&*self.entropy));
        let closed_until = settings.sending_hours.closed_until(now);
        let mut composed = None;
        let decide = |notice: &Notice| {
            let fact = match notice.claim(command.cause, &command.message, now, now + LEASE, closed_until) {
                Claim::Granted(fact) => fact,
                Claim::Held(fact) => return Decision::Record(Change { at: now, fact, bindings: Vec::new() }),
                Claim::Leased { until } => return Decision::Leave(Left::For(Why::Leased { until })),
                Claim::Over => return Decision::Leave(Left::Over),
            };
            let possible_duplicate = matches!(fact, Fact::SendClaimed { possible_duplicate: true, .. });
            // Anew each time: another text may have the code.
            let code = TextCode::new(&*self.entropy);
            let words = in_words(notice, &settings, |department, kind| {
                let public_url = &*self.public_url;
                let (settings, token, code, answer) = (&*settings, &token, &code, answer.as_deref());
                let occasion =
                    Occasion { notice, settings, department, kind, public_url, token, code, answer, at: now };
                Ok(Composed {
                    words: compose(&occasion, &command.message)?,
                    kind: kind.clone(),
                    sender: department.sender_number().map_err(Why::Sender)?,
                    possible_duplicate,
                })
            });
            match words {
                Ok(words) => {
                    let expires_at = now + settings.link_lifetime();
                    let link = || Binding::Link(Link { id: token.id(), notice: notice.id, expires_at, tries: 0 });
                    let text = || {
                        Binding::Text(IssuedText {
                            code,
                            notice: notice.id,
                            message: command.message.clone(),
                            department: notice.details.department.clone(),
                            label: words.kind.label.clone(),
                            at: now,
                        })
                    };
                    let link = words.words.carries_link().then(link);
                    let bindings = link.into_iter().chain(W::CARRIES_CODE.then(text)).collect();
                    composed = Some(words);
                    Decision::Record(Change { at: now, fact, bindings })
                }
                Err(why) => Decision::Leave(Left::For(why)),
            }
        };
        let claimed = self.ledger.transition(command.notice, decide).await;
        match (claimed.map_err(|error| undone(command, error.into()))?, composed) {
            (Transition::Moved(notice), Some(Composed { words, kind, sender, possible_duplicate })) => {
                if possible_duplicate {
                    tracing::warn!(notice.id = %command.notice, cause = command.cause, "an earlier attempt may have reached the resident");
                }
                Ok(Some(Claimed { notice: *notice, sender, words, kind, command: command.clone() }))
            }
            (Transition::Refused(_, refused), _) => Err(undone(command, Why::Refused(refused))),
            (Transition::Left(Left::For(why)), _) => Err(undone(command, why)),
            // Moved and nothing composed: it waits for the sending hours, and the clock brings it again.
            (
                Transition::Left(Left::Over)
                | Transition::AlreadyThere(_)
                | Transition::DoneBefore(_)
                | Transition::Moved(_),
                _,
            ) => Ok(None),
        }
    }

    /// What the conversation holds, where the message says that.
    async fn answer(&self, command: &Command) -> Result<Option<String>, Why> {
        let (Message::Answer { reply, .. } | Message::Clarification { reply }) = &command.message else {
            return Ok(None);
        };
        let found = self.ledger.reply(command.notice, *reply).await?;
        found.map(|reply| Some(reply.text)).ok_or(Why::ReplyMissing(*reply))
    }

    /// The address designated by the consent on which the message rests; none without such a consent.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn designated<W>(&self, claimed: &Claimed<W>) -> Result<Option<Given>, Undone> {
        let notice = &claimed.notice;
        let consent = if let Message::Answer { channel, .. } = &claimed.command.message {
            notice.consent_for_answer(*channel)
        } else {
            notice.consent_for_result()
        };
        let (Some(consent), Some(recipient)) = (consent, &notice.details.recipient_id) else {
            return Ok(None);
        };
        let consent = self.ledger.consent(recipient, consent).await;
        Ok(consent.map_err(|error| undone(&claimed.command, error.into()))?.map(|consent| consent.given))
    }

    /// Records that the provider took the message, under which name, and what it bills.
    ///
    /// # Errors
    /// When it cannot be recorded: the message is out all the same.
    pub async fn record_sent<W: Wording>(
        &self,
        claimed: &Claimed<W>,
        provider: &'static str,
        taken: Taken,
    ) -> Result<(), Undone> {
        let Claimed { kind, command: Command { cause, message, .. }, .. } = claimed;
        let Taken { id, billed } = taken;
        let (cause, provider_id, at) = (*cause, id.clone(), self.clock.now());
        let fact = match message {
            Message::Question => {
                let (remind_at, choose_by) = (at + kind.reminder(), at + kind.choose_by());
                Fact::Asked { cause, provider_id, billed, remind_at, choose_by }
            }
            Message::Result { .. } => {
                // What was told whole without a link can never be seen to be read.
                let read_by = kind.unread().filter(|_| claimed.words.carries_link()).map(|unread| at + unread);
                Fact::Sent { cause, provider_id, billed, read_by }
            }
            Message::Reminder
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
            | Message::OptOutConfirmation => Fact::MessageSent { cause, provider_id, billed },
        };
        tracing::info!(notice.id = %claimed.command.notice, cause, provider, "sent");
        let consent = matches!(message, Message::Result { .. }).then(|| claimed.notice.consent_for_result()).flatten();
        let sent = SentMessage { cause, message: message.clone(), consent };
        self.record(claimed, Change { at, fact, bindings: vec![Binding::Message { provider, id, sent }] }).await
    }

    /// Records that the message will never go.
    ///
    /// # Errors
    /// When it cannot be recorded.
    pub async fn record_failed<W>(&self, claimed: &Claimed<W>, reason: Failure) -> Result<(), Undone> {
        let cause = claimed.command.cause;
        tracing::warn!(notice.id = %claimed.command.notice, cause, ?reason, "not sent, for good");
        let fact = Fact::SendFailed { cause, reason };
        self.record(claimed, Change { at: self.clock.now(), fact, bindings: Vec::new() }).await
    }

    /// The error by which a message goes back to the queue, still claimed until its lease ends.
    pub fn retry<W>(&self, claimed: &Claimed<W>, error: SendError) -> Undone {
        undone(&claimed.command, error.into())
    }

    async fn record<W>(&self, claimed: &Claimed<W>, change: Change) -> Result<(), Undone> {
        let command = &claimed.command;
        let recorded = self.ledger.transition::<()>(command.notice, |_| Decision::Record(change.clone())).await;
        match recorded.map_err(|error| undone(command, error.into()))? {
            Transition::Moved(_) | Transition::AlreadyThere(_) | Transition::DoneBefore(_) | Transition::Left(()) => {
                Ok(())
            }
            Transition::Refused(_, refused) => Err(undone(command, Why::Refused(refused))),
        }
    }
}

fn in_words<W>(
    notice: &Notice,
    settings: &Settings,
    compose: impl FnOnce(&domain::settings::Department, &Kind) -> Result<Composed<W>, Why>,
) -> Result<Composed<W>, Why> {
    let details = &notice.details;
    let kind = settings.kind(&details.kind).ok_or_else(|| Why::UnknownKind(details.kind.clone()))?;
    let department =
        settings.department(&details.department).ok_or_else(|| Why::UnknownDepartment(details.department.clone()))?;
    compose(department, kind)
}

fn undone(command: &Command, why: Why) -> Undone {
    Undone { notice: command.notice, cause: command.cause, why }
}
