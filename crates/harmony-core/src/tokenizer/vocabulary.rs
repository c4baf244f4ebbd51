//! The vocabulary: the tokens' bytes and ranks.
//!
//! It is unpacked from merge pairs (`build/vocabulary.rs` packs them and explains
//! how); the result is the published file, whose hash the build checks. Look-ups
//! are by bytes, as upstream's are: two neighbours may be merged exactly where
//! their joined bytes are a token, so no table of pairs of tokens is needed.
//!
//! Tokens of up to 8 bytes are numbers in an open-addressing table; longer ones
//! are in another table as their rank with a tag of their hash, and are compared
//! in the arena that holds the bytes of all tokens. Both are filled in rank
//! order, so common tokens are found at the first probe.

mod packed;
mod tokens;
mod unpack;
mod words;

use crate::tokenizer::Rank;
pub use packed::VOCABULARY_SHA256;
use packed::{LONGEST, MERGES, SINGLES};
use tokens::Tokens;
use words::key;
pub(super) use words::{zeroed, WORD};

/// How many bytes the longest token has.
pub(super) const LONGEST_TOKEN: usize = LONGEST;

/// No token has these bytes: the largest number of the width of a rank.
pub(super) const NO_RANK: Rank = RANK_MASK;

const SHORT_BITS: u32 = 18;
const LONG_BITS: u32 = 17;
const FILTER_BITS: u32 = 21;
pub(super) const RANK_BITS: u32 = 18;
const RANK_MASK: u32 = (1 << RANK_BITS) - 1;

/// The bytes as a number, low and high half; then the rank, with the length
/// above it, because a token may end in NUL. An empty slot is all zero.
type ShortSlot = [u32; 3];

pub(super) struct Vocabulary {
    tokens: Tokens,
    short: Box<[ShortSlot; 1 << SHORT_BITS]>,
    /// Ranks with a tag above them; an empty slot is zero.
    long: Box<[u32; 1 << LONG_BITS]>,
    /// The ranks of the single bytes.
    singles: [u8; SINGLES],
    /// The ranks of all tokens of two bytes, by the bytes; zero for none.
    pairs: Box<[u32; 1 << 16]>,
    /// A bit for each token, by its key or hash. Most joins of neighbours are
    /// no token, and 256 KB stay in the processor's cache where 3 MB do not.
    filter: Box<[u64; 1 << (FILTER_BITS - 6)]>,
}

impl Vocabulary {
    /// The bytes of a token that is not special.
    pub(super) fn token(&self, rank: Rank) -> Option<&[u8]> {
        self.tokens.get(rank)
    }

    /// Writes the bytes of a token that is not special to `to`, and up to a word of others
    /// behind them; returns where they end. `room` has [`LONGEST_TOKEN`] bytes and a word there.
    #[inline]
    pub(super) fn write(&self, rank: Rank, room: &mut [u8], to: usize) -> Option<usize> {
        self.tokens.write(rank, room, to)
    }

    /// The rank of `text[start..end]`, or [`NO_RANK`].
    #[inline]
    pub(super) fn rank(&self, text: &[u8], start: usize, end: usize) -> Rank {
        let length = end - start;
        if length <= WORD {
            self.rank_of_short(key(text, start, length), length)
        } else {
            self.rank_of_long(text, start, end)
        }
    }

    /// [`Self::rank`], for bytes that more often are not a token than they are.
    #[inline]
    pub(super) fn rank_of_join(&self, text: &[u8], start: usize, end: usize) -> Rank {
        let length = end - start;
        if length <= WORD {
            let key = key(text, start, length);
            return if self.may_hold(key) { self.rank_of_short(key, length) } else { NO_RANK };
        }
        if length > LONGEST {
            return NO_RANK;
        }
        let hash = hash(text, start, end);
        if self.may_hold(hash) {
            self.rank_of_hash(hash, text, start, end)
        } else {
            NO_RANK
        }
    }

    #[inline]
    fn may_hold(&self, key: u64) -> bool {
        let (cell, bit) = filter_bit(key);
        self.filter[cell] & bit != 0
    }

    /// The rank of one byte.
    #[inline]
    pub(super) fn rank_of_byte(&self, byte: u8) -> Rank {
        self.singles[usize::from(byte)].into()
    }

