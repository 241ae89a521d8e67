//! Makes a notice's letter: prints it, keeps it, and records which file it is.

use std::fmt;

use bootstrap::{ReadSettings, SettingsUnavailable};
use domain::ports::{Clock, Entropy};
use domain::{Checksum, Fact, LinkToken, Notice, Rendering, State};
use letters::{KeepFile, letter_key};
use store::{Binding, Change, Link, Transition};

use crate::{Letter, Notices, Press, Unprintable};

/// A letter that was not made.
#[derive(Debug, thiserror::Error)]
pub enum Unmade {
    /// There are no settings.
    #[error("no settings")]
    Settings(#[from] SettingsUnavailable),
    /// The table failed, or there is no such notice.
    #[error("the table failed")]
    Store(#[from] store::Error),
    /// It cannot be printed.
    #[error("the letter cannot be printed")]
    Unprintable(#[from] Unprintable),
    /// It could not be kept.
    #[error("the letter could not be kept")]
    Unkept(#[from] letters::Error),
}

/// Makes letters.
pub struct Maker<N, S, F> {
    notices: N,
    settings: S,
    files: F,
    press: Press,
    clock: Box<dyn Clock>,
    entropy: Box<dyn Entropy>,
    public_url: String,
}

impl<N, S, F> fmt::Debug for Maker<N, S, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Maker").field("public_url", &self.public_url).finish_non_exhaustive()
    }
}

impl<N: Notices, S: ReadSettings, F: KeepFile> Maker<N, S, F> {
    /// Makes letters of these notices, by these settings, with links to pages under `public_url`.
    pub fn new(
        notices: N,
        settings: S,
        files: F,
        clock: impl Clock + 'static,
        entropy: impl Entropy + 'static,
        public_url: String,
    ) -> Self {
        let press = Press::new();
        Self { notices, settings, files, press, clock: Box::new(clock), entropy: Box::new(entropy), public_url }
    }

    /// Makes one letter, unless it was made before.
    ///
    /// # Errors
    /// When it is not done; the queue brings it again.
    pub async fn make(&self, rendering: Rendering) -> Result<(), Unmade> {
        let settings = self.settings.current().await?;
        let notice = self.notices.notice(rendering.notice).await?.ok_or(store::Error::NotFound)?;
        if notice.paper.letter().is_some() || matches!(notice.state, State::Cancelled { .. }) {
            return Ok(());
        }
        let (now, token) = (self.clock.now(), LinkToken::new(&*self.entropy));
        let link_url = format!("{}/c/{}", self.public_url, token.expose());
        // A notice that waits for its day bears the date of that day.
        let dated = if let State::Accepted { not_before: Some(day), .. } = notice.state { day.max(now) } else { now };
        let letter = Letter::of(&notice, &settings, &link_url, dated);
        self.tell_of_missing_glyphs(&notice, &letter);
        let printed = self.press.print(&letter)?;
        let sha256 = Checksum::of(&printed.pdf);
        let bytes = u64::try_from(printed.pdf.len()).unwrap_or(u64::MAX);
        self.files.keep(&letter_key(notice.id, &sha256), "application/pdf", printed.pdf, &sha256).await?;
        let fact = Fact::LetterRendered(domain::Letter { sha256, pages: printed.pages, bytes });
        let expires_at = dated + settings.letter_link_lifetime();
        let link = Binding::Link(Link { id: token.id(), notice: notice.id, expires_at, tries: 0 });
        match self.notices.record(notice.id, Change { at: now, fact, bindings: vec![link] }).await? {
            Transition::Moved(_) => {
                tracing::info!(notice.id = %notice.id, pages = printed.pages, bytes, "letter made");
            }
            // Another was quicker, or the notice was cancelled meanwhile: this file is nobody's, and fades.
            Transition::AlreadyThere(_)
            | Transition::DoneBefore(_)
            | Transition::Refused(_, _)
            | Transition::Left(()) => {}
        }
        Ok(())
    }

    fn tell_of_missing_glyphs(&self, notice: &Notice, letter: &Letter) {
        let missing = self.press.uncovered(letter).len();
        if missing > 0 {
            tracing::warn!(notice.id = %notice.id, missing, "the fonts lack characters of this letter");
        }
    }
}
