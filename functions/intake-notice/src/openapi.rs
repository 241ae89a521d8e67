//! The API's own description, generated from its types.

use axum::Json;
use serde::Serialize;
use tongji_http::people::RecipientView;
use tongji_http::{Fault, Problem};
use utoipa::openapi::security::{ClientCredentials, Flow, OAuth2, Scopes, SecurityScheme};
use utoipa::{Modify, OpenApi, ToSchema};

use crate::openapi_conversations::ConversationsDescription;
use crate::openapi_numbers::NumbersDescription;
use crate::openapi_papers::PapersDescription;
use crate::permits::{__path_put_permit, __path_read_permit, PermitBody, PermitStageBody, PermitViewBody};
use crate::view::{EventView, NoticeView, PageView, StateView};

/// A notice as the office hands it in.
#[derive(Serialize, ToSchema)]
#[schema(as = NoticeRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoticeBody {
    /// The office's own number, unique per department and kind.
    #[schema(max_length = 64, example = "2026-민원-00001")]
    reference: String,
    /// Code of a kind in the settings.
    #[schema(example = "petition_result")]
    kind: String,
    /// Code of a department in the settings.
    #[schema(example = "building")]
    department: String,
    /// Title of the document.
    #[schema(max_length = 200, example = "건축물 용도변경 허가 처리결과")]
    title: String,
    /// Text of the document.
    #[schema(max_length = 30000)]
    body: String,
    /// Present when the office refuses something: why, and what can be done about it.
    refusal: Option<RefusalBody>,
    /// Whom to ask.
    officer: OfficerBody,
    /// For whom, with at least one of `phone`, `email` and `address`.
    recipient: RecipientBody,
    /// Ask no earlier than this.
    #[schema(format = DateTime, example = "2026-11-24T09:00:00+09:00")]
    send_after: Option<String>,
    /// Papers the resident is asked for, at most 20.
    requests: Option<Vec<DocumentRequestBody>>,
}

/// A paper the resident is asked for.
#[derive(Serialize, ToSchema)]
#[schema(as = DocumentRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocumentRequestBody {
    /// Its name in the API, unique within the notice.
    #[schema(pattern = "^[a-z0-9_]{1,40}$", example = "licence")]
    code: String,
    /// Its name to the resident.
    #[schema(max_length = 40, example = "사업자등록증")]
    name: String,
    /// The matter cannot go on without it; `true` where nothing is said.
    required: Option<bool>,
    /// The last day, in Seoul, on which it is taken; a text reminds of it two days before it ends.
    #[schema(format = Date, example = "2026-12-31")]
    until: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Refusal)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefusalBody {
    /// Why.
    #[schema(max_length = 4000)]
    reason: String,
    /// How and until when to object.
    #[schema(max_length = 4000)]
    remedy: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Officer)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfficerBody {
    /// Unit.
    #[schema(max_length = 60, example = "건축과 건축허가팀")]
    unit: String,
    /// Name.
    #[schema(max_length = 30, example = "김담당")]
    name: String,
    /// Office telephone.
    #[schema(max_length = 30, example = "02-2155-0001")]
    phone: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Recipient)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecipientBody {
    /// Name.
    #[schema(max_length = 60, example = "홍길동")]
    name: String,
    /// Korean telephone number in any usual form.
    #[schema(example = "010-1234-5678")]
    phone: Option<String>,
    /// E-mail address on file.
    #[schema(example = "name@example.org")]
    email: Option<String>,
    /// Postal address on file.
    address: Option<AddressBody>,
    /// `YYMMDD`.
    #[schema(pattern = r"^\d{6}$", example = "900101")]
    birth_date: Option<String>,
    /// 개인 or 법인.
    entity: EntityBody,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Address)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddressBody {
    /// Five digits.
    #[schema(pattern = r"^\d{5}$", example = "06628")]
    postal_code: String,
    /// Street address.
    #[schema(min_length = 5, max_length = 200, example = "서울특별시 서초구 남부순환로 2584, 101동 1001호 (서초동)")]
    line: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Entity)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes the accepted values to callers")]
pub(crate) enum EntityBody {
    Person,
    Corporation,
}

/// A cancellation.
#[derive(Serialize, ToSchema)]
#[schema(as = CancelRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelBody {
    /// Who cancels.
    officer: OfficerBody,
    /// Why.
    #[schema(max_length = 500)]
    reason: String,
}

/// An order to send by letter.
#[derive(Serialize, ToSchema)]
#[schema(as = PostRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct PostBody {
    /// Who orders it.
    officer: OfficerBody,
}

/// A notice whose letter came back.
#[derive(Serialize, ToSchema)]
#[schema(as = Returned)]
pub(crate) struct ReturnedBody {
    /// The notice.
    id: String,
    /// Where it stands.
    #[schema(value_type = StateView)]
    state: String,
}

