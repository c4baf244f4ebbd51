//! Byte-pair merging of one piece of up to 255 bytes, as upstream's loop does
//! it: of all neighbours whose joined bytes are a token, join those of the
//! lowest rank, the leftmost of equals first, until none are left.
//!
//! The parts are linked, not moved together after a merge. Each part has a key,
//! `rank << 8 | index`, of its join with the next one, so the smallest key is
//! the next merge and the leftmost of equals; the search for it goes over all
//! keys at once, in vectors. That is quadratic in the piece, hence the limit.
//!
//! Beyond ASCII a character is one part from the start, not its bytes, where it
//! is a token and no token reaches over either of its borders with a part of it,
//! or of its neighbour ([`Cuts::keeps_whole`]). Whatever joins over such a border
//! then holds the whole character, and has a higher rank, because a token's rank
//! is above those of the tokens it is made of. So before upstream's loop comes to
//! that merge it has joined the character's bytes, with each other alone; doing so
//! first changes nothing. The other characters start as their bytes: in Russian,
//! the first one behind a space, since a token is a space and half a letter.
//!
//! There the token that two tokens join to is remembered as well ([`Joins`]):
//! new words are made of known syllables. The two ranks are the key, and the
//! value is the vocabulary's answer, so this changes no result. Without it new
//! Russian, Hindi and Arabic take 9 to 14 % longer (by counted instructions,
//! cache misses and mispredictions); ASCII gains nothing, and does without.

use super::{
    cuts::{self, Cuts},
    vocabulary::{spread, zeroed, Vocabulary, NO_RANK, RANK_BITS},
};
use crate::tokenizer::Rank;

/// An index, and one more, must fit into a byte.
pub(super) const LONGEST_PIECE: usize = 255;

/// Larger than any other key: there is nothing to join.
const NO_KEY: u32 = u32::MAX;

/// One for each number that fits into a byte, so that no index needs a check.
const PARTS: usize = LONGEST_PIECE + 1;

pub(super) struct Merger {
    joins: Joins,
    /// Whether joins are looked up in `joins` first.
    remembers: bool,
    /// How many parts there are at first.
    count: usize,
    /// Where each part starts in the piece; behind the last one, its end.
    starts: [u8; PARTS],
    keys: [u32; PARTS],
    /// The part after the one at an index.
    next: [u8; PARTS],
    /// The part before the one at an index.
    previous: [u8; PARTS],
    /// The token that the part at an index is.
    ranks: [Rank; PARTS],
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
        self.start_with_characters(vocabulary, cuts, piece);
        self.merge(vocabulary, piece, tokens);
    }

    fn merge(&mut self, vocabulary: &Vocabulary, piece: Piece, tokens: &mut Vec<Rank>) {
        loop {
            let smallest = self.keys[..self.count].iter().copied().fold(NO_KEY, u32::min);
            let rank = smallest >> 8;
            if rank >= NO_RANK {
                break;
            }
            let index = (smallest & 0xff) as usize;
            self.ranks[index] = rank;
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

    /// Makes every character a part that surely becomes one, and every other byte.
    fn start_with_characters(&mut self, vocabulary: &Vocabulary, cuts: &Cuts, piece: Piece) {
        let Piece { text, start, end } = piece;
        self.count = 0;
        let mut character = cuts::character(text, start);
        let mut at = start;
        let mut keeps_left = true;
        while at < end {
            let behind = at + character.length;
            let following = cuts::character(text, behind.min(end - 1));
            let keeps_right = behind >= end || cuts.keeps_whole(character, following);
            let rank = if keeps_left && keeps_right && behind <= end {
                vocabulary.rank_of_character(text, at, character.length)
            } else {
                NO_RANK
            };
            if rank == NO_RANK {
                for (offset, &byte) in text[at..behind.min(end)].iter().enumerate() {
                    self.add(vocabulary.rank_of_byte(byte), at - start + offset);
                }
            } else {
                self.add(rank, at - start);
            }
            (at, character, keeps_left) = (behind, following, keeps_right);
        }
        self.starts[self.count] = (end - start) as u8;
        for index in 0..self.count - 1 {
            self.keys[index] = self.key_of_join(vocabulary, piece, index, index + 1, index + 2);
        }
        self.keys[self.count - 1] = NO_KEY;
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
    rank << 8 | index as u32
}

const JOIN_BITS: u32 = 14;

/// What pairs of tokens join to: the pair, above it a bit so that no entry is
/// zero, below it the joined token's rank. A new pair replaces an older one.
struct Joins(Box<[u64; 1 << JOIN_BITS]>);

impl Joins {
    #[inline]
    fn rank(&mut self, first: Rank, second: Rank, look_up: impl FnOnce() -> Rank) -> Rank {
        let pair = 1 << (2 * RANK_BITS) | u64::from(first) << RANK_BITS | u64::from(second);
        let slot = &mut self.0[(spread(pair) >> (64 - JOIN_BITS)) as usize];
        if *slot >> RANK_BITS != pair {
            *slot = pair << RANK_BITS | u64::from(look_up());
        }
        (*slot & u64::from(NO_RANK)) as Rank
    }
}
