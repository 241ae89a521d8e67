//! Finds the notice a text belongs to, understands it, and records what it does. Doing it twice does it once.

use bootstrap::{ReadSettings, SettingsUnavailable};
use domain::ports::{Clock, Entropy};
use domain::{Answer, Evidence, Message, Notice, NoticeId, ProviderMessageId, RecipientId, ReplyId, interpret};
use jiff::Timestamp;
use store::{Binding, Clarifying, RecipientKey, UnmatchedText, Withdrawal};

use crate::binding::{Belongs, bind};
use crate::bound::{Bound, said};
use crate::inbound::MOST_MEDIA;
use crate::{Awaited, Inbound, KeepReplies, Provider, Sender, binding, clarify};

/// So many of a person's open notices, the newest, may a text be about.
const OPEN_NOTICES: i32 = 20;
/// A telephone that writes more often within an hour is answered by nobody but officers: it may be a machine that answers
/// ours.
const TEXTS_AN_HOUR: u32 = 20;

/// What was done with a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It made a choice, or withdrew one.
    Chosen,
    /// It said that a permit is renewed, and was kept for the officer.
    Renewed,
    /// It took back a refusal.
    Resumed,
    /// It was kept, and its sender is asked which notice it is about.
    Asked,
    /// It said which notice a text is about, which stands there now.
    Moved,
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
            Self::Renewed => "renewed",
            Self::Resumed => "resumed",
            Self::Asked => "asked which notice",
            Self::Moved => "moved",
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
    /// Files that came with it are still to be had.
    #[error("{0} files that came with the text are not had")]
    Files(usize),
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

pub(crate) fn once_key(provider: Provider, text: &ProviderMessageId) -> String {
    format!("{}#{text}", provider.as_str())
}

impl<T: KeepReplies, S: ReadSettings, C: Clock, E: Entropy> Receiver<T, S, C, E> {
    /// Takes one text in.
    ///
    /// # Errors
    /// When it could not be kept: it must come again.
    pub async fn receive(&self, inbound: Inbound) -> Result<Received, Unreceived> {
        let now = self.clock.now();
        if self.was_received(&inbound).await? {
            return Ok(Received::Before);
        }
        let Sender::Phone(phone) = &inbound.from else { return self.keep_unmatched(&inbound, now).await };
        let recipient = self.recipient_key.identify(phone);
        let meaning = interpret(&inbound.text);
        let answered = self.answered(&inbound, &recipient).await?;
        let clarifying = self.table.clarifying(&recipient).await?;
        let open = self.table.open(&recipient, OPEN_NOTICES).await?;
        let seal = self.recipient_key.seal(&inbound.text);
        let heard = self.table.heard(&recipient, now).await?;
        let quiet = heard.texts >= TEXTS_AN_HOUR || heard.newest.as_ref() == Some(&seal);
        // Papers are with the notice they were bound to already.
        let may_ask = !quiet && inbound.media.is_empty() && clarify::may_ask(clarifying.as_ref(), now);

        // A digit answers our question, unless the provider says that it answers another message, or another question came
        // since.
        let clarified = match (&answered, &clarifying) {
            (Some((_, Message::Clarification { .. })), Some(asked)) => Some(asked),
            (None, Some(asked)) => {
                let settings = self.settings.current().await?;
                let is_newer = |notice| binding::last_asked(notice, &settings).is_some_and(|last| last > asked.at);
                (!open.iter().any(is_newer)).then_some(asked)
            }
            (_, _) => None,
        };
        let digit = clarified.and_then(|asked| Some((asked, clarify::chosen(asked, &inbound.text, now)?)));
        let belongs = match (&digit, &answered) {
            (Some((asked, _)), _) => Belongs::To(asked.notice),
            (None, Some((notice, _))) => Belongs::To(*notice),
            (None, None) => bind(&open, &meaning, may_ask, now),
        };
        let (notice, candidates) = match belongs {
            Belongs::To(notice) => (Some(notice), Vec::new()),
            Belongs::ToOneOf(candidates) => (candidates.first().copied(), candidates),
            Belongs::Nowhere => (None, Vec::new()),
        };
        // Before the bound notice is recorded, with which the text counts as taken in: a crash between repeats it.
        match meaning {
            Answer::OptOut => {
                let (evidence, recipient) = (Evidence::Text { message: inbound.id.clone() }, recipient.clone());
                let withdrawal = Withdrawal { recipient, said_on: notice, only: None, evidence, at: now };
                self.table.withdraw_everywhere(&withdrawal).await?;
            }
            Answer::OptIn => self.table.resume(&recipient).await?,
            Answer::Choose(_) | Answer::Address(_) | Answer::Renewed | Answer::Words => {}
        }
        let Some(notice) = notice else { return self.keep_unmatched(&inbound, now).await };

        let reply = ReplyId::new(now, &self.entropy);
        let mut bound = Bound {
            message: &inbound.id,
            phone,
            recipient: &recipient,
            notice,
            reply,
            kept: Some(said(reply, notice, &inbound.kept_text(), now)),
            quiet,
            now,
            marks: self.marks(&inbound, &recipient, seal),
        };
        if let Some((asked, chosen)) = digit {
            return self.resolve(&bound, asked, chosen).await;
        }
        let candidates: Vec<Notice> = open.into_iter().filter(|notice| candidates.contains(&notice.id)).collect();
        let received = if candidates.is_empty() {
            bound.marks.extend(given_up(clarifying.as_ref()));
            self.act(&bound, &meaning).await?
        } else {
            self.ask_which(&bound, &candidates).await?
        };
        match received {
            Some(received) => Ok(received),
            None => self.keep(&bound).await,
        }
    }

