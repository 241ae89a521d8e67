//! Batches: files of many rows, what became of them, and how far whoever imports them has come.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, ReturnValue, TransactWriteItem};
use domain::{BatchId, Checksum};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::error::cancellations;
use crate::items::{expires, put, read};
use crate::keys::Key;
use crate::transition::ATTEMPTS;
use crate::{Error, Table, keys};

/// Batches are told of this long; what they brought in stays.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 365);

/// What the rows of a batch are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchType {
    /// Notices to hand in.
    Notices,
    /// Permits to put into the register.
    Permits,
}

impl BatchType {
    /// Its name in JSON and keys.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notices => "notices",
            Self::Permits => "permits",
        }
    }
}

/// How far a batch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchStage {
    /// The file is not here yet.
    AwaitingUpload,
    /// The file is being read through, nothing is stored.
    Checking,
    /// Its rows are being stored.
    Importing,
    /// Every row was looked at.
    Done,
    /// The file as a whole was not taken, or not to its end.
    Refused,
}

impl BatchStage {
    /// Nothing more becomes of it.
    #[must_use]
    pub const fn is_over(self) -> bool {
        match self {
            Self::AwaitingUpload | Self::Checking | Self::Importing => false,
            Self::Done | Self::Refused => true,
        }
    }
}

/// How a file is to be read, found out once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "format", rename_all = "snake_case")]
pub enum Layout {
    /// Text with delimiters.
    Csv {
        /// Its characters.
        encoding: FileEncoding,
        /// What parts its cells.
        delimiter: char,
    },
    /// A workbook.
    Xlsx {
        /// The sheet that is read.
        sheet: String,
        /// Sheets that are not.
        ignored: Vec<String>,
        /// Length of the sheet as text, by which progress is told.
        bytes: u64,
    },
}

/// The characters of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileEncoding {
    /// UTF-8, with a byte order mark.
    Utf8Bom,
    /// UTF-8.
    Utf8,
    /// What Korean Excel calls CSV.
    Cp949,
}

/// The place of the next row.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Bytes before it.
    pub offset: u64,
    /// Rows before it, blank ones and the headings included: as a spreadsheet counts.
    pub row: u32,
    /// The byte before it is a carriage return, and a line feed that follows belongs to it.
    pub after_return: bool,
}

/// What became of the rows so far.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows with anything in them.
    pub rows: u32,
    /// Stored by this batch; in a dry run, what would be.
    pub stored: u32,
    /// Known before from elsewhere.
    pub already_there: u32,
    /// Not acceptable.
    pub errors: u32,
}

/// What the sound rows of a dry run would set out to do.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forecast {
    /// Asked by text.
    pub asked: u32,
    /// Told by text at once: they chose before.
    pub by_text: u32,
    /// Parts of those texts.
    #[serde(default)]
    pub text_parts: u32,
    /// Told by e-mail at once: they chose before.
    pub by_email: u32,
    /// Sent by letter at once.
    pub by_letter: u32,
}

/// A file of many rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Identity.
    pub id: BatchId,
    /// What its rows are.
    pub r#type: BatchType,
    /// What the office calls the file.
    pub file_name: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: Checksum,
    /// Look only.
    pub dry_run: bool,
    /// Store nothing unless every row is sound.
    pub all_or_nothing: bool,
    /// The API client that opened it.
    pub opened_by: String,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// How far it has come.
    pub stage: BatchStage,
    /// Why it was refused, to be read by officers.
    pub refused: Option<String>,
    /// How the file is read; none before anyone has looked into it.
    pub layout: Option<Layout>,
    /// The headings as they stand in the file.
    pub headings: Vec<String>,
    /// The first row after the headings.
    pub start: Position,
    /// The next row.
    pub position: Position,
    /// What became of those before.
    pub counts: Counts,
    /// What a dry run expects.
    pub forecast: Forecast,
    /// Parts of the report so far.
    pub report_parts: u32,
    /// When the file was first looked into.
    pub started_at: Option<Timestamp>,
    /// When it was over.
    pub finished_at: Option<Timestamp>,
}

/// What a client says of a file before it is uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchFile {
    /// What its rows are.
    pub r#type: BatchType,
    /// What the office calls it.
    pub file_name: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: Checksum,
}

