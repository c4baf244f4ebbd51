//! The tokenizer of o200k_harmony, behind the methods of upstream's `CoreBPE`
//! that upstream's encoding calls.
//!
//! Encoding gives what upstream's regular expression and merge loop give, in
//! another way:
//!
//! ```text
//! encode      text to tokens, piece by piece
//!  ├─ window  where pieces end in 64 bytes at once        ── lanes    vectors
//!  ├─ split   where one piece ends, by upstream's pattern ── classes  of characters
//!  ├─ front   tokens of short pieces seen before
//!  ├─ vocabulary   a piece that is a token                ── unpack   at load
//!  ├─ cache   tokens of longer pieces merged before
//!  ├─ cuts    where a piece falls into parts
//!  ├─ merge   a part, pair by pair
//!  ├─ long    a part above 255 bytes, in linear time
//!  └─ output  the tokens so far
//! pieces      all pieces of a text       ── proof     whether tokens are those of their text
//!                                        └─ limits    how long each step takes alone
//! special     tokens that only markup may spell
//! ```
//!
//! Each of these files opens with why it is exact; the tests compare the whole
//! with upstream's own `tiktoken.rs`.

mod cache;
mod classes;
mod cuts;
mod encode;
mod front;
mod lanes;
#[cfg(feature = "limits")]
pub(crate) mod limits;
mod long;
mod merge;
mod output;
mod pieces;
pub(crate) mod proof;
mod rank;
pub(crate) mod special;
mod split;
pub(crate) mod vocabulary;
mod window;

use encode::{Encoder, Workspace};
use output::Output;
pub(crate) use rank::Rank;
use std::{
    borrow::Borrow,
    cell::{OnceCell, RefCell},
    collections::HashSet,
};
use vocabulary::Vocabulary;

/// The tokenizer. Only one call at a time may use its workspace, so it is not `Sync`.
pub struct CoreBPE {
    vocabulary: Vocabulary,
    special: OnceCell<Vec<String>>,
    workspace: RefCell<Workspace>,
}

/// A token id that is neither ordinary nor special.
#[derive(Debug, Clone, thiserror::Error)]
#[error("Invalid token for decoding: {token}")]
pub struct DecodeKeyError {
    /// The id.
    pub token: Rank,
}

/// Tokens whose bytes are not text.
#[derive(Debug, Clone, thiserror::Error)]
#[error("Could not decode tokens: {message}")]
pub struct DecodeError {
    /// Why, in upstream's words.
    pub message: String,
}

impl CoreBPE {
    /// Unpacks the built-in tables.
    pub(crate) fn load() -> Self {
        Self {
            vocabulary: Vocabulary::load(),
            special: OnceCell::new(),
            workspace: RefCell::default(),
        }
    }

    /// The tokens of a text in which nothing is special.
    pub fn encode_ordinary(&self, text: &str) -> Vec<Rank> {
        self.encode_utf8(text.as_bytes())
    }

    /// [`Self::encode_ordinary`] of bytes that the caller knows to be UTF-8:
    /// checking them again would cost a fourteenth of encoding. Other bytes do
    /// no harm, but their tokens have no meaning.
    pub fn encode_utf8(&self, text: &[u8]) -> Vec<Rank> {
        let mut output = Output::of_text(text.len());
        self.append(text, &mut output);
        output.into_tokens()
    }

    /// The tokens of a text in which the texts of `allowed` are special tokens;
    /// and how many of them the last piece has, as upstream returns it.
    pub fn encode(&self, text: &str, allowed: &HashSet<&str>) -> (Vec<Rank>, usize) {
        self.encode_where(text, |token| allowed.contains(token))
    }

    /// The tokens of a text in which every special token is allowed.
    pub fn encode_with_special_tokens(&self, text: &str) -> Vec<Rank> {
        self.encode_where(text, |_| true).0
    }

    fn encode_where(&self, text: &str, is_allowed: impl Fn(&str) -> bool) -> (Vec<Rank>, usize) {
        let mut output = Output::of_text(text.len());
        let mut from = 0;
        for found in special::occurrences(text).filter(|found| is_allowed(found.text)) {
            self.append(&text.as_bytes()[from..found.start], &mut output);
            output.append_piece(&[found.id]);
            from = found.start + found.text.len();
        }
        let in_last_piece = match &text.as_bytes()[from..] {
            [] => 0,
            rest => {
                self.append(rest, &mut output);
                output.last_piece()
            }
        };
        (output.into_tokens(), in_last_piece)
    }

    /// Appends the tokens of `text`.
    fn append(&self, text: &[u8], output: &mut Output) {
        let workspace = &mut *self.workspace.borrow_mut();
        Encoder { vocabulary: &self.vocabulary, workspace }.append(text, output);
    }

    /// The bytes of tokens.
    ///
    /// # Errors
    /// The first id that is not a token.
    pub fn decode_bytes<S, E>(&self, tokens: S) -> Result<Vec<u8>, DecodeKeyError>
    where
        S: IntoIterator<Item = E>,
        E: Borrow<Rank>,
    {
        let tokens = tokens.into_iter();
        let mut bytes = Vec::with_capacity(tokens.size_hint().0 * 4);
        for token in tokens {
            let token = *token.borrow();
            bytes.extend_from_slice(self.token_bytes(token).ok_or(DecodeKeyError { token })?);
        }
        Ok(bytes)
    }

    /// The bytes of one token, or none for an id that is not a token.
    #[inline]
    pub(crate) fn token_bytes(&self, token: Rank) -> Option<&[u8]> {
        let ordinary = self.vocabulary.token(token);
        ordinary.or_else(|| self.special_text(token).map(str::as_bytes))
    }

    /// The text of tokens.
    ///
    /// # Errors
    /// An id that is not a token, or bytes that are not UTF-8.
    pub fn decode_utf8<S, E>(&self, tokens: S) -> Result<String, DecodeError>
    where
        S: IntoIterator<Item = E>,
        E: Borrow<Rank>,
    {
        let bytes = self
            .decode_bytes(tokens)
            .map_err(|error| DecodeError { message: format!("Invalid token error: {error}") })?;
        String::from_utf8(bytes)
            .map_err(|error| DecodeError { message: format!("Invalid utf-8 sequence: {error}") })
    }

    /// The texts of all special tokens.
    pub fn special_tokens(&self) -> HashSet<&str> {
        self.special_texts().iter().map(String::as_str).collect()
    }

    /// Whether an id is that of a special token.
    pub fn is_special_token(&self, token: Rank) -> bool {
        self.special_text(token).is_some()
    }

    fn special_text(&self, token: Rank) -> Option<&str> {
        let index = token.checked_sub(special::FIRST)?;
        self.special_texts().get(usize::try_from(index).ok()?).map(String::as_str)
    }

    /// Built on first use: 1,091 strings would slow down loading.
    fn special_texts(&self) -> &[String] {
        self.special.get_or_init(|| special::tokens().map(|(text, _)| text).collect())
    }
}

#[cfg(test)]
mod tests;
