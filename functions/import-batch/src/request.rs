//! The body of `POST /v1/batches`: read whole, every fault named.

use domain::Checksum;
use serde_json::Value;
use store::{BatchFile, BatchType};
use tongji_http::{Fault, Fields};

use crate::limits::{FILE_BYTES, WORKBOOK_BYTES};

/// A file as it is announced, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BatchRequest {
    pub(crate) file: BatchFile,
    pub(crate) dry_run: bool,
    pub(crate) all_or_nothing: bool,
}

impl BatchRequest {
    pub(crate) fn parse(body: &Value) -> Result<Self, Vec<Fault>> {
        Fields::read(body, |fields| {
            let r#type = fields.required("type", |text| match text {
                "notices" => Ok(BatchType::Notices),
                "permits" => Ok(BatchType::Permits),
                _ => Err("expected one of notices, permits"),
            });
            let file_name = fields.required("file_name", file_name);
            let is_workbook = file_name.as_ref().is_some_and(|name| name.to_lowercase().ends_with(".xlsx"));
            let bytes = fields.number("bytes", 1..=if is_workbook { WORKBOOK_BYTES } else { FILE_BYTES });
            let sha256 = fields.required("sha256", Checksum::parse);
            let (dry_run, all_or_nothing) = (fields.flag("dry_run"), fields.flag("all_or_nothing"));
            Some(Self {
                file: BatchFile { r#type: r#type?, file_name: file_name?, bytes: bytes?, sha256: sha256? },
                dry_run: dry_run.unwrap_or(false),
                all_or_nothing: all_or_nothing.unwrap_or(false),
            })
        })
    }
}

fn file_name(text: &str) -> Result<String, &'static str> {
    let is_plain = !text.chars().any(|c| c.is_control() || matches!(c, '/' | '\\'));
    let sound = is_plain && !text.trim().is_empty() && text.chars().count() <= 200;
    if sound { Ok(text.trim().to_owned()) } else { Err("expected a file's name of 1 to 200 characters") }
}
