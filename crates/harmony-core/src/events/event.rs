//! The events of both parsers.

use super::{header::Header, repair::Repair};
use crate::tokenizer::Rank;
use serde::Serialize;

/// An event of a parser. Positions count tokens from the start of
/// the completion; `start..end` is half-open.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Event {
    /// A message's header is known; its content follows.
    MessageStart {
        /// Which message, counted from 0.
        index: usize,
        /// The header's fields.
        #[serde(flatten)]
        header: Header,
    },
    /// More of a message's content: whole characters, never empty.
    ContentDelta {
        /// Which message.
        index: usize,
        /// The added text.
        delta: String,
    },
    /// A message is complete.
    MessageEnd {
        /// Which message.
        index: usize,
        /// The stop token that ended it, if one did.
        #[serde(skip_serializing_if = "Option::is_none")]
        terminator: Option<Rank>,
        /// Where its tokens start, its header included.
        start: usize,
        /// Where they end, the terminator included.
        end: usize,
        /// The guesses that were made, in token order.
        repairs: Vec<Repair>,
    },
    /// Tokens between messages that carry no message.
    Stray(Stray),
}

/// Tokens between messages that carry no message: a second stop token, whitespace.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stray {
    /// Where they start.
    pub start: usize,
    /// Where they end.
    pub end: usize,
    /// The tokens.
    pub tokens: Vec<Rank>,
    /// Their text, with U+FFFD where the bytes are not text.
    pub text: String,
}
