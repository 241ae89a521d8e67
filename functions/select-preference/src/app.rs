//! From a token to an answer: who comes, what the notice allows, and which page says so.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use domain::ports::{Clock, Entropy};
use domain::settings::Settings;
use domain::{Consent, LinkId, LinkToken, Notice, NoticeId};
use jiff::Timestamp;
use store::Link;

use crate::answer::{Failure, page, see, unavailable};
use crate::form::{Do, Form};
use crate::standing::Standing;
use crate::view::{
    AlreadySent, Cancelled, Choose, Locked, NotFound, Offer, Office, OptOut, Posted, Prove, Returned, Sender, Sending,
    TooLarge,
};
use crate::{Files, ReadSettings, Residents};

/// The pages' whole world.
pub struct App<R, S, L> {
    pub(crate) residents: R,
    pub(crate) settings: S,
    pub(crate) letters: L,
    /// The address that residents' links begin with.
    pub(crate) public_url: String,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) entropy: Box<dyn Entropy>,
}

/// What somebody with a link wants.
pub(crate) enum Visit {
    /// See the page.
    Show,
    /// Press a button on it.
    Act(Form),
    /// See the page for the notices to come.
    ShowNext,
    /// Choose how they come.
    Next(Form),
    /// See the page for refusing.
    ShowOptOut,
    /// Refuse.
    OptOut(Form),
    /// See which papers are asked for.
    ShowDocuments,
    /// Hand papers in.
    Documents(Form),
}

/// A link that leads somewhere, at one moment.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) token: LinkToken,
    pub(crate) link: Link,
    pub(crate) notice: Notice,
    pub(crate) settings: Arc<Settings>,
    pub(crate) now: Timestamp,
}

impl Door {
    pub(crate) fn office(&self) -> Office {
        Office::of(&self.settings.office)
    }

    pub(crate) fn sender(&self) -> Sender {
        Sender::of(&self.notice, &self.settings)
    }
}

impl<R: Residents, S: ReadSettings, L: Files> App<R, S, L> {
    /// Pages over these residents, settings and letters.
    pub fn new(
        residents: R,
        settings: S,
        letters: L,
        public_url: String,
        clock: impl Clock + 'static,
        entropy: impl Entropy + 'static,
    ) -> Self {
        Self { residents, settings, letters, public_url, clock: Box::new(clock), entropy: Box::new(entropy) }
    }

    /// Answers a visit; whatever fails becomes a page that says so, and one line of log.
    pub(crate) async fn answer(&self, token: &str, visit: Visit) -> Response {
        let settings = match self.settings.current().await {
            Ok(settings) => settings,
            Err(error) => return unavailable(None, &Failure::from(error)),
        };
        let office = Office::of(&settings.office);
        self.visit(token, visit, settings).await.unwrap_or_else(|failure| unavailable(Some(office), &failure))
    }

    /// Answers what leads nowhere, or is too much.
    pub(crate) async fn refuse(&self, status: StatusCode) -> Response {
        let office = match self.settings.current().await {
            Ok(settings) => Office::of(&settings.office),
            Err(error) => return unavailable(None, &Failure::from(error)),
        };
        let answer = if status == StatusCode::NOT_FOUND {
            page(status, &NotFound { office: Some(office.clone()) })
        } else {
            page(status, &TooLarge { office: Some(office.clone()) })
        };
        answer.unwrap_or_else(|failure| unavailable(Some(office), &failure))
    }

    async fn visit(&self, token: &str, visit: Visit, settings: Arc<Settings>) -> Result<Response, Failure> {
        let office = Office::of(&settings.office);
        // Who refuses may do so by an old mail too.
        let by_old_links = matches!(visit, Visit::ShowOptOut | Visit::OptOut(_));
        let Some(door) = self.open(token, settings, by_old_links).await? else {
            return page(StatusCode::NOT_FOUND, &NotFound { office: Some(office) });
        };
        match visit {
            Visit::Show => self.show(&door).await,
            Visit::Act(form) => self.act(&door, &form).await,
            Visit::ShowNext => self.show_next(&door).await,
            Visit::Next(form) => self.next(&door, &form).await,
            Visit::ShowOptOut => page(StatusCode::OK, &OptOut { office: Some(door.office()), sender: door.sender() }),
            Visit::OptOut(form) => self.opt_out(&door, &form).await,
            Visit::ShowDocuments => self.show_documents(&door).await,
            Visit::Documents(form) => self.documents(&door, &form).await,
        }
    }

