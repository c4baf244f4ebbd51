//! The front cache: short pieces and their tokens. Text repeats its words, and
//! most pieces of a text are found here, in 1.25 MB that stay in the processor's
//! cache where the vocabulary's tables do not. The words of most scripts are
//! long: with half as many of the longer entries, the same mixed scripts again
//! take 1.3 times as long, Korean and Chinese 1.1 to 1.2 times.
//!
//! It is exact because the whole piece is the key, its length included, and the
//! value is what the rest of the engine answered for that piece; a piece has the
//! same tokens wherever it occurs. It is bounded because a new piece takes the
//! place of an older one.
//!
//! A key is the piece's bytes as words of 64 bits. If the piece does not fill
//! the words, the last byte is a tag with its length: from 0xf8 on, which no
//! UTF-8 has. Pieces of other bytes that end in a tag are never stored, so the
//! answers for UTF-8 do not depend on them.

use super::vocabulary::{spread, zeroed, WORD};
use crate::tokenizer::Rank;

/// Longer pieces are not stored.
pub(super) const LONGEST_PIECE: usize = 4 * WORD - 1;

/// A look-up may read so many bytes from the start of a piece.
pub(super) const READ_AHEAD: usize = 4 * WORD;

/// A look-up may write so many tokens, more than the piece has.
pub(super) const MOST_TOKENS: usize = 4 * PER_WORD;

/// How many tokens of 18 bits a word holds, with their count above them.
const PER_WORD: usize = 3;
const TOKEN_BITS: u32 = 18;
const TOKEN_MASK: u64 = (1 << TOKEN_BITS) - 1;
const COUNT_SHIFT: u32 = TOKEN_BITS * PER_WORD as u32;

const TAG: u64 = 0xf8;

/// Three tables, so that a piece of one word takes 16 bytes and not 64.
pub(super) struct Front {
    short: Table<1, { 1 << 13 }>,
    middle: Table<2, { 1 << 13 }>,
    long: Table<4, { 1 << 12 }>,
}

/// Sets of two entries; the newer one is first.
struct Table<const WORDS: usize, const SETS: usize>(Box<[[Entry<WORDS>; 2]; SETS]>);

/// A piece and its tokens. An empty entry has no tokens. An array of numbers, so
/// that the tables are memory that the allocator zeroes when it is used.
type Entry<const WORDS: usize> = [[u64; WORDS]; 2];

impl Front {
    pub(super) fn new() -> Self {
        Self { short: Table::new(), middle: Table::new(), long: Table::new() }
    }

    /// Writes the tokens of `text[start..end]` to `out` and returns how many they
    /// are, or returns 0 if the piece is not here. `text` has [`READ_AHEAD`]
    /// bytes from `start` on, or nothing is found.
    #[inline]
    pub(super) fn find(
        &self,
        text: &[u8],
        start: usize,
        end: usize,
        out: &mut [Rank; MOST_TOKENS],
    ) -> usize {
        let bytes = text.get(start..).and_then(<[u8]>::first_chunk);
        bytes.map_or(0, |bytes| self.find_first(bytes, end - start, out))
    }

    /// [`Self::find`], of the first `length` bytes.
    #[inline(always)]
    pub(super) fn find_first(
        &self,
        bytes: &[u8; READ_AHEAD],
        length: usize,
        out: &mut [Rank; MOST_TOKENS],
    ) -> usize {
        if length <= WORD {
            self.short.find(&short_key(bytes, length), out)
        } else if length <= 2 * WORD {
            self.middle.find(&middle_key(bytes, length), out)
        } else if length <= LONGEST_PIECE {
            self.long.find(&long_key(bytes, length), out)
        } else {
            0
        }
    }

