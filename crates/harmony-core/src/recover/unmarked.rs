//! Where headers in plain words begin. A server may leave the special tokens
//! out, and a model may write the words of a header without them:
//! `analysisWe need…assistantfinalFour`. Text and ids are searched by the same
//! rules; [`super::grammar::unfinished`] reads the fields after it.

use super::words::{
    channel_prefix, channel_suffix, is_name_character, name_and_rest, unmarked_channel, RECIPIENT,
};
use crate::chat::Role;
use std::mem::take;

/// The channel that models write right after a call's data.
const AFTER_DATA: &[u8] = b"commentary";

/// Where in `text` headers in plain words begin: at `assistant` with a channel's
/// name glued to it, or with ` to=` and a name that a channel's name is glued to;
/// or at a tool's name with ` to=assistant` and a channel after it; and at the
/// `commentary` after a call's data, which models write between calls (harmony#68).
pub(super) fn starts(text: &str) -> Vec<usize> {
    let role = Role::Assistant.as_str();
    let mut end = 0;
    let mut starts = Vec::new();
    let mut data = CallData::default();
    for at in 0..text.len() {
        let rest = &text.as_bytes()[at..];
        if data.ends_with(rest) && rest[1..].starts_with(AFTER_DATA) {
            starts.push(at + 1);
            data = CallData::default();
        }
        if at < end || !rest.starts_with(role.as_bytes()) {
            continue;
        }
        let Some(length) = header_length(text, at) else { continue };
        let before = text[end..at].trim_end_matches(role);
        let found = end + before.len();
        end = at + role.len() + length;
        if let Some(before) = before.strip_suffix(RECIPIENT) {
            let start = tool_length(before).map(|tool| found - RECIPIENT.len() - tool);
            // It may begin right after data: `}commentary to=assistantfinal`.
            if start != starts.last().copied() {
                starts.extend(start);
            }
        } else if before.trim_end_matches(is_name_character).ends_with(RECIPIENT) {
            // Within the name of a recipient, which ends later.
            end = at + name_and_rest(&text[at..]).0.len();
        } else {
            starts.push(found);
            data = CallData::default();
        }
    }
    starts
}

/// The braces of a call's data, or of a tool's answer; those in strings are text. Prose
/// and code of an answer may well have `}commentary`.
#[derive(Default)]
struct CallData {
    has_recipient: bool,
    depth: usize,
    is_string: bool,
    is_escaped: bool,
}

impl CallData {
    /// Whether the data ends with the first byte of `rest`.
    fn ends_with(&mut self, rest: &[u8]) -> bool {
        let is_escaped = take(&mut self.is_escaped);
        match rest[0] {
            b'"' if !is_escaped => self.is_string ^= self.depth > 0,
            b'\\' => self.is_escaped = self.is_string && !is_escaped,
            b'{' if !self.is_string => self.depth += 1,
            b'}' if !self.is_string => {
                self.depth = self.depth.saturating_sub(1);
                return self.has_recipient && self.depth == 0;
            }
            _ => self.has_recipient |= rest.starts_with(RECIPIENT.as_bytes()),
        }
        false
    }
}

/// How much of the text after the `assistant` at `at` shows that it is a header: a
/// channel's name that does not continue as another word, the name on a line of its
/// own, or a recipient with a channel glued to its name.
fn header_length(text: &str, at: usize) -> Option<usize> {
    let after = &text[at + Role::Assistant.as_str().len()..];
    let line = after.trim_start_matches('\n');
    if line.len() < after.len() {
        let (_, rest) = channel_prefix(line).filter(|(_, rest)| rest.starts_with('\n'))?;
        return Some(after.len() - rest.len());
    }
    if let Some((channel, rest)) = channel_prefix(after) {
        let is_longer_word =
            rest.starts_with(char::is_lowercase) && unmarked_channel(after).is_none();
        return (!is_longer_word).then_some(channel.len());
    }
    let named = after.strip_prefix(' ')?.strip_prefix(RECIPIENT)?;
    let (name, rest) = name_and_rest(named);
    let (_, recipient) = channel_suffix(name)?;
    (!recipient.is_empty()).then_some(after.len() - rest.len())
}

/// The length of the tool's name and the space that a text ends with.
fn tool_length(text: &str) -> Option<usize> {
    let before = text.strip_suffix(' ')?;
    let name = before.trim_end_matches(is_name_character);
    (name.len() < before.len()).then_some(text.len() - name.len())
}
