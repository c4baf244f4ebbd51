//! The position of each message in the rendered ids. Text never becomes a special
//! token, so every `<|start|>` and the first `<|message|>` after it come from the
//! renderer. This module searches the ids for those two; rendering is upstream's.

use crate::{
    chat::{Conversation, Message, Role},
    encoding::{HarmonyEncoding, RenderConversationConfig},
    error::Error,
    render::{self, Purpose},
    tokenizer::special,
    tokenizer::Rank,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    iter::zip,
};

/// A message's position among the ids; `start..end` is half-open. The ids that
/// begin the next message of a prompt are in no span.
#[derive(Debug, PartialEq)]
pub struct MessageSpan {
    /// The message's index in the caller's conversation.
    pub message: usize,
    /// The message's role.
    pub role: Role,
    /// The message's channel.
    pub channel: Option<String>,
    /// The message's recipient.
    pub recipient: Option<String>,
    /// Its `<|start|>`.
    pub start: usize,
    /// After its `<|message|>`.
    pub content_start: usize,
    /// Its terminator.
    pub content_end: usize,
    /// After its terminator.
    pub end: usize,
}

/// Renders a conversation, or only those of its messages whose indices `only`
/// names. A message that upstream leaves out has no span.
///
/// # Errors
/// [`Error::RenderFailed`] with the path of the message that upstream refuses,
/// [`Error::NoSuchMessage`] for an index past the last message.
pub fn render(
    encoding: &HarmonyEncoding,
    given: Conversation,
    only: Option<&[u32]>,
    purpose: Purpose,
    config: &RenderConversationConfig,
) -> Result<(Vec<Rank>, Vec<MessageSpan>), Error> {
    let (indices, messages) = chosen(given.messages, only)?;
    let conversation = Conversation { messages };
    let tokens = render::messages(encoding, &conversation, purpose, config, |at| indices[at])?;
    let dropped = render::dropped_messages(&conversation.messages, config);
    let rendered = zip(zip(indices, conversation.messages), dropped)
        .filter_map(|(message, dropped)| (!dropped).then_some(message));
    let spans = zip(rendered, places(&tokens));
    let spans = spans.map(|((index, message), place)| span(index, message, place)).collect();
    Ok((tokens, spans))
}

/// The messages to render, with their indices.
fn chosen(
    messages: Vec<Message>,
    only: Option<&[u32]>,
) -> Result<(Vec<usize>, Vec<Message>), Error> {
    let Some(only) = only else { return Ok(((0..messages.len()).collect(), messages)) };
    let indices: BTreeSet<usize> = only.iter().map(|&index| index as usize).collect();
    match indices.last() {
        Some(&index) if index >= messages.len() => {
            Err(Error::NoSuchMessage { index, path: format!("messages[{index}]") })
        }
        _ => {
            let messages = messages.into_iter().enumerate();
            Ok(messages.filter(|(index, _)| indices.contains(index)).unzip())
        }
    }
}

/// `start`, `content_start` and `end` of every message in `tokens`.
fn places(tokens: &[Rank]) -> Vec<[usize; 3]> {
    let (start, message) = (special::id_of("<|start|>"), special::id_of("<|message|>"));
    let mut places: Vec<[usize; 3]> = Vec::new();
    let mut header = None;
    for (at, &token) in tokens.iter().enumerate() {
        // Nearly every token is ordinary: comparing each with both ids takes twice as long.
        if token < special::FIRST {
            continue;
        }
        if Some(token) == start {
            if let Some(place) = places.last_mut() {
                place[2] = at;
            }
            header = Some(at);
        } else if let (true, Some(began)) = (Some(token) == message, header) {
            places.push([began, at + 1, tokens.len()]);
            header = None;
        }
    }
    places
}

fn span(index: usize, given: Message, [start, content_start, end]: [usize; 3]) -> MessageSpan {
    MessageSpan {
        message: index,
        role: given.author.role,
        channel: given.channel,
        recipient: given.recipient,
        start,
        content_start,
        content_end: end - 1,
        end,
    }
}

/// The numbers of a flattened span, in order: the fields of [`MessageSpan`].
pub const SPAN_FIELDS: [&str; 8] =
    ["message", "role", "channel", "recipient", "start", "content_start", "content_end", "end"];

/// Spans for a caller to whom numbers are cheap and texts are not: the numbers
/// of [`SPAN_FIELDS`] for each, and the channels and recipients that they name,
/// counted from 1; 0 means none. Roles are numbered as upstream's enumeration
/// has them, from 0.
#[derive(Default)]
pub struct FlatSpans {
    numbers: Vec<u32>,
    names: Names,
}

impl FlatSpans {
    /// Adds a span.
    pub fn push(&mut self, span: &MessageSpan) {
        let texts = [span.channel.as_deref(), span.recipient.as_deref()];
        self.numbers.extend([span.message as u32, span.role.clone() as u32]);
        self.numbers.extend(texts.map(|text| text.map_or(0, |text| self.names.number(text))));
        let places = [span.start, span.content_start, span.content_end, span.end];
        self.numbers.extend(places.map(|place| place as u32));
    }

    /// The number of spans.
    pub fn len(&self) -> usize {
        self.numbers.len() / SPAN_FIELDS.len()
    }

    /// Whether there is no span.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The numbers and the names.
    pub fn into_parts(self) -> (Vec<u32>, Vec<String>) {
        (self.numbers, self.names.texts)
    }
}

impl<'a> FromIterator<&'a MessageSpan> for FlatSpans {
    fn from_iter<T: IntoIterator<Item = &'a MessageSpan>>(spans: T) -> Self {
        let mut flat = Self::default();
        spans.into_iter().for_each(|span| flat.push(span));
        flat
    }
}

/// Texts in the order in which they first came.
#[derive(Default)]
struct Names {
    texts: Vec<String>,
    numbers: BTreeMap<String, u32>,
}

impl Names {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        self.texts.push(text.to_owned());
        let number = self.texts.len() as u32;
        self.numbers.insert(text.to_owned(), number);
        number
    }
}

#[cfg(test)]
mod tests;
