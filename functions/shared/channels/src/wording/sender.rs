//! Who speaks: the agency, the department and the officer that every message names.

use super::Occasion;

/// The sender's names and telephones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sender {
    pub(super) agency: String,
    pub(super) short: String,
    pub(super) department: String,
    pub(super) phone: String,
    pub(super) hours: String,
    pub(super) officer_unit: String,
    pub(super) officer_name: String,
    pub(super) officer_phone: String,
}

impl Sender {
    /// The sender of `occasion`'s notice, each name passed through `clean`.
    pub(super) fn of(occasion: &Occasion<'_>, clean: fn(&str) -> String) -> Self {
        let (office, officer) = (&occasion.settings.office, &occasion.notice.details.officer);
        Self {
            agency: clean(&office.name),
            short: clean(&office.short_name),
            department: clean(&occasion.department.name),
            phone: clean(&office.phone),
            hours: clean(&office.hours),
            officer_unit: clean(&officer.unit),
            officer_name: clean(&officer.name),
            officer_phone: clean(&officer.phone),
        }
    }
}
