//! A store in memory: the table's verbs over the real `Notice::apply`.

use std::sync::{Arc, Mutex, MutexGuard};

use channels::Ledger;
use channels::fake::{MemoryLedger, StoppedClock, accepted, by_mail, by_text, chosen, noon, notice_id};
use domain::{
    Billed, Channel, Claim, Consent, ConsentId, Details, Fact, Given, LEASE, Message, Notice, NoticeId,
    ProviderMessageId, RecipientId, State,
};
use jiff::{SignedDuration, Timestamp};
use record_receipt::{KeepReceipts, Recorder};
use store::{Binding, Dead, Decision, Error, SentMessage, Transition};

/// What was kept beside the notices.
#[derive(Default)]
struct Kept {
    messages: Vec<(String, NoticeId, SentMessage)>,
    dead: Vec<(String, Dead)>,
    withdrawn: Vec<(Given, Timestamp)>,
}

#[derive(Clone, Default)]
pub(crate) struct Memory {
    pub(crate) ledger: MemoryLedger,
    kept: Arc<Mutex<Kept>>,
}

impl Memory {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("a lock")
    }

    fn is_done(&self, scope: &str, key: &str) -> bool {
        let is_it =
            |binding: &Binding| matches!(binding, Binding::Once { scope: s, key: k } if *s == scope && k == key);
        self.ledger.bindings().iter().any(is_it)
    }

    /// A provider's name for a message of the sample notice.
    pub(crate) fn bind(&self, provider: &str, id: &str, sent: SentMessage) {
        self.kept().messages.push((format!("{provider}#{id}"), notice_id(), sent));
    }

    /// Names of what was kept apart.
    pub(crate) fn dead(&self) -> Vec<String> {
        self.kept().dead.iter().map(|(what, dead)| format!("{what}#{}", dead.name)).collect()
    }

    /// All that was kept apart, as text.
    pub(crate) fn dead_contents(&self) -> String {
        self.kept().dead.iter().map(|(_, dead)| dead.content.clone()).collect()
    }

    /// The addresses found unusable.
    pub(crate) fn withdrawn(&self) -> Vec<Given> {
        self.kept().withdrawn.iter().map(|(given, _)| given.clone()).collect()
    }

    /// The sample notice's state.
    pub(crate) fn state(&self) -> State {
        self.ledger.notice(notice_id()).state
    }

    /// The names of what happened to the sample notice, its sending aside.
    pub(crate) fn happened(&self) -> Vec<&'static str> {
        let facts = self.ledger.facts(notice_id());
        facts
            .iter()
            .map(Fact::name)
            .filter(|name| !["send_claimed", "asked", "channel_chosen"].contains(name))
            .collect()
    }

    fn claimed(&self, cause: u32, message: &Message) {
        let claim = self.ledger.notice(notice_id()).claim(cause, message, noon(), noon() + LEASE, None);
        let Claim::Granted(fact) = claim else { unreachable!("it may be sent: {claim:?}") };
        self.ledger.happen(notice_id(), fact, noon());
    }

    /// The resident has been asked by the text `question`.
    pub(crate) fn asked(&self, details: Details) {
        self.ledger.add(accepted(details));
        self.claimed(1, &Message::Question);
        let provider_id = ProviderMessageId::parse("question").expect("an id");
        let hours = |hours| noon() + SignedDuration::from_hours(hours);
        let fact =
            Fact::Asked { cause: 1, provider_id, billed: Billed::parts(1), remind_at: hours(24), choose_by: hours(72) };
        self.ledger.happen(notice_id(), fact, noon());
        self.bind("sns", "question", SentMessage { cause: 1, message: Message::Question, consent: None });
    }

    /// The resident chose by this consent; its result is on its way. Its cause.
    pub(crate) fn chose(&self, consent: Consent) -> u32 {
        self.ledger.happen(notice_id(), chosen(consent.route()), noon());
        self.ledger.add_consent(consent);
        self.ledger.notice(notice_id()).version
    }

    /// A provider took the result under this name.
    pub(crate) fn sent(&self, provider: &str, id: &str, cause: u32, read_by: Option<Timestamp>) {
        let notice = self.ledger.notice(notice_id());
        let State::Sending { route, .. } = notice.state else { unreachable!("a result on its way") };
        let message = Message::Result { channel: route.channel() };
        self.claimed(cause, &message);
        let provider_id = ProviderMessageId::parse(id).expect("an id");
        let sent = Fact::Sent { cause, provider_id, billed: Billed::parts(1), read_by };
        self.ledger.happen(notice_id(), sent, noon());
        self.bind(provider, id, SentMessage { cause, message, consent: route.consent() });
    }

    /// A notice whose result went out by this channel under the name `result`.
    pub(crate) fn with_result(channel: Channel, details: Details, read_by: Option<Timestamp>) -> Self {
        let memory = Self::default();
        memory.asked(details);
        let (provider, consent) = match channel {
            Channel::Sms => ("sns", by_text()),
            Channel::Email => ("ses", by_mail()),
            Channel::Post => unreachable!("nobody reports of letters"),
        };
        let cause = memory.chose(consent);
        memory.sent(provider, "result", cause, read_by);
        memory
    }

    /// Records into this store.
    pub(crate) fn recorder(&self) -> (Recorder<Self, StoppedClock>, StoppedClock) {
        let clock = StoppedClock::default();
        (Recorder { store: self.clone(), clock: clock.clone() }, clock)
    }
}