    /// The rank of two bytes, or [`NO_RANK`].
    #[inline]
    pub(super) fn rank_of_pair(&self, first: u8, second: u8) -> Rank {
        match self.pairs[usize::from(first) | usize::from(second) << 8] {
            0 => NO_RANK,
            rank => rank,
        }
    }

    /// The rank of a character of `length` bytes, or [`NO_RANK`].
    #[inline]
    pub(super) fn rank_of_character(&self, text: &[u8], start: usize, length: usize) -> Rank {
        match length {
            1 => self.rank_of_byte(text[start]),
            2 => self.rank_of_pair(text[start], text[start + 1]),
            _ => self.rank_of_short(key(text, start, length), length),
        }
    }

    #[inline]
    fn rank_of_short(&self, key: u64, length: usize) -> Rank {
        let mut slot = short_slot(key);
        loop {
            let [low, high, value] = self.short[slot];
            let same = low == key as u32 && high == (key >> 32) as u32;
            if same && value >> RANK_BITS == length as u32 {
                return value & RANK_MASK;
            }
            if value == 0 {
                return NO_RANK;
            }
            slot = (slot + 1) % (1 << SHORT_BITS);
        }
    }

    fn rank_of_long(&self, text: &[u8], start: usize, end: usize) -> Rank {
        match end - start {
            ..=LONGEST => self.rank_of_hash(hash(text, start, end), text, start, end),
            _ => NO_RANK,
        }
    }

    /// The rank of `text[start..end]`, which is longer than 8 bytes and has this
    /// hash, or [`NO_RANK`].
    #[inline]
    pub(super) fn rank_of_hashed(&self, hash: u64, text: &[u8], start: usize, end: usize) -> Rank {
        if end - start <= LONGEST && self.may_hold(hash) {
            self.rank_of_hash(hash, text, start, end)
        } else {
            NO_RANK
        }
    }

    /// The rank of bytes that are longer than 8 and have this hash.
    fn rank_of_hash(&self, hash: u64, text: &[u8], start: usize, end: usize) -> Rank {
        let mut slot = long_slot(hash);
        loop {
            let value = self.long[slot];
            let rank = value & RANK_MASK;
            if value & !RANK_MASK == long_tag(hash) && self.is_token(rank, text, start, end) {
                return rank;
            }
            if value == 0 {
                return NO_RANK;
            }
            slot = (slot + 1) % (1 << LONG_BITS);
        }
    }

    /// Whether `text[start..end]` are the bytes of a token, word by word.
    #[inline]
    fn is_token(&self, rank: Rank, text: &[u8], start: usize, end: usize) -> bool {
        let Tokens { bytes, .. } = &self.tokens;
        let token = self.tokens.range(rank as usize);
        let same = |offset: usize| {
            let length = WORD.min(end - start - offset);
            key(&bytes[..], token.start + offset, length) == key(text, start + offset, length)
        };
        token.len() == end - start && (0..end - start).step_by(WORD).all(same)
    }

    /// The two tokens that merge to a token; a single byte has none.
    pub(super) fn parts(&self, rank: Rank) -> Option<[Rank; 2]> {
        let merge = usize::try_from(rank).ok()?.checked_sub(SINGLES)?;
        (merge < MERGES).then(|| packed::parts(merge))
    }
}

/// Spreads a number over the high bits (Fibonacci hashing).
#[inline]
pub(super) fn spread(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[inline]
fn short_slot(key: u64) -> usize {
    (spread(key) >> (64 - SHORT_BITS)) as usize
}

#[inline]
fn filter_bit(key: u64) -> (usize, u64) {
    let bit = spread(key) >> (64 - FILTER_BITS);
    ((bit >> 6) as usize, 1 << (bit & 63))
}

/// A hash of `text[start..end]`, word by word.
#[inline]
pub(super) fn hash(text: &[u8], start: usize, end: usize) -> u64 {
    let words = (start..end).step_by(WORD);
    words.fold((end - start) as u64, |hash, at| {
        let spread = spread(hash ^ key(text, at, WORD.min(end - at)));
        spread ^ spread >> 29
    })
}

#[inline]
fn long_slot(hash: u64) -> usize {
    (spread(hash) >> (64 - LONG_BITS)) as usize
}

#[inline]
fn long_tag(hash: u64) -> u32 {
    hash as u32 & !RANK_MASK
}
