//! Print files beside the letters they were made of: read, drawn and damaged.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use domain::{Checksum, NoticeId};
use post_letters::{Bundle, Pages, Sides, checksums};
use proptest::prelude::*;

const ONE: &[u8] = include_bytes!("letters/one.pdf");
const TWO: &[u8] = include_bytes!("letters/two.pdf");
const THREE: &[u8] = include_bytes!("letters/three.pdf");

/// How many bytes stand before the samples of such a picture.
const HEADER: usize = "P6\n414 585\n255\n".len();

fn notice() -> NoticeId {
    NoticeId::parse("01JDC8Q5T0000000000000000A").expect("a notice id")
}

fn bundle(sides: Sides, letters: &[&[u8]]) -> (Vec<u8>, Vec<Pages>) {
    let mut bundle = Bundle::new(sides);
    let pages = letters.iter().map(|letter| bundle.add(notice(), letter).expect("a letter")).collect();
    (bundle.finish(), pages)
}

/// A folder of its own for a test's files.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// What a tool prints about files in a folder. It comes with Debian's poppler-utils or coreutils.
fn told(folder: &Path, tool: &str, arguments: &[&str]) -> String {
    let output = Command::new(tool).args(arguments).current_dir(folder).output();
    let output = output.expect("poppler-utils and coreutils are installed");
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Every page of a PDF as text and as the picture that a printer would make of it.
fn printed(folder: &Path, name: &str, pdf: &[u8]) -> Vec<(String, Vec<u8>)> {
    let file = format!("{name}.pdf");
    fs::write(folder.join(&file), pdf).expect("written");
    told(folder, "pdftoppm", &["-r", "50", &file, name]);
    let text = told(folder, "pdftotext", &[&file, "-"]);
    let mut pictures: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    pictures.retain(|path| {
        let stem = path.file_stem().is_some_and(|stem| stem.to_string_lossy().starts_with(&format!("{name}-")));
        stem && path.extension().is_some_and(|extension| extension == "ppm")
    });
    pictures.sort();
    let texts: Vec<&str> = text.split_terminator('\u{c}').collect();
    assert_eq!(texts.len(), pictures.len());
    let pictures = pictures.iter().map(|path| fs::read(path).expect("a picture"));
    texts.into_iter().map(str::to_owned).zip(pictures).collect()
}

#[test]
fn every_page_prints_as_in_its_letter_and_every_letter_starts_on_a_sheet_of_its_own() {
    let folder = folder("two-sided");
    let (file, pages) = bundle(Sides::Two, &[ONE, TWO, THREE]);
    assert_eq!(
        pages,
        [
            Pages { first: 1, count: 1, sheets: 1 },
            Pages { first: 3, count: 2, sheets: 1 },
            Pages { first: 5, count: 3, sheets: 2 },
        ]
    );
    let found = printed(&folder, "run", &file);
    let letters: Vec<_> =
        [("one", ONE), ("two", TWO), ("three", THREE)].map(|(name, pdf)| printed(&folder, name, pdf)).concat();
    let whole = [0, 2, 3, 4, 5, 6].map(|page: usize| found[page].clone());
    assert!(whole == *letters, "a page differs from its letter's");
    assert!(found[0].0.contains("홍길동"), "the text is there to be searched");
    assert_eq!(found.len(), 8);
    for blank in [1, 7] {
        let (text, picture) = &found[blank];
        assert_eq!((text.as_str(), picture.len()), ("", found[0].1.len()), "as large as the page before, and empty");
        assert!(picture[HEADER..].iter().all(|sample| *sample == 255), "a blank page is white");
    }
}

#[test]
fn one_sided_printing_needs_no_blank_pages() {
    let folder = folder("one-sided");
    let (file, pages) = bundle(Sides::One, &[ONE, THREE]);
    assert_eq!(pages, [Pages { first: 1, count: 1, sheets: 1 }, Pages { first: 2, count: 3, sheets: 3 }]);
    assert_eq!(printed(&folder, "run", &file).len(), 4);
    let about = told(&folder, "pdfinfo", &["run.pdf"]);
    assert!(about.contains("A4") && about.contains("PDF version:     1.7"), "{about}");
}

#[test]
fn the_same_letters_give_the_same_bytes_and_what_is_equal_in_them_is_stored_once() {
    let (file, _) = bundle(Sides::Two, &[ONE, TWO, THREE]);
    assert_eq!(file, bundle(Sides::Two, &[ONE, TWO, THREE]).0);
    assert_ne!(file, bundle(Sides::Two, &[TWO, ONE, THREE]).0);
    let (once, twice) = (bundle(Sides::Two, &[ONE]).0.len(), bundle(Sides::Two, &[ONE, ONE]).0.len());
    assert!(twice < once + once / 20, "{twice} bytes for twice the same letter, {once} for one");
    assert!(bundle(Sides::Two, &[ONE]).0.len() < ONE.len(), "no larger than the letter");
}

#[test]
fn a_print_file_can_be_bundled_again() {
    let (file, _) = bundle(Sides::Two, &[ONE, THREE]);
    let (again, pages) = bundle(Sides::Two, &[&file, TWO]);
    assert_eq!(pages[1], Pages { first: 7, count: 2, sheets: 1 });
    let folder = folder("again");
    let (first, second) = (printed(&folder, "first", &file), printed(&folder, "second", &again));
    assert!(first[..] == second[..6]);
}

#[test]
fn letters_with_packed_objects_print_the_same() {
    let mut packed = Vec::new();
    lopdf::Document::load_mem(THREE).expect("a letter").save_modern(&mut packed).expect("packed");
    let place = packed.windows(7).position(|word| word == b"/ObjStm").expect("an object stream");
    let (file, _) = bundle(Sides::Two, &[&packed]);
    let folder = folder("packed");
    let found = printed(&folder, "run", &file);
    assert!(found[..3] == printed(&folder, "three", THREE)[..]);
    let start = place + packed[place..].windows(7).position(|word| word == b"stream\n").expect("its content");
    for place in start + 20..start + 40 {
        let mut damaged = packed.clone();
        damaged[place] ^= 1;
        Bundle::new(Sides::Two).add(notice(), &damaged).expect_err("a packed object differs");
    }
}

#[test]
fn a_damaged_letter_is_named_and_leaves_the_bundle_as_it_was() {
    let mut bundle = Bundle::new(Sides::Two);
    bundle.add(notice(), b"nothing").expect_err("no letter");
    assert!(bundle.is_empty());
    bundle.add(notice(), ONE).expect("a letter");
    assert!(!bundle.is_empty());
    assert_eq!(format!("{bundle:?}"), format!("Bundle {{ pages: 2, size: {}, .. }}", bundle.size()));
    let stream = 20 + ONE.windows(6).position(|word| word == b"stream").expect("a stream");
    let mut damaged = ONE.to_vec();
    damaged[stream] ^= 1;
    let cut = &THREE[..THREE.len() - 100];
    for letter in [b"".as_slice(), b"%PDF-1.7\n%%EOF", b"<html>", cut, &damaged] {
        let error = bundle.add(notice(), letter).expect_err("no letter");
        assert_eq!(error.to_string(), "the letter of notice 01JDC8Q5T0000000000000000A cannot be read");
        assert!(std::error::Error::source(&error).is_some());
    }
    assert_eq!(bundle.add(notice(), TWO).expect("a letter").first, 3);
    assert_eq!(bundle.finish(), self::bundle(Sides::Two, &[ONE, TWO]).0);
}

#[test]
fn the_checksums_are_those_that_sha256sum_checks() {
    let folder = folder("checksums");
    let files = [("letters-1.pdf", ONE), ("letters-2.pdf", TWO)];
    for (name, content) in files {
        fs::write(folder.join(name), content).expect("written");
    }
    let sums = files.map(|(name, content)| (name, Checksum::of(content)));
    let sums = checksums(sums.iter().map(|(name, sha256)| (*name, sha256)));
    fs::write(folder.join("SHA256SUMS"), sums).expect("written");
    assert_eq!(told(&folder, "sha256sum", &["-c", "--strict", "SHA256SUMS"]), "letters-1.pdf: OK\nletters-2.pdf: OK\n");
}

/// Adds a damaged letter between two whole ones: whether it is taken or not, these stay as they are.
fn survives(letter: &[u8]) -> Result<(), TestCaseError> {
    let mut bundle = Bundle::new(Sides::Two);
    let added = bundle.add(notice(), letter);
    if added.is_err() {
        bundle.add(notice(), TWO).expect("a letter");
        prop_assert!(bundle.finish() == self::bundle(Sides::Two, &[TWO]).0);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn a_letter_cut_short_is_refused(length in 0..THREE.len() - 1) {
        prop_assert!(Bundle::new(Sides::Two).add(notice(), &THREE[..length]).is_err());
    }

    #[test]
    fn changed_bytes_never_panic(
        letter in prop::sample::select(vec![ONE, TWO, THREE]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
    ) {
        let mut damaged = letter.to_vec();
        for (place, byte) in changes {
            let place = place.index(damaged.len());
            damaged[place] = byte;
        }
        survives(&damaged)?;
    }

    /// Streams are most of a letter, and shrug most changes off: these hit what holds the objects together.
    #[test]
    fn changed_structure_never_panics(
        bundled: bool,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut damaged = if bundled { bundle(Sides::Two, &[THREE]).0 } else { THREE.to_vec() };
        let structure = structure(&damaged);
        for (place, byte) in changes {
            damaged[structure[place.index(structure.len())]] = byte;
        }
        survives(&damaged)?;
    }

    #[test]
    fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        survives(&bytes)?;
        survives(&[b"%PDF-1.7\n".as_slice(), &bytes].concat())?;
    }
}

/// The places outside streams.
fn structure(pdf: &[u8]) -> Vec<usize> {
    let (mut places, mut inside) = (Vec::new(), false);
    for place in 0..pdf.len() {
        if pdf[place..].starts_with(b"endstream") {
            inside = false;
        } else if pdf[place..].starts_with(b"stream\n") && !pdf[..place].ends_with(b"end") {
            inside = true;
        }
        if !inside {
            places.push(place);
        }
    }
    places
}
