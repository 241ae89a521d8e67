//! Carriers of texts and e-mails: they take, refuse, throttle, break off after having taken, and report what they like.

use channels::{Fault, OutgoingMail, OutgoingText, SendError, SendMail, SendText, Taken};
use domain::{Billed, Channel, Fact, Failure, Given, Message, Nature, ProviderMessageId};
use jiff::Timestamp;
use record_receipt::{Receipt, Tags, Verdict};

use crate::cloud::Cloud;
use crate::jobs::Job;
use crate::world::{Arrival, Handed, Happening, START, World};

const TEXTS: &str = "sns";
const MAILS: &str = "ses";

fn later(code: &str) -> SendError {
    SendError::Retryable { source: Fault { provider: "a carrier", code: code.to_owned(), request: "-".to_owned() } }
}

fn never(reason: Failure) -> SendError {
    let source = Fault { provider: "a carrier", code: "Refused".to_owned(), request: "-".to_owned() };
    SendError::Permanent { reason, source }
}

impl SendText for Cloud {
    const PROVIDER: &'static str = TEXTS;

    async fn send_text(&self, text: &OutgoingText) -> Result<Taken, SendError> {
        self.far_way().await.map_err(|_| later("no connection"))?;
        let id = self.world().take(TEXTS, Given::Sms(text.to.clone()), &text.body.0, None)?;
        self.far_way().await.map_err(|_| later("broken off"))?;
        Ok(Taken { id, billed: Billed::parts(1) })
    }
}

impl SendMail for Cloud {
    const PROVIDER: &'static str = MAILS;

    async fn send_mail(&self, mail: &OutgoingMail) -> Result<Taken, SendError> {
        let carries_letter = mail.attachment.as_ref().is_some_and(|file| file.content.starts_with(b"%PDF"));
        let command = self.world().turn.command.clone().expect("a sender's turn");
        assert_eq!(carries_letter, matches!(command.message, Message::Result { .. }), "a result carries the letter");
        self.far_way().await.map_err(|_| later("no connection"))?;
        let tags = mail.result_under.map(|consent| Tags { notice: mail.notice, cause: mail.cause, consent });
        let id = self.world().take(MAILS, Given::Email(mail.to.clone()), &mail.text.0, tags)?;
        self.far_way().await.map_err(|_| later("broken off"))?;
        Ok(Taken { id, billed: Billed::email() })
    }
}

/// The token of the link in a message.
fn token(words: &str) -> Option<String> {
    words.split_once("/c/").and_then(|(_, rest)| rest.get(..12)).map(str::to_owned)
}

impl World {
    /// Both providers are away for three hours of the third day.
    fn is_outage(&self) -> bool {
        let start: Timestamp = START.parse().expect("a moment");
        (50..53).contains(&self.now.duration_since(start).as_hours())
    }

    fn take(
        &mut self,
        provider: &'static str,
        to: Given,
        words: &str,
        tags: Option<Tags>,
    ) -> Result<ProviderMessageId, SendError> {
        let command = self.turn.command.clone().expect("a sender's turn");
        if self.is_outage() || self.chance.hits(300) {
            return Err(later("Throttled"));
        }
        if self.chance.hits(100) {
            let reasons = [Failure::BlockedByRecipient, Failure::BlockedByCarrier, Failure::MessageRefused];
            return Err(never(self.chance.pick(&reasons)));
        }
        let file = &self.shelf.files[&command.notice];
        let resident = file.resident;
        let is_lost = match &to {
            Given::Sms(_) => self.residents[resident].number_is_dead,
            Given::Email(_) => self.residents[resident].mailbox_bounces,
        };
        if is_lost && self.chance.hits(5_000) {
            return Err(never(Failure::UnreachableAddress));
        }
        let claims = file.events.iter().rev();
        let claim = claims
            .filter(|event| matches!(event.fact, Fact::SendClaimed { cause, .. } if cause == command.cause))
            .map(|event| event.version)
            .next();
        let claim = claim.expect("what is sent was claimed");
        let must_be_reported =
            matches!(command.message, Message::Result { .. }) && file.notice.details.nature == Nature::Guidance;
        let provider_id = ProviderMessageId::parse(&format!("{provider}-{}", self.handed.len())).expect("an id");
        let (notice, at, message) = (command.notice, self.now, command.message.clone());
        let channel = if provider == MAILS { Channel::Email } else { Channel::Sms };
        self.turn.handed = Some(self.handed.len());
        let id = provider_id.clone();
        self.handed.push(Handed { notice, command, to, claim, at, provider_id: id, ended_well: false });
        match channel {
            Channel::Sms | Channel::Post => self.tally.texts += 1,
            Channel::Email => self.tally.mails += 1,
        }
        if !is_lost {
            let id = provider_id.clone();
            let arrival = Arrival { resident, channel, message, provider_id: id, token: token(words) };
            let delay =
                if self.chance.hits(100) { self.chance.minutes(1, 300) } else { self.chance.millis(500, 9_000) };
            self.plan(delay, Happening::Arrive(arrival));
        }
        self.report(provider, &provider_id, tags, is_lost, must_be_reported);
        Ok(provider_id)
    }

    /// Receipts: late, twice, contradicting one another, out of order, or none.
    fn report(&mut self, provider: &str, message: &ProviderMessageId, tags: Option<Tags>, is_lost: bool, must: bool) {
        let failed = |reason| Verdict::Failed { reason };
        let verdicts = match self.chance.below(100) {
            _ if is_lost => vec![failed(Failure::UnreachableAddress)],
            0..2 => vec![failed(Failure::GaveUp)],
            2..4 => vec![Verdict::Unreachable],
            4..7 => vec![Verdict::Delayed, Verdict::Arrived],
            7..9 => vec![Verdict::Arrived, failed(Failure::BlockedByCarrier)],
            9 if provider == MAILS => vec![Verdict::Arrived, failed(Failure::Complaint)],
            10..14 if !must => Vec::new(),
            _ => vec![Verdict::Arrived],
        };
        for verdict in verdicts {
            for _ in 0..if self.chance.hits(1_000) { 2 } else { 1 } {
                let delay = match self.chance.below(100) {
                    0..5 => self.chance.minutes(5, 1_200),
                    5..40 => self.chance.millis(20, 1_000),
                    _ => self.chance.millis(1_000, 30_000),
                };
                let at = self.now + delay;
                let (provider, message) = (provider.to_owned(), message.clone());
                let receipt = Receipt { provider, message, verdict, at, tags };
                self.start(delay, Job::TakeReceipt { receipt, since: at, tries: 0 });
            }
        }
    }
}
