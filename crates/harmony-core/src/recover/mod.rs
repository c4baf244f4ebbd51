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
mod grammar;
mod parser;
mod plain;
mod strays;
mod text;
mod words;

pub use parser::Parser;
pub use text::{parse_text, TextMessage};

use crate::{
    chat::{Message, Role},
    encoding::HarmonyEncoding,
    events::{Event, Header, Repair, Stray},
    tokenizer::Rank,
};
use serde::Serialize;

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

/// Recovers a whole completion. `role` is the role whose header the prompt began;
/// `tools` are the names of the caller's tools, or none.
pub fn recover(
    encoding: &HarmonyEncoding,
    tokens: &[Rank],
    role: Option<Role>,
    tools: &[String],
) -> Recovered {
    Parser::new(encoding, role).with_tools(tools).read(tokens)
}

#[cfg(test)]
mod tests;
