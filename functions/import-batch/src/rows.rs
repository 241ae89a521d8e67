//! What a row of each type becomes: the one seam between reading files and what they are about.

use std::future::Future;

use domain::NoticeId;
use jiff::Timestamp;
use store::{Batch, Error};

use crate::cells::Cells;
use crate::headings::Heading;

/// What became of a sound row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Stored, now or by whoever worked on this batch before.
    Stored,
    /// It stands like this already.
    AsItWas,
    /// It came before, from elsewhere.
    AlreadyThere {
        /// What it is there as.
        notice: NoticeId,
    },
    /// Its number was taken at the moment this batch was opened: by another row of it, as good as surely.
    Taken {
        /// What it is there as.
        notice: NoticeId,
    },
}

/// What a sound row would set out to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prospect {
    /// Nothing: it came before.
    AlreadyThere {
        /// What it is there as.
        notice: NoticeId,
    },
    /// Be stored, and send nothing.
    Kept,
    /// Ask by text.
    Asked,
    /// Tell by text.
    ByText {
        /// Parts that are billed.
        parts: u32,
    },
    /// Tell by e-mail.
    ByEmail,
    /// Send a letter.
    ByLetter,
}

/// A type of row.
pub trait RowType: Send + Sync {
    /// A row that was read.
    type Record: Send + Sync;

    /// The columns of its files.
    fn headings(&self) -> &'static [Heading];

    /// The heading of what numbers its rows.
    fn numbered_by(&self) -> &'static str;

    /// Storing tells of numbers that were taken. Where it does not, they are remembered from the first row on.
    fn store_knows_numbers(&self) -> bool;

    /// The number of a row: no two rows of a file may have the same.
    fn number_of(&self, row: &Self::Record) -> String;

    /// Reads a row; what is wrong with it is told to the cells.
    fn read(&self, cells: &mut Cells<'_>, now: Timestamp) -> Option<Self::Record>;

    /// What these rows of a batch would set out to do, in their order.
    fn look(
        &self,
        batch: &Batch,
        rows: &[(u32, Self::Record)],
        at: Timestamp,
    ) -> impl Future<Output = Result<Vec<Prospect>, Error>> + Send;

    /// Stores these rows of a batch; what became of them, in their order. The same rows again do no harm.
    fn store(
        &self,
        batch: &Batch,
        rows: &[(u32, Self::Record)],
        at: Timestamp,
    ) -> impl Future<Output = Result<Vec<Outcome>, Error>> + Send;
}
