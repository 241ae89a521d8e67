//! What residents do when something reaches them, and officers when something needs them.

use domain::{Channel, Message, NoticeId, ProviderMessageId, State};
use jiff::SignedDuration;
use receive_reply::{Inbound, Provider, Sender};

use crate::jobs::{Job, OfficerDoes, VisitorDoes};
use crate::world::{Arrival, World};

impl World {
    /// At once, in the evening, after the reminder, after the last day to choose, long after everything.
    fn some_time(&mut self) -> SignedDuration {
        match self.chance.below(100) {
            0..50 => self.chance.millis(2_000, 3_600_000),
            50..70 => self.chance.minutes(60, 720),
            70..80 => self.chance.minutes(20 * 60, 40 * 60),
            80..92 => self.chance.minutes(60 * 60, 100 * 60),
            _ => self.chance.minutes(100 * 60, 220 * 60),
        }
    }

    /// A resident looks at what came.
    pub(crate) fn react(&mut self, arrival: &Arrival) {
        if self.residents[arrival.resident].is_silent {
            return;
        }
        match &arrival.message {
            Message::Question | Message::Reminder => {
                if self.chance.hits(1_500) {
                    return;
                }
                for _ in 0..if self.chance.hits(1_000) { 2 } else { 1 } {
                    self.answer(arrival);
                }
            }
            Message::EmailRequest if self.chance.hits(8_000) => {
                let after = self.some_time();
                let text = self.chance.pick(&["written@example.org", "  Written@Example.org ", "written@", "아니요"]);
                self.text(arrival, after, text);
            }
            Message::Result { .. } => self.look_at_result(arrival),
            Message::Clarification { .. } if self.chance.hits(8_000) => {
                let after = self.some_time();
                let text = self.chance.pick(&["1", "2", "２번", "4", "둘 다요"]);
                self.text(arrival, after, text);
            }
            Message::EmailRequest
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
            | Message::OptOutConfirmation => {
                if self.chance.hits(300) {
                    let after = self.some_time();
                    self.text(arrival, after, "감사합니다");
                }
            }
        }
    }

    fn answer(&mut self, arrival: &Arrival) {
        let after = self.some_time();
        let by_link = self.chance.hits(4_000);
        if let (true, Some(token)) = (by_link, &arrival.token) {
            let reach = self.chance.below(10);
            let does = match self.chance.below(100) {
                0..40 => VisitorDoes::Choose { channel: Channel::Sms, reach },
                40..75 => VisitorDoes::Choose { channel: Channel::Email, reach },
                75..90 => VisitorDoes::Choose { channel: Channel::Post, reach },
                90..95 => VisitorDoes::OptOut(None),
                95..98 => VisitorDoes::OptOut(Some(Channel::Email)),
                _ => VisitorDoes::Guess,
            };
            self.visit(token, after, does);
            return self.think_better(arrival, after);
        }
        let said = match self.chance.below(100) {
            0..30 => "1",
            30..35 => "①",
            35..60 => "2",
            60..75 => "3번",
            75..80 => "straight@example.org",
            80..87 => "수신거부",
            87..94 => "내일 방문해도 되나요?",
            _ => "신청한 것이 언제 처리되나요?",
        };
        self.text(arrival, after, said);
        self.think_better(arrival, after);
        if said == "수신거부" && self.chance.hits(2_000) {
            let back = after + self.some_time();
            self.text(arrival, back, "수신동의");
        }
        if let (true, true, Some(token)) = (said == "수신거부", self.chance.hits(3_000), &arrival.token) {
            // Who has refused may think better of it.
            let back = after + self.some_time();
            self.visit(token, back, VisitorDoes::Choose { channel: Channel::Sms, reach: 9 });
        }
    }

    /// Some refuse everything soon after they chose: before the result, while it waits for the morning, or after it.
    fn think_better(&mut self, arrival: &Arrival, chosen: SignedDuration) {
        if self.chance.hits(600) {
            let soon = self.chance.millis(500, 8_000);
            let after = if self.chance.hits(5_000) { soon } else { self.some_time() };
            self.text(arrival, chosen + after, "거부");
        }
    }

    fn look_at_result(&mut self, arrival: &Arrival) {
        if let Some(token) = &arrival.token {
            let mut after = self.some_time();
            if self.chance.hits(300) {
                self.visit(token, after, VisitorDoes::Guess);
                after += self.some_time();
            }
            if self.chance.hits(6_500) {
                self.visit(token, after, VisitorDoes::Read);
            }
            if self.chance.hits(300) {
                let only = self.chance.pick(&[None, Some(Channel::Email)]);
                self.visit(token, after, VisitorDoes::OptOut(only));
            }
        }
        if self.chance.hits(500) {
            let after = self.some_time();
            let text = self.chance.pick(&["수신거부", "3", "이게 무엇인가요?"]);
            self.text(arrival, after, text);
        }
    }

    fn visit(&mut self, token: &str, after: SignedDuration, does: VisitorDoes) {
        self.start(after, Job::Visit { token: token.to_owned(), does });
    }

    /// Some carriers say which text is answered.
    fn text(&mut self, arrival: &Arrival, after: SignedDuration, text: &str) {
        let Some(phone) = self.residents[arrival.resident].recipient.phone.clone() else { return };
        let id = ProviderMessageId::parse(&format!("mo-{}", self.chance.next())).expect("an id");
        let says_which = arrival.channel == Channel::Sms && self.chance.hits(5_000);
        let in_reply_to = says_which.then(|| arrival.provider_id.to_string());
        let (provider, from, text) = (Provider::Sns, Sender::Phone(phone), text.to_owned());
        let inbound = Inbound { provider, id, from, text, in_reply_to, media: Vec::new(), note: None };
        self.start(after, Job::TakeText(inbound));
    }

    /// Officers go through what needs them, and operators through the dead letters.
    pub(crate) fn office_day(&mut self) {
        let mut wanted: Vec<(NoticeId, OfficerDoes)> = Vec::new();
        for (id, file) in &self.shelf.files {
            if let State::NeedsAttention { .. } = file.notice.state
                && self.chance.hits(1_500)
            {
                wanted.push((*id, self.chance.pick(&[OfficerDoes::Cancel, OfficerDoes::OrderPost])));
            }
            if let State::Returned { .. } = file.notice.state
                && self.chance.hits(3_000)
            {
                wanted.push((*id, self.chance.pick(&[OfficerDoes::Cancel, OfficerDoes::OrderPost])));
            }
            let returned =
                matches!(&file.notice.state, State::Posted { at, .. } if self.now.duration_since(*at).as_hours() > 72);
            if returned && self.chance.hits(20) {
                wanted.push((*id, OfficerDoes::ScanReturned));
            }
            if file.notice.link_locked && self.chance.hits(7_000) {
                wanted.push((*id, OfficerDoes::Unlock));
            }
        }
        for (notice, does) in wanted {
            let after = self.chance.minutes(1, 400);
            self.start(after, Job::Officer { notice, does });
        }
        for work in std::mem::take(&mut self.dead_letters) {
            self.tally.redriven += 1;
            self.enqueue(work);
        }
    }

    /// Some notices are handed in by mistake, or are urgent.
    pub(crate) fn second_thoughts(&mut self, notice: NoticeId) {
        for (does, often) in [(OfficerDoes::Cancel, 300), (OfficerDoes::OrderPost, 200)] {
            if self.chance.hits(often) {
                let after = self.chance.minutes(1, 9_000);
                self.start(after, Job::Officer { notice, does });
            }
        }
    }
}