impl Batch {
    /// A batch whose file is still to come; its sound rows are stored, whatever the others are.
    #[must_use]
    pub fn opened(id: BatchId, file: BatchFile, by: impl Into<String>, at: Timestamp) -> Self {
        let BatchFile { r#type, file_name, bytes, sha256 } = file;
        Self {
            id,
            r#type,
            file_name,
            bytes,
            sha256,
            dry_run: false,
            all_or_nothing: false,
            opened_by: by.into(),
            opened_at: at,
            stage: BatchStage::AwaitingUpload,
            refused: None,
            layout: None,
            headings: Vec::new(),
            start: Position::default(),
            position: Position::default(),
            counts: Counts::default(),
            forecast: Forecast::default(),
            report_parts: 0,
            started_at: None,
            finished_at: None,
        }
    }
}

/// A batch that a worker holds, alone until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldBatch {
    /// The batch.
    pub batch: Batch,
    /// When the lease ends, which tells one worker's hold from another's.
    pub until: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct BatchItem {
    #[serde(flatten)]
    key: Key,
    #[serde(flatten)]
    batch: Batch,
    /// Milliseconds: numbers compare as moments do.
    held_until: i64,
    expires: i64,
}

impl BatchItem {
    fn of(batch: &Batch, held_until: i64) -> Self {
        Self { key: keys::batch(batch.id), batch: batch.clone(), held_until, expires: expires(batch.opened_at, KEPT) }
    }
}

/// The batch that holds a content.
#[derive(Serialize, Deserialize)]
struct ContentItem {
    #[serde(flatten)]
    key: Key,
    batch: BatchId,
    expires: i64,
}

impl Table {
    /// Opens a batch, or finds the one that holds the same content and has not failed. A dry run is always a new one.
    ///
    /// # Errors
    /// When the table cannot be read or written.
    pub async fn open_batch(&self, batch: &Batch) -> Result<Batch, Error> {
        let first = put(self, "batch", &BatchItem::of(batch, 0), true)?;
        let key = keys::batch_content(batch.r#type.as_str(), &batch.sha256);
        for _ in 0..ATTEMPTS {
            let mut writes = vec![TransactWriteItem::builder().put(first.clone()).build()];
            if !batch.dry_run {
                let earlier = match self.get(key.clone()).await? {
                    Some(item) => Some(read::<ContentItem>("batch content", item)?.batch),
                    None => None,
                };
                if let Some(earlier) = earlier
                    && let Some(same) = self.batch(earlier).await?.filter(|same| same.stage != BatchStage::Refused)
                {
                    return Ok(same);
                }
                writes.push(TransactWriteItem::builder().put(self.claim_content(&key, batch, earlier)?).build());
            }
            let Err(error) = self.client.transact_write_items().set_transact_items(Some(writes)).send().await else {
                return Ok(batch.clone());
            };
            // Someone opened one with the same content at the same moment: it is found at the next look.
            if cancellations(&error).is_empty() {
                return Err(Error::dynamo("TransactWriteItems")(error));
            }
        }
        Err(Error::Contention { attempts: ATTEMPTS })
    }

    fn claim_content(&self, key: &Key, batch: &Batch, earlier: Option<BatchId>) -> Result<Put, Error> {
        let content = ContentItem { key: key.clone(), batch: batch.id, expires: expires(batch.opened_at, KEPT) };
        let mut claim = put(self, "batch content", &content, earlier.is_none())?;
        if let Some(earlier) = earlier {
            claim.condition_expression = Some("#batch = :earlier".to_owned());
            claim.expression_attribute_names = Some([("#batch".to_owned(), "batch".to_owned())].into());
            let earlier = AttributeValue::S(earlier.to_string());
            claim.expression_attribute_values = Some([(":earlier".to_owned(), earlier)].into());
        }
        Ok(claim)
    }

    /// A batch.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn batch(&self, id: BatchId) -> Result<Option<Batch>, Error> {
        match self.get(keys::batch(id)).await? {
            Some(item) => Ok(Some(read::<BatchItem>("batch", item)?.batch)),
            None => Ok(None),
        }
    }

    /// Takes hold of a batch that is not over; none while another worker holds it.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn hold_batch(&self, id: BatchId, now: Timestamp, until: Timestamp) -> Result<Option<HeldBatch>, Error> {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(keys::batch(id).into_attributes()))
            .update_expression("SET held_until = :until")
            .condition_expression(
                "attribute_exists(pk) AND stage <> :done AND stage <> :refused AND held_until <= :now",
            )
            .expression_attribute_values(":until", millis(until))
            .expression_attribute_values(":now", millis(now))
            .expression_attribute_values(":done", text("done"))
            .expression_attribute_values(":refused", text("refused"))
            .return_values(ReturnValue::AllNew)
            .send()
            .await;
        match answer {
            Ok(answer) => {
                let item: BatchItem = read("batch", answer.attributes.unwrap_or_default())?;
                Ok(Some(HeldBatch { batch: item.batch, until }))
            }
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(Error::dynamo("UpdateItem")(error)),
        }
    }

    /// Records how far a held batch has come.
    ///
    /// # Errors
    /// When the table cannot be written, or the lease ended and another worker holds it.
    pub async fn save_batch(&self, held: &HeldBatch) -> Result<(), Error> {
        self.write_batch(held, held.until.as_millisecond()).await
    }

    /// Lets a held batch go, for whoever comes next.
    ///
    /// # Errors
    /// As [`Table::save_batch`].
    pub async fn release_batch(&self, held: &HeldBatch) -> Result<(), Error> {
        self.write_batch(held, 0).await
    }

    async fn write_batch(&self, held: &HeldBatch, held_until: i64) -> Result<(), Error> {
        let save = put(self, "batch", &BatchItem::of(&held.batch, held_until), false)?;
        let request = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(save.item))
            .condition_expression("held_until = :mine")
            .expression_attribute_values(":mine", millis(held.until));
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) => {
                Err(Error::LeaseEnded)
            }
            Err(error) => Err(Error::dynamo("PutItem")(error)),
        }
    }
}

fn millis(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.as_millisecond().to_string())
}