    /// Finds what a token opens. A token that opens nothing costs the same two reads as one that does, so that neither
    /// the answer nor the time it takes tells whether it ever did.
    async fn open(&self, token: &str, settings: Arc<Settings>, by_old_links: bool) -> Result<Option<Door>, Failure> {
        let now = self.clock.now();
        let token = LinkToken::parse(token).ok();
        let id = token.as_ref().map_or_else(no_link, LinkToken::id);
        let link = self.residents.link(&id).await?;
        let notice = self.residents.notice(link.as_ref().map_or_else(no_notice, |link| link.notice)).await?;
        Ok(match (token, link, notice) {
            (Some(token), Some(link), Some(notice)) if by_old_links || now < link.expires_at => {
                Some(Door { token, link, notice, settings, now })
            }
            (_, _, _) => None,
        })
    }

    /// The page as the notice stands.
    pub(crate) async fn show(&self, door: &Door) -> Result<Response, Failure> {
        let (office, sender) = (Some(door.office()), door.sender());
        match Standing::of(&door.notice, &door.link) {
            Standing::Choosing => {
                let consent = self.consent_in_use(&door.notice).await?;
                page(StatusCode::OK, &Choose::of(door, consent.as_ref()))
            }
            Standing::Sending => {
                let consent = self.consent_in_use(&door.notice).await?;
                page(StatusCode::OK, &Sending::of(door, consent.as_ref()))
            }
            Standing::Sealed => page(StatusCode::OK, &Prove::of(door)),
            Standing::Locked => locked(door),
            Standing::Cancelled => page(StatusCode::GONE, &Cancelled { office, sender }),
            // No dead end: this is where the code on a letter leads.
            Standing::Posted => page(StatusCode::OK, &Posted::of(door)),
            Standing::Returned => page(StatusCode::OK, &Returned { office, sender, offer: Offer::of(door) }),
        }
    }

    async fn act(&self, door: &Door, form: &Form) -> Result<Response, Failure> {
        match (Standing::of(&door.notice, &door.link), form.button()) {
            (_, Do::Next) => Ok(see(&format!("{}/next", door.token.expose()))),
            (_, Do::Documents) => Ok(see(&format!("{}/documents", door.token.expose()))),
            (_, Do::OptOut) => Ok(see(&format!("{}/opt-out", door.token.expose()))),
            (Standing::Choosing, Do::Choose | Do::All | Do::Back | Do::Ticket | Do::Discard | Do::Unsaid) => {
                self.choose(door, form).await
            }
            (Standing::Sealed, Do::Read | Do::All | Do::Back | Do::Ticket | Do::Discard | Do::Unsaid) => {
                self.prove(door, form).await
            }
            (Standing::Sending | Standing::Sealed, Do::Choose) => already_sent(door),
            (Standing::Choosing | Standing::Sending, Do::Read) => Ok(see(door.token.expose())),
            (Standing::Sending, Do::All | Do::Back | Do::Ticket | Do::Discard | Do::Unsaid)
            | (
                Standing::Locked | Standing::Cancelled | Standing::Posted | Standing::Returned,
                Do::Choose | Do::Read | Do::All | Do::Back | Do::Ticket | Do::Discard | Do::Unsaid,
            ) => self.show(door).await,
        }
    }

    /// The consent by which the result goes or went, if it goes electronically.
    pub(crate) async fn consent_in_use(&self, notice: &Notice) -> Result<Option<Consent>, Failure> {
        let route = crate::standing::route(notice);
        match (&notice.details.recipient_id, route.and_then(domain::Route::consent)) {
            (Some(recipient), Some(consent)) => Ok(self.residents.consent(recipient, consent).await?),
            (None | Some(_), None) | (None, Some(_)) => Ok(None),
        }
    }
}

pub(crate) fn locked(door: &Door) -> Result<Response, Failure> {
    page(StatusCode::LOCKED, &Locked { office: Some(door.office()), sender: door.sender() })
}

pub(crate) fn already_sent(door: &Door) -> Result<Response, Failure> {
    page(StatusCode::CONFLICT, &AlreadySent { office: Some(door.office()), sender: door.sender() })
}

fn no_link() -> LinkId {
    LinkId::parse(&"0".repeat(64)).unwrap_or_else(|_| unreachable!("64 hexadecimal digits"))
}

fn no_notice() -> NoticeId {
    NoticeId::parse(&"0".repeat(26)).unwrap_or_else(|_| unreachable!("26 characters of a ULID"))
}