    /// Stores the tokens of a piece, if they fit.
    #[inline]
    pub(super) fn store(&mut self, text: &[u8], start: usize, end: usize, tokens: &[Rank]) {
        let length = end - start;
        let Some(bytes) = text.get(start..).and_then(<[u8]>::first_chunk) else {
            return;
        };
        if length.is_multiple_of(WORD) && u64::from(text[end - 1]) >= TAG {
            return;
        }
        if length <= WORD {
            self.short.store(&short_key(bytes, length), tokens);
        } else if length <= 2 * WORD {
            self.middle.store(&middle_key(bytes, length), tokens);
        } else if length <= LONGEST_PIECE {
            self.long.store(&long_key(bytes, length), tokens);
        }
    }
}

impl<const WORDS: usize, const SETS: usize> Table<WORDS, SETS> {
    fn new() -> Self {
        Self(zeroed([[[0; WORDS]; 2]; 2]))
    }

    #[inline(always)]
    fn find(&self, key: &[u64; WORDS], out: &mut [Rank; MOST_TOKENS]) -> usize {
        let [newer, older] = &self.0[Self::set(key)];
        let [found, words] = if is_same(&newer[0], key) { newer } else { older };
        if !is_same(found, key) {
            return 0;
        }
        for (index, word) in words.iter().enumerate() {
            for place in 0..PER_WORD {
                out[PER_WORD * index + place] =
                    (word >> (TOKEN_BITS * place as u32) & TOKEN_MASK) as Rank;
            }
        }
        (words[0] >> COUNT_SHIFT) as usize
    }

    #[inline]
    fn store(&mut self, key: &[u64; WORDS], tokens: &[Rank]) {
        if tokens.len() > PER_WORD * WORDS {
            return;
        }
        let mut words = [0; WORDS];
        for (word, tokens) in words.iter_mut().zip(tokens.chunks(PER_WORD)) {
            *word =
                tokens.iter().rev().fold(0, |word, &token| word << TOKEN_BITS | u64::from(token));
        }
        words[0] |= (tokens.len() as u64) << COUNT_SHIFT;
        let set = &mut self.0[Self::set(key)];
        set[1] = set[0];
        set[0] = [*key, words];
    }

    #[inline(always)]
    fn set(key: &[u64; WORDS]) -> usize {
        let mixed = key.iter().fold(0, |mixed: u64, word| mixed.rotate_left(29) ^ word);
        (spread(mixed) >> (64 - SETS.trailing_zeros())) as usize
    }
}

/// Whether two keys are the same, word by word: in wasm, comparing arrays loads the words
/// that were just computed as one vector, which waits until they are in memory.
#[inline(always)]
fn is_same<const WORDS: usize>(one: &[u64; WORDS], other: &[u64; WORDS]) -> bool {
    one.iter().zip(other).fold(0, |differences, (one, other)| differences | one ^ other) == 0
}

#[inline(always)]
fn short_key(bytes: &[u8; READ_AHEAD], length: usize) -> [u64; 1] {
    [last_word(word(bytes, 0), length)]
}

#[inline(always)]
fn middle_key(bytes: &[u8; READ_AHEAD], length: usize) -> [u64; 2] {
    [word(bytes, 0), last_word(word(bytes, 1), length - WORD)]
}

#[inline(always)]
fn long_key(bytes: &[u8; READ_AHEAD], length: usize) -> [u64; 4] {
    let third = word(bytes, 2);
    match length.checked_sub(3 * WORD) {
        Some(0) | None => {
            let tag = (TAG - WORD as u64 + (length % WORD) as u64) << 56;
            [word(bytes, 0), word(bytes, 1), last_word(third, length - 2 * WORD), tag]
        }
        Some(rest) => [word(bytes, 0), word(bytes, 1), third, last_word(word(bytes, 3), rest)],
    }
}

/// The first `length` bytes of a word, from 1 to 8, with the tag if they are fewer than 8.
#[inline(always)]
fn last_word(word: u64, length: usize) -> u64 {
    let unused = 64 - 8 * length as u32;
    let tag = if length < WORD { (TAG | length as u64) << 56 } else { 0 };
    word & u64::MAX >> unused | tag
}

#[inline(always)]
fn word(bytes: &[u8; READ_AHEAD], index: usize) -> u64 {
    let (words, _) = bytes.as_chunks::<WORD>();
    u64::from_le_bytes(words[index])
}
