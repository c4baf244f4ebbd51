//! A recovered completion: its messages and the strays between them, gathered
//! from events. Which events a token causes is decided elsewhere.

use crate::{
    chat::{Message, Role},
    events::{Event, Header, Repair, Stray},
    tokenizer::Rank,
};
use serde::Serialize;

/// A message with its span of tokens and the guesses that were made.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecoveredMessage {
    /// The message, without markup.
    pub message: Message,
    /// Where its tokens start, its header included.
    pub start: usize,
    /// Where they end, the terminator included.
    pub end: usize,
    /// The stop token that ended it, if one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminator: Option<Rank>,
    /// The guesses that were made; empty for a well-formed message.
    pub repairs: Vec<Repair>,
}

/// A whole completion, recovered.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Recovered {
    /// The messages.
    pub messages: Vec<RecoveredMessage>,
    /// The tokens between them that carry no message.
    pub strays: Vec<Stray>,
}

impl Recovered {
    /// Gathers events, which must be all of a completion's, in order.
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
