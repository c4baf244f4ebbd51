//! Conversations and messages from their canonical JSON, by upstream's own
//! `Deserialize`. Its message is kept; when it refuses, the text is read again to
//! find the field at fault, because upstream's types (a flattened author, tagged
//! contents) lose its position. Rendering checks what the fields mean.

use crate::{
    chat::{Author, Conversation, DeveloperContent, Message, Role, SystemContent, TextContent},
    error::Error,
};
use serde::de::DeserializeOwned;
use serde_json::{error::Category, Value};
use serde_path_to_error::{Path, Segment};

/// Reads a conversation, `{"messages": […]}` or the bare array of messages.
///
/// # Errors
/// [`Error::InvalidJson`], [`Error::TooDeep`], [`Error::InvalidConversation`]
/// or [`Error::UnknownMessageRole`], the last two with the field's path.
pub fn read_conversation(text: &str) -> Result<Conversation, Error> {
    if text.trim_start().starts_with('[') {
        let messages = read::<Vec<Message>>("conversation", "messages", text)?;
        return Ok(Conversation { messages });
    }
    read("conversation", "", text)
}

/// Reads one message.
///
/// # Errors
/// As [`read_conversation`]; paths start at the message.
pub fn read_message(text: &str) -> Result<Message, Error> {
    read("message", "", text)
}

/// Reads a role that was given as an argument.
///
/// # Errors
/// [`Error::UnknownRole`].
pub fn read_role(role: &str) -> Result<Role, Error> {
    Role::try_from(role).map_err(|_| Error::UnknownRole { role: role.to_owned() })
}

fn read<T: DeserializeOwned>(what: &'static str, root: &str, text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|failure| {
        let error = failure.to_string();
        match failure.classify() {
            Category::Data => misfit::<T>(what, root, text, error),
            _ if error.starts_with("recursion limit exceeded") => Error::TooDeep { what, error },
            _ => Error::InvalidJson { what, error },
        }
    })
}

/// The error for JSON that does not fit upstream's types, with the field's path.
fn misfit<T: DeserializeOwned>(what: &'static str, root: &str, text: &str, error: String) -> Error {
    let path = place::<T>(root, text, &error).unwrap_or_default();
    if path.ends_with("role") && error.starts_with("unknown variant") {
        return Error::UnknownMessageRole { what, error, path };
    }
    Error::InvalidConversation { what, error, path }
}

fn place<T: DeserializeOwned>(root: &str, text: &str, error: &str) -> Option<String> {
    let reader = &mut serde_json::Deserializer::from_str(text);
    let tracked = serde_path_to_error::deserialize::<_, T>(reader).err()?;
    let document: Value = serde_json::from_str(text).ok()?;
    let mut path = root.to_owned();
    append(&mut path, tracked.path());
    let at = follow(&document, tracked.path())?;
    if let Some(inner) = inner_path(at) {
        append(&mut path, &inner);
    }
    let missing = error.split_once("missing field `").and_then(|(_, rest)| rest.split_once('`'));
    if let Some((field, _)) = missing {
        append_key(&mut path, field);
    } else if at.get("type").is_some()
        && error.starts_with("unknown variant")
        && inner_path(at).is_none()
    {
        append_key(&mut path, "type");
    }
    Some(path)
}

/// The fault's path inside a value that upstream reads through a buffer: a content
/// by its own type, anything with a role by its author.
fn inner_path(value: &Value) -> Option<Path> {
    match value.get("type").and_then(Value::as_str) {
        Some("text") => fault::<TextContent>(value),
        Some("system_content") => fault::<SystemContent>(value),
        Some("developer_content") => fault::<DeveloperContent>(value),
        _ if value.get("role").is_some() => fault::<Author>(value),
        _ => None,
    }
}

fn fault<T: DeserializeOwned>(value: &Value) -> Option<Path> {
    serde_path_to_error::deserialize::<_, T>(value).err().map(|error| error.path().clone())
}

