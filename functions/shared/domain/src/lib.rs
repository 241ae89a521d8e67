//! What a notice is and how its life may go: nouns, states, events and rules, free of I/O, clocks and randomness.

mod access;
mod billed;
mod chain;
mod choice;
mod clock;
mod code;
mod consent;
mod details;
mod documents;
mod event;
mod ids;
mod ladder;
mod ledger;
mod letter;
pub mod limits;
mod notice;
mod people;
mod permit;
pub mod ports;
mod prices;
mod route;
pub mod settings;
mod state;
pub mod statistics;
pub mod text;
mod transition;

pub use access::{Access, Action, Caller};
pub use billed::{Billed, Unit};
pub use chain::{BrokenChain, ChainedEvent, EventHash, verify_chain};
pub use choice::{Answer, interpret};
pub use clock::Due;
pub use code::TextCode;
pub use consent::{Consent, Evidence, Given, Preference, Scope};
pub use details::{Details, Nature, Officer, Recipient, Refusal};
pub use documents::{DocumentRequest, Documents, FileFault, FileWarning, SubmittedFile, Upload, Verdict};
pub use event::{Event, Fact};
pub use ids::{
    BatchId, Checksum, ConsentId, DepartmentCode, InvalidId, KindCode, LinkId, LinkToken, NoticeId, PermitNumber,
    PermitTypeCode, ProviderMessageId, RecipientId, Reference, ReplyId, RequestCode, RunId, SubmissionId, UploadId,
};
pub use ladder::{Failure, next_step};
pub use ledger::{Claim, Command, Entry, LEASE, Message};
pub use letter::{Letter, Paper, Rendering};
pub use notice::{Conversation, Notice, Opening};
pub use people::{
    BirthDate, BusinessName, EmailAddress, Entity, InvalidPerson, PersonName, PhoneNumber, PostalAddress,
};
pub use permit::{
    Cycle, Permit, PermitCycle, PermitDetails, PermitPut, PermitStatus, RenewalDue, StageDone, StageOutcome, Unspoken,
};
pub use prices::{InvalidPrice, Krw, Price, Prices};
pub use route::{Channel, Route};
pub use state::{AttentionReason, PostReason, State};
pub use transition::{Outcome, Refused};
