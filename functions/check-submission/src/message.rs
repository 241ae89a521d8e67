//! What comes through the queue: word of a file from S3, and word of a search from `GuardDuty`.

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use store::ScanResult;

/// Word of a file.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Message {
    /// Files arrived, as S3 tells it.
    Arrived {
        /// One for each.
        #[serde(rename = "Records")]
        records: Vec<Record>,
    },
    /// A file was searched, as `GuardDuty` tells it by way of `EventBridge`.
    Searched(ScanEvent),
    /// What S3 sends once, to try the queue out.
    Trial {
        /// Its name.
        #[serde(rename = "Event")]
        event: Trial,
    },
}

/// The one event that S3 sends to try a queue out.
#[derive(Debug, Clone, Copy, Deserialize)]
pub enum Trial {
    /// It.
    #[serde(rename = "s3:TestEvent")]
    TestEvent,
}

/// A file that arrived.
#[derive(Debug, Deserialize)]
pub struct Record {
    /// Which.
    pub s3: Place,
}

/// Where it lies.
#[derive(Debug, Deserialize)]
pub struct Place {
    /// The object.
    pub object: Object,
}

/// An object of the bucket.
#[derive(Debug, Deserialize)]
pub struct Object {
    /// Its key, escaped as in a form.
    key: String,
}

impl Object {
    /// Its key as it is.
    #[must_use]
    pub fn key(&self) -> String {
        percent_decode_str(&self.key.replace('+', " ")).decode_utf8_lossy().into_owned()
    }
}

/// "`GuardDuty` Malware Protection Object Scan Result" (Amazon `GuardDuty` User Guide, Monitoring S3 object scans with Amazon
/// `EventBridge`).
#[derive(Debug, Deserialize)]
pub struct ScanEvent {
    /// The service.
    pub source: Source,
    /// What it found.
    pub detail: ScanDetail,
}

/// The service whose word is taken.
#[derive(Debug, Clone, Copy, Deserialize)]
pub enum Source {
    /// Amazon `GuardDuty`.
    #[serde(rename = "aws.guardduty")]
    GuardDuty,
}

/// What a search found, and where.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanDetail {
    /// Which content of which file.
    pub s3_object_details: ScannedObject,
    /// What was found.
    pub scan_result_details: ScanResultDetails,
}

/// A content that was searched.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScannedObject {
    /// The file's key.
    pub object_key: String,
    /// Tells this content from another under the same key.
    pub e_tag: String,
}

/// What was found.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanResultDetails {
    /// In a word.
    pub scan_result_status: ScanStatus,
}

/// What was found, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ScanStatus {
    /// Nothing malicious.
    NoThreatsFound,
    /// Something malicious.
    ThreatsFound,
    /// Protected by a password, too large, or too deep an archive.
    Unsupported,
    /// The scanner was not let in.
    AccessDenied,
    /// It broke down.
    Failed,
}

impl ScanStatus {
    /// What that means for the file.
    #[must_use]
    pub const fn result(self) -> ScanResult {
        match self {
            Self::NoThreatsFound => ScanResult::Clean,
            Self::ThreatsFound => ScanResult::Infected,
            Self::Unsupported | Self::AccessDenied | Self::Failed => ScanResult::NotChecked,
        }
    }
}
