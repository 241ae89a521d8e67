//! How the notices to come reach the resident: chosen by whoever holds a letter or may read a notice. The notice at hand
//! stays as it is.

use axum::http::StatusCode;
use axum::response::Response;
use domain::ConsentId;

use crate::answer::{Failure, page, see};
use crate::app::{App, Door, locked};
use crate::choose::{AGREE, Draft, Faults};
use crate::form::{Do, Form};
use crate::prove::{Proof, unsaid};
use crate::standing::{Standing, is_locked};
use crate::view::{Factor, Next, NextClosed, Offer, Preferred};
use crate::{Files, ReadSettings, Residents};

impl<R: Residents, S: ReadSettings, L: Files> App<R, S, L> {
    pub(crate) async fn show_next(&self, door: &Door) -> Result<Response, Failure> {
        match self.turned_away(door).await? {
            Some(answer) => Ok(answer),
            None => page(StatusCode::OK, &Next::of(door, Draft::of_next(&Form::default(), &door.settings))),
        }
    }

    pub(crate) async fn next(&self, door: &Door, form: &Form) -> Result<Response, Failure> {
        match form.button() {
            Do::Back => return Ok(see(&format!("../{}", door.token.expose()))),
            Do::OptOut => return Ok(see("opt-out")),
            Do::Choose | Do::Read | Do::Next | Do::Documents | Do::Ticket | Do::Discard | Do::All | Do::Unsaid => {}
        }
        if let Some(answer) = self.turned_away(door).await? {
            return Ok(answer);
        }
        let draft = Draft::of_next(form, &door.settings);
        // What else is missing is said first: a second factor that has to be written again anyway costs no try.
        let (recipient, given) =
            match (&door.notice.details.recipient_id, draft.given(&door.notice), unsaid(door, form)) {
                (Some(recipient), Ok(Some(given)), None) => (recipient.clone(), given),
                (_, given, unsaid) => {
                    // Whichever way they mean, it is electronic.
                    let consent = (!draft.agreed).then_some(AGREE);
                    let faults = Faults { consent, ..given.err().unwrap_or_default() };
                    return again(door, draft, faults, unsaid);
                }
            };
        match self.check(door, form).await? {
            Proof::Right => {}
            Proof::Wrong(factor) => return again(door, draft, Faults::default(), Some(factor)),
            Proof::Locked => return locked(door),
        }
        let id = ConsentId::new(door.now, self.entropy.as_ref());
        let consent = door.consent(id, recipient, given, draft.scope(&door.notice));
        self.residents.prefer(&consent, &door.scopes(&consent.scope)).await?;
        page(StatusCode::OK, &Preferred::of(door, &consent))
    }

    /// The answer for whom there is nothing to choose here.
    async fn turned_away(&self, door: &Door) -> Result<Option<Response>, Failure> {
        match Standing::of(&door.notice, &door.link) {
            Standing::Cancelled => self.show(door).await.map(Some),
            // The page itself asks the same, and for this notice too, or will say in a moment what became of it.
            Standing::Choosing | Standing::Sending => Ok(Some(see(&format!("../{}", door.token.expose())))),
            Standing::Sealed | Standing::Locked | Standing::Posted | Standing::Returned => {
                if is_locked(&door.notice, &door.link) {
                    return locked(door).map(Some);
                }
                match Offer::of(door) {
                    Offer::Open => Ok(None),
                    offer @ (Offer::NoTelephone | Offer::PostOnly) => {
                        page(StatusCode::CONFLICT, &NextClosed::of(door, offer)).map(Some)
                    }
                }
            }
        }
    }
}

/// The form once more, with what was written but for the second factor.
fn again(door: &Door, draft: Draft, faults: Faults, factor: Option<Factor>) -> Result<Response, Failure> {
    page(StatusCode::UNPROCESSABLE_ENTITY, &Next::of(door, draft).with(faults, factor))
}
