//! Upstream's harmony renderer and parser, compiled from cargo's registry on a
//! built-in vocabulary.
//!
//! The contract: for every input, the token ids and messages equal those of
//! unmodified native `openai-harmony`, or an error is returned. [`upstream`]
//! includes upstream's own files, unchanged. This crate adds what they are
//! built on ([`registry`] and the tokenizer) and what a caller outside Rust
//! needs around them:
//!
//! - [`json`] reads conversations and locates faults in them; [`text`] encodes
//!   and decodes plain text; [`error`] has errors with codes.
//! - [`render`] renders, finds the spans of messages, and continues a prompt.
//! - [`strict`] is upstream's parser; [`recover`] is the parser that never
//!   fails. Both emit the events of [`events`], and [`event_parser`] is either.
//!
//! It knows nothing about JavaScript.

mod codes;
pub mod error;
pub mod event_parser;
pub mod events;
pub mod json;
pub mod recover;
pub mod registry;
pub mod render;
pub mod strict;
pub mod text;
mod tokenizer;
pub mod upstream;
pub mod utf16;

pub use encoding::{HarmonyEncoding, ParseOptions, StreamableParser};
pub use error::{Error, ErrorCode};
pub use registry::load_harmony_encoding;
#[cfg(feature = "limits")]
pub use tokenizer::limits::Limits;
pub use tokenizer::vocabulary::VOCABULARY_SHA256;
pub(crate) use upstream::tiktoken;
pub use upstream::{chat, encoding};
#[cfg(test)]
pub(crate) use upstream::{reference, tiktoken_ext};
