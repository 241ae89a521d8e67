//! Refusing: e-mail alone, as a mail program's own button does (RFC 8058), or everything electronic.

use axum::http::StatusCode;
use axum::response::Response;
use domain::{Channel, ConsentId, Evidence, Fact, Notice, RecipientId, Route};
use store::{Binding, Change, Decision, Revocation, Withdrawal};

use crate::answer::{Failure, page, see};
use crate::app::{App, Door};
use crate::form::{Do, Form};
use crate::view::OptedOut;
use crate::{Files, ReadSettings, Residents};

impl<R: Residents, S: ReadSettings, L: Files> App<R, S, L> {
    pub(crate) async fn opt_out(&self, door: &Door, form: &Form) -> Result<Response, Failure> {
        let only = match form.button() {
            Do::Back => return Ok(see(&format!("../{}", door.token.expose()))),
            Do::All => None,
            Do::Choose | Do::Read | Do::Next | Do::OptOut | Do::Unsaid | Do::Documents | Do::Ticket | Do::Discard => {
                Some(Channel::Email)
            }
        };
        // Without a telephone no consent was ever kept, and nothing electronic goes out.
        if let Some(recipient) = &door.notice.details.recipient_id {
            let evidence = Evidence::Link { link: door.link.id.clone() };
            let (recipient, said_on) = (recipient.clone(), Some(door.notice.id));
            let withdrawal = Withdrawal { recipient, said_on, only, evidence, at: door.now };
            self.residents.withdraw_everywhere(&withdrawal).await?;
            self.revoke(door, &withdrawal.recipient, only).await?;
        }
        let everything = only.is_none();
        page(StatusCode::OK, &OptedOut { office: Some(door.office()), sender: door.sender(), everything })
    }

    async fn revoke(&self, door: &Door, recipient: &RecipientId, only: Option<Channel>) -> Result<(), Failure> {
        let id = ConsentId::new(door.now, self.entropy.as_ref());
        let evidence = Evidence::Link { link: door.link.id.clone() };
        self.residents
            .transition(door.notice.id, |notice| {
                let revocation =
                    Revocation { id, recipient: recipient.clone(), only, evidence: evidence.clone(), at: door.now };
                let fact = Fact::ConsentRevoked { only, confirm: false, evidence: evidence.clone() };
                let once = Binding::Once { scope: "opt_out", key: once(notice, only) };
                Decision::<()>::Record(Change {
                    at: door.now,
                    fact,
                    bindings: vec![Binding::Revocation(revocation), once],
                })
            })
            .await?;
        Ok(())
    }
}

/// Mail programs press the button again and again: one revocation for each consent there was to revoke.
fn once(notice: &Notice, only: Option<Channel>) -> String {
    let revoked = |route: &&Route| only.is_none_or(|channel| channel == route.channel());
    let consent = notice.consented.iter().rev().find(revoked).and_then(|route| route.consent());
    let what = only.map_or("everything", Channel::as_str);
    format!("{}#{what}#{}", notice.id, consent.map_or_else(String::new, |consent| consent.to_string()))
}
