//! The bytes of all tokens in rank order. Those of a token are the bytes of the
//! two that merge to it, one behind the other; both have lower ranks.

use super::{
    packed::{parts, MERGES, PACKED, SINGLES, TOTAL_BYTES},
    words::{word_at, zeroed, WORD},
};
use crate::tokenizer::Rank;
use std::ops::Range;

pub(super) const TOKENS: usize = SINGLES + MERGES;

pub(super) struct Tokens {
    /// The bytes of all tokens in rank order, and a word to copy into.
    pub(super) bytes: Box<[u8; TOTAL_BYTES + 2 * WORD]>,
    /// Where each token's bytes start; one more than there are tokens.
    starts: Box<[u32; TOKENS + 1]>,
}

impl Tokens {
    /// Those of single bytes, which are the first ranks.
    pub(super) fn of_single_bytes() -> Self {
        let mut tokens = Self { bytes: zeroed(0), starts: zeroed(0) };
        tokens.bytes[..SINGLES].copy_from_slice(&PACKED[..SINGLES]);
        for (rank, start) in (0..).zip(&mut tokens.starts[..=SINGLES]) {
            *start = rank;
        }
        tokens
    }

    #[inline]
    pub(super) fn range(&self, rank: usize) -> Range<usize> {
        self.starts[rank] as usize..self.starts[rank + 1] as usize
    }

    /// The bytes of a token that is not special.
    pub(super) fn get(&self, rank: Rank) -> Option<&[u8]> {
        let rank = usize::try_from(rank).ok().filter(|&rank| rank < TOKENS)?;
        self.bytes.get(self.range(rank))
    }

    /// Writes a token to `to` by words; returns where it ends.
    #[inline]
    pub(super) fn write(&self, rank: Rank, room: &mut [u8], to: usize) -> Option<usize> {
        let rank = usize::try_from(rank).ok().filter(|&rank| rank < TOKENS)?;
        let range = self.range(rank);
        for offset in (0..range.len()).step_by(WORD) {
            let word = word_at(&self.bytes[..], range.start + offset);
            room[to + offset..to + offset + WORD].copy_from_slice(&word.to_le_bytes());
        }
        Some(to + range.len())
    }

    /// Writes the bytes of up to `count` tokens, from the merge `first` on.
    #[inline(never)]
    pub(super) fn join(&mut self, first: usize, count: usize) {
        let mut start = self.starts[SINGLES + first] as usize;
        for merge in first..MERGES.min(first + count) {
            let [left, right] = parts(merge);
            let middle = self.copy(self.range(left as usize), start);
            start = self.copy(self.range(right as usize), middle);
            self.starts[SINGLES + merge + 1] = start as u32;
        }
    }

    /// Copies bytes to `to` by words; returns where they end. What follows
    /// overwrites what the last word writes beyond that.
    #[inline]
    fn copy(&mut self, from: Range<usize>, to: usize) -> usize {
        for offset in (0..from.len()).step_by(WORD) {
            let word = word_at(&self.bytes[..], from.start + offset);
            self.bytes[to + offset..to + offset + WORD].copy_from_slice(&word.to_le_bytes());
        }
        to + from.len()
    }
}
