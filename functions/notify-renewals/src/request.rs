//! The body of `PUT /v1/permits/{number}`: read whole, every fault named.

use domain::settings::{PermitType, Settings};
use domain::{BusinessName, PermitDetails, PermitNumber, PermitPut, PermitStatus, PermitTypeCode, Unspoken};
use jiff::civil::Date;
use serde_json::Value;
use tongji_http::people::{department, recipient};
use tongji_http::{Fault, Fields};

pub(crate) fn permit(number: PermitNumber, body: &Value, settings: &Settings) -> Result<PermitPut, Vec<Fault>> {
    Fields::read(body, |fields| {
        let permit_type = fields.required("permit_type", |text| permit_type(settings, text));
        let business = fields.optional("business", BusinessName::parse);
        let department = fields.required("department", |text| department(settings, text));
        let holder = fields.object("holder", recipient);
        let issued_on = fields.required("issued_on", day);
        let expires_on = fields.required("expires_on", day);
        let status = fields.optional("status", status);
        let remind_anyway = fields.flag("remind_anyway");
        if issued_on > expires_on && expires_on.is_some() {
            fields.fault("expires_on", "lies before issued_on");
        }
        let permit_type = permit_type?;
        Some(PermitPut {
            details: PermitDetails {
                number,
                permit_type: permit_type.code.clone(),
                business,
                holder: holder?,
                department: department?,
                issued_on: issued_on?,
                expires_on: expires_on?,
            },
            status,
            remind_anyway,
            unspoken: Unspoken::default(),
            stages: permit_type.stages.clone(),
        })
    })
}

fn permit_type<'a>(settings: &'a Settings, text: &str) -> Result<&'a PermitType, String> {
    let code = PermitTypeCode::parse(text).ok();
    code.and_then(|code| settings.permit_type(&code)).ok_or_else(|| {
        let known: Vec<&str> = settings.permit_types.iter().map(|known| known.code.as_str()).collect();
        format!("expected one of {}", known.join(", "))
    })
}

fn day(text: &str) -> Result<Date, &'static str> {
    // A moment would be read as its day.
    text.parse().ok().filter(|_| text.len() == 10).ok_or("expected a day such as 2027-01-23")
}

fn status(text: &str) -> Result<PermitStatus, &'static str> {
    match text {
        "active" => Ok(PermitStatus::Active),
        "renewed" => Ok(PermitStatus::Renewed),
        "closed" => Ok(PermitStatus::Closed),
        _ => Err("expected one of active, renewed, closed"),
    }
}
