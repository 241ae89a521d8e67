//! The part of the API's description that tells of papers residents hand in.

use serde::Serialize;
use tongji_http::Problem;
use utoipa::{OpenApi, ToSchema};

use crate::openapi::{DocumentRequestBody, OfficerBody};

/// Papers an officer asks for.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RequestsBody {
    /// At most 20 with those asked for before; one with a code that was asked for before is asked for anew.
    requests: Vec<DocumentRequestBody>,
    /// Who asks.
    officer: OfficerBody,
}

/// The papers asked for, and how they stand.
#[derive(Serialize, ToSchema)]
struct AskedPapers {
    /// Oldest first.
    requests: Vec<AskedPaper>,
    /// All that is required has come.
    complete: bool,
}

#[derive(Serialize, ToSchema)]
struct AskedPaper {
    /// Its name in the API.
    code: String,
    /// Its name to the resident.
    name: String,
    /// The matter cannot go on without it.
    required: bool,
    /// The last day, in Seoul, by which it is wanted; what comes later is taken too.
    #[schema(format = Date)]
    until: Option<String>,
    /// It was handed in, and not found wanting.
    received: bool,
}

/// All that was handed in with a notice.
#[derive(Serialize, ToSchema)]
struct SubmittedPapers {
    /// The papers asked for.
    requests: Vec<AskedPaper>,
    /// All that is required has come.
    complete: bool,
    /// Oldest first.
    submissions: Vec<PaperSubmission>,
}

/// What was handed in at one time.
#[derive(Serialize, ToSchema)]
struct PaperSubmission {
    /// Its id.
    id: String,
    /// As the resident quotes it.
    #[schema(example = "3F7K-9QX2")]
    number: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Its files.
    files: Vec<PaperFile>,
}

/// One file.
#[derive(Serialize, ToSchema)]
struct PaperFile {
    /// Its id.
    id: String,
    /// Code of the paper it is; none for one that nobody asked for.
    request: Option<String>,
    /// What the resident calls it; none before it was looked into.
    name: Option<String>,
    /// Its length.
    bytes: Option<u64>,
    /// What it is by its content.
    #[schema(example = "application/pdf")]
    content_type: Option<String>,
    /// `waiting`, `clean`, `infected` or `refused`.
    verdict: String,
    /// The same in words, in Korean.
    verdict_text: String,
    /// What to know before opening it.
    warnings: Vec<PaperWarning>,
    /// Of a clean file.
    sha256: Option<String>,
    /// Of a clean file.
    download: Option<PaperDownload>,
}

#[derive(Serialize, ToSchema)]
struct PaperWarning {
    /// `scripts`, `encrypted` or `attachments`.
    warning: String,
    /// The same in words, in Korean.
    text: String,
}

#[derive(Serialize, ToSchema)]
struct PaperDownload {
    /// Where it is, for five minutes. Each one that is shown stands in the access record.
    url: String,
    /// Until when.
    #[schema(format = DateTime)]
    expires_at: String,
}

#[utoipa::path(
    post, path = "/v1/notices/{id}/requests", request_body = RequestsBody, security(("office" = ["notices/write"])),
    params(
        ("id" = String, Path, description = "The notice"),
        ("Idempotency-Key" = Option<String>, Header, description = "The caller's name for this request: the same again asks the resident once"),
    ),
    responses(
        (status = 200, description = "Asked for by text, now or before", body = AskedPapers),
        (status = 400, description = "Not well-formed", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such notice", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was cancelled, asks for 20 papers already, or its resident wants no messages", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Not acceptable: every bad field is named", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn request_papers() {}

#[utoipa::path(
    get, path = "/v1/notices/{id}/submissions", security(("office" = ["notices/read"])), params(("id" = String, Path, description = "The notice")),
    responses(
        (status = 200, description = "What was handed in, clean files lent for five minutes", body = SubmittedPapers),
        (status = 404, description = "No such notice", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn list_submissions() {}

/// Papers.
#[derive(OpenApi)]
#[openapi(
    paths(request_papers, list_submissions),
    components(schemas(
        RequestsBody,
        DocumentRequestBody,
        AskedPapers,
        AskedPaper,
        SubmittedPapers,
        PaperSubmission,
        PaperFile,
        PaperWarning,
        PaperDownload
    ))
)]
pub(crate) struct PapersDescription;