/// A print run.
#[derive(Serialize, ToSchema)]
#[schema(as = Run)]
pub(crate) struct RunBody {
    /// The day, and a number from 1.
    #[schema(example = "2026-11-23-1")]
    id: String,
    /// `gathering`, `printing`, `posting` or `done`.
    stage: String,
    /// Letters that waited by then are in it.
    #[schema(format = DateTime)]
    cut_off: String,
    /// The client that ordered it, or `schedule`.
    ordered_by: String,
    /// When it was opened.
    #[schema(format = DateTime)]
    opened_at: String,
    /// When it was over.
    #[schema(format = DateTime)]
    done_at: Option<String>,
    /// How many letters.
    letters: u32,
    /// Their pages.
    pages: u32,
    /// Rows of the list in CP949 in which `〓` stands for characters it lacks.
    outside_cp949: u32,
    /// Print files, the list in UTF-8 and CP949, and their checksums.
    files: Vec<RunFileBody>,
}

/// A file of a run.
#[derive(Serialize, ToSchema)]
#[schema(as = RunFile)]
pub(crate) struct RunFileBody {
    /// Its name.
    #[schema(example = "letters-1.pdf")]
    name: String,
    /// Its SHA-256.
    sha256: String,
    /// Its length.
    bytes: u64,
    /// Where to fetch it, for a quarter of an hour.
    url: String,
}

