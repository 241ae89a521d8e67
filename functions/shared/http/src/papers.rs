//! The papers that a request asks a resident for.

use domain::{DocumentRequest, RequestCode, limits};
use jiff::civil::Date;

use crate::Fields;

/// The member `requests`: papers, each with a code of its own. `today` is the day in Seoul.
pub fn requests(fields: &mut Fields<'_>, today: Date) -> Vec<DocumentRequest> {
    let requests = fields.optional_list("requests", limits::REQUESTS, |paper| {
        let code = paper.required("code", RequestCode::parse);
        let name = paper.text("name", limits::REQUEST_NAME);
        if name.as_ref().is_some_and(|name| name.contains(['\n', '\r', '\t'])) {
            paper.fault("name", "expected one line");
        }
        let required = paper.flag("required");
        let until = paper.optional("until", |text| until(text, today));
        Some(DocumentRequest { code: code?, name: name?, required: required.unwrap_or(true), until })
    });
    let requests = requests.unwrap_or_default();
    for (index, request) in requests.iter().enumerate() {
        if requests[..index].iter().any(|before| before.code == request.code) {
            fields.fault("requests", format!("the code {} stands twice", request.code));
        }
    }
    requests
}

fn until(text: &str, today: Date) -> Result<Date, &'static str> {
    let day: Date = text.parse().map_err(|_| "expected a day such as 2026-12-31")?;
    if day < today { Err("lies in the past") } else { Ok(day) }
}
