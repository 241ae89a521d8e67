//! Finds the notice a text belongs to, understands it, and records what it does. Doing it twice does it once.

use bootstrap::{ReadSettings, SettingsUnavailable};
use domain::ports::{Clock, Entropy};
use domain::settings::Settings;
use domain::{
    Answer, Channel, Consent, ConsentId, EmailAddress, Evidence, Fact, Given, Notice, NoticeId, PhoneNumber,
    RecipientId, ReplyId, Route, Scope, interpret,
};
use jiff::{SignedDuration, Timestamp};
use store::{Binding, Change, Decision, Direction, RecipientKey, Reply, Revocation, Transition, Withdrawal};

use crate::{Inbound, KeepReplies, Sender};

/// Texts are acknowledged once in this time, so that two machines never thank each other without end.
const ACKNOWLEDGED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// What was done with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It made a choice, or withdrew one.
    Chosen,
    /// It was kept for the officer.
    Kept,
    /// It belongs to no notice and was kept apart.
    Unmatched,
    /// It came before.
    Before,
}

impl Received {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Chosen => "chosen",
            Self::Kept => "kept",
            Self::Unmatched => "unmatched",
            Self::Before => "received before",
        }
    }
}

/// Why a text could not be taken in; it must come again.
#[derive(Debug, thiserror::Error)]
pub enum Unreceived {
    /// The table failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// There are no settings.
    #[error(transparent)]
    Settings(#[from] SettingsUnavailable),
}

/// Takes texts in.
pub struct Receiver<T, S, C, E> {
    /// The one table.
    pub table: T,
    /// The office's settings.
    pub settings: S,
    /// Keys recipients' identities.
    pub recipient_key: RecipientKey,
    /// The time.
    pub clock: C,
    /// For new ids.
    pub entropy: E,
}

/// A text whose sender and notice are known.
struct Bound<'a> {
    inbound: &'a Inbound,
    phone: &'a PhoneNumber,
    recipient: RecipientId,
    notice: NoticeId,
    now: Timestamp,
}

impl Bound<'_> {
    fn evidence(&self) -> Evidence {
        Evidence::Text { message: self.inbound.id.clone() }
    }

    /// Whatever the text does, it does once.
    fn once(&self) -> Binding {
        Binding::Once { scope: "reply", key: once_key(self.inbound) }
    }
}

fn once_key(inbound: &Inbound) -> String {
    format!("{}#{}", inbound.provider, inbound.id)
}

impl<T: KeepReplies, S: ReadSettings, C: Clock, E: Entropy> Receiver<T, S, C, E> {
    /// Takes one text in.
    ///
    /// # Errors
    /// When it could not be kept: it must come again.
    pub async fn receive(&self, inbound: Inbound) -> Result<Received, Unreceived> {
        let now = self.clock.now();
        if self.table.was_done("reply", &once_key(&inbound)).await? {
            return Ok(Received::Before);
        }
        let Sender::Phone(phone) = &inbound.from else { return self.keep_unmatched(&inbound, now).await };
        let recipient = self.recipient_key.identify(phone);
        let meaning = interpret(&inbound.text);
        let notice = self.find_notice(&inbound, &recipient).await?;
        if meaning == Answer::OptOut {
            // Before the bound notice is recorded, with which the text counts as taken in: a crash between repeats it.
            let evidence = Evidence::Text { message: inbound.id.clone() };
            let recipient = recipient.clone();
            let withdrawal = Withdrawal { recipient, said_on: notice, only: None, evidence, at: now };
            self.table.withdraw_everywhere(&withdrawal).await?;
        }
        let Some(notice) = notice else { return self.keep_unmatched(&inbound, now).await };
        let bound = Bound { inbound: &inbound, phone, recipient, notice, now };
        let received = match meaning {
            Answer::Choose(channel) => self.choose(&bound, channel).await?,
            Answer::Address(address) => self.choose_address(&bound, address).await?,
            Answer::OptOut => self.revoke(&bound).await?,
            Answer::Words => None,
        };
        match received {
            Some(received) => Ok(received),
            None => self.keep(&bound).await,
        }
    }

    /// The notice the provider says it answers, if it is this person's; else their newest open one.
    async fn find_notice(&self, inbound: &Inbound, recipient: &RecipientId) -> Result<Option<NoticeId>, Unreceived> {
        if let Some(message) = &inbound.in_reply_to {
            // The office's texts go out by SNS, whoever brings the answers.
            if let Some((id, _)) = self.table.message("sns", message).await? {
                let notice = self.table.notice(id).await?;
                if notice.is_some_and(|notice| notice.details.recipient_id.as_ref() == Some(recipient)) {
                    return Ok(Some(id));
                }
            }
        }
        Ok(self.table.open_notices(recipient, 1).await?.first().copied())
    }

