//! Messages from text, for servers that give no token ids. Where the special
//! tokens are spelled out, they are read as tokens. Where a server has left
//! them out, `analysisWe need…assistantfinalFour` is all that is left, and
//! what the words mean is a guess.

use super::{
    grammar::words::{channel_prefix, is_name_character, CHANNELS, CONTENT_TYPES, RECIPIENT},
    recover,
};
use crate::{
    chat::{Message, Role},
    encoding::HarmonyEncoding,
    events::Header,
};
use serde::Serialize;

/// A message of a text, and whether it is beyond doubt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TextMessage {
    /// The message.
    pub message: Message,
    /// Whether its special tokens were all there: nothing was guessed.
    pub certain: bool,
}

/// The messages of a text; `role` is the one whose header the prompt began,
/// or none.
pub fn parse_text(encoding: &HarmonyEncoding, text: &str, role: Option<Role>) -> Vec<TextMessage> {
    let tokenizer = encoding.tokenizer();
    let tokens = tokenizer.encode_with_special_tokens(text);
    let mut messages = Vec::new();
    for found in recover(encoding, &tokens, role).messages {
        let terminator = usize::from(found.terminator.is_some());
        let own = &tokens[found.start..found.end - terminator];
        if own.iter().any(|&token| tokenizer.is_special_token(token)) {
            let certain = found.repairs.is_empty();
            messages.push(TextMessage { message: found.message, certain });
        } else {
            let text = tokenizer.decode_utf8(own).unwrap_or_default();
            messages.extend(read_stripped(&text, found.message.author.role));
        }
    }
    messages
}

/// What separates messages when the special tokens are gone.
const SEPARATOR: &str = "assistant";

/// Reads text whose special tokens were left out.
fn read_stripped(text: &str, role: Role) -> Vec<TextMessage> {
    let starts = starts(text);
    let mut messages = Vec::new();
    let (mut open, mut from) = match first_header(text, !starts.is_empty()) {
        Some((header, length)) => (Header { role, ..header }, length),
        None => (Header::of(role), 0),
    };
    for start in starts {
        if start.at < from {
            continue;
        }
        if open.channel.is_some() || start.at > from {
            messages.push(guess(open, &text[from..start.at]));
        }
        (open, from) = (start.header, start.end);
    }
    messages.push(guess(open, &text[from..]));
    messages
}

fn guess(header: Header, content: &str) -> TextMessage {
    TextMessage { message: header.into_message(content.to_owned()), certain: false }
}

/// A header within the text.
struct Start {
    at: usize,
    end: usize,
    header: Header,
}

/// Every place where `assistant` and a channel, or `to=`, follow each other.
fn starts(text: &str) -> Vec<Start> {
    let mut starts: Vec<Start> = Vec::new();
    for (at, word) in text.match_indices(SEPARATOR) {
        if starts.last().is_some_and(|last| at < last.end) {
            continue;
        }
        let after = at + word.len();
        let Some((header, length)) = header_at(&text[after..]) else { continue };
        starts.push(tool_start(text, at, after, &header).unwrap_or(Start {
            at,
            end: after + length,
            header,
        }));
    }
    starts
}

/// `functions.f to=assistant` before a channel is the header of a tool.
fn tool_start(text: &str, at: usize, after: usize, header: &Header) -> Option<Start> {
    let before = text[..at].strip_suffix(RECIPIENT)?.strip_suffix(' ')?;
    let name = before
        .rfind(|found| !is_name_character(found))
        .map_or(0, |last| last + before[last..].chars().next().map_or(0, char::len_utf8));
    let channel = header.channel.clone()?;
    let end = after + channel.len();
    let header = Header {
        name: Some(before[name..].to_owned()),
        recipient: Some(SEPARATOR.to_owned()),
        channel: Some(channel),
        ..Header::of(Role::Tool)
    };
    (name < before.len()).then_some(Start { at: name, end, header })
}

/// The header that a whole text begins with. A channel's name may be a word of
/// the answer, unless something else shows that it is none.
fn first_header(text: &str, has_more: bool) -> Option<(Header, usize)> {
    let (header, length) = header_at(text)?;
    let next = text[length..].chars().next();
    let is_prose = next.is_none_or(|next| next.is_whitespace() || next.is_lowercase());
    (has_more || header.recipient.is_some() || !is_prose).then_some((header, length))
}

