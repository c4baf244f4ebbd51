//! The next turn's prompt from the ids of this turn. The completion is not
//! rendered again, so it keeps its ids (harmony#27, harmony#81). Recovery decides
//! where its last message begins and ends; the renderer writes the messages that
//! follow.

use crate::{
    chat::{Conversation, Role},
    encoding::{FormattingToken, HarmonyEncoding, RenderConversationConfig},
    error::Error,
    events::{Header, RepairCode},
    recover::{Parser, Recovered, RecoveredMessage},
    render::{self, Purpose},
    tokenizer::Rank,
};
use std::collections::HashSet;

/// How a `<|return|>` at the end of the completion is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// It becomes the terminator that the renderer writes, `<|end|>` or `<|call|>`,
    /// as upstream's guide asks for history: the model has never seen `<|return|>`
    /// in a prompt.
    Ended,
    /// It is kept as sampled.
    Kept,
}

/// `prompt`, `completion`, the messages of `conversation`, and the start of
/// the next message. A completion that was cut off, or that lacks its stop
/// token, gets the terminator that the renderer would write; a header without
/// content at its end is cut.
///
/// # Errors
/// [`Error::RenderFailed`] for a message that upstream refuses.
pub fn continue_conversation(
    encoding: &HarmonyEncoding,
    prompt: &[Rank],
    completion: &[Rank],
    conversation: &Conversation,
    next_role: Role,
    policy: Return,
) -> Result<Vec<Rank>, Error> {
    let config = RenderConversationConfig { auto_drop_analysis: false };
    let purpose = Purpose::Completion(next_role);
    let next = render::conversation(encoding, conversation, purpose, &config)?;
    let mut tokens = [prompt, completion].concat();
    end_last_message(encoding, prompt.len(), policy, &mut tokens);
    tokens.extend(next);
    Ok(tokens)
}

/// What to keep of the completion and how to end it.
///
/// - A last message that is open gets the terminator the renderer would write,
///   at the end: the sampled ids stay as they are.
/// - A header without content is cut, with the part of it that the prompt wrote:
///   no prompt holds such a message.
/// - A `<|return|>` becomes `<|end|>`, or `<|call|>` after a call, and stop tokens
///   repeated after a terminator are cut.
fn end_last_message(
    encoding: &HarmonyEncoding,
    prompt: usize,
    policy: Return,
    tokens: &mut Vec<Rank>,
) {
    let id = |token| {
        let text = encoding.format_token_mapping.get(&token)?;
        encoding.tokenizer().encode_with_special_tokens(text).first().copied()
    };
    let end = id(FormattingToken::EndMessage);
    let call = id(FormattingToken::EndMessageAssistantToTool);
    let returned = id(FormattingToken::EndMessageDoneSampling);
    if policy == Return::Ended {
        drop_repeated_returns(
            prompt,
            returned,
            &encoding.stop_tokens().unwrap_or_default(),
            tokens,
        );
    }
    let (cut, last) = last_message(encoding, &tokens[..prompt], &tokens[prompt..]);
    if let Some(at) = cut {
        let start = id(FormattingToken::Start);
        let before = tokens[..prompt].iter().rposition(|&token| Some(token) == start);
        tokens.truncate(if at == 0 { before.unwrap_or(prompt) } else { prompt + at });
    }
    let terminator = |is_call| if is_call { call } else { end };
    match last {
        LastMessage::Open { is_call } => tokens.extend(terminator(is_call)),
        LastMessage::Ended { at, terminator: sampled, is_call } => {
            if policy == Return::Ended && Some(sampled) == returned {
                tokens.splice(prompt + at..=prompt + at, terminator(is_call));
            }
        }
        LastMessage::None => {}
    }
}

/// Drops each `<|return|>` after another stop token: it ends nothing.
fn drop_repeated_returns(
    prompt: usize,
    returned: Option<Rank>,
    stops: &HashSet<Rank>,
    tokens: &mut Vec<Rank>,
) {
    while let [.., before, last] = tokens[prompt..] {
        if Some(last) != returned || !stops.contains(&before) {
            return;
        }
        tokens.pop();
    }
}

/// How the last message of a completion ends.
enum LastMessage {
    None,
    /// It has content and no stop token.
    Open {
        is_call: bool,
    },
    /// This stop token at this position ends it.
    Ended {
        at: usize,
        terminator: Rank,
        is_call: bool,
    },
}

/// The last message of a completion, and where the headers without content after
/// it begin, if there are any.
fn last_message(
    encoding: &HarmonyEncoding,
    prompt: &[Rank],
    completion: &[Rank],
) -> (Option<usize>, LastMessage) {
    let stops = encoding.stop_tokens().unwrap_or_default();
    let mut recovery = Parser::new(encoding, None);
    recovery.begin(None, prompt);
    let is_prompted = recovery.is_in_header();
    let (mut events, mut last) = (Vec::new(), Vec::new());
    recovery.push(completion, &mut events);
    let has_begun = recovery.has_begun();
    let is_header = recovery.is_in_header();
    recovery.end(&mut last);
    let Recovered { mut messages, strays } = Recovered::of(events.into_iter().chain(last));
    let dropped = strays.last().filter(|stray| is_header && stray.end == completion.len());
    let mut cut = dropped.map(|header| header.start);
    while let Some(header) = messages.pop_if(|last| is_empty_header(last)) {
        cut = Some(header.start);
    }
    let Some(last) = messages.pop() else {
        let is_silent = is_prompted && completion.iter().all(|id| stops.contains(id));
        let is_cut_off = has_begun && is_header;
        return (cut.or((is_cut_off || is_silent).then_some(0)), LastMessage::None);
    };
    let is_call = last.message.author.role == Role::Assistant && last.message.recipient.is_some();
    // `<|endoftext|>` ends content too, but no renderer writes it.
    if let Some(terminator) = last.terminator.filter(|id| stops.contains(id)) {
        return (cut, LastMessage::Ended { at: last.end - 1, terminator, is_call });
    }
    (cut, LastMessage::Open { is_call })
}

/// Whether a message is a header that ends without `<|message|>` and without
/// content.
fn is_empty_header(found: &RecoveredMessage) -> bool {
    let is_unfinished = found.repairs.iter().any(|made| made.code == RepairCode::UnfinishedHeader);
    is_unfinished && Header::of_message(found.message.clone()).1.is_empty()
}

#[cfg(test)]
mod tests;
