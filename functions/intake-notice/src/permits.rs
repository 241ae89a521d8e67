//! The description of `/v1/permits/{number}`, which another function answers.

use serde::Serialize;
use tongji_http::Problem;
use tongji_http::people::RecipientView;
use utoipa::ToSchema;

use crate::openapi::RecipientBody;

/// A permit as the office hands it in, whole each time.
#[derive(Serialize, ToSchema)]
#[schema(as = PermitRequest)]
#[serde(deny_unknown_fields)]
pub(crate) struct PermitBody {
    /// Code of a permit type in the settings.
    #[schema(example = "road_occupation")]
    permit_type: String,
    /// The business it is for.
    #[schema(max_length = 60, example = "한빛상사")]
    business: Option<String>,
    /// Code of a department in the settings.
    #[schema(example = "building")]
    department: String,
    /// Who holds it, with at least one of `phone`, `email` and `address`.
    holder: RecipientBody,
    /// The day it was issued.
    #[schema(format = Date, example = "2024-01-24")]
    issued_on: String,
    /// The last day it is in force.
    #[schema(format = Date, example = "2027-01-23")]
    expires_on: String,
    /// `active`, `renewed` or `closed`; left out, it stays as it is.
    status: Option<String>,
    /// Remind although the holder said that it is renewed; left out, it stays as it is.
    remind_anyway: Option<bool>,
}

/// A permit.
#[derive(Serialize, ToSchema)]
#[schema(as = Permit)]
pub(crate) struct PermitViewBody {
    /// Its number.
    #[schema(example = "서초-2027-0001")]
    number: String,
    /// Code of its type.
    #[schema(example = "road_occupation")]
    permit_type: String,
    /// The business it is for.
    business: Option<String>,
    /// Code of its department.
    #[schema(example = "building")]
    department: String,
    /// Who holds it, masked.
    holder: RecipientView,
    /// The day it was issued.
    #[schema(format = Date)]
    issued_on: String,
    /// The last day it is in force.
    #[schema(format = Date)]
    expires_on: String,
    /// `active`, `renewed` or `closed`.
    status: String,
    /// When its holder is reminded next; absent where nobody is reminded any more.
    #[schema(format = DateTime)]
    remind_at: Option<String>,
    /// The reminders before this expiry date.
    stages: Vec<PermitStageBody>,
    /// When the holder said that it is renewed.
    #[schema(format = DateTime)]
    reported_renewed_at: Option<String>,
    /// Whether the office reminds all the same.
    remind_anyway: bool,
    /// Counts its changes.
    version: u32,
    /// When it last changed.
    #[schema(format = DateTime)]
    updated_at: String,
}

/// A reminder before an expiry date.
#[derive(Serialize, ToSchema)]
#[schema(as = PermitStage)]
pub(crate) struct PermitStageBody {
    /// Days before it.
    #[schema(example = 60)]
    days: u16,
    /// Nine in the morning of that day, in Seoul.
    #[schema(format = DateTime)]
    falls_due: String,
    /// When it was dealt with.
    #[schema(format = DateTime)]
    at: Option<String>,
    /// How: `sent`, `skipped`, `held` or `expired`.
    outcome: Option<String>,
    /// The notice that was sent.
    notice: Option<String>,
}

#[utoipa::path(
    put, path = "/v1/permits/{number}", request_body = PermitBody, security(("office" = ["notices/write"])),
    params(("number" = String, Path, description = "The permit's number")),
    responses(
        (status = 200, description = "It was there; the permit as it is now", body = PermitViewBody),
        (status = 201, description = "It is new", body = PermitViewBody),
        (status = 400, description = "Not well-formed", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Larger than 64 KB", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Not acceptable: every bad field is named", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
pub(crate) fn put_permit() {}

#[utoipa::path(
    get, path = "/v1/permits/{number}", security(("office" = ["notices/read"])), params(("number" = String, Path, description = "The permit's number")),
    responses(
        (status = 200, description = "The permit, and what became of its reminders", body = PermitViewBody),
        (status = 404, description = "No such permit", body = Problem, content_type = "application/problem+json"),
    ),
)]
#[expect(dead_code, reason = "carries the operation's description")]
pub(crate) fn read_permit() {}
