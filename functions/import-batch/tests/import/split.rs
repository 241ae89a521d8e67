//! The splitter beside the writer of the `csv` crate: what was written comes back, however it comes in pieces.

use csv::{ByteRecord, Terminator, WriterBuilder};
use encoding_rs::EUC_KR;
use import_batch::probe::rows;
use import_batch::{Broken, decode};
use proptest::prelude::*;
use store::{FileEncoding, Position};

fn cells() -> impl Strategy<Value = Vec<Vec<String>>> {
    let cell = prop_oneof!["[가-힣a-z0-9 ,;\t\"\r\n'=]{0,12}", Just(String::new()), "[힣뷁쀍]{1,3}"];
    prop::collection::vec(prop::collection::vec(cell, 1..6), 1..12)
}

fn written(table: &[Vec<String>], cp949: bool, delimiter: u8, end: Terminator) -> Vec<u8> {
    let mut writer = WriterBuilder::new().delimiter(delimiter).terminator(end).flexible(true).from_writer(Vec::new());
    for line in table {
        let cells = line.iter().map(|cell| if cp949 { EUC_KR.encode(cell).0 } else { cell.as_bytes().into() });
        writer.write_record(cells).expect("written");
    }
    writer.into_inner().expect("written")
}

fn ends() -> impl Strategy<Value = Terminator> {
    prop_oneof![Just(Terminator::CRLF), Just(Terminator::Any(b'\n')), Just(Terminator::Any(b'\r'))]
}

proptest! {
    #[test]
    fn what_was_written_comes_back(
        table in cells(), cp949: bool, delimiter in prop::sample::select(vec![b',', b';', b'\t']), end in ends(), size in 1..40_usize,
    ) {
        let text = written(&table, cp949, delimiter, end);
        let encoding = if cp949 { FileEncoding::Cp949 } else { FileEncoding::Utf8 };
        let found = rows(&text, delimiter, size, Position::default()).expect("no row is broken");
        prop_assert_eq!(found.len(), table.len());
        for (at, ((row, _), line)) in found.iter().zip(&table).enumerate() {
            prop_assert_eq!(row.number as usize, at + 1);
            let read: Vec<_> = row.cells.iter().map(|cell| decode(encoding, cell).expect("of that encoding")).collect();
            prop_assert_eq!(&read, line);
        }
    }

    #[test]
    fn any_bytes_give_the_same_rows_in_any_pieces_and_from_any_row_on(
        text in prop_oneof![any::<Vec<u8>>(), "[a,\"\r\n ]{0,60}".prop_map(String::into_bytes)], size in 1..20_usize,
    ) {
        let whole = rows(&text, b',', usize::MAX, Position::default());
        prop_assert_eq!(&rows(&text, b',', size, Position::default()), &whole);
        if let Ok(whole) = whole {
            for (at, (_, position)) in whole.iter().enumerate() {
                let rest = rows(&text, b',', size, *position).expect("no row is broken");
                prop_assert_eq!(&rest[..], &whole[at + 1..]);
            }
        }
    }
}

#[test]
fn rows_are_counted_as_a_spreadsheet_counts() {
    let found = rows(b"a,b\r\n\r\n\"x\ny\",z\r\n\n\rlast", b',', 3, Position::default()).expect("rows");
    let numbers: Vec<u32> = found.iter().map(|(row, _)| row.number).collect();
    assert_eq!(numbers, [1, 3, 6]);
    assert_eq!(found[1].0.cells, ByteRecord::from(vec!["x\ny", "z"]));
}

#[test]
fn a_quote_that_is_never_closed_is_named_by_its_row() {
    let broken = rows(b"a\nb\n\"c\nd\n", b',', 4, Position::default()).expect_err("an open quote");
    assert_eq!(broken, Broken::OpenQuote { row: 3 });
    let endless = [b"a\n\"".as_slice(), &vec![b'x'; 600_000]].concat();
    assert_eq!(rows(&endless, b',', 1_000, Position::default()), Err(Broken::OpenQuote { row: 2 }));
    let long = [b"a\n".as_slice(), &vec![b'x'; 600_000]].concat();
    assert_eq!(rows(&long, b',', 1_000, Position::default()), Err(Broken::TooLong { row: 2 }));
    assert!(rows(b"a\n\"b\"", b',', 1, Position::default()).is_ok(), "closed by the last byte");
}
