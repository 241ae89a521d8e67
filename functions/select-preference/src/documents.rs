//! Papers: the resident's files go straight into the bucket; here they are told what is asked for and what came, and hand
//! it in.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::response::{IntoResponse, Response};
use domain::{Fact, Notice, Refused, RequestCode, SubmissionId, SubmittedFile, Upload, UploadId, Verdict, limits};
use jiff::Timestamp;
use serde_json::json;
use store::{Binding, Change, Decision, FileRecord, Submission, Transition};
use uploads::{FileName, FileType, Kept, Return, Ticket, UploadForm};

use crate::answer::{Failure, page, see};
use crate::app::{App, Door, locked};
use crate::form::{Do, Form};
use crate::papers::{Papers, Wanted};
use crate::standing::{Standing, is_locked};
use crate::{Files, ReadSettings, Residents, headers};

/// Times that somebody hands papers in with one notice, at most.
pub(crate) const SUBMISSIONS: usize = 20;
/// The files' verdicts may keep coming in while they are handed in.
const ATTEMPTS: u32 = 4;

/// A file the resident brought, handed in or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Brought {
    pub(crate) request: Option<RequestCode>,
    pub(crate) bytes: u64,
    pub(crate) at: Timestamp,
    pub(crate) submission: Option<SubmissionId>,
    pub(crate) verdict: Option<Verdict>,
    /// How it is kept; none until somebody looked into it, or where it is unfit.
    pub(crate) kept: Option<Kept>,
}

impl Brought {
    pub(crate) fn is_bad(&self) -> bool {
        self.verdict.as_ref().is_some_and(Verdict::is_bad)
    }

    /// It waits to be handed in.
    pub(crate) fn is_fresh(&self) -> bool {
        self.submission.is_none() && !self.is_bad()
    }
}

/// All of them.
pub(crate) type Pile = BTreeMap<UploadId, Brought>;

impl<R: Residents, S: ReadSettings, L: Files> App<R, S, L> {
    pub(crate) async fn show_documents(&self, door: &Door) -> Result<Response, Failure> {
        match closed(door) {
            Some(Standing::Locked) => locked(door),
            Some(_) => self.show(door).await,
            None => {
                let pile = self.pile(door).await?;
                self.papers(door, &pile, StatusCode::OK, None).await
            }
        }
    }

    pub(crate) async fn documents(&self, door: &Door, form: &Form) -> Result<Response, Failure> {
        if form.button() == Do::Back {
            return Ok(see(&format!("../{}", door.token.expose())));
        }
        if closed(door).is_some() {
            return self.show_documents(door).await;
        }
        if form.button() == Do::Ticket {
            self.ticket(door, form).await
        } else if form.button() == Do::Discard {
            self.discard(door, form).await
        } else {
            self.submit(door).await
        }
    }

    /// Takes a file back. One that was handed in stays: the office has it.
    async fn discard(&self, door: &Door, form: &Form) -> Result<Response, Failure> {
        let upload = form.get("upload").and_then(|id| UploadId::parse(id).ok());
        let is_handed_in = |upload: &UploadId| {
            door.notice.documents.uploads.get(upload).is_some_and(|known| known.submission.is_some())
        };
        if let Some(upload) = upload.filter(|upload| !is_handed_in(upload)) {
            self.letters.discard(door.notice.id, upload).await?;
            let fact = Fact::DocumentDiscarded { upload };
            let change = Change { at: door.now, fact, bindings: Vec::new() };
            self.residents.transition(door.notice.id, |_| Decision::<()>::Record(change.clone())).await?;
        }
        Ok(see("documents"))
    }

