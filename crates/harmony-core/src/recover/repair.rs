//! What had to be guessed: a stable code, the position of the token, and a
//! sentence for people. What leaves no doubt (a second stop token, whitespace
//! between messages, a `<|start|>assistant` that is missing or repeated) is no
//! repair. docs/recovery.md has this table.

use serde::{Serialize, Serializer};

/// The kinds of repairs. Their names are stable; there may be more one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RepairCode {
    /// Text where a start was expected: a message without a channel.
    TextOutsideMessage,
    /// `<|message|>` where a start was expected: a message without a header.
    MissingHeader,
    /// The header ended without `<|message|>`: what is no field is content.
    UnfinishedHeader,
    /// The content ended without a stop token, at the start of a message.
    MissingTerminator,
    /// More than one `<|channel|>`: the last that names one counts.
    RepeatedChannel,
    /// `<|channel|>` with no name glued to it.
    EmptyChannel,
    /// The name of a channel where none belongs.
    MisplacedChannel,
    /// A second `to=`: the first counts.
    RepeatedRecipient,
    /// `to=` with no name glued to it.
    EmptyRecipient,
    /// Several words after `to=` are the recipient's name.
    SpacedRecipient,
    /// A content type where none is expected, or a second one.
    MisplacedContentType,
    /// Two fields in one word, or one field several times.
    GluedWords,
    /// A role in other letters.
    MisspeltRole,
    /// A channel in other letters.
    MisspeltChannel,
    /// `to:…`, or signs around a recipient's name.
    MisspeltRecipient,
    /// Words of the header that are no field.
    UnreadWords,
    /// Special tokens that have no meaning in a header.
    MarkupInHeader,
    /// Special tokens within content: they are its text.
    MarkupInContent,
    /// Ids that are no tokens, or in a header bytes that are no text.
    UnknownToken,
}

impl RepairCode {
    /// The name, as users see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TextOutsideMessage => "text_outside_message",
            Self::MissingHeader => "missing_header",
            Self::UnfinishedHeader => "unfinished_header",
            Self::MissingTerminator => "missing_terminator",
            Self::RepeatedChannel => "repeated_channel",
            Self::EmptyChannel => "empty_channel",
            Self::MisplacedChannel => "misplaced_channel",
            Self::RepeatedRecipient => "repeated_recipient",
            Self::EmptyRecipient => "empty_recipient",
            Self::SpacedRecipient => "spaced_recipient",
            Self::MisplacedContentType => "misplaced_content_type",
            Self::GluedWords => "glued_words",
            Self::MisspeltRole => "misspelt_role",
            Self::MisspeltChannel => "misspelt_channel",
            Self::MisspeltRecipient => "misspelt_recipient",
            Self::UnreadWords => "unread_words",
            Self::MarkupInHeader => "markup_in_header",
            Self::MarkupInContent => "markup_in_content",
            Self::UnknownToken => "unknown_token",
        }
    }
}

impl Serialize for RepairCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One guess.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Repair {
    /// What kind.
    pub code: RepairCode,
    /// The position of the token where it was made.
    pub index: usize,
    /// A sentence.
    pub note: String,
}

impl Repair {
    pub(super) fn new(code: RepairCode, index: usize, note: impl Into<String>) -> Self {
        Self { code, index, note: note.into() }
    }
}
