//! All ways by which texts come in, and what a text brings along.

use std::time::Duration;

use bootstrap::{ReadSettings, chain};
use domain::ports::{Clock, Entropy};
use domain::{Fact, Notice, ReplyId, SubmissionId, SubmittedFile, UploadId, Verdict};
use store::{Binding, Change, Decision, Submission, Transition};
use tokio::time::Instant;

use crate::bound::said;
use crate::message_hub::MessageHub;
use crate::receive::once_key;
use crate::{Awaited, HandOn, Inbound, KeepReplies, Media, Received, Receiver, Secrets, TakeMedia, Unreceived};

/// No further file is begun after so long: with one more, the text is kept before the gateway stops waiting.
const FETCHING: Duration = Duration::from_secs(6);

/// The function's whole world.
pub struct Gateways<T, S, C, E, M, H> {
    /// Takes texts in.
    pub receiver: Receiver<T, S, C, E>,
    /// Takes in what comes with them.
    pub media: M,
    /// What proves who calls.
    pub secrets: Secrets,
    /// The gateway that must be asked, where the office has one.
    pub message_hub: Option<MessageHub>,
    /// Where a text goes that was fetched and cannot be kept at once.
    pub later: H,
}

/// What became of the files of a text.
#[derive(Default)]
struct Files {
    taken: usize,
    coming: usize,
    lost: usize,
}

