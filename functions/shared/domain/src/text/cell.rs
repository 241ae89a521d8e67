//! Cells of lists that are opened in spreadsheets.

use unicode_normalization::UnicodeNormalization;

/// A cell that stays text: what a spreadsheet would take for a formula starts with an apostrophe. Korean Excel reads the
/// wide signs as formulas too. Composed: CP949 has syllables, and lacks the letters that some systems write in their
/// stead.
#[must_use]
pub fn plain_cell(value: &str) -> String {
    let starts_formula = value.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let composed = value.nfc();
    if starts_formula { std::iter::once('\'').chain(composed).collect() } else { composed.collect() }
}
