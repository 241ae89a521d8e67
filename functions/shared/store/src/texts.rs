//! Texts that went out, under the code by which anyone can ask about them. Nothing here is personal.

use domain::{DepartmentCode, Message, NoticeId, TextCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::bindings::RETENTION;
use crate::items::{expires, read};
use crate::keys::Key;
use crate::{Error, Table, keys};

/// A text of the office's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedText {
    /// Its code.
    pub code: TextCode,
    /// The notice it belongs to.
    pub notice: NoticeId,
    /// What it says.
    pub message: Message,
    /// The department that speaks.
    pub department: DepartmentCode,
    /// The kind of notice, as residents read it, then.
    pub label: String,
    /// When it was handed to the carrier.
    pub at: Timestamp,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct IssuedTextItem {
    #[serde(flatten)]
    key: Key,
    code: TextCode,
    notice: NoticeId,
    #[serde(flatten)]
    message: Message,
    department: DepartmentCode,
    label: String,
    at: Timestamp,
    expires: i64,
}

impl IssuedTextItem {
    pub(crate) fn of(text: &IssuedText) -> Self {
        Self {
            key: keys::issued_text(&text.code),
            code: text.code.clone(),
            notice: text.notice,
            message: text.message.clone(),
            department: text.department.clone(),
            label: text.label.clone(),
            at: text.at,
            expires: expires(text.at, RETENTION),
        }
    }
}

impl Table {
    /// The text that went out under this code; none where there is none, or it is 90 days old.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn issued_text(&self, code: &TextCode, now: Timestamp) -> Result<Option<IssuedText>, Error> {
        let Some(item) = self.get(keys::issued_text(code)).await? else { return Ok(None) };
        let IssuedTextItem { code, notice, message, department, label, at, expires, .. } = read("text", item)?;
        // The table's time to live removes it some time after.
        let is_kept = now.as_second() < expires;
        Ok(is_kept.then_some(IssuedText { code, notice, message, department, label, at }))
    }
}
