//! The parser that never refuses a token: what a model wrote becomes messages,
//! however malformed, and every token of it lies in exactly one message's span
//! or in one stray between two messages.
//!
//! [`Recovery`] is a state machine over tokens ([`machine`] opens with its
//! picture). Where a start is expected, text waits until it is known to be a
//! header or prose ([`between`]); the tokens of a header wait for what ends
//! it, and are then read as a whole ([`header`] when `<|message|>` ends it,
//! [`unfinished`] when nothing proper does); content is decoded as it comes
//! ([`decoder`]). What had to be guessed is told as a [`Repair`]. The rules and
//! their reasons are in docs/recovery.md. On what upstream's renderer writes
//! the answer is that of upstream's parser, apart from the differences that
//! are listed there, each with a test (`tests/differences.rs`).

mod between;
mod content;
mod decoder;
mod format;
mod header;
mod header_text;
mod machine;
mod open_header;
mod output;
mod repair;
mod settle;
mod spelled;
mod strays;
mod unfinished;
mod words;

pub use header::Header;
pub use machine::Recovery;
pub(crate) use output::Output;
pub use repair::{Repair, RepairCode};
pub use spelled::{parse_text, TextMessage};

use crate::{
    chat::{Author, Message, Role},
    encoding::HarmonyEncoding,
    tiktoken::Rank,
};
use serde::Serialize;

/// What a parser tells as it goes. Positions count tokens from the start of
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
    /// More of a message's content: whole characters, never none.
    ContentDelta {
        /// Which message.
        index: usize,
        /// What is added.
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
        /// What had to be guessed, in the order of the tokens.
        repairs: Vec<Repair>,
    },
    /// Tokens between messages that say nothing.
    Stray(Stray),
}

/// Tokens between messages that say nothing: a second stop token, whitespace.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stray {
    /// Where they start.
    pub start: usize,
    /// Where they end.
    pub end: usize,
    /// The tokens.
    pub tokens: Vec<Rank>,
    /// Their text, with U+FFFD for what is none.
    pub text: String,
}

/// A message with its raw span and what had to be guessed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecoveredMessage {
    /// The message, clean.
    pub message: Message,
    /// Where its tokens start, its header included.
    pub start: usize,
    /// Where they end, the terminator included.
    pub end: usize,
    /// The stop token that ended it, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminator: Option<Rank>,
    /// What had to be guessed; empty for a message that is well formed.
    pub repairs: Vec<Repair>,
}

/// A whole completion, recovered.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Recovered {
    /// The messages.
    pub messages: Vec<RecoveredMessage>,
    /// What lies between them.
    pub strays: Vec<Stray>,
}

impl Recovered {
    /// Gathers events, which must come in order and from the first on.
    pub fn of(events: impl IntoIterator<Item = Event>) -> Self {
        let mut recovered = Self::default();
        let mut open = None;
        let mut content = String::new();
        for event in events {
            match event {
                Event::MessageStart { header, .. } => open = Some(header),
                Event::ContentDelta { delta, .. } if content.is_empty() => content = delta,
                Event::ContentDelta { delta, .. } => content.push_str(&delta),
                Event::MessageEnd { terminator, start, end, repairs, .. } => {
                    let header = open.take().unwrap_or_else(|| Header::of(Role::Assistant));
                    let message = header.into_message(std::mem::take(&mut content));
                    let message = RecoveredMessage { message, start, end, terminator, repairs };
                    recovered.messages.push(message);
                }
                Event::Stray(stray) => recovered.strays.push(stray),
            }
        }
        recovered
    }
}

/// Recovers a whole completion; `role` is the one whose header the prompt
/// began.
pub fn recover(encoding: &HarmonyEncoding, tokens: &[Rank], role: Option<Role>) -> Recovered {
    let mut recovery = Recovery::new(encoding, role);
    let (mut events, mut last) = (Vec::new(), Vec::new());
    recovery.push(tokens, &mut events);
    recovery.end(&mut last);
    Recovered::of(events.into_iter().chain(last))
}

impl Header {
    fn into_message(self, content: String) -> Message {
        Message {
            author: Author { role: self.role, name: self.name },
            recipient: self.recipient,
            content: vec![content.into()],
            channel: self.channel,
            content_type: self.content_type,
        }
    }
}

#[cfg(test)]
mod tests;
