//! Messages from text, for servers that give no token ids. Where the special
//! tokens are spelled out, they are read as tokens. Where a server has left
//! them out, `analysisWe need…assistantfinalFour` is all that is left, and
//! what the words mean is a guess.

use super::{
    format::Format,
    plain::{first_header, starts, Start},
    Parser, RecoveredMessage,
};
use crate::{
    chat::{Content, Message, Role},
    encoding::HarmonyEncoding,
    events::{Header, Repair, RepairCode},
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

/// The messages of a text. `role` is the role whose header the prompt began, if
/// it began one; `tools` are the names of the caller's tools, which settle
/// where a tool's name ends.
pub fn parse_text(
    encoding: &HarmonyEncoding,
    text: &str,
    role: Option<Role>,
    tools: &[String],
) -> Vec<TextMessage> {
    let format = Format::of(encoding).with_tools(tools);
    let tokenizer = encoding.tokenizer();
    let tokens = tokenizer.encode_with_special_tokens(text);
    let has_markup = tokens.iter().any(|&token| tokenizer.is_special_token(token));
    let is_headless = |repair: &Repair| repair.code == RepairCode::TextOutsideMessage;
    if !has_markup {
        let is_blank = text.trim().is_empty();
        let role = role.unwrap_or(Role::Assistant);
        return if is_blank { Vec::new() } else { read_stripped(&format, text, role) };
    }
    let mut messages = Vec::new();
    let parser = Parser::new(encoding, role).with_tools(tools).for_text();
    for found in parser.read(&tokens).messages {
        let terminator = usize::from(found.terminator.is_some());
        let own = &tokens[found.start..found.end - terminator];
        if own.iter().any(|&token| tokenizer.is_special_token(token)) {
            messages.extend(read_marked(&format, found));
        } else if !found.repairs.iter().any(is_headless) {
            messages.push(TextMessage { message: found.message, certain: false });
        } else {
            let text = tokenizer.decode_utf8(own).unwrap_or_default();
            messages.extend(read_stripped(&format, &text, found.message.author.role));
        }
    }
    messages
}

/// A message with special tokens. The headers after it may lack them; an
/// answer may quote such words.
fn read_marked(format: &Format, found: RecoveredMessage) -> Vec<TextMessage> {
    let certain = found.repairs.is_empty();
    let message = found.message;
    let starts = match &message.content[..] {
        [Content::Text(content)] if message.channel.as_deref() != Some("final") => {
            starts(format, &content.text)
        }
        _ => Vec::new(),
    };
    let (Some(first), [Content::Text(content)]) = (starts.first(), &message.content[..]) else {
        return vec![TextMessage { message, certain }];
    };
    let before = content.text[..first.at].to_owned();
    let mut messages = parts(&content.text, starts);
    let message = Message { content: vec![before.into()], ..message };
    messages.insert(0, TextMessage { message, certain: false });
    messages
}

/// Text without special tokens.
fn read_stripped(format: &Format, text: &str, role: Role) -> Vec<TextMessage> {
    let starts = starts(format, text);
    let (header, from) = match first_header(format, text, !starts.is_empty()) {
        Some((header, length)) => (Header { role, ..header }, length),
        None => (Header::of(role), 0),
    };
    let starts: Vec<Start> = starts.into_iter().filter(|start| start.at >= from).collect();
    let end = starts.first().map_or(text.len(), |start| start.at);
    let mut messages = Vec::new();
    if header.channel.is_some() || end > from || starts.is_empty() {
        messages.push(guess(header, &text[from..end]));
    }
    messages.extend(parts(text, starts));
    messages
}

/// The messages that begin at `starts`.
fn parts(text: &str, starts: Vec<Start>) -> Vec<TextMessage> {
    let ends: Vec<usize> = starts.iter().skip(1).map(|next| next.at).chain([text.len()]).collect();
    let parts = starts.into_iter().zip(ends);
    parts.map(|(start, end)| guess(start.header, &text[start.end..end])).collect()
}

fn guess(header: Header, content: &str) -> TextMessage {
    TextMessage { message: header.into_message(content.to_owned()), certain: false }
}

#[cfg(test)]
mod tests {
    use super::parse_text;
    use crate::{chat::Role, load_harmony_encoding};
    use serde_json::{json, Value};

    /// Channel, recipient, content type, content and certainty of each.
    fn shown(text: &str) -> Value {
        let encoding = load_harmony_encoding("HarmonyGptOss").expect("it loads");
        let messages = parse_text(&encoding, text, Some(Role::Assistant), &[]).into_iter();
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
