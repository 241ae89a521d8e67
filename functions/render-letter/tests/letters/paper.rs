//! Looks at a PDF as a reader would, with Debian's poppler-utils.

use std::path::PathBuf;
use std::process::Command;

/// A letter on disk.
pub(crate) struct Paper {
    path: PathBuf,
}

/// A word and where it stands, in millimetres from the sheet's upper left corner.
#[derive(Debug)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Paper {
    /// Puts a PDF on disk, under the build's own folder.
    pub(crate) fn new(name: &str, pdf: &[u8]) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pdf"));
        std::fs::write(&path, pdf).expect("a writable folder");
        Self { path }
    }

    /// Its text, laid out as on paper.
    pub(crate) fn text(&self) -> String {
        self.run("pdftotext", &["-layout"], &["-"])
    }

    /// Its text without any spaces or line ends, in reading order.
    pub(crate) fn letters(&self) -> String {
        self.run("pdftotext", &["-raw"], &["-"]).split_whitespace().collect()
    }

    /// Its properties.
    pub(crate) fn info(&self) -> String {
        self.run("pdfinfo", &[], &[])
    }

    /// What it says of itself, and the standards it keeps to.
    pub(crate) fn metadata(&self) -> String {
        self.run("pdfinfo", &["-meta"], &[])
    }

    /// The structure that a screen reader follows.
    pub(crate) fn structure(&self) -> String {
        self.run("pdfinfo", &["-struct"], &[])
    }

    /// The fonts in it.
    pub(crate) fn fonts(&self) -> String {
        self.run("pdffonts", &[], &[])
    }

    /// The words of the first page.
    pub(crate) fn words(&self) -> Vec<Word> {
        let page = self.run("pdftotext", &["-bbox", "-l", "1"], &["-"]);
        page.lines().filter_map(Word::read).collect()
    }

    /// The first page's width in pixels and its pixels in grey, `dpi` to the inch.
    pub(crate) fn pixels(&self, dpi: u32) -> (usize, Vec<u8>) {
        let pgm = self.bytes("pdftoppm", &["-r", &dpi.to_string(), "-gray", "-singlefile"], &[]);
        // P5, width, height and the brightest value, each on its line or apart by a blank; then a byte for a pixel.
        let mut fields = pgm.splitn(5, u8::is_ascii_whitespace);
        let mut number = || str::from_utf8(fields.next()?).ok()?.parse::<usize>().ok();
        let (None, Some(width), Some(height), Some(255)) = (number(), number(), number(), number()) else {
            unreachable!("not a grey picture")
        };
        let pixels = fields.next().expect("pixels").to_vec();
        assert_eq!(pixels.len(), width * height);
        (width, pixels)
    }

    fn run(&self, program: &str, before: &[&str], after: &[&str]) -> String {
        String::from_utf8_lossy(&self.bytes(program, before, after)).into_owned()
    }

    fn bytes(&self, program: &str, before: &[&str], after: &[&str]) -> Vec<u8> {
        let run = Command::new(program).args(before).arg(&self.path).args(after).output();
        let output = run.unwrap_or_else(|error| unreachable!("{program} of poppler-utils is needed: {error}"));
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }
}

impl Word {
    /// Reads `<word xMin="…" yMin="…" xMax="…" yMax="…">…</word>`.
    fn read(line: &str) -> Option<Self> {
        let number = |name: &str| {
            let (_, rest) = line.split_once(&format!("{name}=\""))?;
            Some(rest.split_once('"')?.0.parse::<f64>().ok()? / 72.0 * 25.4)
        };
        let text = line.trim().strip_prefix("<word ")?.split_once('>')?.1.strip_suffix("</word>")?;
        Some(Self {
            text: text.to_owned(),
            left: number("xMin")?,
            top: number("yMin")?,
            right: number("xMax")?,
            bottom: number("yMax")?,
        })
    }

    /// Any of it lies within the rectangle.
    pub(crate) fn touches(&self, [left, top, right, bottom]: [f64; 4]) -> bool {
        self.left < right && self.right > left && self.top < bottom && self.bottom > top
    }

    /// All of it lies within the rectangle.
    pub(crate) fn is_inside(&self, [left, top, right, bottom]: [f64; 4]) -> bool {
        self.left >= left && self.right <= right && self.top >= top && self.bottom <= bottom
    }
}