#[utoipa::path(
    post, path = "/v1/notices", request_body = NoticeBody, security(("office" = ["notices/write"])),
    params(("Idempotency-Key" = String, Header, description = "The caller's name for this request. The same key and body get the first answer again.")),
    responses(
        (status = 201, description = "Taken in", body = NoticeView, headers(("Location" = String, description = "The notice"))),
        (status = 400, description = "Not well-formed", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The reference belongs to another notice, named in `notice`", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Larger than 256 KB", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Not acceptable: every bad field is named", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn hand_in_notice() {}

#[utoipa::path(
    get, path = "/v1/notices/{id}", security(("office" = ["notices/read"])), params(("id" = String, Path, description = "The notice")),
    responses(
        (status = 200, description = "The notice with its timeline", body = NoticeView),
        (status = 404, description = "No such notice", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn read_notice() {}

#[utoipa::path(
    get, path = "/v1/notices", security(("office" = ["notices/read"])),
    params(
        ("department" = String, Query, description = "Code of a department"),
        ("phase" = String, Query, description = "Name of a state"),
        ("cursor" = Option<String>, Query, description = "From the page before"),
    ),
    responses(
        (status = 200, description = "Fifty notices at most: who came into the state last stands first", body = PageView),
        (status = 422, description = "Not acceptable", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn list_notices() {}

#[utoipa::path(
    post, path = "/v1/notices/{id}/cancel", request_body = CancelBody, security(("office" = ["notices/write"])),
    params(("id" = String, Path, description = "The notice")),
    responses(
        (status = 200, description = "Cancelled, now or before", body = NoticeView),
        (status = 404, description = "No such notice", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It has ended another way", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Not acceptable", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn cancel_notice() {}

#[utoipa::path(
    post, path = "/v1/notices/{id}/post", request_body = PostBody, params(("id" = String, Path, description = "The notice")), security(("office" = ["notices/write"])),
    responses(
        (status = 200, description = "It goes by letter, now or before", body = NoticeView),
        (status = 404, description = "No such notice", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It has ended, or its result is on its way", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Not acceptable", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn post_notice() {}

#[utoipa::path(
    post, path = "/v1/notices/{id}/unlock", request_body = PostBody, params(("id" = String, Path, description = "The notice")), security(("office" = ["notices/write"])),
    responses(
        (status = 200, description = "Its links, locked by wrong second factors, open again: each takes five more", body = NoticeView),
        (status = 404, description = "No such notice", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It was cancelled", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Not acceptable", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn unlock_link() {}

#[utoipa::path(
    post, path = "/v1/notices/{id}/returned", params(("id" = String, Path, description = "The notice")), security(("office" = ["notices/print"])),
    responses(
        (status = 200, description = "Its letter came back, now or before", body = ReturnedBody),
        (status = 404, description = "No such notice", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It has no letter out", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn return_letter() {}

#[utoipa::path(
    post, path = "/v1/letters/runs", security(("office" = ["notices/print"])),
    responses(
        (status = 202, description = "The run that is open, now or before", body = RunBody),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn order_run() {}

#[utoipa::path(
    get, path = "/v1/letters/runs/{id}", params(("id" = String, Path, description = "The run, as `2026-11-23-1`")), security(("office" = ["notices/print"])),
    responses(
        (status = 200, description = "The run, its files lent for a quarter of an hour", body = RunBody),
        (status = 404, description = "No such run", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn read_run() {}

/// A file as it is announced.
#[derive(Serialize, ToSchema)]
#[schema(as = BatchRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct BatchBody {
    /// `notices` or `permits`.
    #[schema(example = "notices")]
    r#type: String,
    /// What the office calls it.
    #[schema(max_length = 200, example = "민원 통지.csv")]
    file_name: String,
    /// Its length: at most 200 MB of CSV, 30 MB of XLSX.
    bytes: u64,
    /// Its SHA-256.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    sha256: String,
    /// Look only.
    dry_run: Option<bool>,
    /// Store nothing unless every row is sound.
    all_or_nothing: Option<bool>,
}

/// A file of many rows, and what became of them.
#[derive(Serialize, ToSchema)]
#[schema(as = Batch)]
pub(crate) struct BatchViewBody {
    /// Its id.
    id: String,
    /// `notices` or `permits`.
    r#type: String,
    /// What the office calls it.
    file_name: String,
    /// It only looks.
    dry_run: bool,
    /// It stores nothing unless every row is sound.
    all_or_nothing: bool,
    /// `awaiting_upload`, `importing`, `done` or `refused`.
    state: String,
    /// Why it was refused, in Korean.
    reason: Option<String>,
    /// How the file is read: `format`, and `encoding` and `delimiter` or `sheet` and the sheets `ignored`.
    #[schema(value_type = Option<Object>)]
    read_as: Option<String>,
    /// `bytes_read` of `bytes`.
    #[schema(value_type = Object)]
    progress: String,
    /// `rows`, and of these `stored`, `already_there` and `errors`.
    #[schema(value_type = Object)]
    counts: String,
    /// Of a dry run: `notices`, `parts` and `krw` by `sms`, `email` and `post`, and what is `assumed`.
    #[schema(value_type = Option<Object>)]
    expected: Option<String>,
    /// The rows that were not stored, and why; for a quarter of an hour.
    report_url: Option<String>,
    /// Where the file is to be put, while it is awaited: `method`, `url` and `headers`.
    #[schema(value_type = Option<Object>)]
    upload: Option<String>,
    /// The same content came before, and this is what became of it.
    already_imported_as: Option<String>,
    /// The client that opened it.
    opened_by: String,
    /// When it was opened.
    #[schema(format = DateTime)]
    opened_at: String,
    /// When it was looked into.
    #[schema(format = DateTime)]
    started_at: Option<String>,
    /// When it was over.
    #[schema(format = DateTime)]
    finished_at: Option<String>,
}

#[utoipa::path(
    post, path = "/v1/batches", request_body = BatchBody, security(("office" = ["notices/write"])),
    responses(
        (status = 200, description = "The same content came before", body = BatchViewBody),
        (status = 201, description = "To be uploaded", body = BatchViewBody),
        (status = 400, description = "Not well-formed", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The same content awaits its upload with another `all_or_nothing`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Not acceptable: every bad field is named", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn open_batch() {}

#[utoipa::path(
    get, path = "/v1/batches/{id}", params(("id" = String, Path, description = "The batch")), security(("office" = ["notices/read"])),
    responses(
        (status = 200, description = "The batch", body = BatchViewBody),
        (status = 404, description = "No such batch", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn read_batch() {}

#[utoipa::path(
    get, path = "/v1/batches/{id}/errors", params(("id" = String, Path, description = "The batch")), security(("office" = ["notices/read"])),
    responses(
        (status = 303, description = "The report on its rows", headers(("Location" = String, description = "Where it is, for a quarter of an hour"))),
        (status = 404, description = "No such batch, or no report on it", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn read_batch_errors() {}

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scopes = [
            ("notices/read", "Read and list notices"),
            ("notices/write", "Hand in and cancel notices"),
            ("notices/print", "Order print runs, fetch their files, report returned letters"),
            ("notices/audit", "See who saw whose data"),
        ];
        let flow = ClientCredentials::new("/oauth2/token", Scopes::from_iter(scopes));
        let scheme = SecurityScheme::OAuth2(OAuth2::new([Flow::ClientCredentials(flow)]));
        openapi.components.get_or_insert_default().add_security_scheme("office", scheme);
    }
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Tongji notices", description = "Hand notices in, see what became of them."),
    paths(hand_in_notice, read_notice, list_notices, cancel_notice, post_notice, unlock_link, return_letter, order_run, read_run, open_batch, read_batch, read_batch_errors,
        put_permit, read_permit),
    components(schemas(NoticeBody, RefusalBody, OfficerBody, RecipientBody, AddressBody, EntityBody, CancelBody, PostBody,
        ReturnedBody, RunBody, RunFileBody, BatchBody, BatchViewBody, PermitBody, PermitViewBody, PermitStageBody,
        NoticeView, StateView, EventView, RecipientView, PageView, Problem, Fault)),
    modifiers(&Security),
)]
struct Description;

/// The description, as `OpenAPI` 3.1.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    Description::openapi()
        .merge_from(NumbersDescription::openapi())
        .merge_from(PapersDescription::openapi())
        .merge_from(ConversationsDescription::openapi())
}

pub(crate) async fn serve() -> Json<utoipa::openapi::OpenApi> {
    Json(openapi())
}
