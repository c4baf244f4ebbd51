//! One enum for everything that can be wrong with a caller's input. Where
//! upstream has a message it is kept word for word; the code is ours and
//! stable, the path and the index say where.

/// An error that a caller can tell apart by [`Error::code`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is not JSON.
    #[error("invalid {what} JSON: {error}")]
    InvalidJson {
        /// `conversation` or `message`.
        what: &'static str,
        /// serde_json's message.
        error: String,
    },
    /// The JSON is nested deeper than upstream's reader goes.
    #[error("invalid {what} JSON: {error}")]
    TooDeep {
        /// `conversation` or `message`.
        what: &'static str,
        /// serde_json's message.
        error: String,
    },
    /// The JSON is not a conversation: a field is missing or of a wrong type.
    #[error("invalid {what} JSON: {error}")]
    InvalidConversation {
        /// `conversation` or `message`.
        what: &'static str,
        /// serde_json's message.
        error: String,
        /// The JSON path of the field.
        path: String,
    },
    /// A message has a role that upstream does not know.
    #[error("invalid {what} JSON: {error}")]
    UnknownMessageRole {
        /// `conversation` or `message`.
        what: &'static str,
        /// serde_json's message.
        error: String,
        /// The JSON path of the role.
        path: String,
    },
    /// An argument names a message that the conversation does not have.
    #[error("the conversation has no message {index}")]
    NoSuchMessage {
        /// What arrived.
        index: usize,
        /// The JSON path that the message would have.
        path: String,
    },
    /// An argument names a role that upstream does not know.
    #[error("unknown role: {role}")]
    UnknownRole {
        /// What arrived.
        role: String,
    },
    /// No encoding has this name.
    #[error("Invalid HarmonyEncodingName: {name}")]
    UnknownEncoding {
        /// What arrived.
        name: String,
    },
    /// The text holds a special token that the caller did not allow.
    #[error(
        "Encountered text corresponding to disallowed special token '{token}'.\n\
         To encode it as a special token, name it in `allowedSpecial`. \
         To encode it as ordinary text, leave it out of `disallowedSpecial`."
    )]
    DisallowedSpecial {
        /// The token's text.
        token: String,
    },
    /// A token id that the vocabulary does not have.
    #[error("{error}")]
    InvalidToken {
        /// Upstream's message.
        error: String,
        /// The position of the id in the input.
        index: usize,
    },
    /// Tokens whose bytes are not UTF-8.
    #[error("{error}")]
    InvalidUtf8 {
        /// Upstream's message.
        error: String,
    },
    /// Upstream refuses to render the conversation.
    #[error("{error}")]
    RenderFailed {
        /// Upstream's message.
        error: String,
        /// The JSON path of the message.
        path: String,
    },
    /// Upstream refuses to parse the completion.
    #[error("{error}")]
    ParseFailed {
        /// Upstream's message.
        error: String,
        /// The position of the token, or the input's length when it ended
        /// too early.
        index: usize,
    },
}

impl Error {
    /// The stable code, one per kind of mistake. Each stands in the facade's
    /// `errors.ts` too, which takes an error with another code for a trap.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidJson { .. } => "invalid_json",
            Self::TooDeep { .. } => "too_deep",
            Self::InvalidConversation { .. } | Self::NoSuchMessage { .. } => "invalid_conversation",
            Self::UnknownMessageRole { .. } | Self::UnknownRole { .. } => "unknown_role",
            Self::UnknownEncoding { .. } => "unknown_encoding",
            Self::DisallowedSpecial { .. } => "disallowed_special",
            Self::InvalidToken { .. } => "invalid_token",
            Self::InvalidUtf8 { .. } => "invalid_utf8",
            Self::RenderFailed { .. } => "render_failed",
            Self::ParseFailed { .. } => "parse_failed",
        }
    }

    /// The JSON path of the field or message at fault, where there is one.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::InvalidConversation { path, .. }
            | Self::UnknownMessageRole { path, .. }
            | Self::NoSuchMessage { path, .. }
            | Self::RenderFailed { path, .. } => Some(path),
            _ => None,
        }
    }

    /// The position of the token at fault, where there is one.
    pub fn index(&self) -> Option<usize> {
        match self {
            Self::InvalidToken { index, .. } | Self::ParseFailed { index, .. } => Some(*index),
            _ => None,
        }
    }
}
