//! The people and departments that requests name, and people as answers show them: masked.

use domain::settings::Settings;
use domain::{
    BirthDate, DepartmentCode, EmailAddress, Entity, Officer, PersonName, PhoneNumber, PostalAddress, Recipient, limits,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::Fields;

/// A department of the settings, by its code.
///
/// # Errors
/// Names those there are.
pub fn department(settings: &Settings, text: &str) -> Result<DepartmentCode, String> {
    let code = DepartmentCode::parse(text).ok();
    let department = code.and_then(|code| settings.department(&code)).ok_or_else(|| {
        let known: Vec<&str> = settings.departments.iter().map(|department| department.code.as_str()).collect();
        format!("expected one of {}", known.join(", "))
    })?;
    Ok(department.code.clone())
}

/// The officer a resident can turn to, or who decides.
pub fn officer(fields: &mut Fields<'_>) -> Option<Officer> {
    let unit = fields.text("unit", limits::OFFICER_UNIT);
    let (name, phone) = (fields.text("name", limits::OFFICER_NAME), fields.text("phone", limits::OFFICER_PHONE));
    Some(Officer { unit: unit?, name: name?, phone: phone? })
}

/// Whoever writes or reads at the office, by unit and name; a telephone may stand beside them, as in a notice.
pub fn signatory(fields: &mut Fields<'_>) -> Option<(String, String)> {
    let (unit, name) = (fields.text("unit", limits::OFFICER_UNIT), fields.text("name", limits::OFFICER_NAME));
    let _phone = fields.optional("phone", |text| Ok::<_, &str>(text.to_owned()));
    Some((unit?, name?))
}

/// A person or corporation with at least one way to reach them.
pub fn recipient(fields: &mut Fields<'_>) -> Option<Recipient> {
    let name = fields.required("name", PersonName::parse);
    let phone = fields.optional("phone", PhoneNumber::parse);
    let email = fields.optional("email", EmailAddress::parse);
    let address = fields.optional_object("address", address);
    let birth_date = fields.optional("birth_date", BirthDate::parse);
    let entity = fields.required("entity", |text| match text {
        "person" => Ok(Entity::Person),
        "corporation" => Ok(Entity::Corporation),
        _ => Err("expected one of person, corporation"),
    });
    let reachable = ["phone", "email", "address"].iter().any(|way| fields.is_present(way));
    if !reachable {
        fields.fault("", "expected at least one way to reach the recipient: phone, email or address");
    }
    Some(Recipient { name: name?, phone, email, address, birth_date, entity: entity? })
}

fn address(fields: &mut Fields<'_>) -> Option<PostalAddress> {
    let plain = |text: &str| Ok::<_, &str>(text.to_owned());
    let (postal_code, line) = (fields.required("postal_code", plain), fields.required("line", plain));
    match PostalAddress::parse(&postal_code?, &line?) {
        Ok(address) => Some(address),
        Err(wrong) => {
            for (name, error) in wrong {
                fields.fault(name, error.to_string());
            }
            None
        }
    }
}

/// A recipient, masked.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecipientView {
    /// `홍*동`
    name: String,
    /// `010-****-5678`
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    /// `na***@example.org`
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// `서울특별시 서초구 ***`
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// `person` or `corporation`.
    #[schema(value_type = String)]
    entity: Entity,
}

impl RecipientView {
    /// What may be shown of them.
    #[must_use]
    pub fn of(person: &Recipient) -> Self {
        Self {
            name: person.name.masked(),
            phone: person.phone.as_ref().map(PhoneNumber::masked),
            email: person.email.as_ref().map(EmailAddress::masked),
            address: person.address.as_ref().map(PostalAddress::masked),
            entity: person.entity,
        }
    }
}
