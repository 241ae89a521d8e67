//! A workbook's first visible sheet as CSV, so that all that follows reads one format.

use std::io::{self, Cursor, Read};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use csv::{ByteRecord, Terminator, WriterBuilder};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::Refused;
use crate::limits::{COLUMNS, FILE_BYTES, SMALL_PART, UNPACKED_BYTES, UNPACKED_RATIO};
use crate::split::Broken;

/// How every XLSX file begins, as any ZIP archive.
pub(crate) const ZIP_MARK: &[u8] = b"PK\x03\x04";
/// How files of Excel before XLSX begin, and encrypted ones.
pub(crate) const COMPOUND_MARK: &[u8] = b"\xd0\xcf\x11\xe0";

/// Rows of a sheet, in any spreadsheet program.
const SHEET_ROWS: u32 = 1_048_576;
/// Parts of an archive; a workbook of hundreds of sheets has fewer.
const PARTS: usize = 10_000;
/// Whole numbers are exact up to here.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sheet {
    /// Its name.
    pub(crate) name: String,
    /// Names of the sheets that were not read.
    pub(crate) ignored: Vec<String>,
    /// Its rows as CSV in UTF-8. Rows have the numbers that they have in the sheet. A formula stands as one.
    pub(crate) csv: Vec<u8>,
}

/// Reads a workbook.
///
/// # Errors
/// When it is none, or more than a workbook should be.
pub(crate) fn first_visible_sheet(workbook: &[u8]) -> Result<Sheet, Refused> {
    look_into_archive(workbook)?;
    let mut book = Xlsx::new(Cursor::new(workbook)).map_err(|error| refused(&error))?;
    let is_sheet =
        |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible;
    let name = book.sheets_metadata().iter().find(is_sheet).map(|sheet| sheet.name.clone()).ok_or(Refused::NoSheet)?;
    let others = book.sheets_metadata().iter().filter(|sheet| sheet.name != name);
    let ignored = others.map(|sheet| sheet.name.clone()).collect();
    let csv = csv_of(&mut book, &name)?;
    Ok(Sheet { name, ignored, csv })
}

fn refused(error: &XlsxError) -> Refused {
    if matches!(error, XlsxError::Password) { Refused::Protected } else { Refused::BrokenWorkbook }
}

/// Unpacks every part once, to nowhere: what an archive says of its sizes may be a lie.
fn look_into_archive(workbook: &[u8]) -> Result<(), Refused> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).map_err(|_| Refused::BrokenWorkbook)?;
    if archive.len() > PARTS {
        return Err(Refused::Bomb);
    }
    let mut unpacked = 0;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| {
            let is_locked = matches!(error, ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED));
            if is_locked { Refused::Protected } else { Refused::BrokenWorkbook }
        })?;
        let packed = part.compressed_size();
        if part.size() > UNPACKED_BYTES {
            return Err(Refused::Bomb);
        }
        let most = SMALL_PART.max(packed.saturating_mul(UNPACKED_RATIO)).min(UNPACKED_BYTES - unpacked);
        let size = io::copy(&mut part.take(most + 1), &mut io::sink()).map_err(|_| Refused::BrokenWorkbook)?;
        if size > most {
            return Err(Refused::Bomb);
        }
        unpacked += size;
    }
    Ok(())
}

fn csv_of(book: &mut Xlsx<Cursor<&[u8]>>, sheet: &str) -> Result<Vec<u8>, Refused> {
    let most = usize::try_from(FILE_BYTES).unwrap_or(usize::MAX);
    let mut cells = book.worksheet_cells_reader(sheet).map_err(|error| refused(&error))?;
    let mut lines = Lines { csv: Vec::new(), written: 0 };
    let (mut row, mut line) = (0, ByteRecord::new());
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(|error| refused(&error))? {
        let (number, column) = (cell.pos.0.saturating_add(1), usize::try_from(cell.pos.1).unwrap_or(usize::MAX));
        let value = if cell.formula.is_some() { "=".to_owned() } else { text(&cell.value) };
        if value.is_empty() {
            continue;
        }
        if column >= COLUMNS {
            return Err(Refused::Broken(Broken::TooWide { row: number }));
        }
        if number != row {
            lines.write(row, &line)?;
            line.clear();
            row = number;
        }
        if number > SHEET_ROWS || column < line.len() {
            return Err(Refused::BrokenWorkbook);
        }
        (line.len()..column).for_each(|_| line.push_field(b""));
        line.push_field(value.as_bytes());
        if lines.csv.len() > most {
            return Err(Refused::TooLarge { most: FILE_BYTES / 1024 / 1024 });
        }
    }
    lines.write(row, &line)?;
    Ok(lines.csv)
}

/// The CSV as far as it is written.
struct Lines {
    csv: Vec<u8>,
    written: u32,
}

impl Lines {
    /// Writes a row under its number, after as many blank ones as the sheet has before it.
    fn write(&mut self, number: u32, line: &ByteRecord) -> Result<(), Refused> {
        if line.is_empty() {
            return Ok(());
        }
        if number <= self.written {
            return Err(Refused::BrokenWorkbook);
        }
        (self.written + 1..number).for_each(|_| self.csv.extend(b"\r\n"));
        self.written = number;
        let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).flexible(true).from_writer(&mut self.csv);
        writer.write_byte_record(line).and_then(|()| Ok(writer.flush()?)).map_err(|_| Refused::BrokenWorkbook)
    }
}

/// A value as an officer would type it.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        // Telephones and numbers of files are numbers to a spreadsheet.
        DataRef::Float(number) if number.fract() == 0.0 && number.abs() < EXACT => format!("{number:.0}"),
        DataRef::Float(number) => number.to_string(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::DateTime(moment) => moment_text(moment),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

fn moment_text(moment: &ExcelDateTime) -> String {
    if !moment.is_datetime() || !(0.0..2_958_466.0).contains(&moment.as_f64()) {
        return moment.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) { date } else { format!("{date} {hour:02}:{minute:02}:{second:02}") }
}
