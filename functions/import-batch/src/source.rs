//! A batch's rows as they come out of the bucket, some hundreds at a time: the file is never held as a whole.

use letters::ReadFile;
use store::Position;

use crate::limits::{BLOCK_BYTES, CHUNK_BYTES, CHUNK_ROWS};
use crate::split::{Broken, Row, Splitter, Step};

/// Rows that are worked on together. The same place in the same file gives the same chunk, whoever reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chunk {
    /// The rows that are not blank.
    pub(crate) rows: Vec<Row>,
    /// Where the next chunk begins.
    pub(crate) next: Position,
    /// What follows.
    pub(crate) then: Then,
}

/// What follows a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// Another chunk.
    More,
    /// Nothing: it was the last.
    End,
    /// Something that cannot be read.
    Broken(Broken),
}

/// Reads one file from some row on.
#[derive(Debug)]
pub(crate) struct Source<'a, F> {
    files: &'a F,
    key: String,
    length: u64,
    splitter: Splitter,
    block: Vec<u8>,
    used: usize,
    fetched: u64,
}

impl<'a, F: ReadFile> Source<'a, F> {
    /// Reads the file of that key and length from this place on.
    pub(crate) fn new(files: &'a F, key: String, length: u64, delimiter: u8, position: Position) -> Self {
        let splitter = Splitter::new(delimiter, position);
        Self { files, key, length, splitter, block: Vec::new(), used: 0, fetched: position.offset }
    }

    /// The next rows.
    ///
    /// # Errors
    /// When the file cannot be fetched.
    pub(crate) async fn chunk(&mut self) -> Result<Chunk, letters::Error> {
        let (mut rows, mut bytes) = (Vec::new(), 0);
        let then = loop {
            if rows.len() >= CHUNK_ROWS || bytes >= CHUNK_BYTES {
                break Then::More;
            }
            let is_last = self.fetched >= self.length;
            let mut rest = &self.block[self.used..];
            let step = self.splitter.next(&mut rest, is_last);
            self.used = self.block.len() - rest.len();
            match step {
                Ok(Step::Row(row)) if row.is_blank() => {}
                Ok(Step::Row(row)) => {
                    bytes += row.cells.as_slice().len();
                    rows.push(row);
                }
                Ok(Step::More) => self.fetch().await?,
                Ok(Step::End) => break Then::End,
                Err(broken) => break Then::Broken(broken),
            }
        };
        Ok(Chunk { rows, next: self.splitter.next_row(), then })
    }

    async fn fetch(&mut self) -> Result<(), letters::Error> {
        let end = (self.fetched + BLOCK_BYTES).min(self.length);
        self.block = self.files.read(&self.key, self.fetched..end).await?;
        self.used = 0;
        // A file that ends too early ends here.
        self.fetched = if self.block.is_empty() { self.length } else { self.fetched + len(&self.block) };
        Ok(())
    }
}

pub(crate) fn len(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
