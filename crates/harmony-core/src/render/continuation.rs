//! The next turn's prompt from the ids of this turn. The completion is not
//! rendered again, so it keeps its ids (harmony#27, harmony#81).

use crate::{
    chat::{Conversation, Role},
    encoding::{FormattingToken, HarmonyEncoding, RenderConversationConfig},
    error::Error,
    events::{Header, RepairCode},
    recover::{Parser, Recovered},
    render::{self, Purpose},
    tokenizer::Rank,
};
use std::collections::HashSet;

/// How a `<|return|>` at the end of the completion is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// It becomes `<|end|>`, as upstream's guide says for history: the model
    /// never saw `<|return|>` in a prompt.
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
/// - A header without content is no message that a prompt may hold: it is cut,
///   with the part of it that the prompt wrote.
/// - A `<|return|>` becomes `<|end|>`, and stop tokens repeated after a
///   terminator are cut.
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
    match last_message(encoding, &tokens[..prompt], &tokens[prompt..]) {
        LastMessage::Open { is_call: true } => tokens.extend(call),
        LastMessage::Open { is_call: false } => tokens.extend(end),
        LastMessage::Header { at } => {
            let start = id(FormattingToken::Start);
            let before = tokens[..prompt].iter().rposition(|&token| Some(token) == start);
            let cut = if at == 0 { before.unwrap_or(prompt) } else { prompt + at };
            tokens.truncate(cut);
        }
        LastMessage::Ended { at, terminator } => {
            if policy == Return::Ended && Some(terminator) == returned {
                tokens.splice(prompt + at..=prompt + at, end);
            }
        }
        LastMessage::None => {}
    }
}

/// A `<|return|>` after another stop token ends nothing, and no prompt has one.
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
    /// It is a header without content, from this position on.
    Header {
        at: usize,
    },
    /// This stop token at this position ends it.
    Ended {
        at: usize,
        terminator: Rank,
    },
}

fn last_message(encoding: &HarmonyEncoding, prompt: &[Rank], completion: &[Rank]) -> LastMessage {
    let stops = encoding.stop_tokens().unwrap_or_default();
    let mut recovery = Parser::new(encoding, None);
    recovery.begin(None, prompt);
    let (mut events, mut last) = (Vec::new(), Vec::new());
    recovery.push(completion, &mut events);
    let has_begun = recovery.has_begun();
    let is_header = recovery.is_in_header();
    recovery.end(&mut last);
    let Recovered { mut messages, strays } = Recovered::of(events.into_iter().chain(last));
    let dropped = strays.last().filter(|stray| is_header && stray.end == completion.len());
    if let Some(header) = dropped {
        return LastMessage::Header { at: header.start };
    }
    let Some(last) = messages.pop() else {
        return if has_begun { LastMessage::Header { at: 0 } } else { LastMessage::None };
    };
    // `<|endoftext|>` ends content too, but no renderer writes it.
    if let Some(terminator) = last.terminator.filter(|id| stops.contains(id)) {
        return LastMessage::Ended { at: last.end - 1, terminator };
    }
    let is_unfinished = last.repairs.iter().any(|found| found.code == RepairCode::UnfinishedHeader);
    if is_unfinished && Header::of_message(last.message.clone()).1.is_empty() {
        return LastMessage::Header { at: last.start };
    }
    let is_call = last.message.author.role == Role::Assistant && last.message.recipient.is_some();
    LastMessage::Open { is_call }
}

#[cfg(test)]
mod tests {
    use super::{continue_conversation, Return};
    use crate::{chat::Role, json::read_conversation, load_harmony_encoding};

    /// What stands between the prompt and the next message.
    fn kept(prompt: &str, completion: &str, policy: Return) -> String {
        let encoding = load_harmony_encoding("HarmonyGptOss").expect("it loads");
        let tokens_of = |text: &str| encoding.tokenizer().encode_with_special_tokens(text);
        let next = read_conversation(r#"[{"role": "user", "content": "next"}]"#).expect("JSON");
        let (prompt, completion) = (tokens_of(prompt), tokens_of(completion));
        let role = Role::Assistant;
        let tokens = continue_conversation(&encoding, &prompt, &completion, &next, role, policy);
        let tokens = tokens.expect("it renders");
        assert_eq!(tokens[..prompt.len()], prompt);
        let text = encoding.tokenizer().decode_utf8(&tokens[prompt.len()..]).expect("text");
        let next = "<|start|>user<|message|>next<|end|><|start|>assistant";
        text.strip_suffix(next).expect("the next turn").to_owned()
    }

    #[test]
    fn the_completion_keeps_its_ids_and_gets_what_ends_it() {
        let call = "<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}";
        let answer = "<|channel|>final<|message|>4";
        let rows = [
            (format!("{call}<|call|>"), format!("{call}<|call|>")),
            (call.to_owned(), format!("{call}<|call|>")),
            (format!("{call}<|end|>"), format!("{call}<|end|>")),
            (format!("{answer}<|return|>"), format!("{answer}<|end|>")),
            (format!("{answer}<|end|>"), format!("{answer}<|end|>")),
            (answer.to_owned(), format!("{answer}<|end|>")),
            (format!("{answer}<|return|>\n"), format!("{answer}<|end|>\n")),
            (format!("{answer}<|end|><|return|>"), format!("{answer}<|end|>")),
            (format!("{answer}<|return|><|return|>"), format!("{answer}<|end|>")),
            (format!("{answer}<|end|><|start|>"), format!("{answer}<|end|>")),
            (format!("{answer}<|end|><|start|>assistant"), format!("{answer}<|end|>")),
            (
                format!("{answer}<|end|><|start|>assistant<|channel|>final"),
                format!("{answer}<|end|>"),
            ),
        ];
        for (completion, wanted) in rows {
            let prompt = "<|start|>user<|message|>hi<|end|><|start|>assistant";
            assert_eq!(kept(prompt, &completion, Return::Ended), wanted, "{completion}");
        }
    }

    #[test]
    fn a_header_without_content_is_cut() {
        let header = "<|channel|>commentary to=functions.f <|constrain|>json";
        for completion in ["", "<|channel|>", "<|channel|>final", header] {
            let encoding = load_harmony_encoding("HarmonyGptOss").expect("it loads");
            let tokens_of = |text: &str| encoding.tokenizer().encode_with_special_tokens(text);
            let next = read_conversation(r#"[{"role": "user", "content": "next"}]"#).expect("JSON");
            let tokens = continue_conversation(
                &encoding,
                &tokens_of("<|start|>user<|message|>hi<|end|><|start|>assistant"),
                &tokens_of(completion),
                &next,
                Role::Assistant,
                Return::Ended,
            );
            let wanted = "<|start|>user<|message|>hi<|end|><|start|>user<|message|>next<|end|><|start|>assistant";
            assert_eq!(tokens.expect("it renders"), tokens_of(wanted), "{completion}");
        }
    }

    #[test]
    fn the_return_can_be_kept() {
        let completion = "<|channel|>final<|message|>4<|return|>";
        assert_eq!(kept("<|start|>assistant", completion, Return::Kept), completion);
    }

    #[test]
    fn what_the_prompt_has_begun_is_ended() {
        let prompt = "<|start|>assistant<|channel|>final<|message|>It is";
        assert_eq!(kept(prompt, " 4", Return::Ended), " 4<|end|>");
        assert_eq!(kept(prompt, "", Return::Ended), "<|end|>");
        assert_eq!(kept("<|start|>user<|message|>hi<|end|>", "", Return::Ended), "");
    }
}
