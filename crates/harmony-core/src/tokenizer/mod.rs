//! The tokenizer of o200k_harmony, behind the methods of upstream's `CoreBPE`
//! that upstream's encoding calls.
//!
//! Encoding is what upstream's regular expression and merge loop do, done
//! otherwise: the text is split into pieces by hand ([`split`]), ASCII by masks of
//! 64 bytes ([`ascii`], on the vectors of [`lanes`]); a piece that
//! is a token is looked up whole ([`vocabulary`]), which is most of them; any
//! other is merged pair by pair ([`merge`]), in parts where
//! it can be cut ([`cuts`]), or, when it is long, in linear
//! time from left to right ([`long`]). Merged pieces are remembered
//! ([`cache`]). Each of these files opens with why it is exact; the tests
//! compare the whole with upstream's own `tiktoken.rs`.

mod ascii;
mod cache;
mod classes;
mod cuts;
mod lanes;
mod long;
mod merge;
pub(crate) mod special;
mod split;
pub(crate) mod vocabulary;

use cache::Cache;
use classes::Classes;
use cuts::Cuts;
use merge::Merger;
use std::{
    borrow::Borrow,
    cell::{OnceCell, RefCell},
    collections::HashSet,
    ops::Range,
};
use vocabulary::{Vocabulary, NO_RANK};

/// A token id: for an ordinary token, its rank.
pub(crate) type Rank = u32;

/// The tokenizer. One at a time may use its workspace, so it is not `Sync`.
pub struct CoreBPE {
    classes: Classes,
    vocabulary: Vocabulary,
    special: OnceCell<Vec<String>>,
    workspace: RefCell<Workspace>,
}

/// What encoding needs besides the tables, kept from call to call.
#[derive(Default)]
struct Workspace {
    merger: Merger,
    cache: Cache,
    cuts: Option<Cuts>,
    long: Option<long::Tables>,
}

/// A token id that is neither ordinary nor special.
#[derive(Debug, Clone, thiserror::Error)]
#[error("Invalid token for decoding: {token}")]
pub struct DecodeKeyError {
    /// The id.
    pub token: Rank,
}

/// Tokens that are no text.
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
            classes: Classes::load(),
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
    /// no harm, but their tokens mean nothing.
    pub fn encode_utf8(&self, text: &[u8]) -> Vec<Rank> {
        let mut tokens = Vec::with_capacity(text.len() / 4 + 8);
        self.append(text, &mut tokens);
        tokens
    }

    /// The tokens of a text in which the texts of `allowed` are special tokens;
    /// and how many of them the last piece has, as upstream tells it.
    pub fn encode(&self, text: &str, allowed: &HashSet<&str>) -> (Vec<Rank>, usize) {
        self.encode_where(text, |token| allowed.contains(token))
    }

    /// The tokens of a text in which every special token is allowed.
    pub fn encode_with_special_tokens(&self, text: &str) -> Vec<Rank> {
        self.encode_where(text, |_| true).0
    }

    fn encode_where(&self, text: &str, is_allowed: impl Fn(&str) -> bool) -> (Vec<Rank>, usize) {
        let mut tokens = Vec::new();
        let mut from = 0;
        for found in special::occurrences(text).filter(|found| is_allowed(found.text)) {
            self.append(&text.as_bytes()[from..found.start], &mut tokens);
            tokens.push(found.id);
            from = found.start + found.text.len();
        }
        let in_last_piece = self.append(&text.as_bytes()[from..], &mut tokens);
        (tokens, in_last_piece)
    }

    /// Appends the tokens of `text`; returns how many the last piece has.
    fn append(&self, text: &[u8], tokens: &mut Vec<Rank>) -> usize {
        let workspace = &mut *self.workspace.borrow_mut();
        let mut last_piece = tokens.len();
        let mut start = 0;
        let mut append = |start: usize, end: usize| {
            last_piece = tokens.len();
            match self.vocabulary.rank(text, start, end) {
                NO_RANK => workspace.append_merged(&self.vocabulary, text, start..end, tokens),
                rank => tokens.push(rank),
            }
        };
        while start < text.len() {
            let window = start;
            let mut starts = ascii_starts(text, window);
            while starts != 0 {
                let end = window + starts.trailing_zeros() as usize;
                starts &= starts - 1;
                append(start, end);
                start = end;
            }
            if start == window {
                let end = split::piece_end(&self.classes, text, start);
                append(start, end);
                start = end;
            }
        }
        tokens.len() - last_piece
    }

    /// The bytes of tokens.
    ///
    /// # Errors
    /// The first id that is no token.
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

    /// The bytes of one token, or none for an id that is no token.
    #[inline]
    pub(crate) fn token_bytes(&self, token: Rank) -> Option<&[u8]> {
        let ordinary = self.vocabulary.token(token);
        ordinary.or_else(|| self.special_text(token).map(str::as_bytes))
    }

    /// The text of tokens.
    ///
    /// # Errors
    /// An id that is no token, or bytes that are not UTF-8.
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

    /// Whether an id is a special token's.
    pub fn is_special_token(&self, token: Rank) -> bool {
        self.special_text(token).is_some()
    }

    fn special_text(&self, token: Rank) -> Option<&str> {
        let index = token.checked_sub(special::FIRST)?;
        self.special_texts().get(usize::try_from(index).ok()?).map(String::as_str)
    }

    /// Built on first use: loading has no time for 1,091 strings.
    fn special_texts(&self) -> &[String] {
        self.special.get_or_init(|| special::tokens().map(|(text, _)| text).collect())
    }
}

