//! What is written together with an event, in its transaction.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::{
    Channel, Consent, ConsentId, Evidence, LinkId, NoticeId, ProviderMessageId, RecipientId, ReplyId, Route, RunId,
    Scope,
};
use jiff::{SignedDuration, Timestamp};

use crate::items::{
    ConsentItem, DeadItem, LinkItem, MessageItem, OnceItem, PreferenceItem, ReplyItem, RevocationItem, put,
};
use crate::runs::MemberItem;
use crate::{Error, SentMessage, Table, keys};

/// Conversations, bindings and links are kept this long past their use, then fade by the table's time to live.
pub(crate) const RETENTION: SignedDuration = SignedDuration::from_hours(24 * 90);

/// A resident's link as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// SHA-256 of its token.
    pub id: LinkId,
    /// The notice it opens.
    pub notice: NoticeId,
    /// From then on it opens nothing.
    pub expires_at: Timestamp,
    /// Wrong second factors so far.
    pub tries: u32,
}

/// Who wrote a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The resident.
    Inbound,
    /// The office.
    Outbound,
}

/// One text of a notice's conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Identity.
    pub id: ReplyId,
    /// The notice it belongs to.
    pub notice: NoticeId,
    /// Who wrote it.
    pub direction: Direction,
    /// What it says.
    pub text: String,
    /// When it came.
    pub at: Timestamp,
}

/// A consent withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Identity; stands in the same list as consents.
    pub id: ConsentId,
    /// Whose.
    pub recipient: RecipientId,
    /// One channel, or all.
    pub only: Option<Channel>,
    /// How they said so.
    pub evidence: Evidence,
    /// When.
    pub at: Timestamp,
}

/// An item bound to an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// A new link.
    Link(Link),
    /// The provider's name of a message, so that receipts and answers find the notice.
    Message {
        /// Whose name.
        provider: &'static str,
        /// The name.
        id: ProviderMessageId,
        /// Which message it names.
        sent: SentMessage,
    },
    /// A consent on record.
    Consent(Consent),
    /// What the resident wants from now on.
    Preference {
        /// Whose.
        recipient: RecipientId,
        /// For what. A scope of one notice is no standing preference and binds nothing.
        scope: Scope,
        /// What.
        route: Route,
    },
    /// A consent withdrawn.
    Revocation(Revocation),
    /// A text of the conversation.
    Reply(Reply),
    /// The letter's place in a print run.
    Member {
        /// The run.
        run: RunId,
    },
    /// Something that must be done at most once: the whole transaction fails if it was.
    Once {
        /// In which respect.
        scope: &'static str,
        /// Under which name.
        key: String,
    },
}

impl Binding {
    pub(crate) fn into_write(
        self,
        table: &Table,
        notice: NoticeId,
        at: Timestamp,
    ) -> Result<Option<TransactWriteItem>, Error> {
        let put: Put = match self {
            Self::Link(link) => put(table, "link", &LinkItem::of(&link), true)?,
            Self::Message { provider, id, sent } => {
                put(table, "message", &MessageItem::of(provider, &id, sent, notice, at), false)?
            }
            Self::Consent(consent) => put(table, "consent", &ConsentItem::of(&consent), true)?,
            Self::Preference { recipient, scope, route } => match keys::preference(&recipient, &scope) {
                Some(key) => put(table, "preference", &PreferenceItem { key, route, opted_out: false, at }, false)?,
                None => return Ok(None),
            },
            Self::Revocation(revocation) => put(table, "revocation", &RevocationItem::of(&revocation), true)?,
            Self::Reply(reply) => put(table, "reply", &ReplyItem::of(&reply), true)?,
            Self::Member { run } => put(table, "member", &MemberItem::of(&run, notice), true)?,
            Self::Once { scope, key } => put(table, "once", &OnceItem::mark(scope, &key, notice, at), true)?,
        };
        Ok(Some(TransactWriteItem::builder().put(put).build()))
    }
}

impl Table {
    /// Keeps something that fits no notice, for an officer to look at. The same thing twice is kept once.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn keep_dead(&self, what: &'static str, name: &str, content: &str, at: Timestamp) -> Result<(), Error> {
        self.overwrite("dead", &DeadItem::of(what, name, content, at)).await
    }
}
