//! Rendering, by upstream. What is added is the place of a failure.

use crate::{
    chat::{Conversation, Message, Role},
    encoding::{HarmonyEncoding, RenderConversationConfig, RenderOptions},
    error::Error,
    tiktoken::Rank,
};

/// What a rendered conversation is for.
pub enum Purpose {
    /// As it stands: every message ends with its terminator.
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
    let rendered = match purpose {
        Purpose::Conversation => encoding.render_conversation(conversation, Some(config)),
        Purpose::Completion(role) => {
            encoding.render_conversation_for_completion(conversation, role, Some(config))
        }
        Purpose::Training => encoding.render_conversation_for_training(conversation, Some(config)),
    };
    rendered.map_err(|error| {
        let refused = |message: &Message| encoding.render(message, None).is_err();
        let place = conversation.messages.iter().position(refused);
        let path = place.map_or_else(String::new, |index| format!("messages[{index}]"));
        Error::RenderFailed { error: error.to_string(), path }
    })
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
