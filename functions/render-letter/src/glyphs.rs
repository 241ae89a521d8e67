//! Brings text to what the fonts can print.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;
use typst::text::Font;
use unicode_normalization::UnicodeNormalization;

/// Printed in place of what no font has.
const UNKNOWN: char = '□';

/// What the fonts can print. Collected once: a font's own list is searched from its beginning for every character.
pub(crate) struct Covered(HashSet<u32>);

impl Covered {
    pub(crate) fn by(fonts: &[Font]) -> Self {
        Self(fonts.iter().flat_map(|font| font.info().coverage.iter()).collect())
    }

    fn has(&self, c: char) -> bool {
        self.0.contains(&c.into())
    }
}

/// The whole of the letters' strings as they are printed: composed, without invisible characters, with `□` for what no
/// font has.
pub(crate) fn printable(value: Value, covered: &Covered) -> Value {
    strings(value, &|text| text.chars().map(|c| if is_break(c) || covered.has(c) { c } else { UNKNOWN }).collect())
}

/// The characters that will be printed as `□`.
pub(crate) fn uncovered(value: &Value, covered: &Covered) -> BTreeSet<char> {
    match value {
        Value::String(text) => visible(text).chars().filter(|c| !is_break(*c) && !covered.has(*c)).collect(),
        Value::Array(items) => items.iter().flat_map(|item| uncovered(item, covered)).collect(),
        Value::Object(fields) => fields.values().flat_map(|field| uncovered(field, covered)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => BTreeSet::new(),
    }
}

fn strings(value: Value, print: &impl Fn(String) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(print(visible(&text))),
        Value::Array(items) => items.into_iter().map(|item| strings(item, print)).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, field)| (name, strings(field, print))).collect(),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_)) => plain,
    }
}

/// Hangul syllables composed, as fonts have them; line ends and tabs of every system as one; no other controls.
fn visible(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n").replace('\t', "    ");
    text.nfc().filter(|c| is_break(*c) || !(c.is_control() || is_invisible(*c))).collect()
}

const fn is_break(c: char) -> bool {
    c == '\n'
}

/// Characters without a shape of their own that join, hide or turn their neighbours.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}
