//! Splits a CSV file into rows, byte by byte as it comes, and knows at every row where the next one begins.
//!
//! It splits before anything is decoded: in UTF-8 and CP949 alike, no byte of a longer character is a quote, a
//! delimiter or the end of a line. So every place in the file is a plain offset, and what cannot be decoded stays within
//! its cell.

use csv::ByteRecord;
use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use store::Position;

use crate::limits::{COLUMNS, ROW_BYTES};

/// A row as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number, as a spreadsheet counts: the headings are row 1.
    pub number: u32,
    /// Its cells, not decoded.
    pub cells: ByteRecord,
}

impl Row {
    /// Nothing stands in it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.iter().all(u8::is_ascii_whitespace))
    }
}

/// Why nothing can be read from some row on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// A quote is never closed.
    #[error("a quote in row {row} is never closed")]
    OpenQuote {
        /// The row in which it opens.
        row: u32,
    },
    /// It is longer than any row.
    #[error("row {row} is too long")]
    TooLong {
        /// The row.
        row: u32,
    },
    /// It has more columns than any table.
    #[error("row {row} has too many columns")]
    TooWide {
        /// The row.
        row: u32,
    },
}

/// What came of looking for the next row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Here it is.
    Row(Row),
    /// It needs more of the file.
    More,
    /// There are no more rows.
    End,
}

/// Splits one file.
#[derive(Debug)]
pub struct Splitter {
    core: Reader,
    position: Position,
    next_row: Position,
    within_row: bool,
    bytes: Vec<u8>,
    filled: usize,
    ends: Vec<usize>,
    ended: usize,
}

impl Splitter {
    /// Splits by this delimiter from this place on, where a row begins.
    #[must_use]
    pub fn new(delimiter: u8, position: Position) -> Self {
        let mut core = ReaderBuilder::new().delimiter(delimiter).build();
        // Having read a line end, it takes no byte order mark for one in the midst of a file.
        core.read_record(b"\n", &mut [0; 1], &mut [0; 1]);
        let (bytes, ends) = (vec![0; 4096], vec![0; COLUMNS + 1]);
        Self { core, position, next_row: position, within_row: false, bytes, filled: 0, ends, ended: 0 }
    }

    /// The place behind the last row that came out.
    #[must_use]
    pub const fn next_row(&self) -> Position {
        self.next_row
    }

    /// Takes the next row from `input`, which it shortens by what it read; nothing follows the `last` input.
    ///
    /// # Errors
    /// When nothing can be read from here on.
    pub fn next(&mut self, input: &mut &[u8], last: bool) -> Result<Step, Broken> {
        if !self.within_row {
            self.skip_line_ends(input);
            if input.is_empty() {
                return Ok(if last { Step::End } else { Step::More });
            }
            self.within_row = true;
        }
        let row = self.position.row + 1;
        loop {
            if input.is_empty() && !last {
                return Ok(Step::More);
            }
            let is_over = input.is_empty();
            // The end of the file ends a row as a line end does, but for one that is within quotes.
            let piece = if is_over { b"\n" } else { *input };
            let (result, read, written, ended) =
                self.core.read_record(piece, &mut self.bytes[self.filled..], &mut self.ends[self.ended..]);
            if !is_over {
                self.position.after_return = input[..read].last() == Some(&b'\r');
                self.position.offset += u64::try_from(read).unwrap_or_default();
                *input = &input[read..];
            }
            self.filled += written;
            self.ended += ended;
            match result {
                ReadRecordResult::InputEmpty if is_over => return Err(Broken::OpenQuote { row }),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.bytes.len() >= ROW_BYTES => {
                    return Err(if self.is_quoted() { Broken::OpenQuote { row } } else { Broken::TooLong { row } });
                }
                ReadRecordResult::OutputFull => self.bytes.resize(self.bytes.len() * 2, 0),
                ReadRecordResult::OutputEndsFull => return Err(Broken::TooWide { row }),
                ReadRecordResult::Record => {
                    self.position.row = row;
                    self.next_row = self.position;
                    return Ok(Step::Row(Row { number: row, cells: self.take_cells() }));
                }
                ReadRecordResult::End => return Ok(Step::End),
            }
        }
    }

    /// Steps over the end of the row before and over rows without a single sign.
    fn skip_line_ends(&mut self, input: &mut &[u8]) {
        while let Some((first @ (b'\r' | b'\n'), rest)) = input.split_first() {
            let belongs_to_return = *first == b'\n' && self.position.after_return;
            self.position.row += u32::from(!belongs_to_return);
            self.position.after_return = *first == b'\r';
            self.position.offset += 1;
            *input = rest;
        }
    }

    /// A line end does not end the row: it stands within quotes. Nothing is read after that.
    fn is_quoted(&mut self) -> bool {
        let (result, ..) = self.core.read_record(b"\n", &mut [0; 4], &mut [0; 4]);
        result == ReadRecordResult::InputEmpty
    }

    fn take_cells(&mut self) -> ByteRecord {
        let mut cells = ByteRecord::with_capacity(self.filled, self.ended);
        let mut start = 0;
        for end in &self.ends[..self.ended] {
            cells.push_field(&self.bytes[start..*end]);
            start = *end;
        }
        (self.filled, self.ended, self.within_row) = (0, 0, false);
        cells
    }
}
