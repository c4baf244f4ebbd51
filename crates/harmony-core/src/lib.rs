//! Upstream's harmony renderer and parser, compiled from cargo's registry,
//! on a vocabulary that is built in.
//!
//! The contract: for every input, the token ids and messages are those of
//! unmodified native `openai-harmony`, or an error is returned. `chat` and
//! `encoding` are upstream's own files, unchanged; this crate adds what they
//! are built on ([`registry`]) and what a caller outside Rust needs around
//! them: reading conversations ([`conversation`]), plain text ([`text`]),
//! rendering and completions with the place of a failure ([`render`],
//! [`completion`]), the places of messages ([`spans`]), and errors with
//! codes ([`error`]). It knows nothing of JavaScript.

include!(concat!(env!("OUT_DIR"), "/upstream.rs"));

mod codes;
pub mod completion;
pub mod continuation;
pub mod conversation;
pub mod error;
pub mod recover;
pub mod registry;
pub mod render;
pub mod spans;
pub mod stream;
pub mod text;
mod tokenizer;

/// Upstream's encoding finds our tokenizer where upstream has its own.
pub(crate) use tokenizer as tiktoken;

pub use encoding::{HarmonyEncoding, ParseOptions, StreamableParser};
pub use error::{Error, ErrorCode};
pub use registry::load_harmony_encoding;
pub use tokenizer::vocabulary::VOCABULARY_SHA256;

/// What upstream's `registry.rs` finds at `crate::tiktoken_ext`: its name for
/// our tokenizer. Only the test that compares the two registries uses it.
#[cfg(test)]
mod tiktoken_ext {
    #![allow(missing_docs)]

    pub(crate) enum Encoding {
        O200kHarmony,
    }

    impl Encoding {
        pub(crate) fn load(&self) -> anyhow::Result<crate::tiktoken::CoreBPE> {
            Ok(crate::tokenizer::CoreBPE::load())
        }

        pub(crate) fn name(&self) -> &'static str {
            "o200k_harmony"
        }
    }
}
/// Upstream's own tokenizer and registry, as the references of our tests.
#[cfg(test)]
mod reference {
    include!(concat!(env!("OUT_DIR"), "/reference.rs"));
}
