//! The tokens of a text while it is encoded.
//!
//! The front cache writes a fixed number of tokens for each piece, of which
//! the piece has the first few, and the next piece overwrites the rest. So there
//! is always room behind the tokens: a vector that is longer than they are.
//! Appending a token or two to a vector one piece at a time would cost a call of
//! `memcpy` each.

use super::{front::MOST_TOKENS, lanes::LANES};
use crate::tokenizer::Rank;

/// How many tokens may be written for a window: no more than it has bytes are kept.
pub(super) const WINDOW_TOKENS: usize = LANES + MOST_TOKENS;

pub(super) struct Output {
    tokens: Vec<Rank>,
    /// How many of `tokens` are tokens.
    count: usize,
    /// How many there were before the last piece.
    before_last_piece: usize,
}

impl Output {
    /// Room for the tokens of a text with so many bytes: most texts have fewer than
    /// one token in three, and growing copies all tokens.
    pub(super) fn of_text(length: usize) -> Self {
        Self { tokens: vec![0; length / 3 + 2 * WINDOW_TOKENS], count: 0, before_last_piece: 0 }
    }

    /// Where `N` tokens may be written before they are kept.
    #[inline(always)]
    pub(super) fn room<const N: usize>(&mut self) -> &mut [Rank; N] {
        if self.tokens.len() < self.count + N {
            self.grow(N);
        }
        match self.tokens[self.count..].first_chunk_mut() {
            Some(room) => room,
            None => unreachable!(),
        }
    }

    /// Keeps the first `count` tokens in [`Self::room`], of which the last piece has those
    /// from `before_last_piece` on.
    #[inline(always)]
    pub(super) fn keep(&mut self, before_last_piece: usize, count: usize) {
        self.before_last_piece = self.count + before_last_piece;
        self.count += count;
    }

    /// Appends the tokens of a piece.
    #[inline]
    pub(super) fn append_piece(&mut self, tokens: &[Rank]) {
        if self.tokens.len() < self.count + tokens.len() {
            self.grow(tokens.len());
        }
        self.tokens[self.count..self.count + tokens.len()].copy_from_slice(tokens);
        self.keep(0, tokens.len());
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, room: usize) {
        self.tokens.resize(self.tokens.len() + self.tokens.len() / 2 + room, 0);
    }

    /// How many tokens the last piece has.
    pub(super) fn last_piece(&self) -> usize {
        self.count - self.before_last_piece
    }

    pub(super) fn into_tokens(mut self) -> Vec<Rank> {
        self.tokens.truncate(self.count);
        self.tokens
    }
}
