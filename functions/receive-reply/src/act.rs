//! What a text does to the notice it belongs to: it chooses, refuses, comes back, reports a renewal, or is kept.

use bootstrap::ReadSettings;
use domain::ports::{Clock, Entropy};
use domain::settings::Settings;
use domain::{Answer, Channel, Consent, ConsentId, EmailAddress, Fact, Given, Notice, Route, Scope};
use jiff::{SignedDuration, Timestamp};
use store::{Binding, Change, Decision, Resumption, Revocation, Transition};

use crate::KeepReplies;
use crate::bound::Bound;
use crate::receive::{Received, Receiver, Unreceived};

/// Texts are acknowledged once in this time, so that two machines never thank each other without end.
const ACKNOWLEDGED_FOR: SignedDuration = SignedDuration::from_hours(24);

impl<T: KeepReplies, S: ReadSettings, C: Clock, E: Entropy> Receiver<T, S, C, E> {
    /// Does what the text says. None where it says nothing that could be done: it is then kept for the officer.
    pub(crate) async fn act(&self, bound: &Bound<'_>, meaning: &Answer) -> Result<Option<Received>, Unreceived> {
        match meaning {
            Answer::Choose(channel) => self.choose(bound, *channel).await,
            Answer::Address(address) => self.choose_address(bound, address).await,
            Answer::OptOut => self.revoke(bound).await,
            Answer::OptIn => self.resume(bound).await,
            Answer::Renewed => self.report_renewal(bound).await,
            Answer::Words => Ok(None),
        }
    }

    async fn choose(&self, bound: &Bound<'_>, channel: Channel) -> Result<Option<Received>, Unreceived> {
        let settings = self.settings.current().await?;
        self.record(bound, Received::Chosen, |notice| match channel {
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
    async fn choose_address(&self, bound: &Bound<'_>, address: &EmailAddress) -> Result<Option<Received>, Unreceived> {
        let settings = self.settings.current().await?;
        let given = Given::Email(address.clone());
        self.record(bound, Received::Chosen, |_| self.consented(bound, &settings, given.clone())).await
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
    async fn record(
        &self,
        bound: &Bound<'_>,
        received: Received,
        decide: impl Fn(&Notice) -> (Fact, Option<Binding>),
    ) -> Result<Option<Received>, Unreceived> {
        let transition = self.table.transition(bound.notice, |notice| {
            let (fact, binding) = decide(notice);
            Decision::<()>::Record(Change { at: bound.now, fact, bindings: bound.bindings(binding) })
        });
        Ok(match transition.await? {
            Transition::Moved(notice) => {
                let state = notice.state.name();
                tracing::info!(notice.id = %notice.id, state, received = received.as_str(), "a text was understood");
                Some(received)
            }
            Transition::DoneBefore(_) => Some(Received::Before),
            // One that stood elsewhere first must be kept all the same.
            Transition::AlreadyThere(_) => bound.kept.is_some().then_some(received),
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
        let fact = Fact::ConsentRevoked { only: None, confirm: !bound.quiet, evidence: bound.evidence() };
        let binding = Binding::Revocation(revocation);
        self.record(bound, Received::Chosen, |_| (fact.clone(), Some(binding.clone()))).await
    }

    /// The refusal is lifted already. It consents to nothing electronic: of the next notice they are asked.
    async fn resume(&self, bound: &Bound<'_>) -> Result<Option<Received>, Unreceived> {
        let resumption = Resumption {
            id: ConsentId::new(bound.now, &self.entropy),
            recipient: bound.recipient.clone(),
            evidence: bound.evidence(),
            at: bound.now,
        };
        let binding = Binding::Resumption(resumption);
        if bound.quiet {
            return self.keep(&Bound { marks: bound.bindings([binding]), ..bound.clone() }).await.map(Some);
        }
        let fact = Fact::ContactResumed { evidence: bound.evidence() };
        self.record(bound, Received::Resumed, |_| (fact.clone(), Some(binding.clone()))).await
    }

    /// None where the notice is about no permit, or they said so before: the text is then kept like any other.
    async fn report_renewal(&self, bound: &Bound<'_>) -> Result<Option<Received>, Unreceived> {
        let transition = self.table.transition(bound.notice, |notice| {
            let Some(cycle) = notice.details.permit.clone().filter(|_| notice.renewal_reported_at.is_none()) else {
                return Decision::Leave(());
            };
            let bindings = bound.keeping([Binding::RenewalReported(cycle)]);
            Decision::Record(Change { at: bound.now, fact: Fact::RenewalReported { reply: bound.reply }, bindings })
        });
        Ok(match transition.await? {
            Transition::Moved(notice) => {
                tracing::info!(notice.id = %notice.id, "a resident said that a permit is renewed");
                Some(Received::Renewed)
            }
            Transition::DoneBefore(_) => Some(Received::Before),
            Transition::AlreadyThere(_) | Transition::Refused(_, _) | Transition::Left(()) => None,
        })
    }

    pub(crate) async fn keep(&self, bound: &Bound<'_>) -> Result<Received, Unreceived> {
        let transition = self.table.transition(bound.notice, |notice| {
            let is_due = notice.acknowledged_at.is_none_or(|at| at + ACKNOWLEDGED_FOR <= bound.now);
            let fact = Fact::ReplyReceived { reply: bound.reply, acknowledge: is_due && !bound.quiet };
            Decision::<()>::Record(Change { at: bound.now, fact, bindings: bound.keeping(None) })
        });
        Ok(match transition.await? {
            Transition::DoneBefore(_) => Received::Before,
            Transition::Moved(_) | Transition::AlreadyThere(_) | Transition::Refused(_, _) | Transition::Left(()) => {
                Received::Kept
            }
        })
    }
}

fn choose_by(notice: &Notice, settings: &Settings, now: Timestamp) -> Timestamp {
    // A kind that has left the settings keeps the usual clock: the resident must not lose their answer over it.
    const USUAL: SignedDuration = SignedDuration::from_hours(72);
    now + settings.kind(&notice.details.kind).map_or(USUAL, domain::settings::Kind::choose_by)
}
