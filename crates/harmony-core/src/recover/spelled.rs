//! Markers that ordinary tokens spell (`<`, `|`, `start`, …) in a header's text.
//! The text is encoded again, with the markers as special tokens, and read by a
//! parser that the caller supplies; the messages get the positions of the tokens
//! that were sampled.

use super::{format::Format, grammar::HeaderText, recovered::RecoveredMessage, split::Found};
use crate::{
    events::{Header, Repair, RepairCode},
    tokenizer::Rank,
};

/// Whether ordinary tokens spell a marker that begins or ends a message.
pub(super) fn has_boundary(format: &Format, text: &HeaderText) -> bool {
    let is_spelled =
        |marker: &String| text.text.match_indices(marker).any(|(at, _)| !text.is_special(at));
    format.boundaries.iter().any(is_spelled)
}

/// The messages of a text whose first is at position `start`, if it has any. A
/// message without a token of its own is left out: every token is in one span.
pub(super) fn messages(
    format: &Format,
    text: &HeaderText,
    start: usize,
    read: impl FnOnce(&[Rank]) -> Vec<RecoveredMessage>,
) -> Vec<Found> {
    let tokens = format.tokenizer.encode_with_special_tokens(&text.text);
    let lengths = tokens.iter().map(|&token| format.bytes(token).map_or(0, <[u8]>::len));
    let offsets: Vec<usize> = [0].into_iter().chain(lengths).scan(0, add).collect();
    let end = text.boundary(text.text.len());
    let mut found: Vec<Found> = Vec::new();
    for message in read(&tokens) {
        let own = text.boundary(offsets[message.start]);
        let at = if found.is_empty() { start } else { own };
        if at < end.max(1) && found.last().is_none_or(|last| last.start < at) {
            found.push(moved(message, at, |index| text.index(offsets[index])));
        }
    }
    found
}

fn add(sum: &mut usize, length: usize) -> Option<usize> {
    *sum += length;
    Some(*sum)
}

fn moved(message: RecoveredMessage, at: usize, position: impl Fn(usize) -> usize) -> Found {
    let RecoveredMessage { message, mut repairs, .. } = message;
    for repair in &mut repairs {
        repair.index = position(repair.index).max(at);
    }
    let note = "special tokens spelled in ordinary tokens are read as special tokens";
    repairs.push(Repair::new(RepairCode::SpelledMarkup, at, note));
    let (header, content) = Header::of_message(message);
    Found { start: at, header, content, repairs }
}