    /// Leave to bring one file, for the page's script.
    async fn ticket(&self, door: &Door, form: &Form) -> Result<Response, Failure> {
        let refuse = |status: StatusCode, fault: &str| Ok((status, Json(json!({ "fault": fault }))).into_response());
        let Some(r#type) = form.get("type").and_then(FileType::of_mime) else {
            return refuse(StatusCode::UNPROCESSABLE_ENTITY, "사진(JPG, PNG, HEIC)이나 PDF 파일을 골라 주십시오.");
        };
        if self.pile(door).await?.len() >= limits::UPLOADS {
            return refuse(StatusCode::CONFLICT, "파일을 더 올리실 수 없습니다. 담당자에게 전화해 주십시오.");
        }
        let wanted = form.get("request").and_then(|code| RequestCode::parse(code).ok());
        let request = wanted.filter(|code| door.notice.documents.requests.iter().any(|asked| asked.code == *code));
        let name = FileName::of(form.get("name").unwrap_or_default());
        let form = self.form(door, request, name, Some(r#type), Return::Created).await?;
        Ok(Json(form).into_response())
    }

    async fn form(
        &self,
        door: &Door,
        request: Option<RequestCode>,
        name: FileName,
        r#type: Option<FileType>,
        then: Return,
    ) -> Result<UploadForm, Failure> {
        let ticket = Ticket {
            notice: door.notice.id,
            upload: UploadId::new(door.now, self.entropy.as_ref()),
            request,
            name,
            r#type,
            longest: door.settings.documents.longest(),
            then,
            from: door.now,
        };
        Ok(self.letters.form(&ticket).await?)
    }

    /// What the resident brought, as the bucket and the table know it: nothing is taken from the browser.
    async fn pile(&self, door: &Door) -> Result<Pile, Failure> {
        let notice = &door.notice;
        let arrived = self.letters.arrived(notice.id, limits::UPLOADS).await?;
        let records = self.residents.files(notice.id).await?;
        let record_of = |upload| records.iter().find(|record| record.upload == upload);
        let mut pile = Pile::new();
        for file in arrived {
            let known = notice.documents.uploads.get(&file.upload);
            let record = record_of(file.upload);
            let request = match record.and_then(|record| record.inspection.as_ref()) {
                Some(inspection) => inspection.request.clone(),
                // What was found infected is not even described any more.
                None if known.is_some_and(|known| known.verdict.is_some()) => None,
                // Nobody has looked into it yet.
                None => self.letters.describe(notice.id, file.upload).await?.and_then(|said| said.request),
            };
            pile.insert(file.upload, brought(known, record, request, file.bytes, file.at));
        }
        for (upload, known) in &notice.documents.uploads {
            if pile.contains_key(upload) {
                continue;
            }
            let record = record_of(*upload);
            let inspection = record.and_then(|record| record.inspection.as_ref());
            let request = inspection.and_then(|inspection| inspection.request.clone());
            let bytes = inspection.map_or(0, |inspection| inspection.bytes);
            let file = brought(Some(known), record, request, bytes, upload.made_at());
            // One that was not handed in and is gone has faded, or was taken back; unless it was put in safety already by
            // a hand-in that broke off.
            let is_there = match (&file.kept, known.submission) {
                (_, Some(_)) => true,
                (Some(kept), None) => self.letters.release(notice.id, *upload, kept).await?,
                (None, None) => false,
            };
            if is_there {
                pile.insert(*upload, file);
            }
        }
        Ok(pile)
    }

    async fn submit(&self, door: &Door) -> Result<Response, Failure> {
        let mut door = door.clone();
        for _ in 0..ATTEMPTS {
            let pile = self.pile(&door).await?;
            if submissions(&door.notice) >= SUBMISSIONS {
                return self.papers(&door, &pile, StatusCode::CONFLICT, None).await;
            }
            let mut files: Vec<(UploadId, &Brought)> =
                pile.iter().filter(|(_, file)| file.is_fresh()).map(|(upload, file)| (*upload, file)).collect();
            // A clean file is safe before it is handed in, so that none is lost in between.
            let mut safe = Vec::new();
            for (upload, file) in files.clone() {
                if !matches!(file.verdict, Some(Verdict::Clean { .. })) {
                    continue;
                }
                let is_safe = match &file.kept {
                    Some(kept) => self.letters.release(door.notice.id, upload, kept).await?,
                    None => false,
                };
                if is_safe {
                    safe.push(upload);
                } else {
                    // What was checked is no longer there.
                    files.retain(|(other, _)| *other != upload);
                }
            }
            if files.is_empty() {
                // A second click finds nothing left, and sees what the first one did.
                if submissions(&door.notice) > 0 {
                    return Ok(see("documents"));
                }
                let fault = "아직 올리신 파일이 없습니다. 먼저 파일을 올려 주십시오.";
                return self.papers(&door, &pile, StatusCode::UNPROCESSABLE_ENTITY, Some(fault)).await;
            }
            let change = handing_in(&door, &files, SubmissionId::new(door.now, self.entropy.as_ref()));
            let outcome = self.residents.transition(door.notice.id, |notice| {
                if is_still_so(notice, &files, &safe) {
                    Decision::Record(change.clone())
                } else {
                    Decision::Leave(notice.clone())
                }
            });
            match outcome.await? {
                Transition::Moved(_) | Transition::AlreadyThere(_) | Transition::DoneBefore(_) => {
                    return Ok(see("documents"));
                }
                Transition::Refused(_, Refused::TooMany) => {
                    return self.papers(&door, &pile, StatusCode::CONFLICT, None).await;
                }
                Transition::Refused(notice, _) => {
                    door.notice = *notice;
                    return self.show(&door).await;
                }
                Transition::Left(notice) => door.notice = notice,
            }
        }
        Err(Failure::Store(store::Error::Contention { attempts: ATTEMPTS }))
    }

    async fn papers(
        &self,
        door: &Door,
        pile: &Pile,
        status: StatusCode,
        fault: Option<&'static str>,
    ) -> Result<Response, Failure> {
        let full = pile.len() >= limits::UPLOADS || submissions(&door.notice) >= SUBMISSIONS;
        let mut wanted = Vec::new();
        let asked = door.notice.documents.requests.iter().map(Some).chain([None]);
        for request in asked {
            let form = if full {
                None
            } else {
                let name = FileName::of(request.map_or("기타 서류", |request| &request.name));
                let back = format!("{}/c/{}/documents", self.public_url, door.token.expose());
                let code = request.map(|request| request.code.clone());
                Some(self.form(door, code, name, None, Return::To(back)).await?)
            };
            wanted.push(Wanted::of(door, request, pile, form));
        }
        let mut answer = page(status, &Papers::of(door, pile, wanted, full, fault))?;
        let policy = headers::with_uploads(&self.letters.origin().await?);
        answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        Ok(answer)
    }
}

/// Why no papers are taken here; none where they are.
fn closed(door: &Door) -> Option<Standing> {
    if is_locked(&door.notice, &door.link) {
        return Some(Standing::Locked);
    }
    door.notice.is_cancelled().then_some(Standing::Cancelled)
}

/// How often papers were handed in.
pub(crate) fn submissions(notice: &Notice) -> usize {
    let mut ids: Vec<SubmissionId> = notice.documents.uploads.values().filter_map(|upload| upload.submission).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.len()
}

fn brought(
    known: Option<&Upload>,
    record: Option<&FileRecord>,
    said: Option<RequestCode>,
    bytes: u64,
    at: Timestamp,
) -> Brought {
    let submission = known.and_then(|known| known.submission);
    // Once handed in, the notice says which paper it is: one that is asked for anew is no longer it.
    let request = if submission.is_some() { known.and_then(|known| known.request.clone()) } else { said };
    let verdict = known.and_then(|known| known.verdict.clone());
    // A form may be posted again: what lies there now is only kept if the verdict is about it.
    let sound = record.filter(|record| record.verdict() == verdict).and_then(FileRecord::sound);
    let kept = sound.and_then(|(inspection, content_type)| Kept::of(&inspection.etag, content_type, &inspection.name));
    Brought { request, bytes, at, submission, verdict, kept }
}

fn handing_in(door: &Door, files: &[(UploadId, &Brought)], id: SubmissionId) -> Change {
    let submitted =
        files.iter().map(|(upload, file)| SubmittedFile { upload: *upload, request: file.request.clone() }).collect();
    let uploads = files.iter().map(|(upload, _)| *upload).collect();
    let submission = Submission { id, notice: door.notice.id, files: uploads, at: door.now };
    Change {
        at: door.now,
        fact: Fact::DocumentsSubmitted { submission: id, files: submitted, confirm: true },
        bindings: vec![Binding::Submission(submission)],
    }
}

/// No verdict has come since that would change what is handed in, and all that is clean is safe.
fn is_still_so(notice: &Notice, files: &[(UploadId, &Brought)], safe: &[UploadId]) -> bool {
    files.iter().all(|(upload, file)| match notice.documents.uploads.get(upload) {
        Some(now) => {
            now.submission.is_none() && now.verdict == file.verdict && (now.verdict.is_none() || safe.contains(upload))
        }
        None => true,
    })
}
