//! Byte-pair merging of one piece of up to 255 bytes, as upstream's loop does
//! it: of all neighbours whose joined bytes are a token, join those of the
//! lowest rank, the leftmost of equals first, until none are left.
//!
//! The parts are linked, not moved together after a merge. Each part has a key,
//! `rank << 8 | index`, of its join with the next one, so the smallest key is
//! the next merge and the leftmost of equals; the search for it goes over all
//! keys at once, in vectors. That is quadratic in the piece, hence the limit.
//!
//! Beyond ASCII the first parts are characters, not bytes, where every character
//! is a token and no token crosses a border between two of them with a part of
//! either ([`Cuts::keeps_whole`]). Then a merge across a border needs both
//! characters whole, and its rank is above theirs, because a token's rank is
//! above those of the tokens it is made of. So when upstream's loop comes to
//! that merge it has made both characters; making them first changes nothing.
//!
//! There the token that two tokens join to is remembered as well ([`Joins`]):
//! new words are made of known syllables. The two ranks are the key, and the
//! value is the vocabulary's answer, so this changes no result. New Russian and
//! Hindi is 1.4 and 1.6 times as fast with it; new code 0.8 times, so ASCII does
//! without it.

use super::{
    cuts::{character, Cuts},
    vocabulary::{spread, zeroed, Vocabulary, NO_RANK},
};
use crate::tokenizer::Rank;

/// An index, and one more, must fit into a byte.
pub(super) const LONGEST_PIECE: usize = 255;

/// Larger than any key: there is nothing to join.
const NO_KEY: u32 = u32::MAX;

pub(super) struct Merger {
    joins: Joins,
    /// Whether joins are looked up in `joins` first.
    remembers: bool,
    /// How many parts there are at first.
    count: usize,
    /// Where each part starts in the piece; behind the last one, its end.
    starts: [u8; LONGEST_PIECE + 1],
    keys: [u32; LONGEST_PIECE],
    /// The part after the one at an index.
    next: [u8; LONGEST_PIECE],
    /// The part before the one at an index.
    previous: [u8; LONGEST_PIECE],
    /// The token that the part at an index is.
    ranks: [Rank; LONGEST_PIECE],
}

impl Default for Merger {
    fn default() -> Self {
        Self {
            joins: Joins(zeroed(0)),
            remembers: false,
            count: 0,
            starts: [0; _],
            keys: [NO_KEY; _],
            next: [0; _],
            previous: [0; _],
            ranks: [0; _],
        }
    }
}

/// A piece within its text: a look-up reads whole words, beyond the piece's end.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a [u8],
    pub(super) start: usize,
    /// At least 2 and at most [`LONGEST_PIECE`] bytes behind `start`.
    pub(super) end: usize,
}

impl Merger {
    /// Appends the tokens of a piece of ASCII.
    pub(super) fn append_ascii(
        &mut self,
        vocabulary: &Vocabulary,
        piece: Piece,
        tokens: &mut Vec<Rank>,
    ) {
        self.remembers = false;
        self.start_with_bytes(vocabulary, piece);
        self.merge(vocabulary, piece, tokens);
    }

    /// Appends the tokens of a piece.
    pub(super) fn append(
        &mut self,
        vocabulary: &Vocabulary,
        cuts: &Cuts,
        piece: Piece,
        tokens: &mut Vec<Rank>,
    ) {
        self.remembers = true;
        if !self.start_with_characters(vocabulary, cuts, piece) {
            self.start_with_bytes(vocabulary, piece);
        }
        self.merge(vocabulary, piece, tokens);
    }

    fn merge(&mut self, vocabulary: &Vocabulary, piece: Piece, tokens: &mut Vec<Rank>) {
        loop {
            let smallest = self.keys[..self.count].iter().copied().fold(NO_KEY, u32::min);
            if smallest == NO_KEY {
                break;
            }
            let index = (smallest & 0xff) as usize;
            self.ranks[index] = smallest >> 8;
            self.join(vocabulary, piece, index);
        }
        let mut index = 0;
        while index < self.count {
            tokens.push(self.ranks[index]);
            index = usize::from(self.next[index]);
        }
    }

