//! Letters as they come out of the press.

mod endurance;
mod paper;
mod samples;

use std::sync::LazyLock;

use domain::{Details, Entity, Recipient};
use paper::Paper;
use render_letter::{Letter, Press, Printed};
use samples::{
    LINK, LONG_ADDRESS, address, asking_for_papers, corporation, disposition, guidance, letter, long, name, noon,
    refusal, settings,
};

static PRESS: LazyLock<Press> = LazyLock::new(Press::new);

/// The window of the envelope and, within it, what is seen however the sheet slips: left, top, right, bottom in mm.
const WINDOW: [f64; 4] = [20.0, 45.0, 110.0, 80.0];
const SAFE: [f64; 4] = [24.99, 49.99, 105.01, 75.01];

fn printed(details: Details) -> Printed {
    PRESS.print(&letter(details)).expect("a printable letter")
}

fn on_paper(file: &str, details: Details) -> Paper {
    Paper::new(file, &printed(details).pdf)
}

/// Without spaces and line ends: where a line ends is the layout's business.
fn bare(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn letters_read_as_the_office_wrote_them() {
    for (file, details) in [
        ("disposition", disposition()),
        ("refusal", refusal()),
        ("guidance", guidance()),
        ("corporation", corporation()),
        ("papers", asking_for_papers()),
    ] {
        insta::assert_snapshot!(file, on_paper(file, details).text());
    }
}

#[test]
fn the_address_and_nothing_else_stands_in_the_window() {
    let resident = disposition().recipient;
    let nowhere_to_break = "가".repeat(200);
    let latin = "W".repeat(200);
    for (file, recipient) in [
        ("window-short", resident.clone()),
        ("window-long", Recipient { address: Some(address(LONG_ADDRESS)), ..resident.clone() }),
        ("window-corporation", corporation().recipient),
        (
            "window-longest",
            Recipient {
                name: name(&"긴이름의단체 ".repeat(8)),
                address: Some(address(&nowhere_to_break)),
                entity: Entity::Corporation,
                ..resident.clone()
            },
        ),
        ("window-latin", Recipient { name: name(&"W".repeat(60)), address: Some(address(&latin)), ..resident }),
    ] {
        let honorific = if recipient.entity == Entity::Corporation { "귀중" } else { "귀하" };
        let (postal_code, line) = recipient.address.as_ref().expect("an address").expose();
        let expected = format!("{line}{}{honorific}{postal_code}", recipient.name.expose());
        let words = on_paper(file, Details { recipient, ..disposition() }).words();
        let seen: Vec<_> = words.iter().filter(|word| word.touches(WINDOW)).collect();
        assert_eq!(seen.iter().map(|word| &*word.text).collect::<String>(), bare(&expected), "{file}");
        for word in seen {
            assert!(word.is_inside(SAFE), "{file}: {word:?}");
        }
    }
}

#[test]
fn without_an_address_the_window_shows_the_name() {
    let recipient = Recipient { address: None, ..disposition().recipient };
    let words = on_paper("no-address", Details { recipient, ..disposition() }).words();
    let seen: String = words.iter().filter(|word| word.touches(WINDOW)).map(|word| &*word.text).collect();
    assert_eq!(seen, "홍길동귀하");
}

#[test]
fn the_code_is_the_link() {
    for link in [LINK.to_owned(), format!("https://{}.example/c/Ab3dEf6hIj9k", "notice.of.a.long.name.".repeat(6))] {
        let notice = samples::notice(disposition());
        let letter = Letter::of(&notice, &settings(), &link, noon());
        let paper = Paper::new("code", &PRESS.print(&letter).expect("a printable letter").pdf);
        let (width, pixels) = paper.pixels(300);
        let grey = |x: usize, y: usize| pixels[y * width + x];
        let mut seen = rqrr::PreparedImage::prepare_from_greyscale(width, pixels.len() / width, grey);
        let codes = seen.detect_grids();
        let [code] = codes.as_slice() else { panic!("one code, not {}", codes.len()) };
        assert_eq!(code.decode().expect("a code that can be read").1, link);
        let width = f64::from(code.bounds[1].x - code.bounds[0].x) / 300.0 * 25.4;
        assert!(width >= 20.0, "{width} mm");
        assert!(paper.letters().contains(&link));
    }
}

#[test]
fn what_people_write_is_never_markup() {
    let hostile = "#panic() *굵게* _기울임_ $x^2$ @ref <label> \\n \"따옴표\" '작은' // 주석 /* 둘 */ `코드` = 제목 -- --- ... ~ [내용] {코드} #set page(width: 1cm) https://a.example/#b %20 </text>";
    let details = Details {
        title: hostile.to_owned(),
        body: format!("= {hostile}\n- {hostile}\n+ {hostile}\n/ {hostile}"),
        recipient: Recipient {
            name: name("*홍* #길동 $_$"),
            address: Some(address("#set 서초구 <남부> *순환로* $1$ \\ // @2584")),
            ..disposition().recipient
        },
        ..refusal()
    };
    let letters = on_paper("hostile", details).letters();
    assert_eq!(letters.matches(&bare(hostile)).count(), 5, "{letters}");
    for marked in ["= ", "- ", "+ ", "/ "] {
        assert!(letters.contains(&bare(&format!("{marked}{hostile}"))), "{marked}");
    }
    assert!(letters.contains("*홍*#길동$_$귀하"));
    assert!(letters.contains("#set서초구<남부>*순환로*$1$\\//@2584"));
}

#[test]
fn lines_and_indents_of_the_body_are_kept() {
    let body = "첫 줄\r\n  가. 들여 쓴 줄\n\n빈 줄 다음";
    let words = on_paper("lines", Details { body: body.to_owned(), ..disposition() }).words();
    let find = |text: &str| words.iter().find(|word| word.text == text).unwrap_or_else(|| panic!("no {text}"));
    let (first, indented, last) = (find("첫"), find("들여"), find("빈"));
    let line = indented.top - first.top;
    assert!(line > 4.0 && last.top - indented.top > 1.5 * line, "{first:?} {indented:?} {last:?}");
    assert!(find("가.").left > first.left + 2.0, "{:?}", find("가."));
    assert!((last.left - first.left).abs() < 0.1, "{last:?}");
}

#[test]
fn words_are_not_torn_apart() {
    let details = long();
    let words: std::collections::HashSet<&str> = details.body.split_whitespace().collect();
    let known = |word: &str| words.contains(word) || word.chars().all(|c| c.is_ascii_digit() || c == '.');
    let text = on_paper("whole-words", details.clone()).text();
    let body = text.lines().skip_while(|line| !line.contains("알려 드립니다.")).skip(1);
    let torn = body.take(20).flat_map(str::split_whitespace).find(|word| !known(word));
    assert_eq!(torn, None);
}

#[test]
fn a_long_body_takes_numbered_pages_that_name_the_document() {
    let printed = printed(long());
    assert!((5..=12).contains(&printed.pages), "{} pages", printed.pages);
    let paper = Paper::new("long", &printed.pdf);
    let text = paper.text();
    let pages: Vec<&str> = text.split('\u{c}').filter(|page| !page.trim().is_empty()).collect();
    assert_eq!(pages.len(), printed.pages as usize);
    for (index, page) in pages.iter().enumerate() {
        let number = index + 1;
        assert!(bare(page).ends_with(&format!("{number}/{}", pages.len())), "page {number}");
        assert!(page.contains("건축과-2026-01234"), "page {number}");
        assert_eq!(page.contains(LINK), index == 0, "page {number}");
    }
    assert!(pages.last().is_some_and(|page| bare(page).contains("서초구청장")));
    let body = long().body;
    assert!(body.lines().last().is_some_and(|line| paper.letters().contains(&bare(line))));
}

#[test]
fn a_letter_of_one_page_has_no_page_number() {
    let printed = printed(guidance());
    assert_eq!(printed.pages, 1);
    assert!(!Paper::new("one", &printed.pdf).letters().contains("1/1"));
}

#[test]
fn ways_to_appeal_are_told_in_the_words_of_the_page() {
    let page = include_str!("../../../select-preference/templates/reading.html");
    let told = |article: &str| {
        let sentence = page.lines().find(|line| line.contains(article)).expect("a sentence on the page");
        let (_, rest) = sentence.split_once("<li>").expect("an item");
        bare(rest.split_once("</li>").expect("an item").0)
    };
    let (objection, appeal) = (told("제35조"), told("제26조"));
    for (file, details, [objects, appeals]) in [
        ("appeal-refusal", refusal(), [true, true]),
        ("appeal-disposition", disposition(), [false, true]),
        ("appeal-guidance", guidance(), [false, false]),
    ] {
        let letters = on_paper(file, details).letters();
        assert_eq!(letters.contains(&objection), objects, "{file}");
        assert_eq!(letters.contains(&appeal), appeals, "{file}");
        assert_eq!(letters.contains("거부사유"), objects, "{file}");
        assert_eq!(letters.contains("구제방법"), objects, "{file}");
    }
}

#[test]
fn a_department_that_is_gone_is_named_by_the_officers_unit() {
    let department = domain::DepartmentCode::parse("gone").expect("a code");
    let paper = on_paper("gone", Details { department, ..disposition() });
    assert!(paper.text().lines().any(|line| line.trim_start().starts_with("건축과 건축허가팀")));
}

#[test]
fn the_same_letter_gives_the_same_bytes() {
    let letter = letter(refusal());
    let first = PRESS.print(&letter).expect("a letter");
    assert!(first == PRESS.print(&letter).expect("a letter"));
    assert!(first == Press::new().print(&letter).expect("a letter"));
    let later =
        Letter::of(&samples::notice(refusal()), &settings(), LINK, noon() + jiff::SignedDuration::from_hours(2));
    assert!(first == PRESS.print(&later).expect("a letter"));
}

#[test]
fn letters_are_small_and_accessible() {
    for (file, details) in [("small-refusal", refusal()), ("small-corporation", corporation())] {
        let printed = printed(details.clone());
        assert!(printed.pdf.len() < 150_000, "{file}: {} bytes", printed.pdf.len());
        let paper = Paper::new(file, &printed.pdf);
        let info = paper.info();
        for property in [&*details.title, "Tagged:          yes", "A4"] {
            assert!(info.contains(property), "{file}: no {property} in {info}");
        }
        for standard in ["<pdfaid:part>2<", "<pdfaid:conformance>A<", "<pdfuaid:part>1<"] {
            assert!(paper.metadata().contains(standard), "{file}: no {standard} in {}", paper.metadata());
        }
        assert!(String::from_utf8_lossy(&printed.pdf).contains("/Lang(ko"), "{file}");
        let structure = paper.structure();
        for element in ["H1", "Figure"] {
            assert!(structure.contains(element), "{file}: no {element} in {structure}");
        }
        assert!(paper.fonts().lines().skip(2).all(|font| font.contains("yes yes yes")), "{}", paper.fonts());
    }
}

#[test]
fn characters_without_a_glyph_are_named_and_print_as_boxes() {
    assert_eq!(PRESS.uncovered(&letter(corporation())), [].into());
    let hangul: String = ('가'..='힣').collect();
    let signs = "㈜₩①「」·※『』〈〉《》…—–“”‘’℃㎡㎢㎥½×÷±≤≥→□■○●△▲☎☏★☆〒№™®© éüñ Ⅰⅹ ⑮ ㉮ ｢｣ € £ ¥ ％";
    let covered = Details { body: format!("{signs} 建築許可 漢字 {hangul}"), ..disposition() };
    assert_eq!(PRESS.uncovered(&letter(covered)), [].into());
    let rare = Details { body: "웃는 얼굴 😀, ไทย, 끝\u{200b}\u{7}".to_owned(), ..disposition() };
    assert_eq!(PRESS.uncovered(&letter(rare.clone())), "😀ไทย".chars().collect());
    assert!(on_paper("rare", rare).letters().contains("웃는얼굴□,□□□,끝"));
}

#[test]
fn decomposed_hangul_is_composed() {
    let body = "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}".to_owned();
    let details = Details { body, ..disposition() };
    assert_eq!(PRESS.uncovered(&letter(details.clone())), [].into());
    assert!(on_paper("decomposed", details).letters().contains("한글"));
}

#[test]
fn debug_shows_no_personal_data() {
    assert_eq!(format!("{:?}", letter(disposition())), "Letter(01KAVQ8Z3M0000000000000001)");
}