/// A channel's name with what may follow it, ` to=…` and a content type; or
/// ` to=…` with the channel glued to it. And how long it is.
fn header_at(text: &str) -> Option<(Header, usize)> {
    let mut header = Header::of(Role::Assistant);
    let mut rest = text;
    if let Some((name, after)) = recipient(rest) {
        let (name, channel) = CHANNELS
            .iter()
            .find_map(|channel| Some((name.strip_suffix(channel)?.trim_end(), *channel)))?;
        header.recipient = Some(name.to_owned());
        header.channel = Some(channel.to_owned());
        rest = after;
    } else {
        let (channel, after) = channel_prefix(rest)?;
        header.channel = Some(channel.to_owned());
        rest = after;
        if let Some((name, after)) = recipient(rest) {
            // A type may be glued to the name: no tool is called so.
            let glued = name.strip_suffix("json").filter(|_| after.starts_with('{'));
            header.content_type = glued.map(|_| "json".to_owned());
            header.recipient = Some(glued.unwrap_or(name).to_owned());
            rest = after;
        }
    }
    if header.recipient.is_some() {
        rest = content_type(&mut header, rest);
    }
    Some((header, text.len() - rest.len()))
}

/// ` to=` with a name, and what follows.
fn recipient(text: &str) -> Option<(&str, &str)> {
    let named = text.strip_prefix(' ')?.strip_prefix(RECIPIENT)?;
    let end = named.find(|found| !is_name_character(found)).unwrap_or(named.len());
    (end > 0).then(|| named.split_at(end))
}

/// ` json` or ` code` before the arguments.
fn content_type<'a>(header: &mut Header, text: &'a str) -> &'a str {
    let word = text.trim_start_matches(' ');
    let Some(name) = CONTENT_TYPES.iter().find(|name| word.starts_with(**name)) else {
        return text;
    };
    header.content_type = Some((*name).to_owned());
    &word[name.len()..]
}

#[cfg(test)]
mod tests {
    use super::parse_text;
    use crate::{chat::Role, load_harmony_encoding};
    use serde_json::{json, Value};

    /// Channel, recipient, content type, content and certainty of each.
    fn shown(text: &str) -> Value {
        let encoding = load_harmony_encoding("HarmonyGptOss").expect("it loads");
        let messages = parse_text(&encoding, text, Some(Role::Assistant)).into_iter();
        let shown = messages.map(|found| {
            let content = json!(found.message)["content"].clone();
            let message = found.message;
            let whom = message.author.name.or(message.recipient);
            json!([message.channel, whom, message.content_type, content, found.certain])
        });
        shown.collect()
    }

    #[test]
    fn special_tokens_that_are_spelled_leave_no_doubt() {
        let text = "<|channel|>analysis<|message|>We need…<|end|><|start|>assistant<|channel|>\
            commentary to=functions.f <|constrain|>json<|message|>{}<|call|>";
        let wanted = json!([
            ["analysis", null, null, "We need…", true],
            ["commentary", "functions.f", "<|constrain|>json", "{}", true],
        ]);
        assert_eq!(shown(text), wanted);
        let cut = json!([["final", null, null, "Four", true]]);
        assert_eq!(shown("<|channel|>final<|message|>Four"), cut);
    }

    #[test]
    fn special_tokens_that_are_missing_are_guessed() {
        let rows = [
            (
                "analysisWe need four.assistantfinalFour",
                json!([
                    ["analysis", null, null, "We need four.", false],
                    ["final", null, null, "Four", false]
                ]),
            ),
            (
                "analysiswe needassistantcommentary to=functions.f json{\"a\": 1}assistantfinal4",
                json!([
                    ["analysis", null, null, "we need", false],
                    ["commentary", "functions.f", "json", "{\"a\": 1}", false],
                    ["final", null, null, "4", false]
                ]),
            ),
            (
                "commentary to=functions.fjson{}functions.f to=assistantcommentary{\"ok\": 1}",
                json!([
                    ["commentary", "functions.f", "json", "{}", false],
                    ["commentary", "functions.f", null, "{\"ok\": 1}", false]
                ]),
            ),
            (
                "analysisHm.assistant to=functions.fcommentary json{}",
                json!([
                    ["analysis", null, null, "Hm.", false],
                    ["commentary", "functions.f", "json", "{}", false]
                ]),
            ),
            (
                "analysisHm.assistantcommentary**Plan**assistantfinal",
                json!([
                    ["analysis", null, null, "Hm.", false],
                    ["commentary", null, null, "**Plan**", false],
                    ["final", null, null, "", false]
                ]),
            ),
            ("assistantfinalFour", json!([["final", null, null, "Four", false]])),
            ("finalThe answer", json!([["final", null, null, "The answer", false]])),
            (
                "analysisHm.assistantfinalFour<|return|>",
                json!([
                    ["analysis", null, null, "Hm.", false],
                    ["final", null, null, "Four", false]
                ]),
            ),
        ];
        for (text, wanted) in rows {
            assert_eq!(shown(text), wanted, "{text}");
        }
    }

    #[test]
    fn prose_is_one_message_without_a_channel() {
        let texts = [
            "final answer: 4",
            "analysis of the data",
            "An assistant helps.",
            "finally",
            "the assistants final word",
            "Hello <world> <|nothing|>",
        ];
        for text in texts {
            assert_eq!(shown(text), json!([[null, null, null, text, false]]), "{text}");
        }
        assert_eq!(shown(""), json!([]));
    }
}
