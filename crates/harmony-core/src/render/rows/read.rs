//! Reads a row as upstream's reader reads a conversation, and sees its other fields.

use crate::chat::{Conversation, Message};
use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use std::fmt;

/// The conversation of a row, after the messages that begin every conversation; none if
/// it is not one, or has one of the fields beside its messages.
pub(super) fn conversation(
    row: &[u8],
    refused: &[String],
    preface: &[Message],
) -> Option<Conversation> {
    let mut all = preface.to_vec();
    all.extend(messages(row, refused)?);
    Some(Conversation { messages: all })
}

fn messages(row: &[u8], refused: &[String]) -> Option<Vec<Message>> {
    let text = std::str::from_utf8(row).ok()?;
    if text.trim_start().starts_with('[') {
        return serde_json::from_str(text).ok();
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let messages = serde::Deserializer::deserialize_map(&mut reader, Row { refused }).ok()?;
    reader.end().ok()?;
    Some(messages)
}

/// The object of a row. Upstream's reader skips the fields that it does not know.
struct Row<'a> {
    refused: &'a [String],
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = Vec<Message>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a conversation")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut messages = None;
        while let Some(name) = map.next_key::<String>()? {
            if name == "messages" && messages.is_none() {
                messages = Some(map.next_value()?);
            } else if name == "messages" || self.refused.contains(&name) {
                return Err(A::Error::custom("not a usual row"));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        messages.ok_or_else(|| A::Error::missing_field("messages"))
    }
}
