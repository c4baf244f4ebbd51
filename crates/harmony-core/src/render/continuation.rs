//! The next turn's prompt from the ids of this turn: what the model wrote is
//! not rendered again, so that it keeps its ids (harmony#27, harmony#81).

use crate::{
    chat::{Conversation, Role},
    encoding::{FormattingToken, HarmonyEncoding, RenderConversationConfig},
    error::Error,
    recover::{Parser, Recovered},
    render::{self, Purpose},
    tokenizer::Rank,
};

/// What becomes of the `<|return|>` that ended the completion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// It becomes `<|end|>`: upstream's guide says so for history, because the
    /// model never saw `<|return|>` in a prompt.
    Ended,
    /// It stays as it was sampled.
    Kept,
}

/// `prompt`, `completion`, the messages of `conversation`, and the start of
/// the next message. A completion that was cut off, or that came without its
/// stop token, gets the terminator that the renderer would write.
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
    end_last_message(encoding, prompt, completion, policy, &mut tokens);
    tokens.extend(next);
    Ok(tokens)
}

fn end_last_message(
    encoding: &HarmonyEncoding,
    prompt: &[Rank],
    completion: &[Rank],
    policy: Return,
    tokens: &mut Vec<Rank>,
) {
    let id = |token| {
        let text = encoding.format_token_mapping.get(&token)?;
        encoding.tokenizer().encode_with_special_tokens(text).first().copied()
    };
    let [end, call, returned] = [
        FormattingToken::EndMessage,
        FormattingToken::EndMessageAssistantToTool,
        FormattingToken::EndMessageDoneSampling,
    ]
    .map(id);
    match last_message(encoding, prompt, completion) {
        LastMessage::Open { is_call: true } => tokens.extend(call),
        LastMessage::Open { is_call: false } => tokens.extend(end),
        LastMessage::Ended { at, terminator } => {
            if policy == Return::Ended && Some(terminator) == returned {
                tokens.splice(prompt.len() + at..=prompt.len() + at, end);
            }
        }
        LastMessage::None => {}
    }
}

/// How the last message of a completion ends.
enum LastMessage {
    None,
    /// Without a stop token.
    Open {
        is_call: bool,
    },
    /// With this stop token at this position.
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
    recovery.end(&mut last);
    match Recovered::of(events.into_iter().chain(last)).messages.pop() {
        // `<|endoftext|>` ends content too, but no renderer writes it.
        Some(last) => match last.terminator.filter(|id| stops.contains(id)) {
            Some(terminator) => LastMessage::Ended { at: last.end - 1, terminator },
            None => {
                let is_tool_call =
                    last.message.author.role == Role::Assistant && last.message.recipient.is_some();
                LastMessage::Open { is_call: is_tool_call }
            }
        },
        None if has_begun => LastMessage::Open { is_call: false },
        None => LastMessage::None,
    }
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
            ("<|channel|>final".to_owned(), "<|channel|>final<|end|>".to_owned()),
            (String::new(), "<|end|>".to_owned()),
        ];
        for (completion, wanted) in rows {
            let prompt = "<|start|>user<|message|>hi<|end|><|start|>assistant";
            assert_eq!(kept(prompt, &completion, Return::Ended), wanted, "{completion}");
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
