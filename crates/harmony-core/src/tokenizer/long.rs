//! Byte-pair encoding of one long piece in linear time.
//!
//! Merging pair by pair takes time quadratic in a piece's length, and a text
//! without spaces can be a single piece. This encoder goes from left to right
//! instead: it takes the longest token, and steps back where that was wrong.
//!
//! The result is that of merging for these reasons:
//!
//! - Merges never fall in rank: joining two neighbours makes only pairs of a
//!   higher rank than the join's own. So the merges that made two tokens can be
//!   undone in the order of ranks, the last one first, and each step shows
//!   which two parts met at the border between them.
//! - Two tokens are neighbours in an encoding exactly when at none of these
//!   steps the parts at the border would have merged before the merge that is
//!   undone ([`Tables::are_neighbours`]). Of equal ranks the left comes first.
//! - Tokens are the encoding of their bytes exactly when every two neighbours
//!   are such a pair. So each prefix of the piece has one encoding, whatever
//!   follows, and a position from which the rest cannot be encoded is marked
//!   and not tried again. Each position is left at most once for each token
//!   that starts there, hence linear time.
//!
//! All of it rests on the vocabulary being closed: every token is the merge of
//! two of lower rank, and encodes to itself. The build checks that when it
//! packs the vocabulary.

use super::vocabulary::{spread, Vocabulary, NO_RANK};
use crate::tokenizer::Rank;

const LENGTH_CELLS: usize = 1 << 16;
const ANSWER_BITS: u32 = 12;
const ONE_OR_TWO: u128 = 0b11;

/// A token somewhere in the piece.
#[derive(Clone, Copy)]
struct Token {
    rank: Rank,
    length: usize,
}

/// What only long pieces need: 3.4 MB, built on first use.
pub(super) struct Tables {
    /// The lengths, from 1 to 128, of the tokens that begin with three given
    /// bytes: a bit each, by a hash of the three.
    lengths: Vec<u128>,
    /// The two parts of each token; of a single byte, twice itself.
    parts: Vec<[Rank; 2]>,
    /// The longest shorter token that each token begins with, once it was looked
    /// for: where few neighbours fit, many candidates are tried (a million tabs:
    /// 304 -> 108 ms). A single byte has none.
    shorter: Vec<Rank>,
    /// Answers of [`Tables::are_neighbours`], by a hash of the two ranks: long
    /// pieces repeat themselves (a million tabs: 430 -> 124 ms).
    answers: Vec<u64>,
}

impl Tables {
    pub(super) fn load(vocabulary: &Vocabulary) -> Self {
        let mut tables = Self {
            lengths: vec![ONE_OR_TWO; LENGTH_CELLS],
            parts: Vec::new(),
            shorter: Vec::new(),
            answers: vec![0; 1 << ANSWER_BITS],
        };
        for (rank, token) in (0..).map_while(|rank| Some((rank, vocabulary.token(rank)?))) {
            if token.len() > 2 {
                tables.lengths[cell(token)] |= 1 << (token.len() - 1);
            }
            tables.parts.push(vocabulary.parts(rank).unwrap_or([rank; 2]));
        }
        tables.shorter.resize(tables.parts.len(), NO_RANK);
        tables
    }

