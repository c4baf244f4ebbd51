//! Repairs: a guess has a stable code, the position of the token, and a sentence
//! for people. Unambiguous damage (a second stop token, whitespace between
//! messages, a `<|start|>assistant` that is missing or repeated) is not a repair.
//! A test compares the table in docs/recovery.md with these codes.

use crate::codes::codes;
use serde::{Serialize, Serializer};

codes! {
    /// The kinds of repairs. Their names are stable; future versions may add some.
    pub enum RepairCode {
        /// Text between messages: a message without a channel.
        TextOutsideMessage = "text_outside_message",
        /// `<|message|>` between messages: a message without a header.
        MissingHeader = "missing_header",
        /// The header is missing `<|message|>`: text after its last field is content.
        UnfinishedHeader = "unfinished_header",
        /// The content has no stop token before the next message.
        MissingTerminator = "missing_terminator",
        /// Several `<|channel|>`: the last channel named is used.
        RepeatedChannel = "repeated_channel",
        /// `<|channel|>` with no name glued to it.
        EmptyChannel = "empty_channel",
        /// A channel's name without `<|channel|>` before it.
        MisplacedChannel = "misplaced_channel",
        /// A second `to=`.
        RepeatedRecipient = "repeated_recipient",
        /// `to=` with no name glued to it.
        EmptyRecipient = "empty_recipient",
        /// Several words after `to=` belong to the recipient's name.
        SpacedRecipient = "spaced_recipient",
        /// A content type in an unexpected place, or a second one.
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
        /// Special tokens spelled in ordinary tokens.
        SpelledMarkup = "spelled_markup",
        /// `to:…`, or signs around a recipient's name.
        MisspeltRecipient = "misspelt_recipient",
        /// Words of the header that are not fields.
        UnreadWords = "unread_words",
        /// Special tokens that have no meaning in a header.
        MarkupInHeader = "markup_in_header",
        /// Special tokens in content, which are its text.
        MarkupInContent = "markup_in_content",
        /// Unknown ids, or in a header bytes that are not text.
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
    /// Its kind.
    pub code: RepairCode,
    /// The position of the token that it concerns.
    pub index: usize,
    /// A sentence for people.
    pub note: String,
}

impl Repair {
    pub(crate) fn new(code: RepairCode, index: usize, note: impl Into<String>) -> Self {
        Self { code, index, note: note.into() }
    }
}
