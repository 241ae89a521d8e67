//! The second factor, and the notice behind it.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Response;
use bootstrap::chain;
use domain::{Fact, Recipient};
use letters::{LETTER_NAME, letter_key};
use store::{Change, Decision};

use crate::answer::{Failure, page};
use crate::app::{App, Door, locked};
use crate::form::Form;
use crate::standing::tries;
use crate::view::{Download, Factor, Prove, Reading};
use crate::{Files, ReadSettings, Residents};

/// How long the address of a letter works; the reading page says so too.
const DOWNLOAD: Duration = Duration::from_mins(10);

/// What came of a second factor.
pub(crate) enum Proof {
    /// It is the one.
    Right,
    /// It is not, and may be tried again.
    Wrong(Factor),
    /// It is not, and was the last try.
    Locked,
}

impl<R: Residents, S: ReadSettings, L: Files> App<R, S, L> {
    pub(crate) async fn prove(&self, door: &Door, form: &Form) -> Result<Response, Failure> {
        match self.check(door, form).await? {
            Proof::Right => {
                self.record(door, Fact::Read).await?;
                let download = self.download(door).await;
                let conversation = self.residents.replies(door.notice.id).await?;
                page(StatusCode::OK, &Reading::of(door, download, conversation))
            }
            Proof::Wrong(factor) => page(StatusCode::UNPROCESSABLE_ENTITY, &Prove { factor, ..Prove::of(door) }),
            Proof::Locked => locked(door),
        }
    }

    /// Checks the second factor in a form: one counter of tries, whichever page asks.
    pub(crate) async fn check(&self, door: &Door, form: &Form) -> Result<Proof, Failure> {
        if let Some(unsaid) = unsaid(door, form) {
            return Ok(Proof::Wrong(unsaid));
        }
        let recipient = &door.notice.details.recipient;
        // Counted before it is looked at: a hundred guesses at once are a hundred tries, not one.
        let most = tries(&door.notice);
        let wrong = self.residents.count_wrong_try(&door.link.id, most).await?;
        if wrong <= most && recipient.is_proved_by(&answer(recipient, form)) {
            self.residents.take_back_try(&door.link.id).await?;
            return Ok(Proof::Right);
        }
        let left = most.saturating_sub(wrong);
        if left == 0 {
            self.record(door, Fact::LinkLocked).await?;
            return Ok(Proof::Locked);
        }
        let what = if recipient.birth_date.is_some() { "생년월일이" } else { "이름이" };
        let fault = format!("{what} 맞지 않습니다. 앞으로 {left}번 더 입력하실 수 있습니다.");
        Ok(Proof::Wrong(Factor { left, fault: Some(fault), ..Factor::of(door) }))
    }

    /// Where the letter is to be had for a while; none where there is none, or no address can be made for it. The notice
    /// is read either way.
    async fn download(&self, door: &Door) -> Option<Download> {
        let letter = door.notice.paper.letter()?;
        let key = letter_key(door.notice.id, &letter.sha256);
        match self.letters.share(&key, LETTER_NAME, DOWNLOAD).await {
            Ok(address) => Some(Download::of(address, letter)),
            Err(error) => {
                tracing::error!(notice.id = %door.notice.id, error = chain(&error), "the letter cannot be offered");
                None
            }
        }
    }

    /// Records a fact that may have been recorded before, or may come too late to matter.
    async fn record(&self, door: &Door, fact: Fact) -> Result<(), Failure> {
        let change = Change { at: door.now, fact, bindings: Vec::new() };
        self.residents.transition(door.notice.id, |_| Decision::<()>::Record(change.clone())).await?;
        Ok(())
    }
}

/// The second factor was left blank, which costs no try.
pub(crate) fn unsaid(door: &Door, form: &Form) -> Option<Factor> {
    let recipient = &door.notice.details.recipient;
    if !answer(recipient, form).is_empty() {
        return None;
    }
    let fault = if recipient.birth_date.is_some() {
        "생년월일 6자리를 숫자로 입력해 주십시오. 예: 550301"
    } else {
        "이름을 입력해 주십시오."
    };
    Some(Factor { fault: Some(fault.to_owned()), ..Factor::of(door) })
}

/// A birth date as people write it, `1945. 4. 8.` apart: `1945-04-08`, `19450408` and `45.04.08` are `450408`.
fn answer(recipient: &Recipient, form: &Form) -> String {
    let answer = form.get("answer").unwrap_or_default();
    if recipient.birth_date.is_none() {
        return answer.to_owned();
    }
    let digits: String = answer.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.' | '/')).collect();
    if digits.chars().count() == 8 { digits.chars().skip(2).collect() } else { digits }
}
