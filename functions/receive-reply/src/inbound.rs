//! A text from a resident, whoever brought it.

use domain::{NoticeId, PhoneNumber, ProviderMessageId};
use serde::{Deserialize, Serialize};

/// Longer texts are kept cut. A carrier's longest is 2,000 bytes; what is longer came another way.
const LONGEST: usize = 2_000;

/// A text as every provider's adapter hands it over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbound {
    /// Who brought it.
    pub provider: Provider,
    /// The provider's name for it.
    pub id: ProviderMessageId,
    /// Who sent it.
    pub from: Sender,
    /// What it says.
    pub text: String,
    /// The message of ours that it answers, if the provider knows.
    pub in_reply_to: Option<String>,
    /// What came with it, at most ten.
    pub media: Vec<Media>,
    /// What the officer should know beside it, such as that a picture could not be fetched.
    #[serde(skip)]
    pub note: Option<String>,
}

impl Inbound {
    /// The text as it is kept for the officer: whole where it is of any honest length, and with what they should know.
    #[must_use]
    pub fn kept_text(&self) -> String {
        let length = self.text.chars().count();
        let mut kept: String = self.text.chars().take(LONGEST).collect();
        if length > LONGEST {
            kept = format!("{kept}…\n[전체 {length}자 가운데 앞 {LONGEST}자만 남겼습니다.]");
        }
        if let Some(note) = &self.note {
            if !kept.is_empty() {
                kept.push('\n');
            }
            kept.push_str(note);
        }
        kept
    }
}

/// Who brings texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// A gateway that signs as in Standard Webhooks.
    Standard,
    /// AWS two-way SMS.
    Sns,
    /// Twilio.
    Twilio,
    /// LG U+ 메시지허브, which is asked.
    MessageHub,
}

impl Provider {
    /// Its name in keys and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Sns => "sns",
            Self::Twilio => "twilio",
            Self::MessageHub => "message_hub",
        }
    }
}

/// A file that came with a text, to be fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Where it is.
    pub url: String,
    /// What the provider says it is, as `image/jpeg`.
    pub content_type: String,
}

/// Files of a text that is kept already: they could not be had at once, and come by themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Awaited {
    /// The notice whose papers they become.
    pub notice: NoticeId,
    /// Who brought the text.
    pub provider: Provider,
    /// The provider's name for it.
    pub text: ProviderMessageId,
    /// The files, by their places in it.
    pub files: Vec<(usize, Media)>,
    /// Whether the resident gets a receipt.
    pub confirm: bool,
}

/// The most files that are taken with one text.
pub(crate) const MOST_MEDIA: usize = 10;

/// A gateway may tell of so many; the officer learns how many were not taken, and the words are kept.
pub(crate) const MOST_TOLD: usize = 100;

/// The sender of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Sender {
    /// A Korean telephone.
    Phone(PhoneNumber),
    /// Anything else, kept as it came.
    Unknown(String),
}

impl Sender {
    pub(crate) fn of(text: &str) -> Self {
        PhoneNumber::parse(text).map_or_else(|_| Self::Unknown(text.to_owned()), Self::Phone)
    }
}

impl From<String> for Sender {
    fn from(text: String) -> Self {
        Self::of(&text)
    }
}

impl From<Sender> for String {
    fn from(sender: Sender) -> Self {
        match sender {
            Sender::Phone(phone) => phone.expose().to_owned(),
            Sender::Unknown(text) => text,
        }
    }
}

/// What the inbound topic carries.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Carried {
    /// A text as AWS two-way SMS tells it.
    TwoWay(TwoWay),
    /// A text that was fetched from a gateway and could not be kept at once.
    Fetched(Inbound),
    /// Files of a text that could not be had at once.
    Awaited(Awaited),
}

/// AWS two-way SMS: the `Message` inside an SNS notification
/// (docs.aws.amazon.com/sms-voice, "Two-way SMS messaging").
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TwoWay {
    origination_number: String,
    message_body: String,
    inbound_message_id: String,
    previous_published_message_id: Option<String>,
}

impl TwoWay {
    pub(crate) fn into_inbound(self) -> Result<Inbound, domain::InvalidId> {
        Ok(Inbound {
            provider: Provider::Sns,
            id: ProviderMessageId::parse(&self.inbound_message_id)?,
            from: Sender::of(&self.origination_number),
            text: self.message_body,
            in_reply_to: self.previous_published_message_id,
            media: Vec::new(),
            note: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inbound(text: String, note: Option<&str>) -> Inbound {
        let id = ProviderMessageId::parse("mo-1").expect("an id");
        let (from, note) = (Sender::of("010-2000-0001"), note.map(str::to_owned));
        Inbound { provider: Provider::Standard, id, from, text, in_reply_to: None, media: Vec::new(), note }
    }

    #[test]
    fn texts_are_kept_whole_and_huge_ones_cut_with_their_length() {
        assert_eq!(inbound("가".repeat(2_000), None).kept_text(), "가".repeat(2_000));
        let cut = inbound("가".repeat(2_001), None).kept_text();
        assert_eq!(cut, format!("{}…\n[전체 2001자 가운데 앞 2000자만 남겼습니다.]", "가".repeat(2_000)));
    }

    #[test]
    fn a_note_stands_below_the_text_or_alone() {
        assert_eq!(inbound("네".to_owned(), Some("[사진]")).kept_text(), "네\n[사진]");
        assert_eq!(inbound(String::new(), Some("[사진]")).kept_text(), "[사진]");
    }

    #[test]
    fn a_text_travels_on_the_topic_as_it_came() {
        let media = Media { url: "https://media.example/1".to_owned(), content_type: "image/jpeg".to_owned() };
        let text = Inbound { media: vec![media], ..inbound("네".to_owned(), None) };
        let carried = serde_json::to_string(&text).and_then(|json| serde_json::from_str::<Carried>(&json));
        assert!(matches!(carried.expect("readable"), Carried::Fetched(fetched) if fetched == text));
    }

    #[test]
    fn awaited_files_travel_on_the_topic_as_what_they_are() {
        let media = Media { url: "https://media.example/1".to_owned(), content_type: "image/jpeg".to_owned() };
        let awaited = Awaited {
            notice: NoticeId::parse("01KAR4Q4C00000000000000001").expect("an id"),
            provider: Provider::Twilio,
            text: ProviderMessageId::parse("mo-1").expect("an id"),
            files: vec![(3, media)],
            confirm: false,
        };
        let carried = serde_json::to_string(&awaited).and_then(|json| serde_json::from_str::<Carried>(&json));
        assert!(matches!(carried.expect("readable"), Carried::Awaited(read) if read == awaited));
    }
}