    fn start_with_bytes(&mut self, vocabulary: &Vocabulary, piece: Piece) {
        self.count = 0;
        let bytes = &piece.text[piece.start..piece.end];
        for (index, &byte) in bytes.iter().enumerate() {
            self.add(vocabulary.rank_of_byte(byte), index);
        }
        self.starts[self.count] = bytes.len() as u8;
        for (index, pair) in bytes.windows(2).enumerate() {
            self.keys[index] = key(vocabulary.rank_of_pair(pair[0], pair[1]), index);
        }
        self.keys[self.count - 1] = NO_KEY;
    }

    /// Makes every character a part; false if that could change the result.
    fn start_with_characters(
        &mut self,
        vocabulary: &Vocabulary,
        cuts: &Cuts,
        piece: Piece,
    ) -> bool {
        self.count = 0;
        let mut left = character(piece.text, piece.start);
        let mut at = piece.start;
        loop {
            let end = at + left.length;
            if end > piece.end {
                return false;
            }
            let rank = vocabulary.rank_of_character(piece.text, at, left.length);
            if rank == NO_RANK {
                return false;
            }
            self.add(rank, at - piece.start);
            if end == piece.end {
                break;
            }
            let right = character(piece.text, end);
            if !cuts.keeps_whole(left, right) {
                return false;
            }
            (at, left) = (end, right);
        }
        self.starts[self.count] = (piece.end - piece.start) as u8;
        for index in 0..self.count - 1 {
            self.keys[index] = self.key_of_join(vocabulary, piece, index, index + 1, index + 2);
        }
        self.keys[self.count - 1] = NO_KEY;
        true
    }

    #[inline]
    fn add(&mut self, rank: Rank, start: usize) {
        let index = self.count;
        self.starts[index] = start as u8;
        self.next[index] = index as u8 + 1;
        self.previous[index] = index.saturating_sub(1) as u8;
        self.ranks[index] = rank;
        self.count += 1;
    }

    /// Joins the part at `index` with the next one.
    #[inline]
    fn join(&mut self, vocabulary: &Vocabulary, piece: Piece, index: usize) {
        let gone = usize::from(self.next[index]);
        let end = usize::from(self.next[gone]);
        self.keys[gone] = NO_KEY;
        self.next[index] = end as u8;
        self.keys[index] = NO_KEY;
        if end < self.count {
            self.previous[end] = index as u8;
            let following = usize::from(self.next[end]);
            self.keys[index] = self.key_of_join(vocabulary, piece, index, end, following);
        }
        if index > 0 {
            let before = usize::from(self.previous[index]);
            self.keys[before] = self.key_of_join(vocabulary, piece, before, index, end);
        }
    }

    /// The key of the part at `left` joined with the one at `right`; `end` is the
    /// part after them.
    #[inline]
    fn key_of_join(
        &mut self,
        vocabulary: &Vocabulary,
        piece: Piece,
        left: usize,
        right: usize,
        end: usize,
    ) -> u32 {
        let [start, end] = [left, end].map(|part| piece.start + usize::from(self.starts[part]));
        let look_up = || vocabulary.rank_of_join(piece.text, start, end);
        let rank = if self.remembers {
            self.joins.rank(self.ranks[left], self.ranks[right], look_up)
        } else {
            look_up()
        };
        key(rank, left)
    }
}

#[inline]
fn key(rank: Rank, index: usize) -> u32 {
    match rank {
        NO_RANK => NO_KEY,
        rank => rank << 8 | index as u32,
    }
}

const JOIN_BITS: u32 = 14;
const RANK_BITS: u32 = 18;
const NO_JOIN: u64 = (1 << (RANK_BITS + 1)) - 1;

/// What pairs of tokens join to: the pair, above it a bit so that no entry is
/// zero, below it the joined token's rank. A new pair replaces an older one.
struct Joins(Box<[u64; 1 << JOIN_BITS]>);

impl Joins {
    #[inline]
    fn rank(&mut self, first: Rank, second: Rank, look_up: impl FnOnce() -> Rank) -> Rank {
        let pair = 1 << (2 * RANK_BITS) | u64::from(first) << RANK_BITS | u64::from(second);
        let slot = &mut self.0[(spread(pair) >> (64 - JOIN_BITS)) as usize];
        if *slot >> (RANK_BITS + 1) != pair {
            let rank = look_up();
            *slot = pair << (RANK_BITS + 1) | u64::from(rank) & NO_JOIN;
        }
        match *slot & NO_JOIN {
            NO_JOIN => NO_RANK,
            rank => rank as Rank,
        }
    }
}
