//! Recovery against cases that people have decided (`cases`), against properties
//! of every input (`properties`), and against strict parsing (`rendered`, and
//! `differences` for what differs).

mod cases;
mod differences;
mod prompts;
mod properties;
pub(crate) mod random;
mod rendered;

use super::{Parser, Recovered};
use crate::{
    chat::{Message, Role},
    encoding::HarmonyEncoding,
    events::Event,
    load_harmony_encoding,
    tokenizer::Rank,
};

fn encoding() -> HarmonyEncoding {
    load_harmony_encoding("HarmonyGptOss").expect("it loads")
}

fn recover(encoding: &HarmonyEncoding, tokens: &[Rank], role: Option<Role>) -> Recovered {
    super::recover(encoding, tokens, role, &[])
}

fn tokens_of(encoding: &HarmonyEncoding, text: &str) -> Vec<Rank> {
    encoding.tokenizer().encode_with_special_tokens(text)
}

/// The answer of strict parsing, if it has one.
fn strict(encoding: &HarmonyEncoding, tokens: &[Rank]) -> Option<Vec<Message>> {
    crate::strict::parse(encoding, tokens, None, true).ok()
}

/// The events of tokens.
fn push(recovery: &mut Parser, tokens: &[Rank]) -> Vec<Event> {
    let mut events = Vec::new();
    recovery.push(tokens, &mut events);
    events
}

/// The events of the end.
fn end(recovery: &mut Parser) -> Vec<Event> {
    let mut events = Vec::new();
    recovery.end(&mut events);
    events
}

/// The events of tokens that come in chunks of the lengths that `next` gives.
fn events_in_chunks(
    encoding: &HarmonyEncoding,
    tokens: &[Rank],
    role: Option<Role>,
    mut next: impl FnMut() -> usize,
) -> Vec<Event> {
    let mut recovery = Parser::new(encoding, role);
    let mut events = Vec::new();
    let mut rest = tokens;
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at(next().clamp(1, rest.len()));
        events.extend(push(&mut recovery, chunk));
        rest = after;
    }
    events.extend(end(&mut recovery));
    events
}

/// Every message's span and every stray, in order.
fn spans(recovered: &Recovered) -> Vec<(usize, usize)> {
    let messages = recovered.messages.iter().map(|found| (found.start, found.end));
    let strays = recovered.strays.iter().map(|found| (found.start, found.end));
    let mut spans: Vec<_> = messages.chain(strays).collect();
    spans.sort_unstable();
    spans
}

/// What must hold whatever the tokens are.
fn assert_sound(tokens: &[Rank], events: &[Event], recovered: &Recovered) {
    let mut at = 0;
    for (start, end) in spans(recovered) {
        assert!(start == at && start < end, "a gap or an overlap at {start}");
        at = end;
    }
    assert_eq!(at, tokens.len(), "tokens are left over");
    for stray in &recovered.strays {
        assert_eq!(stray.tokens, tokens[stray.start..stray.end]);
    }
    for message in &recovered.messages {
        let last = tokens[message.end - 1];
        assert!(message.terminator.is_none_or(|terminator| terminator == last));
        let inside = |index| message.start <= index && index <= message.end;
        assert!(message.repairs.iter().all(|repair| inside(repair.index)));
        assert!(message.repairs.is_sorted_by_key(|repair| repair.index));
        let names = [&message.message.author.name, &message.message.recipient];
        let names = names.into_iter().chain([&message.message.channel]).flatten();
        assert!(names.into_iter().all(|name| !name.is_empty() && !name.contains("<|")));
    }
    assert_orderly(events);
}

/// Messages follow each other, their positions grow, no delta is empty.
fn assert_orderly(events: &[Event]) {
    let (mut next, mut open, mut at) = (0, None, 0);
    for event in events {
        match event {
            Event::MessageStart { index, .. } => {
                assert!(open.is_none() && *index == next);
                open = Some(next);
                next += 1;
            }
            Event::ContentDelta { index, delta } => {
                assert!(open == Some(*index) && !delta.is_empty());
            }
            Event::MessageEnd { index, start, end, .. } => {
                assert!(open.take() == Some(*index) && *start == at);
                at = *end;
            }
            Event::Stray(stray) => {
                assert!(open.is_none() && stray.start == at);
                at = stray.end;
            }
        }
    }
    assert!(open.is_none());
}
