//! What is written together with an event, in its transaction.

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use domain::{
    Channel, Consent, ConsentId, Evidence, LinkId, NoticeId, PermitCycle, ProviderMessageId, RecipientId, ReplyId,
    Route, RunId, Scope,
};
use jiff::{SignedDuration, Timestamp};

use crate::conversation::ClarifyingItem;
use crate::items::{
    ConsentItem, DeadItem, LinkItem, MessageItem, OnceItem, PreferenceItem, ReplyItem, ResumptionItem, RevocationItem,
    put,
};
use crate::runs::MemberItem;
use crate::texts::{IssuedText, IssuedTextItem};
use crate::uploads::SubmissionItem;
use crate::{Clarifying, Error, Once, SentMessage, Submission, Table, keys};

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
    /// The officer who wrote it; none for a resident's, and for what the office says by itself.
    pub officer: Option<String>,
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

/// A refusal of everything electronic, taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resumption {
    /// Identity; stands in the same list as consents.
    pub id: ConsentId,
    /// Whose.
    pub recipient: RecipientId,
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
    /// A text that is about to go out, under its code. Another text's code is never taken: the caller draws again.
    Text(IssuedText),
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
    /// A refusal taken back.
    Resumption(Resumption),
    /// A text of the conversation.
    Reply(Reply),
    /// What a resident handed in.
    Submission(Submission),
    /// The holder's word that the permit is renewed: kept with the permit, within the cycle of the notice it answers.
    RenewalReported(PermitCycle),
    /// The letter's place in a print run.
    Member {
        /// The run.
        run: RunId,
    },
    /// The resident is asked which notice their text is about, or need not answer that any more.
    Clarifying(Clarifying),
    /// A text of this telephone, by its seal: counted, and remembered as its newest.
    Heard {
        /// Whose.
        recipient: RecipientId,
        /// Of what it says.
        seal: String,
    },
    /// A text as its sender wrote it, by its seal: the whole transaction fails if the same was written within ten seconds.
    Said {
        /// Of sender and words.
        seal: String,
    },
    /// A request and its answer: the whole transaction fails if one came before under its key.
    Request(Once),
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
            Self::Text(text) => put(table, "text", &IssuedTextItem::of(&text), true)?,
            Self::Message { provider, id, sent } => {
                put(table, "message", &MessageItem::of(provider, &id, sent, notice, at), false)?
            }
            Self::Consent(consent) => put(table, "consent", &ConsentItem::of(&consent), true)?,
            Self::Preference { recipient, scope, route } => match keys::preference(&recipient, &scope) {
                Some(key) => put(table, "preference", &PreferenceItem { key, route, opted_out: false, at }, false)?,
                None => return Ok(None),
            },
            Self::Revocation(revocation) => put(table, "revocation", &RevocationItem::of(&revocation), true)?,
            Self::Resumption(resumption) => put(table, "resumption", &ResumptionItem::of(&resumption), true)?,
            Self::Clarifying(clarifying) => put(table, "clarification", &ClarifyingItem::of(&clarifying), false)?,
            Self::Heard { recipient, seal } => {
                let update = table.count_text(&recipient, seal, at)?;
                return Ok(Some(TransactWriteItem::builder().update(update).build()));
            }
            Self::Request(Once { scope, key, request_hash, answer }) => {
                put(table, "once", &OnceItem::request(&scope, &key, notice, &request_hash, &answer, at), true)?
            }
            Self::Said { seal } => table.said(&seal, notice, at)?,
            Self::Reply(reply) => put(table, "reply", &ReplyItem::of(&reply), true)?,
            Self::Submission(submission) => put(table, "submission", &SubmissionItem::of(&submission), true)?,
            Self::RenewalReported(cycle) => {
                let update = table.report_renewal(&cycle, at)?;
                return Ok(Some(TransactWriteItem::builder().update(update).build()));
            }
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
