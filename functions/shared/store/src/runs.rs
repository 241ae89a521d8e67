//! Print runs: one at a time, its letters, and how far it has come.

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, ReturnValue, TransactWriteItem};
use domain::{Checksum, NoticeId, RunId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::error::cancellations;
use crate::items::{put, read};
use crate::keys::Key;
use crate::transition::ATTEMPTS;
use crate::{Error, Table, keys};

/// How far a run has come. Each stage may be repeated from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Letters join it.
    Gathering,
    /// Its letters are fixed; their files are being made.
    Printing,
    /// The files are there; its notices become posted.
    Posting,
    /// Over.
    Done,
}

/// A file of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFile {
    /// Its name within the run.
    pub name: String,
    /// Its SHA-256.
    pub sha256: Checksum,
    /// Its length.
    pub bytes: u64,
}

/// A print run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Identity.
    pub id: RunId,
    /// Letters that waited by then are in it.
    pub cut_off: Timestamp,
    /// Who ordered it: an API client's id, or the schedule.
    pub ordered_by: String,
    /// How far it has come.
    pub stage: Stage,
    /// Its letters, known once it is being printed.
    pub letters: u32,
    /// Their pages.
    pub pages: u32,
    /// Its files.
    pub files: Vec<RunFile>,
    /// Letters whose name or address holds characters that CP949 lacks.
    pub outside_cp949: u32,
    /// Letters that waited by the cut-off and had not been made.
    pub missing: u32,
    /// More letters waited than a run takes: the next run follows at once.
    pub more: bool,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was over.
    pub done_at: Option<Timestamp>,
}

/// A run that a worker holds, alone until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldRun {
    /// The run.
    pub run: Run,
    /// The end of the lease: by it the holder is known.
    pub until: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct RunItem {
    #[serde(flatten)]
    key: Key,
    #[serde(flatten)]
    run: Run,
    /// Milliseconds: numbers compare as moments do.
    held_until: i64,
}

impl RunItem {
    fn of(run: &Run, held_until: i64) -> Self {
        Self { key: keys::run(&run.id), run: run.clone(), held_until }
    }
}

/// The one run that is open.
#[derive(Serialize, Deserialize)]
struct OpenRunItem {
    #[serde(flatten)]
    key: Key,
    run: RunId,
}

/// A letter of a run.
#[derive(Serialize, Deserialize)]
pub(crate) struct MemberItem {
    #[serde(flatten)]
    key: Key,
    notice: NoticeId,
}

impl MemberItem {
    pub(crate) fn of(run: &RunId, notice: NoticeId) -> Self {
        Self { key: keys::member(run, notice), notice }
    }
}

impl Table {
    /// The run that is open, or a new one of this day.
    ///
    /// # Errors
    /// When the table cannot be read or written.
    pub async fn open_run(&self, day: Date, at: Timestamp, ordered_by: &str) -> Result<Run, Error> {
        let mut number = 1;
        let mut attempts = ATTEMPTS * 8;
        while attempts > 0 {
            if let Some(item) = self.get(keys::open_run()).await? {
                let open: OpenRunItem = read("open run", item)?;
                return self.run(&open.run).await?.ok_or(Error::NotFound);
            }
            let run = Run {
                id: RunId::of(day, number),
                cut_off: at,
                ordered_by: ordered_by.to_owned(),
                stage: Stage::Gathering,
                letters: 0,
                pages: 0,
                files: Vec::new(),
                outside_cp949: 0,
                missing: 0,
                more: false,
                opened_at: at,
                done_at: None,
            };
            let open = OpenRunItem { key: keys::open_run(), run: run.id.clone() };
            let puts = [put(self, "open run", &open, true)?, put(self, "run", &RunItem::of(&run, 0), true)?];
            let writes = puts.map(|put| TransactWriteItem::builder().put(put).build());
            let request = self.client.transact_write_items().set_transact_items(Some(writes.into()));
            let Err(error) = request.send().await else { return Ok(run) };
            let reasons = cancellations(&error);
            if reasons.get(1) == Some(&"ConditionalCheckFailed") {
                // An earlier run of this day holds the number: however many there are, that is nobody in the way.
                number += 1;
            } else if reasons.is_empty() {
                return Err(Error::dynamo("TransactWriteItems")(error));
            } else {
                attempts -= 1;
            }
        }
        Err(Error::Contention { attempts: ATTEMPTS * 8 })
    }

