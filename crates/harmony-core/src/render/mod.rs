//! Rendering, by upstream. This module adds the place of a failure; [`spans`]
//! finds the messages among the ids, [`rows`] renders many conversations at
//! once, [`proof`] checks many rows of ids, and [`continuation`] builds the next
//! prompt from sampled ids.

pub mod continuation;
pub mod proof;
pub mod rows;
pub mod spans;

use crate::{
    chat::{Conversation, Message, Role},
    encoding::{HarmonyEncoding, RenderConversationConfig, RenderOptions},
    error::Error,
    tokenizer::Rank,
};

/// What a rendered conversation is for.
#[derive(Clone)]
pub enum Purpose {
    /// A record: every message ends with its terminator.
    Conversation,
    /// A prompt: the start of the next message, with this role, is appended.
    Completion(Role),
    /// A training example: a last `final` message ends with `<|return|>`.
    Training,
}

/// Renders a conversation into token ids.
///
/// # Errors
/// [`Error::RenderFailed`] with the path of the message that upstream refuses.
pub fn conversation(
    encoding: &HarmonyEncoding,
    conversation: &Conversation,
    purpose: Purpose,
    config: &RenderConversationConfig,
) -> Result<Vec<Rank>, Error> {
    messages(encoding, conversation, purpose, config, |index| index)
}

/// [`conversation`] for a caller that numbers messages differently: `known_as`
/// returns the caller's index, for the path of an error.
pub(crate) fn messages(
    encoding: &HarmonyEncoding,
    conversation: &Conversation,
    purpose: Purpose,
    config: &RenderConversationConfig,
    known_as: impl Fn(usize) -> usize,
) -> Result<Vec<Rank>, Error> {
    let rendered = match purpose {
        Purpose::Conversation => encoding.render_conversation(conversation, Some(config)),
        Purpose::Completion(role) => {
            encoding.render_conversation_for_completion(conversation, role, Some(config))
        }
        Purpose::Training => encoding.render_conversation_for_training(conversation, Some(config)),
    };
    rendered.map_err(|error| {
        let dropped = dropped_messages(&conversation.messages, config);
        let refused = |(index, message): (usize, &Message)| {
            !dropped[index] && encoding.render(message, None).is_err()
        };
        let place = conversation.messages.iter().enumerate().position(refused);
        let path = place.map_or_else(String::new, |at| format!("messages[{}]", known_as(at)));
        Error::RenderFailed { error: error.to_string(), path }
    })
}

/// Which messages upstream leaves out. Upstream does not report them, so this
/// repeats its rule, and a test compares the two.
pub(crate) fn dropped_messages(
    messages: &[Message],
    config: &RenderConversationConfig,
) -> Vec<bool> {
    let on = |message: &Message, channel: &str| message.channel.as_deref() == Some(channel);
    let last_answer = messages.iter().rfind(|message| message.author.role == Role::Assistant);
    let drops = config.auto_drop_analysis && last_answer.is_some_and(|last| on(last, "final"));
    let first_final = messages.iter().position(|message| on(message, "final")).unwrap_or(0);
    let is_dropped = |(index, message)| drops && index < first_final && on(message, "analysis");
    messages.iter().enumerate().map(is_dropped).collect()
}

/// Renders one message into token ids.
///
/// # Errors
/// [`Error::RenderFailed`] with an empty path.
pub fn message(
    encoding: &HarmonyEncoding,
    message: &Message,
    options: &RenderOptions,
) -> Result<Vec<Rank>, Error> {
    let rendered = encoding.render(message, Some(options));
    rendered.map_err(|error| Error::RenderFailed { error: error.to_string(), path: String::new() })
}

#[cfg(test)]
mod tests {
    use super::{conversation, dropped_messages, Purpose};
    use crate::{chat::Conversation, encoding::RenderConversationConfig};

    /// Every conversation of up to four messages of these makes: as many
    /// messages are rendered as are not dropped.
    #[test]
    fn upstream_drops_the_same_messages() {
        let encoding = crate::load_harmony_encoding("HarmonyGptOss").expect("it loads");
        let start = encoding.tokenizer().encode_with_special_tokens("<|start|>")[0];
        let makes = [
            r#"{"role": "user", "content": "u"}"#,
            r#"{"role": "assistant", "content": "a", "channel": "analysis"}"#,
            r#"{"role": "user", "content": "a", "channel": "analysis"}"#,
            r#"{"role": "assistant", "content": "c", "channel": "commentary"}"#,
            r#"{"role": "assistant", "content": "f", "channel": "final"}"#,
        ];
        for number in 0..makes.len().pow(4) * 2 {
            let config = RenderConversationConfig { auto_drop_analysis: number % 2 == 0 };
            let make = |digit| makes[number / 2 / makes.len().pow(digit) % makes.len()];
            let text = format!(r#"{{"messages": [{}]}}"#, [0, 1, 2, 3].map(make).join(","));
            let given: Conversation = serde_json::from_str(&text).expect("a conversation");
            let tokens = conversation(&encoding, &given, Purpose::Conversation, &config);
            let rendered = tokens.expect("it renders").iter().filter(|&&id| id == start).count();
            let dropped = dropped_messages(&given.messages, &config);
            assert_eq!(rendered, dropped.iter().filter(|&&dropped| !dropped).count(), "{text}");
        }
    }
}