impl Files {
    /// What the officer should know of them.
    fn note(&self) -> Option<String> {
        let line = |count: usize, line: String| (count > 0).then_some(line);
        let Self { taken, coming, lost } = *self;
        let lines = [
            line(taken, format!("[사진이나 파일 {taken}개를 함께 보냈습니다. 제출 서류에서 보실 수 있습니다.]")),
            line(
                coming,
                format!("[함께 보낸 사진이나 파일 {coming}개는 아직 받는 중입니다. 받는 대로 제출 서류에 올라갑니다.]"),
            ),
            line(lost, format!("[함께 보낸 사진이나 파일 {lost}개는 받지 못했습니다.]")),
        ];
        let lines: Vec<String> = lines.into_iter().flatten().collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

/// What fetching brought.
#[derive(Default)]
struct Fetched {
    taken: Vec<SubmittedFile>,
    left: Vec<(usize, Media)>,
    lost: usize,
}

impl<T: KeepReplies, S: ReadSettings, C: Clock, E: Entropy, M: TakeMedia, H: HandOn> Gateways<T, S, C, E, M, H> {
    /// Takes a text in. Its words wait for none of its files: what cannot be had at once comes by the topic. The text is
    /// marked as received last: whatever fails before, it comes again.
    ///
    /// # Errors
    /// When the text could not be kept, or its files be handed on: it must come again.
    pub async fn take_in(&self, mut inbound: Inbound) -> Result<Received, Unreceived> {
        if !inbound.media.is_empty() && !self.receiver.was_received(&inbound).await? {
            let files = match self.receiver.files_of(&inbound).await? {
                Some(awaited) => {
                    let beyond = inbound.media.len() - awaited.files.len();
                    let fetched = self.fetch(&awaited).await;
                    let files = self.hand_in(awaited, fetched).await?;
                    Files { lost: files.lost + beyond, ..files }
                }
                // Nobody's files are fetched.
                None => Files { lost: inbound.media.len(), ..Files::default() },
            };
            inbound.note = files.note();
        }
        self.receiver.receive(inbound).await
    }

    /// Takes in files of a text that is kept already.
    ///
    /// # Errors
    /// When none of them is had: they must come again.
    pub(crate) async fn take_awaited(&self, awaited: Awaited) -> Result<(), Unreceived> {
        let fetched = self.fetch(&awaited).await;
        if fetched.left.len() == awaited.files.len() {
            return Err(Unreceived::Files(fetched.left.len()));
        }
        let files = self.hand_in(awaited.clone(), fetched).await?;
        if files.lost > 0 {
            self.tell_lost(&awaited, files.lost).await?;
        }
        Ok(())
    }

    /// The officer was told that these files are coming, and learns that they are not.
    async fn tell_lost(&self, awaited: &Awaited, lost: usize) -> Result<(), Unreceived> {
        let Receiver { table, clock, entropy, .. } = &self.receiver;
        let at = clock.now();
        let reply = ReplyId::new(at, entropy);
        let words = format!("[앞선 문자와 함께 보낸 사진이나 파일 {lost}개는 받지 못했습니다.]");
        let key = format!("{}#{}#lost", once_key(awaited.provider, &awaited.text), awaited.files.len());
        let transition = table.transition(awaited.notice, |notice| {
            let bindings = vec![
                Binding::Reply(said(reply, notice.id, &words, at)),
                Binding::Once { scope: "media", key: key.clone() },
            ];
            Decision::<()>::Record(Change { at, fact: Fact::ReplyReceived { reply, acknowledge: false }, bindings })
        });
        transition.await?;
        Ok(())
    }

    /// Fetches files one after the other, as many as there is time for.
    async fn fetch(&self, awaited: &Awaited) -> Fetched {
        let until = Instant::now() + FETCHING;
        let mut fetched = Fetched::default();
        for (place, media) in &awaited.files {
            if Instant::now() >= until {
                fetched.left.push((*place, media.clone()));
                continue;
            }
            let (notice, upload) = (awaited.notice, upload_of(awaited, *place));
            match self.media.take(notice, upload, media).await {
                Ok(()) => fetched.taken.push(SubmittedFile { upload, request: None }),
                Err(error) => {
                    tracing::warn!(notice.id = %notice, error = chain(&error), "a file that came with a text is not taken");
                    if error.is_retryable() {
                        fetched.left.push((*place, media.clone()));
                    } else {
                        fetched.lost += 1;
                    }
                }
            }
        }
        fetched
    }

    /// Makes what was fetched papers of the notice. What is left is handed on first: who dies in between does both again.
    async fn hand_in(&self, awaited: Awaited, fetched: Fetched) -> Result<Files, Unreceived> {
        let Fetched { taken, left, mut lost } = fetched;
        let coming = left.len();
        if coming > 0 {
            let rest = serde_json::json!(Awaited { files: left, ..awaited.clone() }).to_string();
            if !self.later.hand_on(rest).await {
                return Err(Unreceived::Files(coming));
            }
        }
        let mut count = taken.len();
        if count > 0 && !self.submit(&awaited, &taken).await? {
            lost += std::mem::take(&mut count);
        }
        Ok(Files { taken: count, coming, lost })
    }

    /// Whether the notice takes them.
    async fn submit(&self, awaited: &Awaited, taken: &[SubmittedFile]) -> Result<bool, Unreceived> {
        let Receiver { table, clock, entropy, .. } = &self.receiver;
        let Awaited { notice, provider, text, files, confirm } = awaited;
        let (notice, at) = (*notice, clock.now());
        let submission = SubmissionId::new(at, entropy);
        // Each time there are fewer of them.
        let key = format!("{}#{}", once_key(*provider, text), files.len());
        let transition = table.transition(notice, |notice| {
            // Nobody asks which paper it is: where only one is still to come, it is that one.
            let request = notice.documents.only_missing();
            let submitted = taken.iter().map(|file| SubmittedFile { request: request.cloned(), ..file.clone() });
            let fact = Fact::DocumentsSubmitted { submission, files: submitted.collect(), confirm: *confirm };
            let files = taken.iter().map(|file| file.upload).collect();
            let kept = Submission { id: submission, notice: notice.id, files, at };
            let once = Binding::Once { scope: "media", key: key.clone() };
            Decision::<()>::Record(Change { at, fact, bindings: vec![Binding::Submission(kept), once] })
        });
        Ok(match transition.await? {
            Transition::Moved(notice) => {
                tracing::info!(notice.id = %notice.id, files = taken.len(), "a resident handed files in by text");
                self.have_looked_at_again(awaited, &notice, taken).await?;
                true
            }
            Transition::DoneBefore(_) | Transition::AlreadyThere(_) => true,
            Transition::Refused(_, _) | Transition::Left(()) => false,
        })
    }

    /// What was found clean before it was handed in has not been released: it is put there again, and so checked again.
    /// Whoever dies before has the text again, and with it all of its files.
    async fn have_looked_at_again(
        &self,
        awaited: &Awaited,
        notice: &Notice,
        taken: &[SubmittedFile],
    ) -> Result<(), Unreceived> {
        let is_early = |upload| {
            let known = notice.documents.uploads.get(&upload);
            known.is_some_and(|known| matches!(known.verdict, Some(Verdict::Clean { .. })))
        };
        for (place, media) in &awaited.files {
            let upload = upload_of(awaited, *place);
            if taken.iter().any(|file| file.upload == upload) && is_early(upload) {
                self.media.take(notice.id, upload, media).await.map_err(|error| {
                    tracing::warn!(notice.id = %notice.id, error = chain(&error), "a file that came with a text is not put again");
                    Unreceived::Files(1)
                })?;
            }
        }
        Ok(())
    }
}

/// The same file is the same upload each time it comes.
fn upload_of(awaited: &Awaited, place: usize) -> UploadId {
    let name = format!("{}#{place}", once_key(awaited.provider, &awaited.text));
    UploadId::derived(awaited.notice.made_at(), &name)
}