    /// Appends the tokens of `piece`.
    pub(super) fn append(&mut self, vocabulary: &Vocabulary, piece: &[u8], tokens: &mut Vec<Rank>) {
        let first = tokens.len();
        let mut dead = vec![0_u64; piece.len() / 64 + 1];
        let mut at = 0;
        let mut last: Option<Token> = None;
        let mut candidate = self.longest(vocabulary, piece, 0, piece.len());
        while at < piece.len() {
            let end = at + candidate.length;
            let is_dead = dead[end / 64] >> (end % 64) & 1 == 1;
            let fits = !is_dead
                && last.is_none_or(|last| {
                    self.are_known_neighbours(vocabulary, piece, at, last, candidate)
                });
            if fits {
                tokens.push(candidate.rank);
                (at, last) = (end, Some(candidate));
                if at < piece.len() {
                    candidate = self.longest(vocabulary, piece, at, piece.len() - at);
                }
            } else if candidate.length > 1 {
                candidate = self.shorter(vocabulary, piece, at, candidate);
            } else if let Some(wrong) = last {
                dead[at / 64] |= 1 << (at % 64);
                tokens.pop();
                (at, candidate) = (at - wrong.length, wrong);
                last = tokens[first..]
                    .last()
                    .map(|&rank| Token { rank, length: length(vocabulary, rank) });
            }
        }
    }

    /// The longest token of at most `limit` bytes at `at`. A single byte is
    /// always one.
    fn longest(&self, vocabulary: &Vocabulary, piece: &[u8], at: usize, limit: usize) -> Token {
        let known = if limit > 2 { self.lengths[cell(&piece[at..])] } else { ONE_OR_TWO };
        let mut lengths = known & (u128::MAX >> (128 - limit.clamp(1, 128)));
        loop {
            let length = 128 - lengths.leading_zeros() as usize;
            let rank = vocabulary.rank_of_join(piece, at, at + length);
            if rank != NO_RANK {
                return Token { rank, length };
            }
            lengths ^= 1 << (length - 1);
        }
    }

    /// The longest token at `at` that is shorter than `token`, which is there too.
    fn shorter(&mut self, vocabulary: &Vocabulary, piece: &[u8], at: usize, token: Token) -> Token {
        let known = self.shorter[token.rank as usize];
        if known != NO_RANK {
            return Token { rank: known, length: length(vocabulary, known) };
        }
        let found = self.longest(vocabulary, piece, at, token.length - 1);
        self.shorter[token.rank as usize] = found.rank;
        found
    }

    fn are_known_neighbours(
        &mut self,
        vocabulary: &Vocabulary,
        piece: &[u8],
        border: usize,
        left: Token,
        right: Token,
    ) -> bool {
        let key = 1 << 40 | u64::from(left.rank) << 20 | u64::from(right.rank);
        let slot = (spread(key) >> (64 - ANSWER_BITS)) as usize;
        if self.answers[slot] >> 1 != key {
            let answer = self.are_neighbours(vocabulary, piece, border, left, right);
            self.answers[slot] = key << 1 | u64::from(answer);
        }
        self.answers[slot] & 1 == 1
    }

    /// Whether the bytes of `left` and `right`, which meet at `border`, encode to
    /// these two tokens.
    fn are_neighbours(
        &self,
        vocabulary: &Vocabulary,
        piece: &[u8],
        border: usize,
        mut left: Token,
        mut right: Token,
    ) -> bool {
        let mut limit = NO_RANK;
        loop {
            if vocabulary.rank_of_join(piece, border - left.length, border + right.length) < limit {
                return false;
            }
            let undo_left =
                if left.rank > right.rank { left.length > 1 } else { right.length == 1 };
            if undo_left && left.length > 1 {
                limit = left.rank;
                left.rank = self.parts[left.rank as usize][1];
                left.length = length(vocabulary, left.rank);
            } else if right.length > 1 {
                limit = right.rank + 1;
                right.rank = self.parts[right.rank as usize][0];
                right.length = length(vocabulary, right.rank);
            } else {
                return true;
            }
        }
    }
}

fn length(vocabulary: &Vocabulary, rank: Rank) -> usize {
    vocabulary.token(rank).map_or(1, <[u8]>::len)
}

/// The cell of the first three bytes.
fn cell(bytes: &[u8]) -> usize {
    let three = u32::from(bytes[0]) | u32::from(bytes[1]) << 8 | u32::from(bytes[2]) << 16;
    (three.wrapping_mul(0x9e37_79b1) >> 16) as usize
}
