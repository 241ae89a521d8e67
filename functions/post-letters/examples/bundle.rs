//! Merges the PDFs of a folder as a print run would, to see how long that takes and how large the file becomes:
//! `cargo run --release -p post-letters --example bundle -- LETTERS OUT.pdf`.

use std::io::{Error, Result};
use std::path::PathBuf;

use domain::NoticeId;
use post_letters::{Bundle, Sides};

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(letters), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err(Error::other("wanted: a folder of letters, and where to write the print file"));
    };
    let mut letters: Vec<PathBuf> =
        std::fs::read_dir(letters)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    letters.sort();
    let notice = NoticeId::parse("01J00000000000000000000000").map_err(Error::other)?;
    let mut bundle = Bundle::new(Sides::Two);
    for letter in &letters {
        bundle.add(notice, &std::fs::read(letter)?).map_err(Error::other)?;
    }
    std::fs::write(out, bundle.finish())
}
