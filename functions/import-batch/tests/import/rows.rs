//! Rows read as notices, whatever stands in them.

use std::fs;
use std::path::Path;

use csv::ByteRecord;
use import_batch::probe;
use import_batch::{Cells, Columns, NOTICE_HEADINGS, Notices, Row, RowType, survey_text, survey_workbook};
use jiff::Timestamp;
use proptest::prelude::*;
use store::{FileEncoding, RecipientKey};

use crate::workbook::{Sheet, archive, workbook};
use crate::world::{SETTINGS, World};

fn columns() -> Columns {
    let headings: Vec<String> = NOTICE_HEADINGS.iter().map(|heading| heading.korean.to_owned()).collect();
    Columns::read(NOTICE_HEADINGS, &headings).expect("the headings")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_cells_are_a_notice_or_are_told_what_is_wrong(cells in prop::collection::vec(any::<Vec<u8>>(), 0..25), cp949: bool) {
        let settings = domain::settings::Settings::parse(SETTINGS).expect("settings");
        let (table, recipient_key) = (World::new(), RecipientKey::new("secret"));
        let notices = Notices { table: &table, settings: &settings, recipient_key: &recipient_key, public_url: "" };
        let encoding = if cp949 { FileEncoding::Cp949 } else { FileEncoding::Utf8 };
        let row = Row { number: 2, cells: ByteRecord::from(cells) };
        let read = Cells::read(NOTICE_HEADINGS, &columns(), encoding, &row, |cells| notices.read(cells, Timestamp::UNIX_EPOCH));
        if let Err(flaws) = read {
            prop_assert!(!flaws.is_empty());
            prop_assert!(flaws.iter().all(|flaw| !flaw.reason.korean().is_empty()));
        }
    }

    #[test]
    fn any_bytes_are_a_file_or_are_refused(bytes in any::<Vec<u8>>(), rows in "[a-z<>/=\" 0-9]{0,80}") {
        let _ = survey_text(&bytes, std::str::from_utf8(&bytes).is_ok(), true, NOTICE_HEADINGS);
        let _ = survey_workbook(&bytes, NOTICE_HEADINGS);
        let _ = survey_workbook(&archive(&[("xl/workbook.xml", &bytes)]), NOTICE_HEADINGS);
        let _ = survey_workbook(&workbook(&[Sheet::of("s", rows)], &[]), NOTICE_HEADINGS);
    }
}

/// What fuzzing found worth keeping goes through the same probes.
#[test]
fn the_kept_corpus_is_read() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    let settings = domain::settings::Settings::parse(SETTINGS).expect("settings");
    for target in ["csv", "workbook", "row"] {
        let mut read = 0;
        for entry in fs::read_dir(corpus.join(target)).expect("a corpus") {
            let bytes = fs::read(entry.expect("an entry").path()).expect("a file");
            probe::csv(&bytes);
            probe::workbook(&bytes);
            probe::row(&bytes, &settings, FileEncoding::Cp949);
            probe::row(&bytes, &settings, FileEncoding::Utf8);
            read += 1;
        }
        assert!(read >= 50, "{read} files are kept for {target}");
    }
}
