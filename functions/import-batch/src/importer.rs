//! Takes a batch from its file to its end: survey, perhaps a look through all rows, and the rows stored chunk by chunk.
//!
//! After every chunk the place of the next one is recorded together with all counts. A worker that dies leaves at most
//! one chunk that is done again, and everything in it comes out the same: rows have derived ids, and a part of the
//! report takes the place of itself.

use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::operation::send_message::SendMessageError;
use bootstrap::{ReadSettings, SettingsUnavailable};
use domain::ports::{Clock, Entropy};
use domain::{BatchId, Checksum};
use jiff::{SignedDuration, Timestamp};
use letters::{JoinFiles, KeepFile, ReadFile, report_key, report_part_key, sheet_key, upload_key};
use store::{BatchStage, BatchType, Counts, FileEncoding, Forecast, HeldBatch, Layout, Position, RecipientKey};

use crate::chunks::{Judge, Judged, Tally};
use crate::headings::Columns;
use crate::limits::ROWS;
use crate::notices::{Notices, TakeIn};
use crate::permits::{KeepPermit, Permits};
use crate::report::{Report, Style};
use crate::rows::RowType;
use crate::source::{Source, Then};
use crate::survey::survey;
use crate::{Batches, ImportOrder, OrderImport, Refused};

/// A worker alone holds a batch this long: longer than a function runs, shorter than the queue hides what it gave out.
pub const HELD_FOR: SignedDuration = SignedDuration::from_secs(330);

