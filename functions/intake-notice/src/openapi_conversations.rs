//! The part of the API's description that tells of conversations and of the access record.

use serde::Serialize;
use tongji_http::Problem;
use tongji_http::people::RecipientView;
use utoipa::{OpenApi, ToSchema};

/// What resident and office wrote to each other.
#[derive(Serialize, ToSchema)]
struct Thread {
    /// The notice.
    notice: String,
    /// How an answer would go: `sms` or `email`; absent where the resident must be called.
    answered_by: Option<String>,
    /// What no officer has read.
    unread: u32,
    /// Oldest first.
    entries: Vec<ThreadEntry>,
}

/// A text, or papers that were handed in.
#[derive(Serialize, ToSchema)]
struct ThreadEntry {
    /// `text` or `submission`.
    r#type: String,
    /// Its id.
    id: String,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// Of a text: `inbound` from the resident, `outbound` from the office.
    direction: Option<String>,
    /// Of a text: what it says.
    text: Option<String>,
    /// Of a text: the officer who wrote it.
    officer: Option<String>,
    /// Of a text of the office: `on_its_way`, `sent` or `failed`.
    delivery: Option<String>,
    /// Of a text of the office: `sms` or `email`.
    channel: Option<String>,
    /// Of a text: the notice it turned out to be about, where it stands too.
    moved_to: Option<String>,
    /// Of a submission: as the resident quotes it.
    number: Option<String>,
    /// Of a submission: how many files.
    files: Option<u32>,
}

/// An officer, by unit and name.
#[derive(Serialize, ToSchema)]
struct Signatory {
    /// Unit.
    #[schema(max_length = 60, example = "건축과 건축허가팀")]
    unit: String,
    /// Name.
    #[schema(max_length = 30, example = "김담당")]
    name: String,
}

/// An officer's answer.
#[derive(Serialize, ToSchema)]
struct AnswerRequest {
    /// What it says. As a text it must fit one long text, the office's own words included, in characters of KS X 1001.
    #[schema(max_length = 2000)]
    text: String,
    /// Who answers.
    officer: Signatory,
    /// `at` of the newest entry before the officer's eyes: if something came since, nothing is done.
    #[schema(format = DateTime)]
    seen: Option<String>,
}

/// An answer on its way.
#[derive(Serialize, ToSchema)]
struct Answer {
    /// In the thread.
    id: String,
    /// The notice.
    notice: String,
    /// `sms` or `email`.
    channel: String,
    /// When it was taken.
    #[schema(format = DateTime)]
    at: String,
    /// What AWS bills for the text; absent for an e-mail.
    billed: Option<AnswerBilled>,
}

#[derive(Serialize, ToSchema)]
struct AnswerBilled {
    /// Parts, each billed.
    parts: u32,
    /// `gsm7` or `ucs2`.
    encoding: String,
    /// Units in that encoding.
    units: u32,
}

/// Who has read.
#[derive(Serialize, ToSchema)]
struct ReadRequest {
    /// The officer.
    officer: Signatory,
    /// `at` of the newest entry before the officer's eyes: if something came since, nothing is done.
    #[schema(format = DateTime)]
    seen: Option<String>,
}

/// What stands unread.
#[derive(Serialize, ToSchema)]
struct Unread {
    /// The notice.
    notice: String,
    /// Texts and submissions that no officer has read.
    unread: u32,
}