fn follow<'a>(document: &'a Value, path: &Path) -> Option<&'a Value> {
    path.iter().try_fold(document, |value, segment| match segment {
        Segment::Seq { index } => value.get(index),
        Segment::Map { key } => value.get(key),
        Segment::Enum { .. } | Segment::Unknown => Some(value),
    })
}

fn append(path: &mut String, more: &Path) {
    for segment in more.iter() {
        match segment {
            Segment::Seq { index } => path.push_str(&format!("[{index}]")),
            Segment::Map { key } => append_key(path, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
}

fn append_key(path: &mut String, key: &str) {
    let plain = |key: &str| {
        !key.starts_with(|first: char| first.is_ascii_digit())
            && key.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    match (key.is_empty() || !plain(key), path.is_empty()) {
        (true, _) => path.push_str(&format!("[{}]", Value::from(key))),
        (false, true) => path.push_str(key),
        (false, false) => path.push_str(&format!(".{key}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{read_conversation, read_message};

    fn path_of(text: &str) -> String {
        let error = read_conversation(text).expect_err("the text is at fault");
        format!("{} {}", error.code(), error.path().unwrap_or("-"))
    }

    #[test]
    fn names_the_field() {
        let cases = [
            (r#"{"messages": 1}"#, "invalid_conversation messages"),
            (r#"{}"#, "invalid_conversation messages"),
            (r#"[{"content": "x"}]"#, "invalid_conversation messages[0].role"),
            (r#"[{"role": "user"}]"#, "invalid_conversation messages[0].content"),
            (r#"[{"role": "user", "content": 1}]"#, "invalid_conversation messages[0].content"),
            (r#"[{"role": "bot", "content": ""}]"#, "unknown_role messages[0].role"),
            (r#"[{"role": 7, "content": ""}]"#, "invalid_conversation messages[0].role"),
            (
                r#"[{"role": "user", "name": 7, "content": ""}]"#,
                "invalid_conversation messages[0].name",
            ),
            (
                r#"[{"role": "user", "channel": 7, "content": ""}]"#,
                "invalid_conversation messages[0].channel",
            ),
            (
                r#"[{"role": "user", "content": [{"text": "x"}]}]"#,
                "invalid_conversation messages[0].content[0].type",
            ),
            (
                r#"[{"role": "user", "content": [{"type": "image"}]}]"#,
                "invalid_conversation messages[0].content[0].type",
            ),
            (
                r#"[{"role": "user", "content": [{"type": "text"}]}]"#,
                "invalid_conversation messages[0].content[0].text",
            ),
            (
                r#"[{"role": "developer", "content": [{"type": "developer_content", "tools":
                    {"my tools": {"name": "t", "tools": [{"name": "f", "description": 1}]}}}]}]"#,
                r#"invalid_conversation messages[0].content[0].tools["my tools"].tools[0].description"#,
            ),
            (
                r#"[{"role": "system", "content": [{"type": "system_content", "reasoning_effort": "Max"}]}]"#,
                "invalid_conversation messages[0].content[0].reasoning_effort",
            ),
            ("[{]", "invalid_json -"),
            ("", "invalid_json -"),
        ];
        for (text, expected) in cases {
            assert_eq!(path_of(text), expected, "{text}");
        }
    }

    #[test]
    fn nesting_past_the_limit_has_its_own_code() {
        let deep = |levels| {
            let parameters = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
            format!(
                r#"[{{"role": "developer", "content": [{{"type": "developer_content", "tools":
                    {{"f": {{"name": "f", "tools": [{{"name": "g", "description": "",
                    "parameters": {parameters}}}]}}}}}}]}}]"#
            )
        };
        assert_eq!(path_of(&deep(200)), "too_deep -");
        assert!(read_conversation(&deep(100)).is_ok());
    }

    #[test]
    fn upstreams_message_is_kept() {
        let error = read_message(r#"{"role": "user"}"#).expect_err("no content");
        assert_eq!(
            error.to_string(),
            "invalid message JSON: missing field `content` at line 1 column 16"
        );
    }
}
