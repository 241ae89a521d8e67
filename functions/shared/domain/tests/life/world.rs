//! A small world around one notice: senders, carriers, a resident, officers, a print run and a clock.

use domain::ports::Entropy;
use domain::{
    Billed, Channel, Checksum, Claim, ConsentId, DepartmentCode, Details, DocumentRequest, Due, Entity, Entry, Event,
    Evidence, Fact, Failure, KindCode, Letter, Message, Nature, Notice, NoticeId, Officer, Opening, Outcome,
    PermitCycle, PermitNumber, PersonName, PhoneNumber, PostReason, PostalAddress, ProviderMessageId, Recipient,
    Reference, ReplyId, RequestCode, Route, RunId, State, SubmissionId, SubmittedFile, UploadId, Verdict,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Action {
    Release,
    Render,
    Watch,
    Claim(u8),
    RecordSuccess,
    RecordFailure(bool),
    ChooseSms,
    ChooseEmail,
    ChoosePost,
    ChooseEmailWithoutAddress,
    Revoke,
    RevokeEmail,
    Reply,
    ReportRenewal,
    Answer,
    ReadReplies,
    MoveReply,
    RequestPapers(u8),
    Submit(u8),
    CheckFile(u8, bool),
    Read,
    Deliver(Channel),
    FailDelivery(Channel),
    Pass(u16),
    RemindIfDue,
    EndChoosing,
    EndReading,
    RequirePost,
    OrderPost,
    JoinRun(u8),
    Post(u8),
    Return,
    Cancel,
    LockLink,
    UnlockLink,
    RepeatFact(u8),
}

pub(crate) fn actions() -> impl Strategy<Value = Vec<Action>> {
    let electronic = prop_oneof![Just(Channel::Sms), Just(Channel::Email)];
    let action = prop_oneof![
        1 => Just(Action::Release),
        4 => Just(Action::Render),
        4 => Just(Action::Watch),
        8 => any::<u8>().prop_map(Action::Claim),
        8 => Just(Action::RecordSuccess),
        3 => any::<bool>().prop_map(Action::RecordFailure),
        3 => Just(Action::ChooseSms),
        3 => Just(Action::ChooseEmail),
        2 => Just(Action::ChoosePost),
        2 => Just(Action::ChooseEmailWithoutAddress),
        1 => Just(Action::Revoke),
        1 => Just(Action::RevokeEmail),
        1 => Just(Action::Reply),
        1 => Just(Action::ReportRenewal),
        1 => Just(Action::Answer),
        1 => Just(Action::ReadReplies),
        1 => Just(Action::MoveReply),
        1 => (0_u8..3).prop_map(Action::RequestPapers),
        2 => (0_u8..4).prop_map(Action::Submit),
        2 => ((0_u8..4), any::<bool>()).prop_map(|(file, clean)| Action::CheckFile(file, clean)),
        2 => Just(Action::Read),
        3 => electronic.clone().prop_map(Action::Deliver),
        3 => electronic.prop_map(Action::FailDelivery),
        4 => (0_u16..10_000).prop_map(Action::Pass),
        1 => Just(Action::RemindIfDue),
        2 => Just(Action::EndChoosing),
        2 => Just(Action::EndReading),
        1 => Just(Action::RequirePost),
        1 => Just(Action::OrderPost),
        2 => (1_u8..3).prop_map(Action::JoinRun),
        2 => (1_u8..3).prop_map(Action::Post),
        1 => Just(Action::Return),
        1 => Just(Action::Cancel),
        1 => Just(Action::LockLink),
        1 => Just(Action::UnlockLink),
        4 => any::<u8>().prop_map(Action::RepeatFact),
    ];
    prop::collection::vec(action, 0..40)
}

fn letter() -> Letter {
    Letter { sha256: Checksum::of(b"%PDF-1.7"), pages: 1, bytes: 8 }
}

fn paper(number: u8) -> DocumentRequest {
    DocumentRequest {
        code: RequestCode::parse(&format!("paper_{number}")).expect("a code"),
        name: "위임장".to_owned(),
        required: number == 0,
        until: (number == 0).then(|| "2026-11-28".parse().expect("a day")),
    }
}

fn file(number: u8) -> UploadId {
    UploadId::parse(&format!("0000000000000000000000000{number}")).expect("an id")
}

fn run(number: u8) -> RunId {
    RunId::of("2026-11-23".parse().expect("a day"), number.into())
}

struct Counting(std::cell::Cell<u8>);

// One world lives on one thread.
struct Chance(std::sync::Mutex<Counting>);

impl Entropy for Chance {
    fn fill(&self, bytes: &mut [u8]) {
        let counting = self.0.lock().expect("one thread");
        counting.0.set(counting.0.get().wrapping_add(1));
        bytes.fill(counting.0.get());
    }
}

pub(crate) struct World {
    pub(crate) first: Notice,
    notice: Notice,
    pub(crate) events: Vec<Event>,
    now: Timestamp,
    chance: Chance,
}

impl World {
    pub(crate) fn new(has_address: bool, waits: bool) -> Self {
        let now: Timestamp = "2026-11-23T01:00:00Z".parse().expect("a moment");
        let chance = Chance(std::sync::Mutex::new(Counting(std::cell::Cell::new(0))));
        let details = Details {
            reference: Reference::parse("2026-민원-00001").expect("a reference"),
            kind: KindCode::parse("petition_result").expect("a code"),
            nature: Nature::Disposition,
            department: DepartmentCode::parse("building").expect("a code"),
            title: "처리결과".to_owned(),
            body: "내용".to_owned(),
            refusal: None,
            officer: Officer {
                unit: "건축과".to_owned(), name: "김담당".to_owned(), phone: "02-2155-0001".to_owned()
            },
            recipient: Recipient {
                name: PersonName::parse("홍길동").expect("a name"),
                phone: Some(PhoneNumber::parse("010-1234-5678").expect("a phone")),
                email: None,
                address: has_address
                    .then(|| PostalAddress::parse("06628", "서울특별시 서초구 동광로 1").expect("an address")),
                birth_date: None,
                entity: Entity::Person,
            },
            recipient_id: None,
            permit: Some(PermitCycle {
                permit: PermitNumber::parse("서초-2027-0001").expect("a number"),
                expires_on: "2027-01-23".parse().expect("a day"),
            }),
            requests: Vec::new(),
        };
        let not_before = waits.then(|| now + SignedDuration::from_hours(1));
        let (notice, events) = Notice::accept(NoticeId::new(now, &chance), details, &Opening::Ask, not_before, now);
        Self { first: notice.clone(), notice, events, now, chance }
    }

    /// With its letter made.
    pub(crate) fn ready(has_address: bool) -> Self {
        let mut world = Self::new(has_address, false);
        world.act(Action::Render);
        world
    }

    pub(crate) const fn notice(&self) -> &Notice {
        &self.notice
    }

    pub(crate) fn count(&self, fact: &str) -> usize {
        self.events.iter().filter(|event| event.fact.name() == fact).count()
    }

    pub(crate) fn pass(&mut self, minutes: u16) {
        self.now += SignedDuration::from_mins(i64::from(minutes));
    }

    pub(crate) const fn now(&self) -> Timestamp {
        self.now
    }

    /// To this hour of the day, as `closed_until` counts it.
    pub(crate) fn pass_to(&mut self, hour: i64) {
        let hours = (hour * 60 - self.now.as_second() / 60).rem_euclid(24 * 60);
        self.pass(u16::try_from(hours).expect("less than a day"));
    }

    /// Offers a fact to the notice and records it if it moved.
    fn offer(&mut self, fact: Fact) -> bool {
        let event = Event { version: self.notice.version + 1, at: self.now, fact };
        match self.notice.clone().apply(&event) {
            Outcome::Moved(next) => {
                self.notice = *next;
                self.events.push(event);
                true
            }
            Outcome::AlreadyThere | Outcome::Invalid(_) => false,
        }
    }

    /// The office's hours, two in three of the day, so that a life meets both.
    fn closed_until(&self) -> Option<Timestamp> {
        const DAY: i64 = 24 * 60 * 60;
        let second = self.now.as_second().rem_euclid(DAY);
        (second >= DAY * 2 / 3).then(|| self.now + SignedDuration::from_secs(DAY - second))
    }

    /// The watcher comes by: what fell due happens, and moves the notice on.
    pub(crate) fn watch(&mut self) -> bool {
        match self.notice.fell_due(self.now) {
            Some(Due::SetOut) => assert!(self.offer(Opening::Ask.at_last()), "its day has come"),
            Some(Due::Passed(fact)) => assert!(self.offer(fact.clone()), "{fact:?} moves what waited for it"),
            None => {
                assert!(self.notice.due_at().is_none_or(|due| due > self.now), "nothing that is due is left out");
                return false;
            }
        }
        true
    }

    pub(crate) fn claim(&mut self, cause: u32, message: &Message) -> bool {
        match self.notice.claim(cause, message, self.now, self.now + SignedDuration::from_mins(90), self.closed_until())
        {
            Claim::Granted(fact) => {
                let granted = self.offer(fact);
                // As the senders do: the consent is looked for again before anything goes out.
                if matches!(message, Message::Result { .. }) && self.notice.consent_for_result().is_none() {
                    self.offer(Fact::SendFailed { cause, reason: Failure::ConsentMissing });
                    return false;
                }
                granted
            }
            Claim::Held(fact) => {
                assert!(self.offer(fact), "a hold is recorded");
                false
            }
            Claim::Leased { .. } | Claim::Over => false,
        }
    }

    pub(crate) fn claim_and_fail(&mut self) {
        self.claim_any(0);
        self.act(Action::RecordFailure(true));
    }

    /// Any command that may still lie in a queue, wanted or long overtaken.
    fn claim_any(&mut self, salt: u8) {
        let messages = [
            Message::Result { channel: Channel::Sms },
            Message::Result { channel: Channel::Email },
            Message::Question,
            Message::Reminder,
            Message::EmailRequest,
            Message::PostConfirmation,
        ];
        let turn = usize::from(salt) % messages.len();
        for cause in (1..=self.notice.version).rev() {
            for message in messages.iter().cycle().skip(turn).take(messages.len()) {
                if self.claim(cause, message) {
                    return;
                }
            }
        }
    }

    fn claimed(&self) -> Option<(u32, Message)> {
        self.notice.ledger.iter().find_map(|(cause, entry)| match entry {
            Entry::Claimed { message, .. } => Some((*cause, message.clone())),
            Entry::Held { .. } | Entry::Queued { .. } | Entry::Done | Entry::Failed => None,
        })
    }

    fn provider_id() -> ProviderMessageId {
        ProviderMessageId::parse("message-1").expect("an id")
    }

    fn evidence() -> Evidence {
        Evidence::Text { message: Self::provider_id() }
    }

    fn revoke(&mut self, only: Option<Channel>) {
        self.offer(Fact::ConsentRevoked { only, confirm: only.is_none(), evidence: Self::evidence() });
    }

    fn consent(&self) -> ConsentId {
        ConsentId::new(self.now, &self.chance)
    }

    fn hours(&self, hours: i64) -> Timestamp {
        self.now + SignedDuration::from_hours(hours)
    }

    /// The provider took whatever is claimed.
    fn record_success(&mut self) {
        let provider_id = Self::provider_id();
        let Some((cause, message)) = self.claimed() else { return };
        let by_mail = matches!(message, Message::Result { channel: Channel::Email });
        let billed = if by_mail { Billed::email() } else { Billed::parts(1) };
        self.offer(match message {
            Message::Question => {
                Fact::Asked { cause, provider_id, billed, remind_at: self.hours(24), choose_by: self.hours(72) }
            }
            Message::Result { .. } => Fact::Sent { cause, provider_id, billed, read_by: Some(self.hours(120)) },
            Message::Reminder
            | Message::EmailRequest
            | Message::Acknowledgement { .. }
            | Message::RenewalConfirmation
            | Message::Answer { .. }
            | Message::Clarification { .. }
            | Message::ResumeConfirmation
            | Message::DocumentsRequest
            | Message::DocumentsReminder
            | Message::SubmissionReceipt { .. }
            | Message::DocumentRefused { .. }
            | Message::PostConfirmation
            | Message::OptOutConfirmation => Fact::MessageSent { cause, provider_id, billed },
        });
    }

    /// What a named officer decides.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other actions are others'")]
    fn decide(&mut self, action: Action) {
        let officer = "김담당".to_owned();
        self.offer(match action {
            Action::OrderPost => Fact::PostOrdered { officer },
            Action::Cancel => Fact::Cancelled { officer, unit: "건축과".to_owned(), reason: "중복".to_owned() },
            Action::UnlockLink => Fact::LinkUnlocked { officer },
            other => unreachable!("{other:?} is no officer's"),
        });
    }

    /// Officer and resident write to each other, and papers come and go.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other actions are the result's")]
    fn talk(&mut self, action: Action) {
        match action {
            Action::Answer => {
                let (reply, officer) = (ReplyId::new(self.now, &self.chance), "김담당".to_owned());
                self.offer(Fact::AnswerWritten { reply, channel: Channel::Sms, officer });
            }
            Action::ReadReplies => {
                self.offer(Fact::RepliesRead { officer: "김담당".to_owned() });
            }
            Action::MoveReply => {
                let reply = ReplyId::new(self.now, &self.chance);
                self.offer(Fact::ReplyMoved { reply, to: self.notice.id });
            }
            Action::RequestPapers(which) => {
                self.offer(Fact::DocumentsRequested { requests: vec![paper(which)], officer: "김담당".to_owned() });
            }
            Action::Submit(which) => {
                let before = self.notice.state.clone();
                let files = vec![SubmittedFile { upload: file(which), request: Some(paper(which).code) }];
                self.offer(Fact::DocumentsSubmitted {
                    submission: SubmissionId::new(self.now, &self.chance),
                    files,
                    confirm: true,
                });
                assert_eq!(self.notice.state, before, "papers move no result");
            }
            Action::CheckFile(which, clean) => {
                let sha256 = Checksum::of(b"%PDF-1.7");
                let verdict = if clean { Verdict::Clean { sha256, warnings: Vec::new() } } else { Verdict::Infected };
                self.offer(Fact::DocumentChecked { upload: file(which), verdict });
            }
            other => unreachable!("{other:?} is the result's"),
        }
    }

    pub(crate) fn act(&mut self, action: Action) {
        let chosen = |route| Fact::ChannelChosen { route, evidence: Self::evidence() };
        match action {
            Action::Release => {
                self.offer(Fact::Released);
            }
            Action::Render => {
                self.offer(Fact::LetterRendered(letter()));
            }
            Action::Watch => {
                self.watch();
            }
            Action::Claim(salt) => self.claim_any(salt),
            Action::RecordSuccess => self.record_success(),
            Action::RecordFailure(missing) => {
                let reason = if missing { Failure::UnreachableAddress } else { Failure::ConsentMissing };
                if let Some((cause, _)) = self.claimed() {
                    self.offer(Fact::SendFailed { cause, reason });
                }
            }
            Action::ChooseSms => {
                let consent = self.consent();
                self.offer(chosen(Route::Sms { consent }));
            }
            Action::ChooseEmail => {
                let consent = self.consent();
                self.offer(chosen(Route::Email { consent }));
            }
            Action::ChoosePost => {
                self.offer(chosen(Route::Post));
            }
            Action::ChooseEmailWithoutAddress => {
                let choose_by = self.hours(72);
                self.offer(Fact::EmailChosenWithoutAddress { evidence: Self::evidence(), choose_by });
            }
            Action::Revoke => self.revoke(None),
            Action::RevokeEmail => self.revoke(Some(Channel::Email)),
            Action::Reply => {
                let reply = ReplyId::new(self.now, &self.chance);
                self.offer(Fact::ReplyReceived { reply, acknowledge: true });
            }
            Action::ReportRenewal => {
                let reply = ReplyId::new(self.now, &self.chance);
                let before = self.notice.state.clone();
                let anew = self.notice.renewal_reported_at.is_none();
                assert_eq!(self.offer(Fact::RenewalReported { reply }), anew, "recorded once, in every state");
                assert_eq!(self.notice.state, before, "the notice goes its way");
            }
            Action::Answer
            | Action::ReadReplies
            | Action::MoveReply
            | Action::RequestPapers(_)
            | Action::Submit(_)
            | Action::CheckFile(..) => self.talk(action),
            Action::Read => {
                self.offer(Fact::Read);
            }
            Action::Deliver(channel) => {
                self.offer(Fact::Delivered { channel });
            }
            Action::FailDelivery(channel) => {
                self.offer(Fact::DeliveryFailed { channel, reason: Failure::UnreachableAddress });
            }
            Action::Pass(minutes) => self.pass(minutes),
            Action::RemindIfDue => {
                self.offer(Fact::ReminderFellDue);
            }
            Action::EndChoosing => {
                self.offer(Fact::ChooseByPassed);
            }
            Action::EndReading => {
                self.offer(Fact::UnreadPassed);
            }
            Action::RequirePost => {
                self.offer(Fact::PostRequired { reason: PostReason::NotAMobile });
            }
            Action::JoinRun(number) => {
                self.offer(Fact::JoinedRun { run: run(number) });
            }
            Action::Post(number) => {
                self.offer(Fact::Posted { run: run(number) });
            }
            Action::Return => {
                self.offer(Fact::Returned);
            }
            Action::LockLink => {
                self.offer(Fact::LinkLocked);
            }
            Action::OrderPost | Action::Cancel | Action::UnlockLink => self.decide(action),
            Action::RepeatFact(which) => {
                let earlier = self.events[usize::from(which) % self.events.len()].clone();
                assert_eq!(self.notice.clone().apply(&earlier), Outcome::AlreadyThere, "a redelivery changes nothing");
                self.offer(earlier.fact);
            }
        }
    }

    /// From wherever the notice stands: senders, clock, carrier, print run and officer do what they must.
    pub(crate) fn run_to_the_end(&mut self) {
        self.act(Action::Render);
        for _ in 0..60 {
            match self.notice.state.clone() {
                State::Accepted { not_before: Some(_), .. } => {
                    self.pass(60);
                    self.watch();
                }
                State::Accepted { not_before: None, .. } | State::Sending { .. } => {
                    self.pass(120);
                    self.watch();
                    self.claim_any(0);
                    while self.claimed().is_some() {
                        self.record_success();
                    }
                }
                State::Asking { .. } => {
                    self.pass(60 * 73);
                    self.act(Action::EndChoosing);
                }
                State::Sent { route, .. } => self.act(Action::Deliver(route.channel())),
                State::Delivered { read_by: Some(_), .. } => {
                    self.pass(60 * 121);
                    self.act(Action::EndReading);
                }
                State::Posting { .. } => self.act(Action::JoinRun(3)),
                State::Printing { run, .. } => {
                    self.offer(Fact::Posted { run });
                }
                State::Returned { .. } | State::NeedsAttention { .. } => self.act(Action::Cancel),
                State::Delivered { read_by: None, .. }
                | State::Read { .. }
                | State::Posted { .. }
                | State::Cancelled { .. } => return,
            }
        }
    }
}
