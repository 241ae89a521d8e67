//! What the office handed in: fixed for the life of a notice.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    BirthDate, DepartmentCode, DocumentRequest, EmailAddress, Entity, KindCode, PermitCycle, PersonName, PhoneNumber,
    PostalAddress, RecipientId, Reference,
};

/// What a kind of notice is in law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Nature {
    /// 처분: the text only announces; the document itself is read behind the link (행정절차법 §24).
    Disposition,
    /// 안내: may be told whole in the text.
    Guidance,
}

/// The officer a resident can turn to; every notice names one (민원처리법 시행령 §31).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// Unit, as `건축과 건축허가팀`.
    pub unit: String,
    /// Name.
    pub name: String,
    /// Office telephone, as the office writes it.
    pub phone: String,
}

/// Why a petition was refused and what can be done about it (민원처리법 §27).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The reason.
    pub reason: String,
    /// The remedy: how and until when to object.
    pub remedy: String,
}

/// The person the notice is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Name.
    pub name: PersonName,
    /// Telephone, mobile or not.
    pub phone: Option<PhoneNumber>,
    /// E-mail address on file.
    pub email: Option<EmailAddress>,
    /// Postal address on file.
    pub address: Option<PostalAddress>,
    /// Birth date, the second factor where the office has it.
    pub birth_date: Option<BirthDate>,
    /// Person or corporation.
    pub entity: Entity,
}

impl Recipient {
    /// Texts reach them: their telephone is a mobile.
    #[must_use]
    pub fn takes_texts(&self) -> bool {
        self.phone.as_ref().is_some_and(PhoneNumber::is_mobile)
    }

    /// Whether `answer` proves that the reader is the recipient: the birth date where one is on file, else the name.
    #[must_use]
    pub fn is_proved_by(&self, answer: &str) -> bool {
        match &self.birth_date {
            Some(birth_date) => BirthDate::parse(answer).is_ok_and(|given| given == *birth_date),
            None => PersonName::parse(answer).is_ok_and(|given| letters(given.expose()) == letters(self.name.expose())),
        }
    }
}

fn letters(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).collect()
}

/// All that intake stores of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    /// The office's own number.
    pub reference: Reference,
    /// Kind, by its code in the settings.
    pub kind: KindCode,
    /// The kind's nature when the notice was taken in.
    pub nature: Nature,
    /// Department, by its code in the settings.
    pub department: DepartmentCode,
    /// Title of the document.
    pub title: String,
    /// Text of the document.
    pub body: String,
    /// Present when the office refused something.
    pub refusal: Option<Refusal>,
    /// Whom to ask.
    pub officer: Officer,
    /// For whom.
    pub recipient: Recipient,
    /// The recipient's telephone as a keyed hash; none without a telephone.
    pub recipient_id: Option<RecipientId>,
    /// The permit whose renewal it is about.
    pub permit: Option<PermitCycle>,
    /// Papers asked for from the start.
    pub requests: Vec<DocumentRequest>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipient(birth_date: Option<&str>) -> Recipient {
        Recipient {
            name: PersonName::parse("홍 길동").expect("a name"),
            phone: None,
            email: None,
            address: None,
            birth_date: birth_date.map(|text| BirthDate::parse(text).expect("a birth date")),
            entity: Entity::Person,
        }
    }

    #[test]
    fn the_birth_date_proves_the_reader_and_the_name_only_without_one() {
        let dated = recipient(Some("450408"));
        assert!(dated.is_proved_by("450408"));
        assert!(dated.is_proved_by(" ４５０４０８ "));
        assert!(!dated.is_proved_by("450409"));
        assert!(!dated.is_proved_by("홍길동"));
        let undated = recipient(None);
        assert!(undated.is_proved_by("홍길동"));
        assert!(!undated.is_proved_by("홍길순"));
        assert!(!undated.is_proved_by(""));
    }
}