impl KeepReceipts for Memory {
    async fn was_done(&self, scope: &str, key: &str) -> Result<bool, Error> {
        Ok(self.is_done(scope, key))
    }

    async fn message(&self, provider: &str, id: &str) -> Result<Option<(NoticeId, SentMessage)>, Error> {
        let name = format!("{provider}#{id}");
        let found = self.kept().messages.iter().find(|(of, _, _)| *of == name).cloned();
        Ok(found.map(|(_, notice, sent)| (notice, sent)))
    }

    async fn notice(&self, id: NoticeId) -> Result<Option<Notice>, Error> {
        Ok(Some(self.ledger.notice(id)))
    }

    async fn transition<T: Send>(
        &self,
        id: NoticeId,
        mut decide: impl FnMut(&Notice) -> Decision<T> + Send,
    ) -> Result<Transition<T>, Error> {
        let before = self.ledger.notice(id);
        if let Decision::Record(change) = decide(&before) {
            let done = |binding: &Binding| matches!(binding, Binding::Once { scope, key } if self.is_done(scope, key));
            if change.bindings.iter().any(done) {
                return Ok(Transition::DoneBefore(Box::new(before)));
            }
        }
        self.ledger.transition(id, decide).await
    }

    async fn consent(&self, recipient: &RecipientId, id: ConsentId) -> Result<Option<Consent>, Error> {
        Ledger::consent(&self.ledger, recipient, id).await
    }

    async fn withdraw_address(&self, _: &RecipientId, given: &Given, by: Timestamp) -> Result<(), Error> {
        self.kept().withdrawn.push((given.clone(), by));
        Ok(())
    }

    async fn keep_dead(&self, what: &'static str, name: &str, content: &str, at: Timestamp) -> Result<(), Error> {
        let dead = Dead { name: name.to_owned(), content: content.to_owned(), at };
        self.kept().dead.push((what.to_owned(), dead));
        Ok(())
    }

    async fn dead_items(&self, what: &str, day: Timestamp) -> Result<Vec<Dead>, Error> {
        let day = |at: Timestamp| at.as_second().div_euclid(86_400) == day.as_second().div_euclid(86_400);
        let kept = self.kept();
        Ok(kept.dead.iter().filter(|(of, dead)| of == what && day(dead.at)).map(|(_, dead)| dead.clone()).collect())
    }

    async fn forget_dead(&self, what: &str, dead: &Dead) -> Result<(), Error> {
        self.kept().dead.retain(|(of, kept)| of != what || kept != dead);
        Ok(())
    }
}
