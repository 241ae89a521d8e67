//! Why a row or a file was not taken, in the words of the officer who mends it.

use domain::NoticeId;
use domain::text::shown;

use crate::split::Broken;

/// Why a row was not taken, or not again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The cell's bytes are of another encoding.
    Undecodable,
    /// The cell holds a formula. It is not worked out, and its last result may be stale.
    Formula,
    /// The cell holds a spreadsheet's error value.
    ErrorValue,
    /// The cell holds characters that cannot be seen.
    Control,
    /// There must be something.
    Blank,
    /// So many characters are allowed.
    Length {
        /// At least.
        from: usize,
        /// At most.
        to: usize,
    },
    /// None of the known values.
    Unknown {
        /// Those known.
        known: Vec<String>,
    },
    /// Characters that no Korean carrier passes.
    Unsupported {
        /// The characters.
        characters: Vec<char>,
    },
    /// Not the office's own number.
    Reference,
    /// No name.
    Name,
    /// No Korean telephone number.
    Phone,
    /// No e-mail address.
    Email,
    /// No postal code.
    PostalCode,
    /// No street address.
    Address,
    /// No birth date.
    BirthDate,
    /// No moment.
    Moment,
    /// A moment more than a year ahead.
    TooFarAhead,
    /// No day.
    Day,
    /// It ends before it begins.
    BeforeIssue,
    /// It goes by letter, and there is no address.
    NowhereToPost,
    /// One of two that belong together is missing.
    Half {
        /// The heading of the other.
        other: &'static str,
    },
    /// The row has cells beyond the headings.
    Extra,
    /// The same number stands in an earlier row.
    Doubled {
        /// That row.
        row: u32,
    },
    /// The notice came before.
    AlreadyThere {
        /// It.
        notice: NoticeId,
    },
}

impl Reason {
    /// As the officer reads it.
    #[must_use]
    pub fn korean(&self) -> String {
        match self {
            Self::Undecodable => "글자를 읽을 수 없습니다. 파일의 다른 부분과 인코딩이 다릅니다.".to_owned(),
            Self::Formula => "수식이 들어 있습니다. 수식 대신 값을 넣어 주세요(복사한 뒤 '값 붙여넣기').".to_owned(),
            Self::ErrorValue => "엑셀 오류값이 들어 있습니다. 올바른 값을 넣어 주세요.".to_owned(),
            Self::Control => "보이지 않는 제어 문자가 들어 있습니다. 지우고 다시 입력해 주세요.".to_owned(),
            Self::Blank => "비어 있습니다. 반드시 입력해야 합니다.".to_owned(),
            Self::Length { from, to } => format!("{from}자 이상 {to}자 이하로 입력해 주세요."),
            Self::Unknown { known } => {
                format!("등록되지 않은 값입니다. 다음 중 하나를 입력해 주세요: {}", known.join(", "))
            }
            Self::Unsupported { characters } => {
                let characters: Vec<String> = characters.iter().copied().map(named).collect();
                format!("문자로 보낼 수 없는 글자가 있습니다: {}", characters.join(" "))
            }
            Self::Reference => "64자 이하로, 앞뒤 공백이나 줄바꿈 없이 입력해 주세요.".to_owned(),
            Self::Name => "60자 이하의 이름을 입력해 주세요.".to_owned(),
            Self::Phone => "올바른 전화번호가 아닙니다. 010-1234-5678처럼 입력하거나, 없으면 비워 두세요.".to_owned(),
            Self::Email => {
                "올바른 이메일 주소가 아닙니다. name@example.org처럼 입력하거나, 없으면 비워 두세요.".to_owned()
            }
            Self::PostalCode => "우편번호는 숫자 다섯 자리여야 합니다.".to_owned(),
            Self::Address => "주소는 5자 이상 200자 이하로, 줄바꿈 없이 입력해 주세요.".to_owned(),
            Self::BirthDate => "생년월일은 숫자 여섯 자리(YYMMDD)로 입력하거나, 없으면 비워 두세요.".to_owned(),
            Self::Moment => "날짜와 시각을 2026-12-01 09:00처럼 입력해 주세요.".to_owned(),
            Self::TooFarAhead => "1년 안의 날짜를 입력해 주세요.".to_owned(),
            Self::Day => "날짜를 2026-12-01처럼 입력해 주세요.".to_owned(),
            Self::BeforeIssue => "허가일보다 빠릅니다.".to_owned(),
            Self::NowhereToPost => {
                "우편으로 보내야 하는데 주소가 없습니다. 우편번호와 주소를 입력해 주세요.".to_owned()
            }
            Self::Half { other } => format!("'{other}' 열과 함께 입력해 주세요."),
            Self::Extra => "이름이 없는 열에 값이 있습니다. 쉼표나 따옴표가 잘못되었는지 확인해 주세요.".to_owned(),
            Self::Doubled { row } => format!("{row}행과 중복됩니다."),
            Self::AlreadyThere { notice } => format!("이미 접수됨: {notice}"),
        }
    }