/// A page of a department's inbox.
#[derive(Serialize, ToSchema)]
struct Inbox {
    /// Conversations of the department that hold something unread, on this page and all others.
    unread_total: u32,
    /// Newest first.
    conversations: Vec<InboxConversation>,
    /// Hand it in as `cursor` for the next page; absent on the last.
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct InboxConversation {
    /// The notice.
    notice: String,
    /// The office's own number.
    reference: String,
    /// Code of its kind.
    kind: String,
    /// Where it stands.
    state: String,
    /// The recipient, masked.
    recipient: RecipientView,
    /// Texts and submissions that no officer has read.
    unread: u32,
    /// When either side last wrote.
    #[schema(format = DateTime)]
    newest_at: String,
    /// How the resident's newest text begins.
    newest_text: Option<String>,
}

/// A day's texts that belong to no notice.
#[derive(Serialize, ToSchema)]
struct Unmatched {
    /// The day in Seoul.
    day: String,
    /// How many came.
    total: usize,
    /// Newest first, 500 at most.
    texts: Vec<UnmatchedText>,
}

#[derive(Serialize, ToSchema)]
struct UnmatchedText {
    /// When it came.
    #[schema(format = DateTime)]
    at: String,
    /// The gateway that brought it.
    provider: String,
    /// The sender's number in full: E.164, if it is a number in Korea, else as the gateway has it.
    from: String,
    /// What it says.
    text: String,
}

/// A page of the access record.
#[derive(Serialize, ToSchema)]
struct AccessPage {
    /// Newest first.
    accesses: Vec<Access>,
    /// Hand it in as `cursor` for the next page; absent on the last. A page may be empty and have a next one.
    cursor: Option<String>,
}

/// Who saw whose data.
#[derive(Serialize, ToSchema)]
struct Access {
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// The client that the token named.
    client: String,
    /// The officer, where the request named one.
    officer: Option<String>,
    /// The address the request came from.
    source: Option<String>,
    /// The request's id in the API's own log.
    request: String,
    /// `read_notice`, `list_notices`, `read_thread`, `read_inbox`, `read_unmatched`, `list_submissions`,
    /// `download_submission`, `read_batch_errors`, `read_print_run` or `read_permit`.
    action: String,
    /// The notices shown.
    notices: Vec<String>,
    /// The person, as the store knows them.
    recipient: Option<String>,
    /// A batch, a print run, a permit, a department, a file, a day.
    object: Option<String>,
}

#[utoipa::path(
    get, path = "/v1/notices/{id}/thread", params(("id" = String, Path, description = "The notice")), security(("office" = ["notices/read"])),
    responses(
        (status = 200, description = "The conversation, oldest first", body = Thread),
        (status = 404, description = "No such notice", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn read_thread() {}

#[utoipa::path(
    post, path = "/v1/notices/{id}/answers", request_body = AnswerRequest, security(("office" = ["notices/write"])),
    params(
        ("id" = String, Path, description = "The notice"),
        ("Idempotency-Key" = String, Header, description = "The caller's name for this answer. The same key and body get the first answer again."),
    ),
    responses(
        (status = 201, description = "On its way", body = Answer),
        (status = 400, description = "Not well-formed", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such notice", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Cancelled, no message reaches this resident (call them), or the conversation has gone on since `seen`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Not acceptable: characters no carrier passes are named", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn write_answer() {}

#[utoipa::path(
    post, path = "/v1/notices/{id}/read", request_body = ReadRequest, params(("id" = String, Path, description = "The notice")), security(("office" = ["notices/write"])),
    responses(
        (status = 200, description = "Read, now or before", body = Unread),
        (status = 404, description = "No such notice", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The conversation has gone on since `seen`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Not acceptable", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn mark_read() {}

#[utoipa::path(
    get, path = "/v1/inbox", security(("office" = ["notices/read"])),
    params(
        ("department" = String, Query, description = "Code of a department"),
        ("unread" = Option<bool>, Query, description = "Those that hold something unread, or those read to the end; `true` when absent"),
        ("cursor" = Option<String>, Query, description = "From the page before"),
    ),
    responses(
        (status = 200, description = "Twenty conversations at most, newest first", body = Inbox),
        (status = 422, description = "Not acceptable", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn read_inbox() {}

#[utoipa::path(
    get, path = "/v1/inbox/unmatched", security(("office" = ["notices/read"])),
    params(("day" = Option<String>, Query, description = "The day in Seoul, as `2026-11-28`; today when absent")),
    responses(
        (status = 200, description = "The day's texts that belong to no notice, newest first", body = Unmatched),
        (status = 422, description = "Not acceptable", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn read_unmatched() {}

#[utoipa::path(
    get, path = "/v1/access", security(("office" = ["notices/audit"])),
    params(
        ("from" = Option<String>, Query, description = "The first day in Seoul, as `2026-11-01`; 7 days up to `to` when absent"),
        ("to" = Option<String>, Query, description = "The last day, at most 366 with `from`; today when absent"),
        ("notice" = Option<String>, Query, description = "Only accesses to this notice"),
        ("who" = Option<String>, Query, description = "Only accesses of this client, or this officer"),
        ("cursor" = Option<String>, Query, description = "From the page before"),
    ),
    responses(
        (status = 200, description = "A hundred accesses at most, newest first", body = AccessPage),
        (status = 422, description = "Not acceptable: every bad parameter is named", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
fn read_accesses() {}

#[derive(OpenApi)]
#[openapi(paths(read_thread, write_answer, mark_read, read_inbox, read_unmatched, read_accesses))]
pub(crate) struct ConversationsDescription;