/// A batch that was not brought to its end.
#[derive(Debug, thiserror::Error)]
pub enum Unimported {
    /// The table failed.
    #[error("the table failed")]
    Store(#[from] store::Error),
    /// The bucket failed.
    #[error("a file cannot be fetched or kept")]
    File(#[from] letters::Error),
    /// The settings cannot be had.
    #[error("the settings cannot be had")]
    Settings(#[from] SettingsUnavailable),
    /// A part of the report could not be written.
    #[error("the report cannot be written")]
    Report(#[from] csv::Error),
    /// The queue did not take the order for what is left.
    #[error("the queue did not take the order for what is left")]
    Unordered(#[from] Box<SdkError<SendMessageError>>),
    /// Another worker holds it.
    #[error("another worker holds batch {0}")]
    Held(BatchId),
    /// The headings that were recorded are none.
    #[error("the recorded headings of batch {0} cannot be read")]
    Headings(BatchId),
}

/// How a pass over the rows ended.
enum Passed {
    /// With the last row.
    Through,
    /// For want of time.
    Interrupted,
    /// With something that cannot be taken.
    Refused(Refused),
}

/// Imports batches.
#[derive(Debug)]
pub struct Importer<T, F, O, S, C, E> {
    /// The batches, and where their rows go.
    pub table: T,
    /// Uploads and reports.
    pub files: F,
    /// Where work that is left goes.
    pub orders: O,
    /// The office's settings.
    pub settings: S,
    /// Keys recipients' identities.
    pub recipient_key: RecipientKey,
    /// Where the office's pages live: texts that link there are counted.
    pub public_url: String,
    /// The time.
    pub clock: C,
    /// For new ids.
    pub entropy: E,
}

impl<T, F, O, S, C, E> Importer<T, F, O, S, C, E>
where
    T: Batches + TakeIn + KeepPermit,
    F: ReadFile + KeepFile + JoinFiles,
    O: OrderImport,
    S: ReadSettings,
    C: Clock,
    E: Entropy,
{
    /// Imports a batch whose file is there, as far as it gets before `stop`; an order for what is left goes to the queue.
    ///
    /// # Errors
    /// When it is not done; the queue brings it again.
    pub async fn import(&self, order: ImportOrder, stop: Timestamp) -> Result<(), Unimported> {
        let now = self.clock.now();
        let Some(mut held) = self.table.hold_batch(order.batch, now, now + HELD_FOR).await? else {
            return match self.table.batch(order.batch).await? {
                Some(batch) if !batch.stage.is_over() => Err(Unimported::Held(order.batch)),
                Some(_) | None => Ok(()),
            };
        };
        let settings = self.settings.current().await?;
        match held.batch.r#type {
            BatchType::Notices => {
                let (table, recipient_key, public_url) = (&self.table, &self.recipient_key, &*self.public_url);
                let notices = Notices { table, settings: &settings, recipient_key, public_url };
                self.work(&mut held, &notices, stop).await
            }
            BatchType::Permits => {
                self.work(&mut held, &Permits { table: &self.table, settings: &settings }, stop).await
            }
        }
    }

    async fn work<R: RowType>(&self, held: &mut HeldBatch, rows: &R, stop: Timestamp) -> Result<(), Unimported> {
        if held.batch.layout.is_none()
            && let Err(refused) = self.survey(held, rows).await?
        {
            return self.refuse(held, &refused).await;
        }
        loop {
            match self.pass(held, rows, stop).await? {
                Passed::Interrupted => {
                    self.table.release_batch(held).await?;
                    return Ok(self.orders.order(ImportOrder { batch: held.batch.id }).await?);
                }
                Passed::Refused(refused) => return self.refuse(held, &refused).await,
                Passed::Through => {}
            }
            let Counts { rows, errors, .. } = held.batch.counts;
            let is_look = held.batch.stage == BatchStage::Checking;
            if rows == 0 {
                return self.refuse(held, &Refused::NoRows).await;
            }
            if !is_look || held.batch.dry_run {
                return self.finish(held, BatchStage::Done).await;
            }
            if errors > 0 {
                return self.refuse(held, &Refused::NotAll { errors }).await;
            }
            // Every row is sound: now they are stored, and counted anew.
            let batch = &mut held.batch;
            batch.stage = BatchStage::Importing;
            (batch.position, batch.counts, batch.report_parts) = (batch.start, Counts::default(), 0);
            self.table.save_batch(held).await?;
        }
    }

    /// Looks at the file before anything is stored.
    async fn survey<R: RowType>(&self, held: &mut HeldBatch, rows: &R) -> Result<Result<(), Refused>, Unimported> {
        let batch = &mut held.batch;
        batch.started_at = Some(self.clock.now());
        let (key, known) = (upload_key(batch.id), rows.headings());
        let found = match survey(&self.files, &key, batch.bytes, &batch.sha256, known).await? {
            Ok(found) => found,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Some(sheet) = found.sheet {
            let sha256 = Checksum::of(&sheet);
            self.files.keep(&sheet_key(batch.id), "text/csv; charset=utf-8", sheet, &sha256).await?;
        }
        let look_first = batch.dry_run || batch.all_or_nothing;
        batch.stage = if look_first { BatchStage::Checking } else { BatchStage::Importing };
        (batch.layout, batch.headings) = (Some(found.layout), found.headings);
        (batch.start, batch.position) = (found.start, found.start);
        self.table.save_batch(held).await?;
        Ok(Ok(()))
    }

    /// Goes over the rows that are left, chunk by chunk.
    async fn pass<R: RowType>(&self, held: &mut HeldBatch, rows: &R, stop: Timestamp) -> Result<Passed, Unimported> {
        let id = held.batch.id;
        let Some(layout) = held.batch.layout.clone() else { return Err(Unimported::Headings(id)) };
        let columns = Columns::read(rows.headings(), &held.batch.headings).map_err(|_| Unimported::Headings(id))?;
        let (key, length, encoding) = match &layout {
            Layout::Csv { encoding, .. } => (upload_key(id), held.batch.bytes, *encoding),
            Layout::Xlsx { bytes, .. } => (sheet_key(id), *bytes, FileEncoding::Utf8),
        };
        let style = Style::of(&layout);
        let is_look = held.batch.stage == BatchStage::Checking;
        // Numbers that earlier chunks took are told by storing, or remembered from the first row on.
        let remembers = is_look || !rows.store_knows_numbers();
        let from = if remembers { held.batch.start } else { held.batch.position };
        let mut source = Source::new(&self.files, key, length, style.delimiter, from);
        let mut judge = Judge::new(rows, &columns, encoding);
        loop {
            let chunk = source.chunk().await?;
            let now = self.clock.now();
            if !remembers {
                judge.forget_numbers();
            }
            let Judged { mut sound, mut flawed } = judge.judge(&chunk.rows, now);
            let is_behind = chunk.next.offset <= held.batch.position.offset;
            if !is_behind {
                let tally = if is_look {
                    Tally::of_look(rows.look(&held.batch, &sound, now).await?, &mut sound, &mut flawed)
                } else {
                    let outcomes = rows.store(&held.batch, &sound, now).await?;
                    judge.tally_stored(&held.batch, outcomes, &mut sound, &mut flawed)
                };
                let mut report = Report::new(style, &columns);
                for row in &chunk.rows {
                    if let Some(flaws) = flawed.get(&row.number) {
                        report.add(row, flaws);
                    }
                }
                self.record(held, chunk.next, &tally, report, style).await?;
            }
            match chunk.then {
                Then::Broken(broken) => return Ok(Passed::Refused(Refused::Broken(broken))),
                Then::More | Then::End if held.batch.counts.rows > ROWS => {
                    return Ok(Passed::Refused(Refused::TooManyRows { most: ROWS }));
                }
                // Only with something done, so that every worker brings it on.
                Then::More if !is_behind && self.clock.now() >= stop => return Ok(Passed::Interrupted),
                Then::More => {}
                Then::End => return Ok(Passed::Through),
            }
        }
    }

    /// Keeps a chunk's part of the report, and then how far the batch has come.
    async fn record(
        &self,
        held: &mut HeldBatch,
        next: Position,
        tally: &Tally,
        report: Report<'_>,
        style: Style,
    ) -> Result<(), Unimported> {
        let batch = &mut held.batch;
        if let Some(part) = report.finish()? {
            let (key, sha256) = (report_part_key(batch.id, batch.report_parts), Checksum::of(&part));
            self.files.keep(&key, style.content_type(), part, &sha256).await?;
            batch.report_parts += 1;
        }
        tally.add_to(&mut batch.counts, &mut batch.forecast);
        batch.position = next;
        Ok(self.table.save_batch(held).await?)
    }

    async fn refuse(&self, held: &mut HeldBatch, refused: &Refused) -> Result<(), Unimported> {
        let batch = &mut held.batch;
        if batch.stage == BatchStage::Checking && !batch.dry_run {
            // They were found sound, and not stored.
            batch.counts.stored = 0;
        }
        let stored = if batch.stage == BatchStage::Importing { batch.counts.stored } else { 0 };
        batch.refused = Some(refused.korean(stored));
        self.finish(held, BatchStage::Refused).await
    }

    /// Puts the report together and ends the batch.
    async fn finish(&self, held: &mut HeldBatch, stage: BatchStage) -> Result<(), Unimported> {
        let batch = &mut held.batch;
        if let Some(layout) = batch.layout.as_ref().filter(|_| batch.report_parts > 0) {
            let style = Style::of(layout);
            let headings = Report::head(style, &batch.headings)?;
            let parts = (0..batch.report_parts).map(|number| report_part_key(batch.id, number)).collect();
            self.files.join(&report_key(batch.id), style.content_type(), headings, parts).await?;
        }
        batch.stage = stage;
        batch.finished_at = Some(self.clock.now());
        self.table.save_batch(held).await?;
        let Counts { rows, stored, already_there, errors } = held.batch.counts;
        tracing::info!(batch.id = %held.batch.id, rows, stored, already_there, errors, "a batch is over");
        let refused = u32::from(stage == BatchStage::Refused);
        let stored = if held.batch.dry_run { 0 } else { stored };
        bootstrap::count_many(
            &self.clock,
            &[("RowsStored", stored), ("RowsNotAccepted", errors), ("BatchesRefused", refused)],
        );
        Ok(())
    }
}

impl Tally {
    fn add_to(&self, counts: &mut Counts, forecast: &mut Forecast) {
        counts.rows += self.counts.rows;
        counts.stored += self.counts.stored;
        counts.already_there += self.counts.already_there;
        counts.errors += self.counts.errors;
        forecast.asked += self.forecast.asked;
        forecast.by_text += self.forecast.by_text;
        forecast.text_parts += self.forecast.text_parts;
        forecast.by_email += self.forecast.by_email;
        forecast.by_letter += self.forecast.by_letter;
    }
}
