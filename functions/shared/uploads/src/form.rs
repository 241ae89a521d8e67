//! A form that brings one file straight into the bucket: what it may hold is written in a policy, and signed.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use domain::{NoticeId, RequestCode, UploadId};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;

use crate::{FileName, FileType, quarantine_key};

/// How long a form works.
pub const LENT_FOR: SignedDuration = SignedDuration::from_mins(30);

/// The type under which a file comes whose type is not known before it is there. No browser shows or runs such a file.
const UNKNOWN: &str = "application/octet-stream";

/// Leave to bring one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The notice it is for.
    pub notice: NoticeId,
    /// The file, which does not exist yet.
    pub upload: UploadId,
    /// The paper it is; none for one that nobody asked for.
    pub request: Option<RequestCode>,
    /// Its name.
    pub name: FileName,
    /// The type it must be said to have; none where nobody knows it yet.
    pub r#type: Option<FileType>,
    /// The longest it may be, bytes.
    pub longest: u64,
    /// What the bucket answers.
    pub then: Return,
    /// From when the form works.
    pub from: Timestamp,
}

/// What the bucket answers when the file is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Return {
    /// `201`, for a script.
    Created,
    /// A redirect to this address, for a browser without scripts.
    To(String),
}

/// A `multipart/form-data` form: these fields, in this order, and the file as the field `file` after them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UploadForm {
    /// Where it is posted to.
    pub url: String,
    /// Names and values.
    pub fields: Vec<(&'static str, String)>,
}

/// Who signs, and for where.
pub(crate) struct Signer<'a> {
    pub(crate) credentials: &'a Credentials,
    pub(crate) region: &'a str,
    pub(crate) bucket: &'a str,
}

impl Signer<'_> {
    /// The form at `url` for this ticket: key, type, length, name and answer are as the ticket says, and no others.
    pub(crate) fn form(&self, url: String, ticket: &Ticket) -> UploadForm {
        let day = ticket.from.strftime("%Y%m%d").to_string();
        let credential = format!("{}/{day}/{}/s3/aws4_request", self.credentials.access_key_id(), self.region);
        let mut fields = vec![
            ("key", quarantine_key(ticket.notice, ticket.upload)),
            ("Content-Type", ticket.r#type.map_or(UNKNOWN, FileType::mime).to_owned()),
            ("x-amz-meta-name", ticket.name.encoded()),
            ("x-amz-meta-request", ticket.request.as_ref().map_or("", RequestCode::as_str).to_owned()),
            match &ticket.then {
                Return::Created => ("success_action_status", "201".to_owned()),
                Return::To(address) => ("success_action_redirect", address.clone()),
            },
            ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
            ("x-amz-credential", credential),
            ("x-amz-date", ticket.from.strftime("%Y%m%dT%H%M%SZ").to_string()),
        ];
        // An empty value is no metadata.
        fields.retain(|(_, value)| !value.is_empty());
        fields.extend(self.credentials.session_token().map(|token| ("x-amz-security-token", token.to_owned())));
        let mut conditions = vec![json!({ "bucket": self.bucket }), json!(["content-length-range", 1, ticket.longest])];
        conditions.extend(fields.iter().map(|(name, value)| json!(["eq", format!("${name}"), value])));
        let until = (ticket.from + LENT_FOR).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let policy = BASE64_STANDARD.encode(json!({ "expiration": until, "conditions": conditions }).to_string());
        let signature = self.sign(&policy, ticket.from);
        fields.extend([("policy", policy), ("x-amz-signature", signature)]);
        UploadForm { url, fields }
    }

    fn sign(&self, policy: &str, at: Timestamp) -> String {
        let at = UNIX_EPOCH + Duration::from_secs(u64::try_from(at.as_second()).unwrap_or_default());
        let key = generate_signing_key(self.credentials.secret_access_key(), at, self.region, "s3");
        calculate_signature(key, policy.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(credentials: &Credentials) -> Signer<'_> {
        Signer { credentials, region: "us-east-1", bucket: "papers" }
    }

    /// The policy and signature of "Browser-based uploads using POST" in Amazon's documentation of S3.
    #[test]
    fn a_policy_is_signed_as_amazon_s_own_example_is() {
        let credentials =
            Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None, None, "test");
        let signature = signer(&credentials).sign(
            include_str!("../tests/amazon-example-policy.txt").trim(),
            "2015-12-29T00:00:00Z".parse().expect("a moment"),
        );
        assert_eq!(signature, "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e");
    }

    #[test]
    fn a_form_holds_what_its_ticket_says_and_its_policy_nothing_else() {
        let credentials = Credentials::new("AKID", "secret", Some("session".to_owned()), None, "test");
        let ticket = Ticket {
            notice: NoticeId::parse("01KAR4Q4C00000000000000001").expect("an id"),
            upload: UploadId::parse("01KAR4Q4C00000000000000002").expect("an id"),
            request: Some(RequestCode::parse("licence").expect("a code")),
            name: FileName::of("사업자등록증.pdf"),
            r#type: Some(FileType::Pdf),
            longest: 20,
            then: Return::Created,
            from: "2026-11-27T01:00:00Z".parse().expect("a moment"),
        };
        let form = signer(&credentials).form("https://papers.example/".to_owned(), &ticket);
        let of = |form: &UploadForm, wanted: &str| {
            form.fields.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value.clone())
        };
        assert_eq!(
            of(&form, "key").as_deref(),
            Some("quarantine/01KAR4Q4C00000000000000001/01KAR4Q4C00000000000000002")
        );
        assert_eq!(of(&form, "x-amz-security-token").as_deref(), Some("session"));
        let policy = BASE64_STANDARD.decode(of(&form, "policy").expect("a policy")).expect("base64");
        let policy: serde_json::Value = serde_json::from_slice(&policy).expect("JSON");
        assert_eq!(policy["expiration"], "2026-11-27T01:30:00Z");
        let conditions = policy["conditions"].as_array().expect("conditions");
        assert_eq!(conditions[1], json!(["content-length-range", 1, 20]));
        // Each field but the policy and what signs it.
        assert_eq!(conditions.len(), 2 + form.fields.len() - 2);
        assert!(conditions.contains(&json!(["eq", "$Content-Type", "application/pdf"])));
        let other = Ticket { request: None, r#type: None, then: Return::To("https://x.example/".to_owned()), ..ticket };
        let form = signer(&credentials).form(String::new(), &other);
        assert_eq!(of(&form, "x-amz-meta-request"), None);
        assert_eq!(of(&form, "Content-Type").as_deref(), Some("application/octet-stream"));
        assert_eq!(of(&form, "success_action_redirect").as_deref(), Some("https://x.example/"));
    }
}
