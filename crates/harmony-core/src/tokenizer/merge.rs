//! Byte-pair merging of one piece of up to 255 bytes, as upstream's loop has
//! it: of all neighbours whose joined bytes are a token, those of the lowest
//! rank are joined, the leftmost of equals first, until none are left.
//!
//! The parts are not moved together after a merge, they are linked. Each part
//! has a key, `rank << 8 | index`, of its join with the next one, so that the
//! smallest key is the next merge and the leftmost of equals; the search for
//! it goes over all keys at once, in vectors. That is quadratic in the piece,
//! whence the limit.

use super::vocabulary::{Vocabulary, NO_RANK};
use crate::tokenizer::Rank;

/// An index, and one more, must fit into a byte.
pub(super) const LONGEST_PIECE: usize = 255;

/// Larger than any key: there is nothing to join.
const NO_KEY: u32 = u32::MAX;

/// What a look-up may read behind the piece.
const PADDING: usize = 8;

pub(super) struct Merger {
    /// The piece, with room behind it: a look-up reads whole words, and from
    /// the piece alone it would have to gather the last ones byte by byte.
    bytes: [u8; LONGEST_PIECE + PADDING],
    keys: [u32; LONGEST_PIECE],
    /// Where the part after the one at an index starts.
    next: [u8; LONGEST_PIECE],
    /// Where the part before the one at an index starts.
    previous: [u8; LONGEST_PIECE],
    /// The token that the part at an index is.
    ranks: [Rank; LONGEST_PIECE],
}

impl Default for Merger {
    fn default() -> Self {
        Self {
            bytes: [0; LONGEST_PIECE + PADDING],
            keys: [NO_KEY; LONGEST_PIECE],
            next: [0; LONGEST_PIECE],
            previous: [0; LONGEST_PIECE],
            ranks: [0; LONGEST_PIECE],
        }
    }
}

impl Merger {
    /// Appends the tokens of `piece`, which has 2 to 255 bytes.
    pub(super) fn append(&mut self, vocabulary: &Vocabulary, piece: &[u8], tokens: &mut Vec<Rank>) {
        self.bytes[..piece.len()].copy_from_slice(piece);
        self.start(vocabulary, piece);
        loop {
            let smallest = self.keys[..piece.len()].iter().copied().fold(NO_KEY, u32::min);
            if smallest == NO_KEY {
                break;
            }
            let index = (smallest & 0xff) as usize;
            self.ranks[index] = smallest >> 8;
            self.join(vocabulary, piece.len(), index);
        }
        let mut start = 0;
        while start < piece.len() {
            tokens.push(self.ranks[start]);
            start = usize::from(self.next[start]);
        }
    }

    /// Every byte a part.
    fn start(&mut self, vocabulary: &Vocabulary, piece: &[u8]) {
        for index in 0..piece.len() {
            self.next[index] = index as u8 + 1;
            self.previous[index] = index.saturating_sub(1) as u8;
            let following = piece.get(index + 1);
            let rank =
                following.map_or(NO_RANK, |&byte| vocabulary.rank_of_pair(piece[index], byte));
            self.keys[index] = key(rank, index);
            self.ranks[index] = vocabulary.rank_of_byte(piece[index]);
        }
    }

    /// Joins the part at `index` with the next one.
    fn join(&mut self, vocabulary: &Vocabulary, length: usize, index: usize) {
        let gone = usize::from(self.next[index]);
        let end = usize::from(self.next[gone]);
        self.keys[gone] = NO_KEY;
        self.next[index] = end as u8;
        self.keys[index] = NO_KEY;
        if end < length {
            self.previous[end] = index as u8;
            let following = usize::from(self.next[end]);
            self.keys[index] = key(vocabulary.rank_of_join(&self.bytes, index, following), index);
        }
        if index > 0 {
            let before = usize::from(self.previous[index]);
            self.keys[before] = key(vocabulary.rank_of_join(&self.bytes, before, end), before);
        }
    }
}

#[inline]
fn key(rank: Rank, index: usize) -> u32 {
    match rank {
        NO_RANK => NO_KEY,
        rank => rank << 8 | index as u32,
    }
}
