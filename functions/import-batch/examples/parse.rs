//! `parse FILE`: reads and checks a file of notices in CP949, as an import does before it stores, and tells rows a second.

use std::collections::HashSet;
use std::io::Write;
use std::time::Instant;

use domain::settings::Settings;
use import_batch::probe::{Nowhere, rows};
use import_batch::{Cells, Columns, NOTICE_HEADINGS, Notices, RowType};
use jiff::Timestamp;
use store::{FileEncoding, Position, RecipientKey};

const SETTINGS: &str = include_str!("../../../infra/settings.json");
/// The columns that the year's files have.
const COLUMNS: usize = 12;

fn main() -> Result<(), bootstrap::Error> {
    let file = std::fs::read(std::env::args_os().nth(1).ok_or("expected a file")?)?;
    let settings = Settings::parse(SETTINGS)?;
    let headings: Vec<String> = NOTICE_HEADINGS.iter().take(COLUMNS).map(|heading| heading.korean.to_owned()).collect();
    let columns = Columns::read(NOTICE_HEADINGS, &headings).map_err(|refused| refused.korean(0))?;
    let recipient_key = RecipientKey::new("secret");
    let notices = Notices {
        table: &Nowhere,
        settings: &settings,
        recipient_key: &recipient_key,
        public_url: "https://tongji.example.kr",
    };
    let began = Instant::now();
    let all = rows(&file, b',', usize::MAX, Position::default())?;
    let (mut numbers, mut sound) = (HashSet::new(), 0_u32);
    for (row, _) in all.iter().skip(1) {
        let read = Cells::read(NOTICE_HEADINGS, &columns, FileEncoding::Cp949, row, |cells| {
            notices.read(cells, Timestamp::UNIX_EPOCH)
        });
        sound += u32::from(read.is_ok_and(|record| numbers.insert(notices.number_of(&record))));
    }
    let count = u32::try_from(all.len().saturating_sub(1))?;
    if sound < count / 10 * 9 {
        return Err(format!("{sound} of {count} rows are sound").into());
    }
    writeln!(std::io::stdout(), "{:.0}", f64::from(count) / began.elapsed().as_secs_f64())?;
    Ok(())
}
