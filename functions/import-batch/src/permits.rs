//! A row as a permit.

use std::future::Future;

use domain::settings::{PermitType, Settings};
use domain::{BusinessName, PermitDetails, PermitNumber, PermitPut, Unspoken};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use jiff::civil::Date;
use store::{Batch, Error, PutPermit, Table};

use crate::Reason;
use crate::cells::Cells;
use crate::headings::Heading;
use crate::people::{department, holder};
use crate::rows::{Outcome, Prospect, RowType};

/// The columns of a file of permits.
pub const HEADINGS: &[Heading] = &[
    Heading::required("number", "허가번호"),
    Heading::required("permit_type", "허가종류"),
    Heading::required("business", "업소명"),
    Heading::required("name", "성명"),
    Heading::required("phone", "휴대전화"),
    Heading::required("email", "이메일"),
    Heading::required("postal_code", "우편번호"),
    Heading::required("address", "주소"),
    Heading::required("issued_on", "허가일"),
    Heading::required("expires_on", "만료일"),
    Heading::required("department", "부서"),
    Heading::optional("birth_date", "생년월일"),
    Heading::optional("entity", "구분"),
];

/// Calls at a time.
const AT_ONCE: usize = 16;

/// Keeps permits.
pub trait KeepPermit: Send + Sync {
    /// As [`Table::put_permit`].
    fn put_permit(&self, put: &PermitPut, at: Timestamp) -> impl Future<Output = Result<PutPermit, Error>> + Send;
}

impl KeepPermit for Table {
    async fn put_permit(&self, put: &PermitPut, at: Timestamp) -> Result<PutPermit, Error> {
        Self::put_permit(self, put, at).await
    }
}

/// Reads rows as permits and puts them into the register.
#[derive(Debug)]
pub struct Permits<'a, T> {
    /// Where they go.
    pub table: &'a T,
    /// The office's settings.
    pub settings: &'a Settings,
}

impl<T: KeepPermit> RowType for Permits<'_, T> {
    type Record = PermitPut;

    fn headings(&self) -> &'static [Heading] {
        HEADINGS
    }

    fn numbered_by(&self) -> &'static str {
        "허가번호"
    }

    /// A permit may be put again, by another file or another row: the register takes the last word.
    fn store_knows_numbers(&self) -> bool {
        false
    }

    fn number_of(&self, put: &PermitPut) -> String {
        put.details.number.to_string()
    }

    fn read(&self, cells: &mut Cells<'_>, _: Timestamp) -> Option<PermitPut> {
        let number = cells.required("number", |text| PermitNumber::parse(text).map_err(|_| Reason::Reference));
        let permit_type = cells.required("permit_type", |text| permit_type(self.settings, text));
        let business = cells.optional("business", |text| BusinessName::parse(text).map_err(|_| Reason::Name));
        let department = cells.required("department", |text| department(self.settings, text));
        let holder = holder(cells);
        let (issued_on, expires_on) = (cells.required("issued_on", day), cells.required("expires_on", day));
        if issued_on > expires_on && expires_on.is_some() {
            cells.flaw("expires_on", Reason::BeforeIssue);
        }
        let permit_type = permit_type?;
        Some(PermitPut {
            details: PermitDetails {
                number: number?,
                permit_type: permit_type.code.clone(),
                business,
                holder: holder?,
                department: department?.code.clone(),
                issued_on: issued_on?,
                expires_on: expires_on?,
            },
            status: None,
            remind_anyway: None,
            unspoken: Unspoken { birth_date: !cells.has("birth_date"), entity: !cells.has("entity") },
            stages: permit_type.stages.clone(),
        })
    }

    async fn look(&self, _: &Batch, rows: &[(u32, PermitPut)], _: Timestamp) -> Result<Vec<Prospect>, Error> {
        Ok(vec![Prospect::Kept; rows.len()])
    }

    async fn store(&self, batch: &Batch, rows: &[(u32, PermitPut)], at: Timestamp) -> Result<Vec<Outcome>, Error> {
        let puts: Vec<_> = rows.iter().map(|(_, put)| self.table.put_permit(put, at)).collect();
        let puts: Vec<PutPermit> = stream::iter(puts).buffered(AT_ONCE).try_collect().await?;
        let outcome = |put| match put {
            PutPermit::Created(_) | PutPermit::Changed(_) => Outcome::Stored,
            // By a worker before this one.
            PutPermit::Unchanged(permit) if batch.started_at.is_some_and(|start| permit.updated_at >= start) => {
                Outcome::Stored
            }
            PutPermit::Unchanged(_) => Outcome::AsItWas,
        };
        Ok(puts.into_iter().map(outcome).collect())
    }
}

fn permit_type<'s>(settings: &'s Settings, text: &str) -> Result<&'s PermitType, Reason> {
    let known = || settings.permit_types.iter().map(|known| known.label.clone()).collect();
    let found = settings.permit_types.iter().find(|known| known.code.as_str() == text || known.label == text);
    found.ok_or_else(|| Reason::Unknown { known: known() })
}

/// A day, as date cells give it or as `2027-01-23`.
fn day(text: &str) -> Result<Date, Reason> {
    let day = text.replace(['.', '/'], "-");
    // A moment would be read as its day.
    day.parse().ok().filter(|_| day.len() == 10).ok_or(Reason::Day)
}
