//! Choosing a way: what the form must hold, the consent it makes, and the event that records it.

use axum::http::StatusCode;
use axum::response::Response;
use domain::settings::Settings;
use domain::{
    Consent, ConsentId, EmailAddress, Evidence, Fact, Given, Notice, PostReason, RecipientId, Refused, Route, Scope,
    State,
};
use store::{Binding, Change, Decision, Transition};

use crate::answer::{Failure, page, see};
use crate::app::{App, Door, already_sent};
use crate::form::Form;
use crate::standing::Standing;
use crate::view::{Choose, Ways};
use crate::{Files, ReadSettings, Residents};

/// The ways on offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// To the telephone on file.
    Sms,
    /// To the e-mail address on file.
    EmailOnFile,
    /// To an e-mail address the resident writes.
    Email,
    /// To the postal address on file.
    Post,
}

/// How far a choice reaches, as the form says it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    #[default]
    Notice,
    Kind,
    Everything,
}

/// What the form held, kept for when it must be shown again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) way: Option<Way>,
    pub(crate) email: String,
    pub(crate) reach: Reach,
    pub(crate) agreed: bool,
}

/// What is wrong with it, by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Faults {
    pub(crate) channel: Option<&'static str>,
    pub(crate) email: Option<&'static str>,
    pub(crate) consent: Option<&'static str>,
    /// The second factor, where the same form asks for it.
    pub(crate) answer: Option<String>,
}

impl Faults {
    pub(crate) const fn any(&self) -> bool {
        self.channel.is_some() || self.email.is_some() || self.consent.is_some() || self.answer.is_some()
    }
}

/// What is said to whom has not agreed.
pub(crate) const AGREE: &str = "문자나 이메일로 받으시려면 동의가 필요합니다. 내용을 읽고 표시해 주십시오.";

/// A choice that can be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Choice {
    /// To what they consent; nothing for post.
    given: Option<Given>,
    scope: Scope,
}

impl Draft {
    fn read(form: &Form, settings: &Settings) -> Self {
        let way = match form.get("channel") {
            Some("sms") => Some(Way::Sms),
            Some("email-on-file") => Some(Way::EmailOnFile),
            Some("email") => Some(Way::Email),
            Some("post") => Some(Way::Post),
            Some(_) | None => None,
        };
        // Whoever says nothing about it chooses for this notice alone.
        let reach = match form.get("scope") {
            Some("kind") => Reach::Kind,
            Some("everything") => Reach::Everything,
            Some(_) | None => Reach::Notice,
        };
        // An agreement to an earlier wording is none to this one.
        let agreed = form.get("consent") == Some(settings.consent.version.as_str());
        Self { way, email: form.get("email").unwrap_or_default().to_owned(), reach, agreed }
    }

    /// As the page for the notices to come reads it: "this one only" is none of its scopes, and post is what they have.
    pub(crate) fn of_next(form: &Form, settings: &Settings) -> Self {
        let draft = Self::read(form, settings);
        Self { way: draft.way.filter(|way| *way != Way::Post), reach: draft.reach.max(Reach::Kind), ..draft }
    }

    /// The scope, seen from this notice.
    pub(crate) fn scope(&self, notice: &Notice) -> Scope {
        match self.reach {
            Reach::Notice => Scope::Notice(notice.id),
            Reach::Kind => Scope::Kind(notice.details.kind.clone()),
            Reach::Everything => Scope::Everything,
        }
    }

    /// To what they consent; nothing for post.
    pub(crate) fn given(&self, notice: &Notice) -> Result<Option<Given>, Faults> {
        let recipient = &notice.details.recipient;
        let mut faults = Faults::default();
        let given = match self.way {
            Some(Way::Sms) => recipient.phone.clone().filter(|_| takes_texts(notice)).map(Given::Sms),
            Some(Way::EmailOnFile) => recipient.email.clone().map(Given::Email),
            Some(Way::Email) => {
                let written = EmailAddress::parse(&self.email).ok();
                if written.is_none() {
                    faults.email = Some(if self.email.is_empty() {
                        "이메일 주소를 입력해 주십시오."
                    } else {
                        "이메일 주소가 올바르지 않습니다. name@example.com처럼 입력해 주십시오."
                    });
                }
                written.map(Given::Email)
            }
            Some(Way::Post) | None => None,
        };
        let electronic = self.way.is_some_and(|way| way != Way::Post);
        let impossible = electronic && (!takes_electronic(notice) || (given.is_none() && faults.email.is_none()));
        if self.way.is_none() || impossible {
            faults.channel = Some("받으실 방법을 하나 골라 주십시오.");
        }
        if electronic && !self.agreed {
            faults.consent = Some(AGREE);
        }
        if faults.any() { Err(faults) } else { Ok(given) }
    }
}

/// A consent is kept under the recipient's telephone; without one there is nobody to keep it for.
pub(crate) const fn takes_electronic(notice: &Notice) -> bool {
    notice.details.recipient_id.is_some() && notice.details.recipient.phone.is_some()
}

pub(crate) fn takes_texts(notice: &Notice) -> bool {
    takes_electronic(notice) && notice.details.recipient.takes_texts()
}