    /// The text is taken in already.
    pub(crate) async fn was_received(&self, inbound: &Inbound) -> Result<bool, Unreceived> {
        Ok(self.table.done_on("reply", &once_key(inbound.provider, &inbound.id)).await?.is_some())
    }

    /// The files that come with a text, and the notice whose papers they become, which nobody is asked; none where its
    /// sender is nobody the office knows.
    pub(crate) async fn files_of(&self, inbound: &Inbound) -> Result<Option<Awaited>, Unreceived> {
        let Sender::Phone(phone) = &inbound.from else { return Ok(None) };
        let recipient = self.recipient_key.identify(phone);
        let now = self.clock.now();
        let notice = if let Some((notice, _)) = self.answered(inbound, &recipient).await? {
            Some(notice)
        } else {
            let open = self.table.open(&recipient, OPEN_NOTICES).await?;
            match bind(&open, &interpret(&inbound.text), false, now) {
                Belongs::To(notice) => Some(notice),
                Belongs::ToOneOf(candidates) => candidates.first().copied(),
                Belongs::Nowhere => None,
            }
        };
        let Some(notice) = notice else { return Ok(None) };
        let heard = self.table.heard(&recipient, now).await?;
        Ok(Some(Awaited {
            notice,
            provider: inbound.provider,
            text: inbound.id.clone(),
            files: inbound.media.iter().take(MOST_MEDIA).cloned().enumerate().collect(),
            // Pictures without words are all alike: only how many came tells a machine.
            confirm: heard.texts < TEXTS_AN_HOUR,
        }))
    }

    /// The notice that the provider says it answers, if it is this person's, and which of its messages.
    async fn answered(
        &self,
        inbound: &Inbound,
        recipient: &RecipientId,
    ) -> Result<Option<(NoticeId, Message)>, Unreceived> {
        let Some(message) = &inbound.in_reply_to else { return Ok(None) };
        // The office's texts go out by SNS, whoever brings the answers.
        let Some((id, sent)) = self.table.message("sns", message).await? else { return Ok(None) };
        let notice = self.table.notice(id).await?;
        let is_theirs = notice.is_some_and(|notice| notice.details.recipient_id.as_ref() == Some(recipient));
        Ok(is_theirs.then_some((id, sent.message)))
    }

    /// Whatever the text does, it does once: under its provider's name, and as the words it says.
    fn marks(&self, inbound: &Inbound, recipient: &RecipientId, seal: String) -> Vec<Binding> {
        let answered = inbound.in_reply_to.as_deref().unwrap_or_default();
        let said = self.recipient_key.seal(&format!("{recipient}\n{answered}\n{}", inbound.text));
        vec![
            Binding::Once { scope: "reply", key: once_key(inbound.provider, &inbound.id) },
            Binding::Said { seal: said },
            Binding::Heard { recipient: recipient.clone(), seal },
        ]
    }

    async fn keep_unmatched(&self, inbound: &Inbound, now: Timestamp) -> Result<Received, Unreceived> {
        let from = match &inbound.from {
            Sender::Phone(phone) => phone.expose(),
            Sender::Unknown(text) => text,
        };
        let provider = inbound.provider.as_str();
        let text = UnmatchedText { provider: provider.to_owned(), from: from.to_owned(), text: inbound.kept_text() };
        self.table.keep_unmatched(&once_key(inbound.provider, &inbound.id), &text, now).await?;
        tracing::warn!(provider, "a text belongs to no notice and was kept apart");
        Ok(Received::Unmatched)
    }
}

/// Who writes anything else than a digit need not answer our question any more, and is not asked again.
fn given_up(clarifying: Option<&Clarifying>) -> Option<Binding> {
    let waiting = clarifying.filter(|clarifying| !clarifying.candidates.is_empty())?;
    Some(Binding::Clarifying(waiting.clone().settled()))
}
