//! What workers do: the real functions where they are libraries, and the few lines of those that are not.

use std::rc::Rc;

use channels::Dispatch;
use domain::{
    Answer, Channel, Checksum, Consent, ConsentId, Event, Evidence, Fact, Given, Letter, LinkToken, NoticeId,
    PhoneNumber, ReplyId, Route, Scope, State, interpret,
};
use jiff::{SignedDuration, Timestamp};
use letters::{KeepFile, letter_key};
use receive_reply::{Inbound, Received, Receiver, Sender};
use record_receipt::{Receipt, Recorder, Report};
use relay_events::{Work, consequences, count, may_cause};
use send_email::SendMails;
use send_sms::SendTexts;
use store::{Binding, Change, Decision, Direction, Error, Reply, Revocation, Withdrawal};
use watch_deadlines::Watch;

use crate::cast::{recipient_key, written_address};
use crate::cloud::Cloud;
use crate::print;
use crate::world::OptOut;

/// Work for one worker.
#[derive(Debug, Clone)]
pub(crate) enum Job {
    /// Relays the next events of a notice, or a batch that the stream delivers again.
    Relay { notice: NoticeId, again: Option<Vec<Event>> },
    /// Does what a queue brings.
    Deliver { work: Work, receives: u32 },
    /// Takes a text in.
    TakeText(Inbound),
    /// Takes a receipt in.
    TakeReceipt { receipt: Receipt, since: Timestamp, tries: u32 },
    /// Serves a resident on their page.
    Visit { token: String, does: VisitorDoes },
    /// Does what an officer wants.
    Officer { notice: NoticeId, does: OfficerDoes },
    /// Looks for what is due.
    Watch,
    /// Looks again at receipts that were kept apart.
    MatchAgain,
    /// Prints and posts.
    Print,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum VisitorDoes {
    Choose { channel: Channel, reach: u64 },
    Read,
    Guess,
    OptOut(Option<Channel>),
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum OfficerDoes {
    Cancel,
    OrderPost,
    Unlock,
    Answer,
    ScanReturned,
}

impl Job {
    /// Nothing lives longer.
    pub(crate) const fn lives(&self) -> SignedDuration {
        SignedDuration::from_secs(match self {
            Self::Deliver { .. } => 20,
            Self::Relay { .. }
            | Self::TakeText(_)
            | Self::TakeReceipt { .. }
            | Self::Visit { .. }
            | Self::Officer { .. }
            | Self::MatchAgain => 10,
            Self::Watch => 120,
            Self::Print => print::LEASE.as_secs() - 60,
        })
    }

    /// Its worker dies at a call so many times in ten thousand.
    pub(crate) const fn dies(&self) -> u64 {
        match self {
            Self::Deliver { .. } => 100,
            Self::Relay { .. }
            | Self::TakeText(_)
            | Self::TakeReceipt { .. }
            | Self::Visit { .. }
            | Self::Officer { .. }
            | Self::MatchAgain => 50,
            // Goes through hundreds of notices.
            Self::Watch | Self::Print => 8,
        }
    }
}

/// The functions.
pub(crate) struct Workers {
    cloud: Cloud,
    texts: SendTexts<Cloud, Cloud, Cloud>,
    mails: SendMails<Cloud, Cloud, Cloud, Cloud>,
    receiver: Receiver<Cloud, Cloud, Cloud, Cloud>,
    recorder: Recorder<Cloud, Cloud>,
    watch: Watch<Cloud, Cloud, Cloud>,
}

/// Short, so that the question carries its link.
const PAGES: &str = "https://t.kr";

impl Workers {
    pub(crate) fn new(cloud: &Cloud) -> Self {
        let one = || cloud.clone();
        let dispatch = || Dispatch::new(one(), one(), one(), one(), PAGES.to_owned());
        Self {
            cloud: one(),
            texts: SendTexts::new(dispatch(), one()),
            mails: SendMails::new(dispatch(), one(), one()),
            receiver: Receiver {
                table: one(),
                settings: one(),
                recipient_key: recipient_key(),
                clock: one(),
                entropy: one(),
            },
            recorder: Recorder { store: one(), clock: one() },
            watch: Watch::new(one(), one(), one()),
        }
    }

    /// Does the job; whether it is done.
    pub(crate) async fn perform(self: Rc<Self>, job: Job, batch: Vec<Event>) -> bool {
        let cloud = &self.cloud;
        match job {
            Job::Relay { notice, .. } => relay(cloud, notice, batch).await.is_ok(),
            Job::Deliver { work: Work::Send(command), .. } => match command.message.channel() {
                Channel::Email => self.mails.send(command).await.is_ok(),
                Channel::Sms | Channel::Post => self.texts.send(command).await.is_ok(),
            },
            Job::Deliver { work: Work::Render(rendering), .. } => render(cloud, rendering.notice).await.is_ok(),
            Job::TakeText(inbound) => self.take_text(inbound).await,
            Job::TakeReceipt { receipt, since, .. } => {
                self.recorder.take(Report::Receipt(receipt), Some(since)).await.is_ok()
            }
            Job::Visit { token, does } => visit(cloud, &token, does).await.is_ok(),
            Job::Officer { notice, does } => officer(cloud, notice, does).await.is_ok(),
            Job::Watch => {
                let stop = cloud.world().now + Job::Watch.lives() - SignedDuration::from_secs(12);
                self.watch.run(stop).await;
                true
            }
            Job::MatchAgain => self.recorder.match_again().await.is_ok(),
            Job::Print => print::run(cloud).await.is_ok(),
        }
    }

    async fn take_text(&self, inbound: Inbound) -> bool {
        let began = self.cloud.world().now;
        let refuses = interpret(&inbound.text) == Answer::OptOut;
        let from = inbound.from.clone();
        let Ok(received) = self.receiver.receive(inbound).await else { return false };
        if let (true, Sender::Phone(phone)) = (refuses && received != Received::Before, from) {
            let mut world = self.cloud.world();
            let done = world.now;
            world.opt_outs.push(OptOut { recipient: recipient_key().identify(&phone), began, done });
        }
        true
    }
}

/// As `relay-events`.
async fn relay(cloud: &Cloud, id: NoticeId, events: Vec<Event>) -> Result<(), Error> {
    for event in events {
        let notice = cloud.stored(id).await?.ok_or(Error::NotFound)?;
        let caused = consequences(&event, &notice);
        assert!(caused.is_empty() || may_cause(&event.fact), "{:?} causes {caused:?}", event.fact);
        for work in caused {
            cloud.way().await?;
            cloud.world().enqueue(work);
            cloud.way().await?;
        }
    }
    count(cloud, &[id]).await.map_err(|_| Error::Contention { attempts: 1 })
}

/// As `render-letter`: makes the file, keeps it, and says so.
async fn render(cloud: &Cloud, id: NoticeId) -> Result<(), Error> {
    let notice = cloud.stored(id).await?.ok_or(Error::NotFound)?;
    if notice.paper.letter().is_some() || matches!(notice.state, State::Cancelled { .. }) {
        return Ok(());
    }
    // Two that are at it make two files.
    let made = {
        let mut world = cloud.world();
        world.letters_made += 1;
        world.letters_made
    };
    let content = format!("%PDF-1.7 {id}, made as number {made}").into_bytes();
    let letter =
        Letter { sha256: Checksum::of(&content), pages: 1, bytes: u64::try_from(content.len()).unwrap_or_default() };
    let kept = cloud.keep(&letter_key(id, &letter.sha256), "application/pdf", content, &letter.sha256).await;
    kept.map_err(|_| Error::Contention { attempts: 1 })?;
    record(cloud, id, Fact::LetterRendered(letter), Vec::new()).await
}

async fn record(cloud: &Cloud, id: NoticeId, fact: Fact, bindings: Vec<Binding>) -> Result<(), Error> {
    let change = Change { at: cloud.world().now, fact, bindings };
    cloud.change(id, |_| Decision::<()>::Record(change.clone())).await.map(|_| ())
}

/// As `select-preference`.
async fn visit(cloud: &Cloud, token: &str, does: VisitorDoes) -> Result<(), Error> {
    let now = cloud.world().now;
    let Ok(token) = LinkToken::parse(token) else { return Ok(()) };
    let Some(link) = cloud.link(&token.id()).await? else { return Ok(()) };
    let notice = cloud.stored(link.notice).await?.ok_or(Error::NotFound)?;
    let is_old = link.expires_at <= now && !matches!(does, VisitorDoes::OptOut(_));
    let (false, Some(recipient)) = (is_old, notice.details.recipient_id.clone()) else { return Ok(()) };
    let evidence = Evidence::Link { link: link.id.clone() };
    match does {
        VisitorDoes::Read | VisitorDoes::Choose { .. } if notice.link_locked => Ok(()),
        VisitorDoes::Read => record(cloud, notice.id, Fact::Read, Vec::new()).await,
        VisitorDoes::Guess => record(cloud, notice.id, Fact::LinkLocked, Vec::new()).await,
        VisitorDoes::OptOut(only) => {
            let said_on = Some(notice.id);
            let withdrawal =
                Withdrawal { recipient: recipient.clone(), said_on, only, evidence: evidence.clone(), at: now };
            cloud.steer_away(&withdrawal).await?;
            let id = ConsentId::new(now, cloud);
            let revocation = Revocation { id, recipient: recipient.clone(), only, evidence: evidence.clone(), at: now };
            let fact = Fact::ConsentRevoked { only, confirm: false, evidence };
            record(cloud, notice.id, fact, vec![Binding::Revocation(revocation)]).await?;
            if only.is_none() {
                let mut world = cloud.world();
                let done = world.now;
                world.opt_outs.push(OptOut { recipient, began: now, done });
            }
            Ok(())
        }
        VisitorDoes::Choose { channel, reach } => {
            let details = &notice.details;
            let given = match channel {
                Channel::Sms => details.recipient.phone.clone().filter(PhoneNumber::is_mobile).map(Given::Sms),
                Channel::Email => Some(Given::Email(details.recipient.email.clone().unwrap_or_else(written_address))),
                Channel::Post => None,
            };
            let scope = match reach {
                0 => Scope::Kind(details.kind.clone()),
                1 => Scope::Everything,
                _ => Scope::Notice(notice.id),
            };
            let wording = cloud.world().settings.consent.version.clone();
            let consent = given.map(|given| Consent {
                id: ConsentId::new(now, cloud),
                recipient: recipient.clone(),
                given,
                scope: scope.clone(),
                wording,
                evidence: evidence.clone(),
                at: now,
            });
            let route = consent.as_ref().map_or(Route::Post, Consent::route);
            let mut bindings = vec![Binding::Preference { recipient, scope, route }];
            bindings.extend(consent.map(Binding::Consent));
            record(cloud, notice.id, Fact::ChannelChosen { route, evidence }, bindings).await
        }
    }
}

async fn officer(cloud: &Cloud, id: NoticeId, does: OfficerDoes) -> Result<(), Error> {
    let (officer, unit, reason) = ("김담당".to_owned(), "건축과".to_owned(), "중복".to_owned());
    match does {
        OfficerDoes::Cancel => record(cloud, id, Fact::Cancelled { officer, unit, reason }, Vec::new()).await,
        OfficerDoes::OrderPost => record(cloud, id, Fact::PostOrdered { officer }, Vec::new()).await,
        OfficerDoes::Unlock => record(cloud, id, Fact::LinkUnlocked { officer }, Vec::new()).await,
        OfficerDoes::ScanReturned => record(cloud, id, Fact::Returned, Vec::new()).await,
        OfficerDoes::Answer => {
            let at = cloud.world().now;
            let reply = ReplyId::new(at, cloud);
            let text = "담당 부서를 방문해 주십시오.".to_owned();
            let by = Some(officer.clone());
            let answer = Reply { id: reply, notice: id, direction: Direction::Outbound, text, officer: by, at };
            record(
                cloud,
                id,
                Fact::AnswerWritten { reply, channel: Channel::Sms, officer },
                vec![Binding::Reply(answer)],
            )
            .await
        }
    }
}
