//! Takes a run from its first letter to its end. Every stage may break off and be repeated, by whoever comes next.

use aws_sdk_sqs::error::SdkError;
use aws_sdk_sqs::operation::send_message::SendMessageError;
use domain::ports::Clock;
use domain::settings::SEOUL;
use domain::{Checksum, Fact, Notice, NoticeId, RunId, State};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use letters::{FetchLetter, KeepFile, run_key};
use store::{Binding, Change, Decision, DueShard, HeldRun, Run, RunFile, Stage, Transition};

use crate::{Bundle, LETTERS_PER_PART, Manifest, OrderRun, Row, RunOrder, Runs, Sides, checksums};

/// A printer alone holds a run this long: longer than a function runs, shorter than the queue hides what it gave out.
pub const HELD_FOR: SignedDuration = SignedDuration::from_secs(330);

/// Letters of one run in production.
pub const LETTERS_PER_RUN: usize = 2_000;

/// Notices worked on at a time.
const AT_ONCE: usize = 16;
/// Waiting letters asked for at a time.
const PAGE: i32 = 500;

/// A run that was not brought to its end.
#[derive(Debug, thiserror::Error)]
pub enum Unprinted {
    /// The table failed.
    #[error("the table failed")]
    Store(#[from] store::Error),
    /// The bucket failed, or a letter is not the one that was recorded.
    #[error("a file cannot be fetched or kept")]
    File(#[from] letters::Error),
    /// The list of letters could not be written.
    #[error("the list of letters cannot be written")]
    Manifest(#[from] csv::Error),
    /// The queue did not take the order for what is left.
    #[error("the queue did not take the order for what is left")]
    Unordered(#[from] Box<SdkError<SendMessageError>>),
    /// Another printer holds it.
    #[error("another printer holds run {0}")]
    Held(RunId),
    /// A notice of the run does not stand where its letter does.
    #[error("notice {notice} is {state}, and its letter is in a run")]
    Astray {
        /// The notice.
        notice: NoticeId,
        /// Its state.
        state: &'static str,
    },
}

/// Prints runs.
#[derive(Debug)]
pub struct Printer<R, F, O, C> {
    /// The runs and their notices.
    pub runs: R,
    /// Letters and print files.
    pub files: F,
    /// Where work that is left goes.
    pub orders: O,
    /// The time.
    pub clock: C,
    /// As many letters as one invocation prints; more of them wait for the next run, which follows at once.
    pub letters_per_run: usize,
}

impl<R: Runs, F: FetchLetter + KeepFile, O: OrderRun, C: Clock> Printer<R, F, O, C> {
    /// Opens the day's run, or finds the one that is open, and has it printed.
    ///
    /// # Errors
    /// When it cannot be opened or ordered.
    pub async fn open(&self, ordered_by: &str) -> Result<Run, Unprinted> {
        let now = self.clock.now();
        let run = self.runs.open_run(SEOUL.to_datetime(now).date(), now, ordered_by).await?;
        self.orders.order(&RunOrder { run: run.id.clone() }).await?;
        Ok(run)
    }

    /// Prints a run, as far as it gets before `stop`; an order for what is left goes to the queue.
    ///
    /// # Errors
    /// When it is not done; the queue brings it again.
    pub async fn print(&self, order: RunOrder, stop: Timestamp) -> Result<(), Unprinted> {
        let now = self.clock.now();
        let Some(mut held) = self.runs.hold_run(&order.run, now, now + HELD_FOR).await? else {
            return match self.runs.run(&order.run).await? {
                Some(run) if run.stage == Stage::Done => self.follow(&run).await,
                None => Ok(()),
                Some(_) => Err(Unprinted::Held(order.run)),
            };
        };
        if held.run.stage == Stage::Gathering {
            if !self.gather(&mut held.run, stop).await? {
                return self.leave(&held).await;
            }
            held.run.stage = Stage::Printing;
            self.runs.save_run(&held).await?;
        }
        if held.run.stage == Stage::Printing {
            self.make_files(&mut held).await?;
            held.run.stage = Stage::Posting;
            self.runs.save_run(&held).await?;
        }
        if held.run.stage == Stage::Posting {
            if !self.post(&held.run, stop).await? {
                return self.leave(&held).await;
            }
            held.run.stage = Stage::Done;
            held.run.done_at = Some(self.clock.now());
            self.runs.save_run(&held).await?;
        }
        let Run { id, letters, pages, missing, .. } = &held.run;
        tracing::info!(run.id = %id, letters, pages, missing, "a print run is over");
        bootstrap::count_many(&self.clock, &[("LettersPosted", *letters), ("LettersMissing", *missing)]);
        self.follow(&held.run).await
    }

    /// Opens the run for the letters that did not fit into this one. Asked again, it may open one with nothing in it.
    async fn follow(&self, over: &Run) -> Result<(), Unprinted> {
        if over.more {
            self.open(&over.ordered_by).await?;
        }
        Ok(())
    }

    async fn leave(&self, held: &HeldRun) -> Result<(), Unprinted> {
        self.runs.release_run(held).await?;
        self.orders.order(&RunOrder { run: held.run.id.clone() }).await?;
        Ok(())
    }

    /// Takes the letters that waited by the cut-off into the run; false if there was no time for all that it has room for.
    async fn gather(&self, run: &mut Run, stop: Timestamp) -> Result<bool, Unprinted> {
        let mut waiting = Vec::new();
        for shard in join_all(DueShard::all().map(|shard| self.waiting(shard, run.cut_off))).await {
            waiting.extend(shard?);
        }
        // Who was taken in first is posted first.
        waiting.sort_unstable();
        let mut room = self.letters_per_run.saturating_sub(self.runs.members(&run.id).await?.len());
        (run.missing, run.more) = (0, false);
        let mut waiting = waiting.into_iter().peekable();
        while waiting.peek().is_some() {
            if self.clock.now() >= stop {
                return Ok(false);
            }
            if room == 0 {
                run.more = true;
                break;
            }
            let batch: Vec<_> = waiting.by_ref().take(room.min(AT_ONCE)).collect();
            for joined in join_all(batch.into_iter().map(|id| self.join(id, &run.id))).await {
                match joined? {
                    Joined::Yes => room -= 1,
                    Joined::NoLetter => run.missing += 1,
                    Joined::MovedOn => {}
                }
            }
        }
        Ok(true)
    }

    async fn waiting(&self, shard: DueShard, cut_off: Timestamp) -> Result<Vec<NoticeId>, store::Error> {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = self.runs.awaiting_run(shard, cut_off, PAGE, after).await?;
            found.extend(page.notices);
            match page.after {
                Some(next) => after = Some(next),
                None => return Ok(found),
            }
        }
    }

    async fn join(&self, id: NoticeId, run: &RunId) -> Result<Joined, Unprinted> {
        let notice = self.runs.notice(id).await?.ok_or(store::Error::NotFound)?;
        let State::Posting { .. } = notice.state else { return Ok(Joined::MovedOn) };
        let Some(letter) = notice.paper.letter() else { return Ok(Joined::NoLetter) };
        // A run is printed whole or not at all: a file that somebody deleted would hold up all others.
        if !self.files.has(id, letter).await? {
            tracing::error!(notice.id = %id, "the file of a letter is gone");
            return Ok(Joined::NoLetter);
        }
        let at = self.clock.now();
        let joined = self.runs.transition(id, |notice| {
            if let State::Posting { .. } = notice.state {
                let bindings = vec![Binding::Member { run: run.clone() }];
                Decision::Record(Change { at, fact: Fact::JoinedRun { run: run.clone() }, bindings })
            } else {
                Decision::Leave(Joined::MovedOn)
            }
        });
        Ok(match joined.await? {
            Transition::Moved(_) => Joined::Yes,
            Transition::Left(why) => why,
            Transition::AlreadyThere(_) | Transition::DoneBefore(_) | Transition::Refused(_, _) => Joined::MovedOn,
        })
    }

    /// Makes the run's files: the same letters give the same files, whoever makes them.
    async fn make_files(&self, held: &mut HeldRun) -> Result<(), Unprinted> {
        let run = &mut held.run;
        let mut notices = Vec::new();
        for batch in self.runs.members(&run.id).await?.chunks(AT_ONCE) {
            for notice in join_all(batch.iter().map(|id| self.member(*id, &run.id))).await {
                notices.push(notice?);
            }
        }
        // As a post office sorts them.
        notices.sort_by_cached_key(|notice| (postal_code(notice), notice.id));
        let mut kept = PrintFiles { run: &run.id, files: &self.files, kept: Vec::new() };
        let (mut rows, mut part, mut bundle) = (Vec::new(), 1, Bundle::new(Sides::Two));
        for batch in notices.chunks(AT_ONCE) {
            let letters = join_all(batch.iter().map(|notice| self.letter(notice))).await;
            for (notice, letter) in batch.iter().zip(letters) {
                let (letter, number) = (letter?, u32::try_from(rows.len() + 1).unwrap_or(u32::MAX));
                let row = match bundle.add(notice.id, &letter) {
                    Ok(pages) => row(notice, number, part_name(part), pages.first, pages.count, pages.sheets),
                    // A file of its own, so that one odd letter keeps no other from being posted.
                    Err(error) => {
                        tracing::error!(notice.id = %notice.id, error = bootstrap::chain(&error), "printed by itself");
                        let (name, pages) = (format!("letter-{number}.pdf"), pages(notice));
                        kept.keep(name.clone(), "application/pdf", letter).await?;
                        row(notice, number, name, 1, pages, pages.div_ceil(2))
                    }
                };
                rows.push(row?);
                if rows.len() % LETTERS_PER_PART == 0 && !bundle.is_empty() {
                    let full = std::mem::replace(&mut bundle, Bundle::new(Sides::Two));
                    kept.keep(part_name(part), "application/pdf", full.finish()).await?;
                    part += 1;
                }
            }
        }
        if !bundle.is_empty() {
            kept.keep(part_name(part), "application/pdf", bundle.finish()).await?;
        }
        if !rows.is_empty() {
            let manifest = Manifest::write(&rows)?;
            run.outside_cp949 = u32::try_from(manifest.replaced.len()).unwrap_or(u32::MAX);
            kept.keep("manifest.csv".to_owned(), "text/csv; charset=utf-8", manifest.utf8).await?;
            kept.keep("manifest-cp949.csv".to_owned(), "text/csv; charset=euc-kr", manifest.cp949).await?;
            let sums = kept.kept.iter().map(|file| (file.name.as_str(), &file.sha256));
            let sums = checksums(sums).into_bytes();
            kept.keep("SHA256SUMS".to_owned(), "text/plain; charset=utf-8", sums).await?;
        }
        run.files = kept.kept;
        run.letters = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        run.pages = rows.iter().map(|row| row.pages).sum();
        Ok(())
    }

    /// A notice of the run, which nothing steers away from it any more.
    async fn member(&self, id: NoticeId, run: &RunId) -> Result<Notice, Unprinted> {
        let notice = self.runs.notice(id).await?.ok_or(store::Error::NotFound)?;
        if matches!(&notice.state, State::Printing { run: joined, .. } if joined == run) {
            Ok(notice)
        } else {
            Err(Unprinted::Astray { notice: id, state: notice.state.name() })
        }
    }

    async fn letter(&self, notice: &Notice) -> Result<Vec<u8>, Unprinted> {
        let Some(letter) = notice.paper.letter() else {
            return Err(Unprinted::Astray { notice: notice.id, state: "without a letter" });
        };
        Ok(self.files.fetch(notice.id, letter).await?)
    }

    /// Records that the run's letters are posted; false if there was no time for all of them.
    async fn post(&self, run: &Run, stop: Timestamp) -> Result<bool, Unprinted> {
        for batch in self.runs.members(&run.id).await?.chunks(AT_ONCE) {
            if self.clock.now() >= stop {
                return Ok(false);
            }
            for posted in join_all(batch.iter().map(|id| self.record_posted(*id, &run.id))).await {
                posted?;
            }
        }
        Ok(true)
    }

    async fn record_posted(&self, id: NoticeId, run: &RunId) -> Result<(), Unprinted> {
        let change = Change { at: self.clock.now(), fact: Fact::Posted { run: run.clone() }, bindings: Vec::new() };
        match self.runs.transition::<()>(id, |_| Decision::Record(change.clone())).await? {
            Transition::Moved(_) | Transition::AlreadyThere(_) | Transition::DoneBefore(_) | Transition::Left(()) => {
                Ok(())
            }
            Transition::Refused(notice, _) => Err(Unprinted::Astray { notice: id, state: notice.state.name() }),
        }
    }
}

/// What became of a letter that waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joined {
    /// It is in the run.
    Yes,
    /// It has not been made yet.
    NoLetter,
    /// Somebody steered the notice elsewhere.
    MovedOn,
}

/// A run's files as they are kept.
struct PrintFiles<'a, F> {
    run: &'a RunId,
    files: &'a F,
    kept: Vec<RunFile>,
}

impl<F: KeepFile> PrintFiles<'_, F> {
    async fn keep(&mut self, name: String, content_type: &'static str, content: Vec<u8>) -> Result<(), letters::Error> {
        let sha256 = Checksum::of(&content);
        let bytes = u64::try_from(content.len()).unwrap_or(u64::MAX);
        self.files.keep(&run_key(self.run, &name), content_type, content, &sha256).await?;
        self.kept.push(RunFile { name, sha256, bytes });
        Ok(())
    }
}

fn part_name(part: u32) -> String {
    format!("letters-{part}.pdf")
}

fn postal_code(notice: &Notice) -> String {
    let address = notice.details.recipient.address.as_ref();
    address.map_or_else(String::new, |address| address.expose().0.to_owned())
}

fn pages(notice: &Notice) -> u32 {
    notice.paper.letter().map_or(1, |letter| letter.pages)
}

fn row(notice: &Notice, number: u32, file: String, first_page: u32, pages: u32, sheets: u32) -> Result<Row, Unprinted> {
    let recipient = &notice.details.recipient;
    let Some(address) = recipient.address.clone() else {
        return Err(Unprinted::Astray { notice: notice.id, state: "without an address" });
    };
    Ok(Row {
        number,
        notice: notice.id,
        reference: notice.details.reference.clone(),
        name: recipient.name.clone(),
        address,
        file,
        first_page,
        pages,
        sheets,
    })
}