/// The starts of pieces in the window of `text` at `at`. Where its first eight
/// bytes are not all ASCII it has few: text in other scripts has a space before
/// each word, and would lose a tenth of its speed to masks.
#[inline]
fn ascii_starts(text: &[u8], at: usize) -> u64 {
    match text[at..].first_chunk() {
        Some(window) if window[..8].is_ascii() => ascii::piece_starts(window),
        _ => 0,
    }
}

impl Workspace {
    /// Appends the tokens of a piece that is not a token itself.
    fn append_merged(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        piece: Range<usize>,
        tokens: &mut Vec<Rank>,
    ) {
        if text[piece.clone()].is_ascii() {
            return self.append_part(vocabulary, text, piece, tokens);
        }
        let is_remembered = piece.len() <= merge::LONGEST_PIECE;
        if is_remembered && self.cache.append(text, piece.clone(), tokens) {
            return;
        }
        let first = tokens.len();
        let mut start = piece.start;
        while start < piece.end {
            let cuts = self.cuts.get_or_insert_with(|| Cuts::load(vocabulary));
            let end = start + cuts.part_end(&text[start..piece.end], 0);
            match vocabulary.rank(text, start, end) {
                NO_RANK => self.append_part(vocabulary, text, start..end, tokens),
                rank => tokens.push(rank),
            }
            if end == piece.end && start == piece.start {
                return;
            }
            start = end;
        }
        if is_remembered {
            self.cache.remember(text, piece, &tokens[first..]);
        }
    }

    /// Appends the tokens of a part of a piece that is not a token itself.
    fn append_part(
        &mut self,
        vocabulary: &Vocabulary,
        text: &[u8],
        part: Range<usize>,
        tokens: &mut Vec<Rank>,
    ) {
        if part.len() > merge::LONGEST_PIECE {
            let long = self.long.get_or_insert_with(|| long::Tables::load(vocabulary));
            long.append(vocabulary, &text[part], tokens);
        } else if !self.cache.append(text, part.clone(), tokens) {
            let first = tokens.len();
            self.merger.append(vocabulary, &text[part.clone()], tokens);
            self.cache.remember(text, part, &tokens[first..]);
        }
    }
}

#[cfg(test)]
mod tests;