    /// A run.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn run(&self, id: &RunId) -> Result<Option<Run>, Error> {
        match self.get(keys::run(id)).await? {
            Some(item) => Ok(Some(read::<RunItem>("run", item)?.run)),
            None => Ok(None),
        }
    }

    /// Takes hold of a run that is not over; none while another worker holds it.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn hold_run(&self, id: &RunId, now: Timestamp, until: Timestamp) -> Result<Option<HeldRun>, Error> {
        let millis = |at: Timestamp| AttributeValue::N(at.as_millisecond().to_string());
        let answer = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(keys::run(id).into_attributes()))
            .update_expression("SET held_until = :until")
            .condition_expression("attribute_exists(pk) AND stage <> :done AND held_until <= :now")
            .expression_attribute_values(":until", millis(until))
            .expression_attribute_values(":now", millis(now))
            .expression_attribute_values(":done", AttributeValue::S("done".to_owned()))
            .return_values(ReturnValue::AllNew)
            .send()
            .await;
        match answer {
            Ok(answer) => {
                let item: RunItem = read("run", answer.attributes.unwrap_or_default())?;
                Ok(Some(HeldRun { run: item.run, until }))
            }
            Err(error)
                if error.as_service_error().is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(None)
            }
            Err(error) => Err(Error::dynamo("UpdateItem")(error)),
        }
    }

    /// Records how far a held run has come; over, it makes room for the next one.
    ///
    /// # Errors
    /// When the table cannot be written, or the lease ended and another worker holds it.
    pub async fn save_run(&self, held: &HeldRun) -> Result<(), Error> {
        self.write_run(held, held.until.as_millisecond()).await
    }

    /// Lets a held run go, for whoever comes next.
    ///
    /// # Errors
    /// As [`Table::save_run`].
    pub async fn release_run(&self, held: &HeldRun) -> Result<(), Error> {
        self.write_run(held, 0).await
    }

    async fn write_run(&self, held: &HeldRun, held_until: i64) -> Result<(), Error> {
        let mut save = put(self, "run", &RunItem::of(&held.run, held_until), false)?;
        save.condition_expression = Some("held_until = :mine".to_owned());
        let mine = AttributeValue::N(held.until.as_millisecond().to_string());
        save.expression_attribute_values = Some([(":mine".to_owned(), mine)].into());
        let mut writes = vec![TransactWriteItem::builder().put(save).build()];
        if held.run.stage == Stage::Done {
            let delete = Delete::builder().table_name(&self.name).set_key(Some(keys::open_run().into_attributes()));
            let delete = delete
                .condition_expression("#run = :run")
                .expression_attribute_names("#run", "run")
                .expression_attribute_values(":run", AttributeValue::S(held.run.id.to_string()))
                .build()
                .map_err(|source| Error::corrupt("open run")(source.into()))?;
            writes.push(TransactWriteItem::builder().delete(delete).build());
        }
        let request = self.client.transact_write_items().set_transact_items(Some(writes));
        request.send().await.map_err(Error::dynamo("TransactWriteItems"))?;
        Ok(())
    }

    /// The notices whose letters are in a run, in the order of their ids.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn members(&self, run: &RunId) -> Result<Vec<NoticeId>, Error> {
        let items = self.partition(keys::run_partition(run), keys::MEMBER_PREFIX, false, None).await?;
        items.into_iter().map(|item| Ok(read::<MemberItem>("member", item)?.notice)).collect()
    }
}
