//! A text whose sender and notice are known, and what is written with whatever it does.

use domain::{Evidence, NoticeId, PhoneNumber, ProviderMessageId, RecipientId, ReplyId};
use jiff::Timestamp;
use store::{Binding, Direction, Reply};

/// A text and its notice.
#[derive(Clone)]
pub(crate) struct Bound<'a> {
    /// The provider's name for the text, whose words prove what was chosen.
    pub(crate) message: &'a ProviderMessageId,
    pub(crate) phone: &'a PhoneNumber,
    pub(crate) recipient: &'a RecipientId,
    pub(crate) notice: NoticeId,
    /// The text as it is kept with the notice, should it be.
    pub(crate) reply: ReplyId,
    /// Written where it is kept; nothing, where it is there already.
    pub(crate) kept: Option<Reply>,
    /// Nothing is answered by itself.
    pub(crate) quiet: bool,
    pub(crate) now: Timestamp,
    /// Written with whatever it does.
    pub(crate) marks: Vec<Binding>,
}

impl Bound<'_> {
    pub(crate) fn evidence(&self) -> Evidence {
        Evidence::Text { message: self.message.clone() }
    }

    /// What is written where the text is not kept, for its event says all.
    pub(crate) fn bindings(&self, more: impl IntoIterator<Item = Binding>) -> Vec<Binding> {
        more.into_iter().chain(self.marks.iter().cloned()).collect()
    }

    /// What is written where the text is kept.
    pub(crate) fn keeping(&self, more: impl IntoIterator<Item = Binding>) -> Vec<Binding> {
        self.bindings(more.into_iter().chain(self.kept.clone().map(Binding::Reply)))
    }
}

/// A text of the resident.
pub(crate) fn said(id: ReplyId, notice: NoticeId, text: &str, at: Timestamp) -> Reply {
    Reply { id, notice, direction: Direction::Inbound, text: text.to_owned(), officer: None, at }
}