    /// Nothing has to be mended.
    #[must_use]
    pub const fn is_no_error(&self) -> bool {
        matches!(self, Self::AlreadyThere { .. })
    }
}

/// Why a file was not taken, or not to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Its bytes are not those that were announced.
    Checksum,
    /// Nothing is in it.
    Empty,
    /// It has headings, and no row.
    NoRows,
    /// It is UTF-16.
    Utf16,
    /// It is no text.
    Binary,
    /// The headings are not those of the type.
    Headings {
        /// Those that are missing.
        missing: Vec<&'static str>,
        /// Those nobody knows, shortened.
        unknown: Vec<String>,
        /// Those that stand twice.
        doubled: Vec<&'static str>,
    },
    /// It cannot be read from some row on.
    Broken(Broken),
    /// More rows than a file may have.
    TooManyRows {
        /// That many.
        most: u32,
    },
    /// Longer than a file may be.
    TooLarge {
        /// Megabytes.
        most: u64,
    },
    /// It is protected by a password, or of the format before XLSX.
    Protected,
    /// It unpacks to more than it may.
    Bomb,
    /// A workbook that cannot be read.
    BrokenWorkbook,
    /// A workbook without a sheet that can be seen.
    NoSheet,
    /// Rows are not acceptable, and all or none were wanted.
    NotAll {
        /// How many.
        errors: u32,
    },
}

impl Refused {
    /// As the officer reads it. `stored` rows before it are in.
    #[must_use]
    pub fn korean(&self, stored: u32) -> String {
        let why = match self {
            Self::Checksum => "파일이 전송 중에 잘렸거나 바뀌었습니다. 다시 올려 주세요.".to_owned(),
            Self::Empty => "빈 파일입니다.".to_owned(),
            Self::NoRows => "열 이름만 있고 자료가 없습니다.".to_owned(),
            Self::Utf16 => {
                "UTF-16(유니코드 텍스트) 파일은 읽을 수 없습니다. 'CSV UTF-8' 또는 'CSV'로 저장해 주세요.".to_owned()
            }
            Self::Binary => "CSV나 XLSX 파일이 아닙니다.".to_owned(),
            Self::Headings { missing, unknown, doubled } => headings(missing, unknown, doubled),
            Self::Broken(Broken::OpenQuote { row }) => {
                format!("{row}행에서 시작한 따옴표가 닫히지 않아 그 뒤를 읽을 수 없습니다.")
            }
            Self::Broken(Broken::TooLong { row }) => format!("{row}행이 너무 길어 그 뒤를 읽을 수 없습니다."),
            Self::Broken(Broken::TooWide { row }) => {
                format!("{row}행의 열이 {}개를 넘어 그 뒤를 읽을 수 없습니다.", crate::limits::COLUMNS)
            }
            Self::TooManyRows { most } => {
                format!("한 파일에 {}만 행까지만 넣을 수 있습니다. 파일을 나누어 주세요.", most / 10_000)
            }
            Self::TooLarge { most } => format!("파일이 {most}MB보다 큽니다. 파일을 나누어 주세요."),
            Self::Protected => {
                "암호가 걸렸거나 오래된 형식(.xls)의 파일입니다. 암호 없이 .xlsx로 저장해 주세요.".to_owned()
            }
            Self::Bomb => "압축을 풀면 지나치게 커지는 파일입니다. CSV로 저장해 주세요.".to_owned(),
            Self::BrokenWorkbook => "엑셀 파일이 깨져 있습니다. 엑셀에서 열어 다시 저장해 주세요.".to_owned(),
            Self::NoSheet => "보이는 시트가 없습니다.".to_owned(),
            Self::NotAll { errors } => format!("{errors}개 행에 오류가 있어 아무것도 접수하지 않았습니다."),
        };
        if stored == 0 { why } else { format!("{why} 그 앞의 {stored}건은 접수되었습니다.") }
    }
}

/// A character; one that has no picture of its own by its number.
fn named(character: char) -> String {
    let text = character.to_string();
    if shown(&text).trim().is_empty() {
        format!("보이지 않는 글자(U+{:04X})", u32::from(character))
    } else {
        text
    }
}

fn headings(missing: &[&str], unknown: &[String], doubled: &[&str]) -> String {
    let mut why = Vec::new();
    if !missing.is_empty() {
        why.push(format!("빠진 열: {}", missing.join(", ")));
    }
    if !unknown.is_empty() {
        why.push(format!("알 수 없는 열: {}", unknown.join(", ")));
    }
    if !doubled.is_empty() {
        why.push(format!("두 번 나온 열: {}", doubled.join(", ")));
    }
    format!("첫 줄의 열 이름이 맞지 않습니다. {}", why.join(" / "))
}
