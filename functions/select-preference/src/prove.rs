//! The second factor, and the notice behind it.

use axum::http::StatusCode;
use axum::response::Response;
use domain::{Fact, Recipient};
use store::{Change, Decision};

use crate::answer::{Failure, page};
use crate::app::{App, Door};
use crate::form::Form;
use crate::standing::TRIES;
use crate::view::{Locked, Prove, Reading};
use crate::{ReadSettings, Residents};

impl<R: Residents, S: ReadSettings> App<R, S> {
    pub(crate) async fn prove(&self, door: &Door, form: &Form) -> Result<Response, Failure> {
        let recipient = &door.notice.details.recipient;
        let answer = plain(recipient, form.get("answer").unwrap_or_default());
        if answer.is_empty() {
            let fault = if recipient.birth_date.is_some() {
                "생년월일 6자리를 숫자로 입력해 주십시오. 예: 550301"
            } else {
                "이름을 입력해 주십시오."
            };
            let again = Prove { fault: Some(fault.to_owned()), ..Prove::of(door) };
            return page(StatusCode::UNPROCESSABLE_ENTITY, &again);
        }
        // Counted before it is looked at: a hundred guesses at once are a hundred tries, not one.
        let tries = self.residents.count_wrong_try(&door.link.id).await?;
        if tries <= TRIES && recipient.is_proved_by(&answer) {
            self.residents.take_back_try(&door.link.id).await?;
            self.record(door, Fact::Read).await?;
            return page(StatusCode::OK, &Reading::of(door));
        }
        let left = TRIES.saturating_sub(tries);
        if left == 0 {
            self.record(door, Fact::LinkLocked).await?;
            return page(StatusCode::LOCKED, &Locked { office: Some(door.office()), sender: door.sender() });
        }
        let what = if recipient.birth_date.is_some() { "생년월일이" } else { "이름이" };
        let fault = format!("{what} 맞지 않습니다. 앞으로 {left}번 더 입력하실 수 있습니다.");
        page(StatusCode::UNPROCESSABLE_ENTITY, &Prove { left, fault: Some(fault), ..Prove::of(door) })
    }

    /// Records a fact that may have been recorded before, or may come too late to matter.
    async fn record(&self, door: &Door, fact: Fact) -> Result<(), Failure> {
        let change = Change { at: door.now, fact, bindings: Vec::new() };
        self.residents.transition(door.notice.id, |_| Decision::<()>::Record(change.clone())).await?;
        Ok(())
    }
}

/// A birth date as people write it, `1945. 4. 8.` apart: `1945-04-08`, `19450408` and `45.04.08` are `450408`.
fn plain(recipient: &Recipient, answer: &str) -> String {
    if recipient.birth_date.is_none() {
        return answer.to_owned();
    }
    let digits: String = answer.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.' | '/')).collect();
    if digits.chars().count() == 8 { digits.chars().skip(2).collect() } else { digits }
}
