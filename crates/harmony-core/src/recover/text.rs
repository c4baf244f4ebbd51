//! Messages from text, for servers that give no token ids. Special tokens that
//! are spelled out are read as tokens. If a server left them out,
//! `analysisWe need…assistantfinalFour` is all that is left, and what the words
//! mean is a guess, by the same rules as for ids.

use super::{
    format::Format,
    grammar::HeaderText,
    parser::Parser,
    recovered::RecoveredMessage,
    split::{self, Context, Found},
    unmarked::starts,
};
use crate::{
    chat::{Message, Role},
    encoding::HarmonyEncoding,
    events::{Header, Repair, RepairCode},
};
use serde::Serialize;

/// A message of a text, and whether it is certain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TextMessage {
    /// The message.
    pub message: Message,
    /// Whether all its special tokens were present, so that nothing was guessed.
    pub certain: bool,
}

/// The messages of a text. `role` is the role whose header the prompt began, if
/// it began one; `tools` are the names of the caller's tools, which decide where
/// a tool's name ends.
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
    let is_answer = found.message.channel.as_deref() == Some("final");
    let (header, content) = Header::of_message(found.message);
    let starts = if is_answer { Vec::new() } else { starts(&content) };
    let end = starts.first().copied().unwrap_or(content.len());
    let message = header.into_message(content[..end].to_owned());
    let further = split::parts(format, &HeaderText::of_text(&content), &starts);
    let first = TextMessage { message, certain: certain && further.is_empty() };
    [first].into_iter().chain(further.into_iter().map(guess)).collect()
}

/// Text without special tokens. At a header in plain words it has no role of its
/// own.
fn read_stripped(format: &Format, text: &str, role: Role) -> Vec<TextMessage> {
    let text = HeaderText::of_text(text);
    let prompted = (starts(&text.text).first() != Some(&0)).then_some(role);
    let context = Context { prompted, is_among_markup: true };
    split::messages(format, &text, context).into_iter().map(guess).collect()
}

fn guess(found: Found) -> TextMessage {
    TextMessage { message: found.header.into_message(found.content), certain: false }
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
    fn commentary_after_the_data_of_a_call_begins_a_message() {
        let rows = [
            (
                "to=functions.f json{\"a\": 1}commentary to=functions.g json{}commentaryHarika!",
                json!([
                    [null, "functions.f", "json", "{\"a\": 1}", false],
                    ["commentary", "functions.g", "json", "{}", false],
                    ["commentary", null, null, "Harika!", false]
                ]),
            ),
            (
                "to=functions.f json{\"a\": \"\\\"{b}commentary\"}assistantfinalThe f(){}commentary: it",
                json!([
                    [null, "functions.f", "json", "{\"a\": \"\\\"{b}commentary\"}", false],
                    ["final", null, null, "The f(){}commentary: it", false]
                ]),
            ),
            (
                "commentary to=functions.f json{}commentarycommentary to=functions.g json{}",
                json!([
                    ["commentary", "functions.f", "json", "{}", false],
                    ["commentary", "functions.g", "json", "{}", false]
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
