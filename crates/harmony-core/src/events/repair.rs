//! What had to be guessed: a stable code, the position of the token, and a
//! sentence for people. What leaves no doubt (a second stop token, whitespace
//! between messages, a `<|start|>assistant` that is missing or repeated) is no
//! repair. docs/recovery.md has this table.

use crate::codes::codes;
use serde::{Serialize, Serializer};

codes! {
    /// The kinds of repairs. Their names are stable; there may be more one day.
    pub enum RepairCode {
        /// Text where a start was expected: a message without a channel.
        TextOutsideMessage = "text_outside_message",
        /// `<|message|>` where a start was expected: a message without a header.
        MissingHeader = "missing_header",
        /// The header ended without `<|message|>`: what is no field is content.
        UnfinishedHeader = "unfinished_header",
        /// The content ended without a stop token, at the start of a message.
        MissingTerminator = "missing_terminator",
        /// More than one `<|channel|>`: the last that names one counts.
        RepeatedChannel = "repeated_channel",
        /// `<|channel|>` with no name glued to it.
        EmptyChannel = "empty_channel",
        /// The name of a channel where none belongs.
        MisplacedChannel = "misplaced_channel",
        /// A second `to=`: the first counts.
        RepeatedRecipient = "repeated_recipient",
        /// `to=` with no name glued to it.
        EmptyRecipient = "empty_recipient",
        /// Several words after `to=` are the recipient's name.
        SpacedRecipient = "spaced_recipient",
        /// A content type where none is expected, or a second one.
        MisplacedContentType = "misplaced_content_type",
        /// Two fields in one word, or one field several times.
        GluedWords = "glued_words",
        /// A role in other letters.
        MisspeltRole = "misspelt_role",
        /// A channel in other letters.
        MisspeltChannel = "misspelt_channel",
        /// A word without `to=` that is read as the recipient.
        GuessedRecipient = "guessed_recipient",
        /// A header in plain words, without special tokens.
        UnmarkedHeader = "unmarked_header",
        /// Special tokens that are spelled in ordinary tokens.
        SpelledMarkup = "spelled_markup",
        /// `to:…`, or signs around a recipient's name.
        MisspeltRecipient = "misspelt_recipient",
        /// Words of the header that are no field.
        UnreadWords = "unread_words",
        /// Special tokens that have no meaning in a header.
        MarkupInHeader = "markup_in_header",
        /// Special tokens within content: they are its text.
        MarkupInContent = "markup_in_content",
        /// Ids that are no tokens, or in a header bytes that are no text.
        UnknownToken = "unknown_token",
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
    pub(crate) fn new(code: RepairCode, index: usize, note: impl Into<String>) -> Self {
        Self { code, index, note: note.into() }
    }
}
