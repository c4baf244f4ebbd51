//! Reads plain rows of Chat Completions: texts of the system, the user and the
//! assistant, the assistant's with a thought or without.
//!
//! `harmony-wasm/openai` maps rows of any kind; its rules are in
//! `docs/chat-completions.md`. This reads only rows for which most of those rules say
//! nothing, and has no row of which it is not certain: any field, text or type that
//! needs another rule leaves the row to that mapping, which gives its conversation or
//! its error. A test compares the two.

use crate::chat::{Author, Content, Conversation, DeveloperContent, Message, Role};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use std::fmt;

/// The conversation of a plain row: the messages before those of every row, then its own.
pub(super) fn conversation(
    row: &[u8],
    refused: &[String],
    preface: &[Message],
) -> Option<Conversation> {
    let text = std::str::from_utf8(row).ok()?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let plain = reader.deserialize_map(Row { refused }).ok()?;
    reader.end().ok()?;
    let mut messages = preface.to_vec();
    for message in plain {
        message.add_to(&mut messages)?;
    }
    Some(Conversation { messages })
}

/// The object of a row.
struct Row<'a> {
    refused: &'a [String],
}

impl Row<'_> {
    /// Whether a field may say something that the messages do not.
    fn reads(&self, name: &str) -> bool {
        let lower = name.to_ascii_lowercase();
        self.refused.iter().any(|refused| refused == name)
            || lower.contains("tool")
            || lower.contains("function")
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = Vec<Plain>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a plain row of Chat Completions")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut messages: Vec<Plain> = Vec::new();
        // A name with escapes cannot be borrowed: such a row is not plain.
        while let Some(name) = map.next_key::<&str>()? {
            if name == "messages" && messages.is_empty() {
                messages = map.next_value()?;
            } else if name == "messages" || self.reads(name) {
                return Err(A::Error::custom("not a plain row"));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if messages.is_empty() {
            return Err(A::Error::missing_field("messages"));
        }
        Ok(messages)
    }
}

/// A message that has nothing but a text and a thought.
#[derive(Default)]
struct Plain {
    role: Option<Role>,
    content: Option<String>,
    thinking: Option<String>,
}

/// Fields of a message that say nothing where they are null.
const NULLABLE: [&str; 6] =
    ["name", "tool_calls", "tool_call_id", "function_call", "refusal", "audio"];

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PlainVisitor)
    }
}

struct PlainVisitor;

impl<'de> Visitor<'de> for PlainVisitor {
    type Value = Plain;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a plain message")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Plain, A::Error> {
        let mut plain = Plain::default();
        let mut seen = Vec::with_capacity(4);
        while let Some(name) = map.next_key::<&str>()? {
            if seen.contains(&name) {
                return Err(A::Error::custom("a field again"));
            }
            seen.push(name);
            match name {
                "role" => plain.role = Role::try_from(map.next_value::<&str>()?).ok(),
                "content" => plain.content = map.next_value()?,
                "thinking" | "reasoning_content" | "reasoning" if plain.thinking.is_none() => {
                    plain.thinking = map.next_value()?;
                }
                _ if NULLABLE.contains(&name) => map.next_value::<()>()?,
                _ => return Err(A::Error::custom("not a plain message")),
            }
        }
        Ok(plain)
    }
}

impl Plain {
    /// Adds what the message is in harmony; none if that is not certain.
    fn add_to(self, messages: &mut Vec<Message>) -> Option<()> {
        let Self { role, content, thinking } = self;
        let is_plain = !content.as_deref().is_some_and(has_markup)
            && !thinking.as_deref().is_some_and(has_markup);
        if !is_plain || thinking.is_some() && role != Some(Role::Assistant) {
            return None;
        }
        match role? {
            Role::System | Role::Developer => add_instructions(content?, messages),
            Role::User => messages.push(Message::from_role_and_content(Role::User, content?)),
            Role::Assistant => add_turn(content, thinking, messages)?,
            Role::Tool => return None,
        }
        Some(())
    }
}

/// Empty instructions make no message.
fn add_instructions(instructions: String, messages: &mut Vec<Message>) {
    if !instructions.is_empty() {
        let content = DeveloperContent { instructions: Some(instructions), tools: None };
        messages.push(Message::from_role_and_content(Role::Developer, content));
    }
}

/// An empty text after a thought makes no message.
fn add_turn(
    content: Option<String>,
    thinking: Option<String>,
    messages: &mut Vec<Message>,
) -> Option<()> {
    let thinking = thinking.filter(|thinking| !thinking.is_empty());
    // What is white space differs between languages.
    if thinking.as_deref().is_some_and(is_blank) || content.as_deref().is_some_and(has_tags) {
        return None;
    }
    if content.is_none() && thinking.is_none() {
        return None;
    }
    let content = content.filter(|content| !content.is_empty() || thinking.is_none());
    let texts = [("analysis", thinking), ("final", content)];
    for (channel, text) in texts {
        messages.extend(text.map(|text| said(channel, text)));
    }
    Some(())
}

fn said(channel: &str, text: String) -> Message {
    Message {
        author: Author { role: Role::Assistant, name: None },
        recipient: None,
        content: vec![Content::from(text)],
        channel: Some(channel.to_owned()),
        content_type: None,
    }
}

fn is_blank(text: &str) -> bool {
    text.chars().all(|each| each.is_whitespace() || each == '\u{feff}')
}

/// Whether a text may have the form of a special token in it.
fn has_markup(text: &str) -> bool {
    memchr::memmem::find(text.as_bytes(), b"<|").is_some()
}

/// Beginnings of the tags of other formats around thoughts and calls, in lower case.
const TAGS: [&[u8]; 5] = [b"think", b"thought", b"reasoning", b"tool_call", b"function"];

/// Whether an assistant's text may have tags of another format in it.
fn has_tags(text: &str) -> bool {
    let bytes = text.as_bytes();
    let begins_tag = |at: usize| {
        let rest = &bytes[at + 1..];
        let name = rest.strip_prefix(b"/").unwrap_or(rest);
        TAGS.iter()
            .any(|tag| name.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag)))
    };
    memchr::memchr2_iter(b'<', b'[', bytes).any(begins_tag)
        || memchr::memmem::find(bytes, "◁".as_bytes()).is_some()
}
