//! The fields of a message's header, as both parsers report them.

use crate::chat::{Author, Content, Message, Role};
use serde::Serialize;

/// A message's header.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Header {
    /// The role of the author.
    pub role: Role,
    /// The author's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The recipient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// The content type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

impl Header {
    /// A header with nothing but a role.
    pub(crate) fn of(role: Role) -> Self {
        Self { role, name: None, channel: None, recipient: None, content_type: None }
    }

    /// A message's header and its content.
    pub(crate) fn of_message(message: Message) -> (Self, String) {
        let Message { author, recipient, channel, content_type, content } = message;
        let content = match content.into_iter().next() {
            Some(Content::Text(content)) => content.text,
            _ => String::new(),
        };
        let Author { role, name } = author;
        (Self { role, name, channel, recipient, content_type }, content)
    }

    /// The message with this header.
    pub(crate) fn into_message(self, content: String) -> Message {
        Message {
            author: Author { role: self.role, name: self.name },
            recipient: self.recipient,
            content: vec![content.into()],
            channel: self.channel,
            content_type: self.content_type,
        }
    }
}
