//! A deployed stack as its users meet it: the office's client, residents' telephones, mailboxes and pages.

// Everything here runs in tests, where a broken precondition should stop the test at once.
#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a harness for tests")]

mod office;
mod own_table;
mod papers;
mod resident;
mod stack;
mod wait;

pub use office::{Office, notice, timeline};
pub use own_table::{Asked, OwnTable};
pub use papers::PaperForm;
pub use resident::{Resident, Webhook};
pub use stack::{FaultAddresses, OfficeClient, Stack};
pub use wait::eventually;

/// The stack, the office signed in, and a resident of its own for the test.
pub async fn setting() -> (Stack, Office, Resident) {
    let stack = Stack::running();
    let office = Office::sign_in(&stack).await;
    let resident = Resident::new(&stack);
    (stack, office, resident)
}
