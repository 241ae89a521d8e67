//! Strangers' texts as they may be shown: what is not seen is gone, so that what is seen is what was written.

/// A resident's text without what hides or turns other characters: control characters, zero-width and filling ones, marks
/// of writing direction (Unicode TR 36, "Bidirectional Text Spoofing"). Line breaks stay, as `\n`; tabs become spaces.
/// For display only: what is stored stays as it came.
#[must_use]
pub fn shown(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let seen = text.chars().filter_map(|c| match c {
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\t' => Some(' '),
        c if c.is_control() || is_unseen(c) => None,
        c => Some(c),
    });
    seen.collect()
}

/// It has no picture of its own, and is neither a space nor the end of a line.
const fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{00AD}' // soft hyphen
        | '\u{034F}' // grapheme joiner
        | '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' // direction
        | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' // fillers of Hangul
        | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' | '\u{FEFF}' // zero width
        | '\u{FFF9}'..='\u{FFFB}' // notes between lines
        | '\u{E0000}'..='\u{E007F}') // tags
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_hides_and_turns_is_gone_and_words_stay() {
        assert_eq!(
            shown("내일\u{200B} 가\u{202E}겠습니다\u{0007}.\t네\r\n둘째\u{2028}셋째"),
            "내일 가겠습니다. 네\n둘째\n셋째"
        );
        assert_eq!(shown("\u{3164}\u{FEFF}"), "");
        assert_eq!(shown("https://example.org <b>漢字</b> 😀"), "https://example.org <b>漢字</b> 😀");
    }

    proptest! {
        #[test]
        fn nothing_unseen_is_left_and_nothing_is_made_up(text in any::<String>()) {
            let shown = shown(&text);
            prop_assert!(shown.chars().all(|c| c == '\n' || !c.is_control() && !is_unseen(c)));
            prop_assert!(shown.chars().all(|c| c == '\n' || c == ' ' || text.contains(c)));
            prop_assert_eq!(super::shown(&shown), shown.clone());
        }

        #[test]
        fn plain_text_is_shown_as_it_is(text in "[a-zA-Z0-9가-힣ㄱ-ㅎ .,!?\n<>&:/]*") {
            prop_assert_eq!(shown(&text), text);
        }
    }
}