impl Choice {
    /// The notice stands as they choose already: a second click, or a page sent again.
    fn stands(&self, notice: &Notice, in_use: Option<&Consent>) -> bool {
        match (&notice.state, &self.given) {
            (State::Sending { route, .. }, Some(given)) => in_use.is_some_and(|consent| {
                route.consent() == Some(consent.id) && consent.given == *given && consent.scope == self.scope
            }),
            (State::Posting { reason: PostReason::Chosen, .. } | State::NeedsAttention { .. }, None) => {
                notice.consented.is_empty()
            }
            (
                State::Accepted { .. }
                | State::Asking { .. }
                | State::Sending { .. }
                | State::Sent { .. }
                | State::Delivered { .. }
                | State::Read { .. }
                | State::Posting { .. }
                | State::Printing { .. }
                | State::Posted { .. }
                | State::Returned { .. }
                | State::NeedsAttention { .. }
                | State::Cancelled { .. },
                Some(_) | None,
            ) => false,
        }
    }
}

impl<R: Residents, S: ReadSettings, L: Files> App<R, S, L> {
    pub(crate) async fn choose(&self, door: &Door, form: &Form) -> Result<Response, Failure> {
        let draft = Draft::read(form, &door.settings);
        let in_use = self.consent_in_use(&door.notice).await?;
        let choice = match draft.given(&door.notice) {
            Ok(given) => Choice { given, scope: draft.scope(&door.notice) },
            Err(faults) => {
                let again = Choose { ways: Ways::of(door, draft, faults), ..Choose::of(door, in_use.as_ref()) };
                return page(StatusCode::UNPROCESSABLE_ENTITY, &again);
            }
        };
        let id = ConsentId::new(door.now, self.entropy.as_ref());
        let change = door.change(choice.clone(), id);
        if let Some(earlier) = in_use.as_ref().filter(|earlier| reach(&earlier.scope) > reach(&choice.scope)) {
            // Who now says "this one only" no longer wants what they said for all.
            self.residents.withdraw(&earlier.recipient, Some(earlier.route().channel()), door.now).await?;
        }
        let outcome = self.residents.transition(door.notice.id, |notice| {
            if choice.stands(notice, in_use.as_ref()) { Decision::Leave(()) } else { Decision::Record(change.clone()) }
        });
        match outcome.await? {
            // The page itself says that the letter is out, how it ended, or that it stands as chosen.
            Transition::Refused(notice, _) if Standing::of(&notice, &door.link) == Standing::Posted => {
                Ok(see(door.token.expose()))
            }
            Transition::Refused(_, Refused::ChoiceClosed | Refused::Leased | Refused::OutOfPlace) => already_sent(door),
            Transition::Refused(
                _,
                Refused::Ended | Refused::Gap | Refused::NotClaimed | Refused::Printing | Refused::TooMany,
            )
            | Transition::Moved(_)
            | Transition::DoneBefore(_) => Ok(see(door.token.expose())),
            Transition::AlreadyThere(_) | Transition::Left(()) => {
                self.widen(door, &choice).await?;
                Ok(see(door.token.expose()))
            }
        }
    }

    /// A notice that goes by post as wished has nothing more to record; the wish for the notices to come has.
    async fn widen(&self, door: &Door, choice: &Choice) -> Result<(), Failure> {
        if let (Some(recipient), None) = (&door.notice.details.recipient_id, &choice.given) {
            for scope in door.scopes(&choice.scope) {
                self.residents.prefer_post(recipient, &scope, door.now).await?;
            }
        }
        Ok(())
    }
}

pub(crate) const fn reach(scope: &Scope) -> Reach {
    match scope {
        Scope::Notice(_) => Reach::Notice,
        Scope::Kind(_) => Reach::Kind,
        Scope::Everything => Reach::Everything,
    }
}

impl Door {
    /// The standing preferences a scope sets: what was said for single kinds before does not outlive what is now said
    /// for all of them.
    pub(crate) fn scopes(&self, scope: &Scope) -> Vec<Scope> {
        match scope {
            Scope::Notice(_) => Vec::new(),
            Scope::Kind(_) => vec![scope.clone()],
            Scope::Everything => {
                let kinds = self.settings.kinds.iter().map(|kind| Scope::Kind(kind.code.clone()));
                kinds.chain([Scope::Everything]).collect()
            }
        }
    }

    /// The consent that the page's form makes.
    pub(crate) fn consent(&self, id: ConsentId, recipient: RecipientId, given: Given, scope: Scope) -> Consent {
        Consent {
            id,
            recipient,
            given,
            scope,
            wording: self.settings.consent.version.clone(),
            evidence: Evidence::Link { link: self.link.id.clone() },
            at: self.now,
        }
    }

    fn change(&self, choice: Choice, id: ConsentId) -> Change {
        let evidence = Evidence::Link { link: self.link.id.clone() };
        let Choice { given, scope } = choice;
        let route = match given {
            Some(Given::Sms(_)) => Route::Sms { consent: id },
            Some(Given::Email(_)) => Route::Email { consent: id },
            None => Route::Post,
        };
        let mut bindings = Vec::new();
        if let Some(recipient) = &self.notice.details.recipient_id {
            let preference = |scope| Binding::Preference { recipient: recipient.clone(), scope, route };
            bindings.extend(self.scopes(&scope).into_iter().map(preference));
            bindings.extend(given.map(|given| Binding::Consent(self.consent(id, recipient.clone(), given, scope))));
        }
        Change { at: self.now, fact: Fact::ChannelChosen { route, evidence }, bindings }
    }
}