    async fn choose(&self, bound: &Bound<'_>, channel: Channel) -> Result<Option<Received>, Unreceived> {
        let settings = self.settings.current().await?;
        self.record_choice(bound, |notice| match channel {
            Channel::Sms => self.consented(bound, &settings, Given::Sms(bound.phone.clone())),
            Channel::Email => match &notice.details.recipient.email {
                Some(address) => self.consented(bound, &settings, Given::Email(address.clone())),
                None => (
                    Fact::EmailChosenWithoutAddress {
                        evidence: bound.evidence(),
                        choose_by: choose_by(notice, &settings, bound.now),
                    },
                    None,
                ),
            },
            Channel::Post => (Fact::ChannelChosen { route: Route::Post, evidence: bound.evidence() }, None),
        })
        .await
    }

    /// An address by itself is the answer to our question for it, or a choice of e-mail that needs no further question.
    async fn choose_address(&self, bound: &Bound<'_>, address: EmailAddress) -> Result<Option<Received>, Unreceived> {
        let settings = self.settings.current().await?;
        self.record_choice(bound, |_| self.consented(bound, &settings, Given::Email(address.clone()))).await
    }

    fn consented(&self, bound: &Bound<'_>, settings: &Settings, given: Given) -> (Fact, Option<Binding>) {
        let consent = Consent {
            id: ConsentId::new(bound.now, &self.entropy),
            recipient: bound.recipient.clone(),
            given,
            scope: Scope::Notice(bound.notice),
            wording: settings.consent.version.clone(),
            evidence: bound.evidence(),
            at: bound.now,
        };
        let fact = Fact::ChannelChosen { route: consent.route(), evidence: bound.evidence() };
        (fact, Some(Binding::Consent(consent)))
    }

    /// None when the choice is closed: the text is then kept like any other.
    async fn record_choice(
        &self,
        bound: &Bound<'_>,
        decide: impl Fn(&Notice) -> (Fact, Option<Binding>),
    ) -> Result<Option<Received>, Unreceived> {
        let transition = self.table.transition(bound.notice, |notice| {
            let (fact, consent) = decide(notice);
            let bindings = consent.into_iter().chain([bound.once()]).collect();
            Decision::<()>::Record(Change { at: bound.now, fact, bindings })
        });
        Ok(match transition.await? {
            Transition::Moved(notice) => {
                tracing::info!(notice.id = %notice.id, state = notice.state.name(), "a resident chose by text");
                Some(Received::Chosen)
            }
            Transition::DoneBefore(_) => Some(Received::Before),
            Transition::AlreadyThere(_) => Some(Received::Chosen),
            Transition::Refused(_, _) | Transition::Left(()) => None,
        })
    }

    async fn revoke(&self, bound: &Bound<'_>) -> Result<Option<Received>, Unreceived> {
        let revocation = Revocation {
            id: ConsentId::new(bound.now, &self.entropy),
            recipient: bound.recipient.clone(),
            only: None,
            evidence: bound.evidence(),
            at: bound.now,
        };
        let fact = Fact::ConsentRevoked { only: None, confirm: true, evidence: bound.evidence() };
        self.record_choice(bound, |_| (fact.clone(), Some(Binding::Revocation(revocation.clone())))).await
    }

    async fn keep(&self, bound: &Bound<'_>) -> Result<Received, Unreceived> {
        let reply = Reply {
            id: ReplyId::new(bound.now, &self.entropy),
            notice: bound.notice,
            direction: Direction::Inbound,
            text: bound.inbound.text.clone(),
            at: bound.now,
        };
        let transition = self.table.transition(bound.notice, |notice| {
            let acknowledge = notice.acknowledged_at.is_none_or(|at| at + ACKNOWLEDGED_FOR <= bound.now);
            let fact = Fact::ReplyReceived { reply: reply.id, acknowledge };
            let bindings = vec![Binding::Reply(reply.clone()), bound.once()];
            Decision::<()>::Record(Change { at: bound.now, fact, bindings })
        });
        Ok(match transition.await? {
            Transition::DoneBefore(_) => Received::Before,
            Transition::Moved(_) | Transition::AlreadyThere(_) | Transition::Refused(_, _) | Transition::Left(()) => {
                Received::Kept
            }
        })
    }

    async fn keep_unmatched(&self, inbound: &Inbound, now: Timestamp) -> Result<Received, Unreceived> {
        let from = match &inbound.from {
            Sender::Phone(phone) => phone.expose(),
            Sender::Unknown(text) => text,
        };
        let content = serde_json::json!({ "provider": inbound.provider, "from": from, "text": inbound.text });
        self.table.keep_dead("reply", &once_key(inbound), &content.to_string(), now).await?;
        tracing::warn!(provider = inbound.provider, "a text belongs to no notice and was kept apart");
        Ok(Received::Unmatched)
    }
}

fn choose_by(notice: &Notice, settings: &Settings, now: Timestamp) -> Timestamp {
    // A kind that has left the settings keeps the usual clock: the resident must not lose their answer over it.
    const USUAL: SignedDuration = SignedDuration::from_hours(72);
    now + settings.kind(&notice.details.kind).map_or(USUAL, domain::settings::Kind::choose_by)
}
