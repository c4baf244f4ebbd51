//! Builds upstream's `HarmonyEncoding` on the built-in vocabulary. It
//! replaces upstream's `registry.rs`, whose wasm32 half does not compile
//! (harmony#77); the test below compares every field with the result of that
//! file's native half.

use crate::{
    encoding::{FormattingToken, HarmonyEncoding},
    error::Error,
    tokenizer::CoreBPE,
};
use std::{collections::HashMap, sync::Arc};

/// Upstream's name of the only encoding.
pub const HARMONY_GPT_OSS: &str = "HarmonyGptOss";

const N_CTX: usize = 1 << 20;
const MAX_ACTION_LENGTH: usize = 1 << 19;

const FORMAT_TOKENS: [(FormattingToken, &str); 10] = [
    (FormattingToken::Start, "<|start|>"),
    (FormattingToken::Message, "<|message|>"),
    (FormattingToken::EndMessage, "<|end|>"),
    (FormattingToken::EndMessageDoneSampling, "<|return|>"),
    (FormattingToken::Refusal, "<|refusal|>"),
    (FormattingToken::ConstrainedFormat, "<|constrain|>"),
    (FormattingToken::Channel, "<|channel|>"),
    (FormattingToken::EndMessageAssistantToTool, "<|call|>"),
    (FormattingToken::BeginUntrusted, "<|untrusted|>"),
    (FormattingToken::EndUntrusted, "<|end_untrusted|>"),
];
const STOPS_FOR_ACTIONS: [FormattingToken; 2] =
    [FormattingToken::EndMessageDoneSampling, FormattingToken::EndMessageAssistantToTool];

/// Loads an encoding by upstream's name for it. The vocabulary is
/// unpacked each time.
///
/// # Errors
/// [`Error::UnknownEncoding`] for any name but [`HARMONY_GPT_OSS`].
pub fn load_harmony_encoding(name: &str) -> Result<HarmonyEncoding, Error> {
    if name != HARMONY_GPT_OSS {
        return Err(Error::UnknownEncoding { name: name.to_owned() });
    }
    let format_token_mapping: HashMap<_, _> =
        FORMAT_TOKENS.iter().map(|&(token, text)| (token, text.to_owned())).collect();
    // Upstream's field is an Arc; the tokenizer's workspace is for one thread.
    #[allow(clippy::arc_with_non_send_sync)]
    let tokenizer = Arc::new(CoreBPE::load());
    Ok(HarmonyEncoding {
        name: name.to_owned(),
        n_ctx: N_CTX,
        max_message_tokens: N_CTX - MAX_ACTION_LENGTH,
        max_action_length: MAX_ACTION_LENGTH,
        tokenizer_name: "o200k_harmony".to_owned(),
        tokenizer,
        format_token_mapping,
        stop_formatting_tokens: STOPS_FOR_ACTIONS
            .into_iter()
            .chain([FormattingToken::EndMessage])
            .collect(),
        stop_formatting_tokens_for_assistant_actions: STOPS_FOR_ACTIONS.into(),
    })
}

#[cfg(test)]
mod tests;
