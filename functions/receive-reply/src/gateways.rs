//! All ways by which texts come in, and what a text brings along: first its files are safe, then the text is.

use bootstrap::{ReadSettings, chain};
use domain::ports::{Clock, Entropy};
use domain::{Fact, NoticeId, SubmissionId, SubmittedFile, UploadId};
use store::{Binding, Change, Decision, Submission, Transition};

use crate::inbound::{Inbound, MOST_MEDIA};
use crate::message_hub::MessageHub;
use crate::receive::once_key;
use crate::{KeepReplies, Received, Receiver, Secrets, TakeMedia, Unreceived};

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
    taken: Vec<SubmittedFile>,
    lost: usize,
}

impl Files {
    /// What the officer should know of them.
    fn note(&self) -> Option<String> {
        let taken = match self.taken.len() {
            0 => None,
            count => Some(format!("[사진이나 파일 {count}개를 함께 보냈습니다. 제출 서류에서 보실 수 있습니다.]")),
        };
        let lost = match self.lost {
            0 => None,
            count => Some(format!("[함께 보낸 사진이나 파일 {count}개는 받지 못했습니다.]")),
        };
        let lines: Vec<String> = taken.into_iter().chain(lost).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

impl<T: KeepReplies, S: ReadSettings, C: Clock, E: Entropy, M: TakeMedia, H> Gateways<T, S, C, E, M, H> {
    /// Takes a text in, with its files. The text is marked as received last: whatever fails before, it comes again.
    ///
    /// # Errors
    /// When the text or one of its files could not be kept for now: it must come again.
    pub async fn take_in(&self, mut inbound: Inbound) -> Result<Received, Unreceived> {
        if !inbound.media.is_empty() && !self.receiver.was_received(&inbound).await? {
            let files = match self.receiver.notice_of(&inbound).await? {
                Some(notice) => self.take_files(notice, &inbound).await?,
                // Nobody's files are fetched.
                None => Files { lost: inbound.media.len(), ..Files::default() },
            };
            inbound.note = files.note();
        }
        self.receiver.receive(inbound).await
    }

    async fn take_files(&self, notice: NoticeId, inbound: &Inbound) -> Result<Files, Unreceived> {
        let mut files = Files { lost: inbound.media.len().saturating_sub(MOST_MEDIA), ..Files::default() };
        for (index, media) in inbound.media.iter().take(MOST_MEDIA).enumerate() {
            // The same file each time the text comes.
            let upload = UploadId::derived(notice.made_at(), &format!("{}#{index}", once_key(inbound)));
            match self.media.take(notice, upload, media).await {
                Ok(()) => files.taken.push(SubmittedFile { upload, request: None }),
                Err(error) if error.is_retryable() => return Err(Unreceived::Media(error)),
                Err(error) => {
                    tracing::warn!(notice.id = %notice, error = chain(&error), "a file that came with a text is not taken");
                    files.lost += 1;
                }
            }
        }
        if !files.taken.is_empty() && !self.submit(notice, inbound, &files.taken).await? {
            files.lost += files.taken.len();
            files.taken.clear();
        }
        Ok(files)
    }

    /// Whether the notice takes them.
    async fn submit(&self, notice: NoticeId, inbound: &Inbound, taken: &[SubmittedFile]) -> Result<bool, Unreceived> {
        let Receiver { table, clock, entropy, .. } = &self.receiver;
        let at = clock.now();
        let submission = SubmissionId::new(at, entropy);
        let transition = table.transition(notice, |_| {
            let fact = Fact::DocumentsSubmitted { submission, files: taken.to_vec() };
            let files = taken.iter().map(|file| file.upload).collect();
            let kept = Submission { id: submission, notice, files, at };
            let once = Binding::Once { scope: "media", key: once_key(inbound) };
            Decision::<()>::Record(Change { at, fact, bindings: vec![Binding::Submission(kept), once] })
        });
        Ok(match transition.await? {
            Transition::Moved(_) => {
                tracing::info!(notice.id = %notice, files = taken.len(), "a resident handed files in by text");
                true
            }
            Transition::DoneBefore(_) | Transition::AlreadyThere(_) => true,
            Transition::Refused(_, _) | Transition::Left(()) => false,
        })
    }
}
