//! What thousands of letters in one process leave behind: by hand, since it says something of the machine it runs on.

use std::fs;
use std::time::Instant;

use domain::Details;
use render_letter::{Letter, Press};

use crate::samples::{disposition, noon, notice, refusal, settings};

/// What this process holds, and the most that it held, in MB.
fn memory() -> [u64; 2] {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let megabytes = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).expect("a line");
        line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).expect("a number") / 1024
    };
    ["VmRSS:", "VmHWM:"].map(megabytes)
}

/// No two are alike.
fn nth(number: u32) -> Letter {
    let details = if number.is_multiple_of(5) { refusal() } else { disposition() };
    let body = format!("{}\n접수번호 {number}번 신청에 대한 회신입니다.", details.body);
    let details = Details { title: format!("{} ({number})", details.title), body, ..details };
    Letter::of(&notice(details), &settings(), &format!("https://notice.seocho.example/c/{number:012}"), noon())
}

#[test]
#[ignore = "takes minutes: `cargo test -p render-letter --test letters -- --ignored --nocapture endurance`"]
#[expect(clippy::print_stdout, reason = "the figures are what it is for")]
fn three_thousand_letters() {
    let press = Press::new();
    let began = Instant::now();
    let mut at_first = 0;
    for number in 1..=3_000 {
        press.print(&nth(number)).expect("a letter");
        if [1, 100, 300, 1_000, 2_000, 3_000].contains(&number) {
            let [now, most] = memory();
            println!("{number} letters, {:.1?} each: {now} MB, {most} MB at most", began.elapsed() / number);
            if number == 100 {
                at_first = now;
            }
        }
    }
    assert!(memory()[0] < at_first + 64, "it grows");
}
