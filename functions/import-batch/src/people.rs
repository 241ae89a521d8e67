//! The people and departments that rows name.

use domain::settings::{Department, Settings};
use domain::{BirthDate, EmailAddress, Entity, PersonName, PhoneNumber, PostalAddress, Recipient};
use jiff::civil::Date;

use crate::Reason;
use crate::cells::Cells;

/// The department of that code or name.
pub(crate) fn department<'s>(settings: &'s Settings, text: &str) -> Result<&'s Department, Reason> {
    let known = || settings.departments.iter().map(|department| department.name.clone()).collect();
    let found = settings.departments.iter().find(|found| found.code.as_str() == text || found.name == text);
    found.ok_or_else(|| Reason::Unknown { known: known() })
}

/// Who a notice is for.
pub(crate) fn recipient(cells: &mut Cells<'_>) -> Option<Recipient> {
    let entity = cells.required("entity", entity);
    let recipient = person(cells);
    Some(Recipient { entity: entity?, ..recipient? })
}

/// Who holds a permit; a person, where the register does not say.
pub(crate) fn holder(cells: &mut Cells<'_>) -> Option<Recipient> {
    let entity = cells.optional("entity", entity).unwrap_or(Entity::Person);
    Some(Recipient { entity, ..person(cells)? })
}

fn person(cells: &mut Cells<'_>) -> Option<Recipient> {
    let name = cells.required("name", |text| PersonName::parse(text).map_err(|_| Reason::Name));
    let phone = cells.optional("phone", |text| PhoneNumber::parse(text).map_err(|_| Reason::Phone));
    let email = cells.optional("email", |text| EmailAddress::parse(text).map_err(|_| Reason::Email));
    let address = address(cells);
    let birth_date = cells.optional("birth_date", birth_date);
    Some(Recipient { name: name?, phone, email, address, birth_date, entity: Entity::Person })
}

/// Postal code and street, both or neither.
fn address(cells: &mut Cells<'_>) -> Option<PostalAddress> {
    let postal_code = cells.optional("postal_code", |text| Ok(padded(text, 4, 5)));
    let line = cells.optional("address", |text| Ok(text.to_owned()));
    let (postal_code, line) = match (postal_code, line) {
        (Some(postal_code), Some(line)) => (postal_code, line),
        (Some(_), None) => {
            if !cells.is_flawed("address") {
                cells.flaw("address", Reason::Half { other: "우편번호" });
            }
            return None;
        }
        (None, Some(_)) => {
            if !cells.is_flawed("postal_code") {
                cells.flaw("postal_code", Reason::Half { other: "주소" });
            }
            return None;
        }
        (None, None) => return None,
    };
    match PostalAddress::parse(&postal_code, &line) {
        Ok(address) => Some(address),
        Err(wrong) => {
            for (name, _) in wrong {
                match name {
                    "postal_code" => cells.flaw("postal_code", Reason::PostalCode),
                    _ => cells.flaw("address", Reason::Address),
                }
            }
            None
        }
    }
}

fn entity(text: &str) -> Result<Entity, Reason> {
    match text {
        "개인" | "person" => Ok(Entity::Person),
        "법인" | "corporation" => Ok(Entity::Corporation),
        _ => Err(Reason::Unknown { known: vec!["개인".to_owned(), "법인".to_owned()] }),
    }
}

/// Six digits, or a whole date as date cells give it.
fn birth_date(text: &str) -> Result<BirthDate, Reason> {
    let whole: Option<Date> = text.parse().ok();
    let digits = whole.map_or_else(|| padded(text, 3, 6), |date| date.strftime("%y%m%d").to_string());
    BirthDate::parse(&digits).map_err(|_| Reason::BirthDate)
}

/// Digits with the leading zeros that a spreadsheet has eaten, where at least so many are left.
fn padded(text: &str, at_least: usize, wanted: usize) -> String {
    let is_number = text.len() >= at_least && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { format!("{text:0>wanted$}") } else { text.to_owned() }
}
