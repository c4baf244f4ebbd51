//! One enum for every error in a caller's input. Upstream's messages are kept word
//! for word. The codes are ours and stable; the path or the index locates the
//! fault.

use crate::codes::codes;

codes! {
    /// The stable codes of [`Error`]. The TypeScript facade gets this list from
    /// the constants generator.
    pub enum ErrorCode {
        /// The text is not JSON.
        InvalidJson = "invalid_json",
        /// The JSON is nested too deeply.
        TooDeep = "too_deep",
        /// The JSON is not a conversation.
        InvalidConversation = "invalid_conversation",
        /// Upstream has no such role.
        UnknownRole = "unknown_role",
        /// No encoding has this name.
        UnknownEncoding = "unknown_encoding",
        /// The text contains a special token that the caller did not allow.
        DisallowedSpecial = "disallowed_special",
        /// The vocabulary has no such id.
        InvalidToken = "invalid_token",
        /// The bytes of the tokens are not UTF-8.
        InvalidUtf8 = "invalid_utf8",
        /// Upstream refuses to render the conversation.
        RenderFailed = "render_failed",
        /// Upstream refuses to parse the completion.
        ParseFailed = "parse_failed",
    }
}

/// An error in a caller's input; [`Error::code`] says which kind.
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
    /// The JSON is nested deeper than upstream's reader allows.
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
    /// An argument names a message past the end of the conversation.
    #[error("the conversation has no message {index}")]
    NoSuchMessage {
        /// The argument that arrived.
        index: usize,
        /// The JSON path that the message would have.
        path: String,
    },
    /// An argument names a role that upstream does not know.
    #[error("unknown role: {role}")]
    UnknownRole {
        /// The argument that arrived.
        role: String,
    },
    /// No encoding has this name.
    #[error("Invalid HarmonyEncodingName: {name}")]
    UnknownEncoding {
        /// The argument that arrived.
        name: String,
    },
    /// The text contains a special token that the caller did not allow.
    #[error("Encountered text corresponding to disallowed special token '{token}'.")]
    DisallowedSpecial {
        /// The token's text.
        token: String,
    },
    /// The vocabulary has no such token id.
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
        /// The position of the token, or the input's length if it ends
        /// too early.
        index: usize,
    },
}

impl Error {
    /// The name of the error's [`ErrorCode`].
    pub fn code(&self) -> &'static str {
        self.error_code().as_str()
    }

    /// The stable code, one per kind of mistake.
    pub fn error_code(&self) -> ErrorCode {
        match self {
            Self::InvalidJson { .. } => ErrorCode::InvalidJson,
            Self::TooDeep { .. } => ErrorCode::TooDeep,
            Self::InvalidConversation { .. } | Self::NoSuchMessage { .. } => {
                ErrorCode::InvalidConversation
            }
            Self::UnknownMessageRole { .. } | Self::UnknownRole { .. } => ErrorCode::UnknownRole,
            Self::UnknownEncoding { .. } => ErrorCode::UnknownEncoding,
            Self::DisallowedSpecial { .. } => ErrorCode::DisallowedSpecial,
            Self::InvalidToken { .. } => ErrorCode::InvalidToken,
            Self::InvalidUtf8 { .. } => ErrorCode::InvalidUtf8,
            Self::RenderFailed { .. } => ErrorCode::RenderFailed,
            Self::ParseFailed { .. } => ErrorCode::ParseFailed,
        }
    }

    /// The JSON path of the field or message at fault, if there is one.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::InvalidConversation { path, .. }
            | Self::UnknownMessageRole { path, .. }
            | Self::NoSuchMessage { path, .. }
            | Self::RenderFailed { path, .. } => Some(path),
            _ => None,
        }
    }

    /// The position of the token at fault, if there is one.
    pub fn index(&self) -> Option<usize> {
        match self {
            Self::InvalidToken { index, .. } | Self::ParseFailed { index, .. } => Some(*index),
            _ => None,
        }
    }
}
