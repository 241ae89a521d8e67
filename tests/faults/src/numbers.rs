//! The office's numbers beside the events they are made of: counted once each, whoever died and whatever came twice.

use std::collections::{BTreeMap, BTreeSet};

use domain::statistics::{Counts, Line, count};
use domain::{Event, NoticeId};
use jiff::civil::{Date, date};
use store::Table;

/// What became of the counting.
#[derive(Debug, Default)]
pub struct Numbers {
    /// Lines of numbers.
    pub lines: usize,
    /// Events that count and are in them.
    pub counted: usize,
    /// Events that count and wait for the next one of their notice: the stream lost them.
    pub waiting: usize,
    /// Lines that hold anything but what they should.
    pub findings: Vec<String>,
}

impl Numbers {
    /// Reads all numbers, and the events of these notices, which are all there are.
    pub async fn take(table: &Table, notices: &[NoticeId]) -> Self {
        let (mut numbers, mut expected) = (Self::default(), BTreeMap::<Line, Counts>::new());
        for id in notices {
            let notice = table.notice(*id).await.expect("a readable table").expect("the notice");
            let events = table.events(*id).await.expect("a readable table");
            let events: Vec<Event> = events.iter().map(|chained| chained.event().expect("an event")).collect();
            let waiting = table.uncounted(*id).await.expect("a readable table");
            let waiting: BTreeSet<u32> = waiting.iter().map(|counted| counted.version).collect();
            numbers.waiting += waiting.len();
            for counted in count(&notice, &events).iter().filter(|counted| !waiting.contains(&counted.version)) {
                numbers.counted += 1;
                *expected.entry(counted.line.clone()).or_default() += &counted.counts;
            }
        }
        let kept = kept(table, &expected).await;
        numbers.lines = kept.len();
        let lines: BTreeSet<&Line> = kept.keys().chain(expected.keys()).collect();
        for line in lines.into_iter().filter(|line| kept.get(line) != expected.get(line)) {
            let (kept, expected) = (kept.get(line), expected.get(line));
            numbers.findings.push(format!("{line:?} holds {kept:?}, and its events make {expected:?}"));
        }
        numbers
    }
}

/// All that is kept of the departments and years that these lines are of.
async fn kept(table: &Table, lines: &BTreeMap<Line, Counts>) -> BTreeMap<Line, Counts> {
    let mut kept = BTreeMap::new();
    let partitions: BTreeSet<_> = lines.keys().map(|line| (&line.department, Date::year(line.day))).collect();
    for (department, year) in partitions {
        let (from, to) = (date(year, 1, 1), date(year, 12, 31));
        kept.extend(table.statistics(department, from, to).await.expect("a readable table"));
    }
    kept
}
