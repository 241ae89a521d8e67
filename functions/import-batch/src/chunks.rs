//! Judges the rows of a chunk, and counts what became of them.

use std::collections::{BTreeMap, HashMap};

use domain::NoticeId;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use store::{Batch, Counts, FileEncoding, Forecast};

use crate::Reason;
use crate::cells::{Cells, Flaw};
use crate::headings::Columns;
use crate::notices::row_id;
use crate::rows::{Outcome, Prospect, RowType};
use crate::split::Row;

/// A digest of a row's number: short, so that those of a whole file can be remembered.
type Digested = [u8; 16];

/// The rows of a chunk, apart.
#[derive(Debug)]
pub(crate) struct Judged<R> {
    /// Those to store.
    pub(crate) sound: Vec<(u32, R)>,
    /// What is wrong with the others, by their numbers.
    pub(crate) flawed: BTreeMap<u32, Vec<Flaw>>,
}

/// What became of a chunk's rows.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    /// In numbers.
    pub(crate) counts: Counts,
    /// What they would set out to do.
    pub(crate) forecast: Forecast,
}

/// Judges the rows of one file.
#[derive(Debug)]
pub(crate) struct Judge<'a, R> {
    rows: &'a R,
    columns: &'a Columns,
    encoding: FileEncoding,
    /// The rows in which numbers stood.
    seen: HashMap<Digested, u32>,
    /// The notices that rows of this batch become, as far as it was asked.
    own: HashMap<NoticeId, u32>,
    own_until: u32,
}

impl<'a, R: RowType> Judge<'a, R> {
    /// A judge of a file of these columns.
    #[must_use]
    pub(crate) fn new(rows: &'a R, columns: &'a Columns, encoding: FileEncoding) -> Self {
        Self { rows, columns, encoding, seen: HashMap::new(), own: HashMap::new(), own_until: 0 }
    }

    /// Forgets the numbers of rows that were stored.
    pub(crate) fn forget_numbers(&mut self) {
        self.seen.clear();
    }

    /// Reads the rows and looks for numbers that stand twice.
    #[must_use]
    pub(crate) fn judge(&mut self, chunk: &[Row], now: Timestamp) -> Judged<R::Record> {
        let mut judged = Judged { sound: Vec::new(), flawed: BTreeMap::new() };
        for row in chunk {
            let read =
                Cells::read(self.rows.headings(), self.columns, self.encoding, row, |cells| self.rows.read(cells, now));
            match read.and_then(|record| self.claim_number(row.number, record)) {
                Ok(record) => judged.sound.push((row.number, record)),
                Err(flaws) => {
                    judged.flawed.insert(row.number, flaws);
                }
            }
        }
        judged
    }

    fn claim_number(&mut self, row: u32, record: R::Record) -> Result<R::Record, Vec<Flaw>> {
        let digest = Sha256::digest(self.rows.number_of(&record));
        let digest = std::array::from_fn(|index| digest[index]);
        let first = *self.seen.entry(digest).or_insert(row);
        if first == row { Ok(record) } else { Err(vec![self.doubled(first)]) }
    }

    fn doubled(&self, row: u32) -> Flaw {
        let heading = self.rows.numbered_by();
        Flaw { heading: heading.to_owned(), shape: String::new(), reason: Reason::Doubled { row } }
    }

    /// Counts what became of rows that were stored.
    pub(crate) fn tally_stored(
        &mut self,
        batch: &Batch,
        outcomes: Vec<Outcome>,
        sound: &mut Vec<(u32, R::Record)>,
        flawed: &mut BTreeMap<u32, Vec<Flaw>>,
    ) -> Tally {
        let mut tally = Tally::of_flawed(flawed);
        for (outcome, (row, _)) in outcomes.into_iter().zip(sound.drain(..)) {
            match outcome {
                Outcome::Stored => tally.stored(),
                Outcome::AsItWas => {
                    tally.counts.rows += 1;
                    tally.counts.already_there += 1;
                }
                Outcome::AlreadyThere { notice } => tally.already_there(row, notice, flawed),
                Outcome::Taken { notice } => match self.row_of(batch, notice, row) {
                    Some(first) => {
                        tally.counts.rows += 1;
                        tally.counts.errors += 1;
                        flawed.insert(row, vec![self.doubled(first)]);
                    }
                    None => tally.already_there(row, notice, flawed),
                },
            }
        }
        tally
    }

    /// The row before this one that became that notice.
    fn row_of(&mut self, batch: &Batch, notice: NoticeId, before: u32) -> Option<u32> {
        for row in self.own_until + 1..before {
            self.own.insert(row_id(batch, row), row);
        }
        self.own_until = self.own_until.max(before.saturating_sub(1));
        self.own.get(&notice).copied()
    }
}

impl Tally {
    fn of_flawed(flawed: &BTreeMap<u32, Vec<Flaw>>) -> Self {
        let errors = u32::try_from(flawed.len()).unwrap_or(u32::MAX);
        Self { counts: Counts { rows: errors, errors, ..Counts::default() }, forecast: Forecast::default() }
    }

    /// Counts what rows would set out to do.
    pub(crate) fn of_look<R>(
        prospects: Vec<Prospect>,
        sound: &mut Vec<(u32, R)>,
        flawed: &mut BTreeMap<u32, Vec<Flaw>>,
    ) -> Self {
        let mut tally = Self::of_flawed(flawed);
        for (prospect, (row, _)) in prospects.into_iter().zip(sound.drain(..)) {
            let forecast = &mut tally.forecast;
            match prospect {
                Prospect::AlreadyThere { notice } => {
                    tally.already_there(row, notice, flawed);
                    continue;
                }
                Prospect::Kept => {}
                Prospect::Asked => forecast.asked += 1,
                Prospect::ByText { parts } => {
                    forecast.by_text += 1;
                    forecast.text_parts += parts;
                }
                Prospect::ByEmail => forecast.by_email += 1,
                Prospect::ByLetter => forecast.by_letter += 1,
            }
            tally.stored();
        }
        tally
    }

    fn stored(&mut self) {
        self.counts.rows += 1;
        self.counts.stored += 1;
    }

    fn already_there(&mut self, row: u32, notice: NoticeId, flawed: &mut BTreeMap<u32, Vec<Flaw>>) {
        self.counts.rows += 1;
        self.counts.already_there += 1;
        flawed.insert(row, vec![Flaw::of_row(Reason::AlreadyThere { notice })]);
    }
}
