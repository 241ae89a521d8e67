//! Answers as sheets that Korean Excel opens by a double click: CSV in UTF-8 with a byte order mark.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use csv::{Terminator, WriterBuilder};
use domain::text::plain_cell;
use tongji_http::Problem;

use crate::console::unavailable;
use crate::query::Wanted;

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Words of the office's or ours.
    Text(String),
    /// A number, which may be negative and is no formula for that.
    Number(i64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// The rows as a file to keep, named after what it shows and the days.
pub(crate) fn sheet(name: &str, wanted: &Wanted, rows: &[Vec<Cell>]) -> Result<Response, Problem> {
    let content = written(rows).map_err(|error| unavailable(&error))?;
    let file = format!("attachment; filename=\"tongji-{name}-{}-{}.csv\"", wanted.from, wanted.to);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        // A body with an encoding travels as bytes; as text it would lose its byte order mark on the way.
        (header::CONTENT_ENCODING, HeaderValue::from_static("identity")),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(file).map_err(|error| unavailable(&error))?),
    ];
    Ok((StatusCode::OK, headers, content).into_response())
}

fn written(rows: &[Vec<Cell>]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer("\u{feff}".as_bytes().to_vec());
    for row in rows {
        writer.write_record(row.iter().map(|cell| match cell {
            Cell::Text(text) => plain_cell(text),
            Cell::Number(number) => number.to_string(),
        }))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_opens_in_korean_excel_and_holds_no_formula() {
        let rows =
            [vec!["부서".into(), "=HYPERLINK(\"x\")".into()], vec![Cell::Number(-3), "건축과, \"위생과\"".into()]];
        let sheet = String::from_utf8(written(&rows).expect("a sheet")).expect("UTF-8");
        assert_eq!(sheet, "\u{feff}부서,\"'=HYPERLINK(\"\"x\"\")\"\r\n-3,\"건축과, \"\"위생과\"\"\"\r\n");
    }
}
