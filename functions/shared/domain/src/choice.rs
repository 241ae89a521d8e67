//! Reads a resident's text: a choice, an opt-out, an address, a renewal, or words for the officer.

use unicode_normalization::UnicodeNormalization;

use crate::{Channel, EmailAddress};

/// What a resident's text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// They choose a channel.
    Choose(Channel),
    /// They take nothing electronic any more.
    OptOut,
    /// They refused before, and may be asked by text again.
    OptIn,
    /// They have renewed what the notice is about.
    Renewed,
    /// They give an e-mail address.
    Address(EmailAddress),
    /// Anything else.
    Words,
}

/// Reads a text as telephones really send it: `2`, `２`, `2번`, `②`, ` 2. `, `이메일`.
#[must_use]
pub fn interpret(text: &str) -> Answer {
    let plain: String = text.nfkc().collect();
    let plain = plain.trim();
    if let Ok(address) = EmailAddress::parse(plain) {
        return Answer::Address(address);
    }
    let word: String = plain.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    match word.as_str() {
        "1" | "1번" | "문자" | "1문자" | "1번문자" | "문자로" => Answer::Choose(Channel::Sms),
        "2" | "2번" | "이메일" | "메일" | "2이메일" | "2메일" | "2번이메일" | "email" | "이메일로" | "메일로" => {
            Answer::Choose(Channel::Email)
        }
        "3" | "3번" | "우편" | "3우편" | "3번우편" | "우편으로" | "등기" => Answer::Choose(Channel::Post),
        "거부" | "수신거부" | "stop" | "수신거부요청" => Answer::OptOut,
        "수신동의" | "수신재개" | "수신허용" | "수신동의합니다" | "start" | "unstop" => {
            Answer::OptIn
        }
        "갱신완료"
        | "갱신완료했습니다"
        | "갱신완료하였습니다"
        | "갱신완료됨"
        | "갱신완료되었습니다"
        | "갱신했습니다"
        | "갱신하였습니다"
        | "갱신했어요"
        | "갱신했음"
        | "갱신함"
        | "갱신됨"
        | "갱신되었습니다"
        | "이미갱신했습니다"
        | "이미갱신하였습니다"
        | "이미갱신했어요" => Answer::Renewed,
        _ => Answer::Words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_understood_in_any_usual_form() {
        for text in ["2", "２", "2번", "②", " 2. ", "이메일", "2)", "(2)", "2번!", "E-mail", "메일로"] {
            assert_eq!(interpret(text), Answer::Choose(Channel::Email), "{text}");
        }
        for text in ["1", "①", "문자", "1 문자", "１번"] {
            assert_eq!(interpret(text), Answer::Choose(Channel::Sms), "{text}");
        }
        for text in ["3", "③", "우편", "3.우편", "우편으로"] {
            assert_eq!(interpret(text), Answer::Choose(Channel::Post), "{text}");
        }
    }

    #[test]
    fn opting_out_is_understood() {
        for text in ["수신거부", "수신 거부", "거부", "STOP", "stop.", "[수신거부]"] {
            assert_eq!(interpret(text), Answer::OptOut, "{text}");
        }
    }

    #[test]
    fn coming_back_is_understood() {
        for text in ["수신동의", "수신 동의", "수신동의합니다.", "START", "[수신재개]"] {
            assert_eq!(interpret(text), Answer::OptIn, "{text}");
        }
        for text in ["동의", "수신동의 안 합니다", "수신동의서를 내야 하나요?"] {
            assert_eq!(interpret(text), Answer::Words, "{text}");
        }
    }

    #[test]
    fn a_renewal_is_understood() {
        for text in [
            "갱신완료",
            "갱신 완료",
            " 갱신완료. ",
            "[갱신완료]",
            "갱신했습니다!",
            "이미 갱신했습니다",
            "갱신 완료했습니다.",
        ] {
            assert_eq!(interpret(text), Answer::Renewed, "{text}");
        }
        for text in ["갱신", "갱신했습니까?", "갱신 안 했습니다", "갱신완료 아님", "갱신하려면 어디로 가나요?"]
        {
            assert_eq!(interpret(text), Answer::Words, "{text}");
        }
    }

    #[test]
    fn anything_else_is_for_the_officer() {
        for text in ["", "4", "12", "내일 방문해도 되나요?", "2층으로 가나요", "문자 말고 전화 주세요", "-2-3"]
        {
            assert_eq!(interpret(text), Answer::Words, "{text}");
        }
        assert!(
            matches!(interpret(" Hong@Example.org "), Answer::Address(address) if address.expose() == "Hong@Example.org")
        );
    }
}
