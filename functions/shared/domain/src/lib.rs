//! What a notice is and how its life may go: nouns, states, events and rules, free of I/O, clocks and randomness.

mod chain;
mod choice;
mod clock;
mod consent;
mod details;
mod event;
mod ids;
mod ladder;
mod ledger;
mod letter;
mod notice;
mod people;
pub mod ports;
mod route;
pub mod settings;
mod state;
pub mod text;
mod transition;

pub use chain::{BrokenChain, ChainedEvent, EventHash, verify_chain};
pub use choice::{Answer, interpret};
pub use clock::Due;
pub use consent::{Consent, Evidence, Given, Preference, Scope};
pub use details::{Details, Nature, Officer, Recipient, Refusal};
pub use event::{Event, Fact};
pub use ids::{
    Checksum, ConsentId, DepartmentCode, InvalidId, KindCode, LinkId, LinkToken, NoticeId, ProviderMessageId,
    RecipientId, Reference, ReplyId, RunId,
};
pub use ladder::{Failure, next_step};
pub use ledger::{Claim, Command, Entry, Message};
pub use letter::{Letter, Paper, Rendering};
pub use notice::{Notice, Opening};
pub use people::{BirthDate, EmailAddress, Entity, InvalidPerson, PersonName, PhoneNumber, PostalAddress};
pub use route::{Channel, Route};
pub use state::{AttentionReason, PostReason, State};
pub use transition::{Outcome, Refused};
