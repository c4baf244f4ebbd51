//! Unpacking: from the merge pairs in the wasm to the tables, in rank order.
//! This is most of the time of loading, and it runs once, so its speed before an
//! engine has optimised it counts.

use super::{
    filter_bit, hash, long_slot, long_tag, mask, short_slot, word_at, zeroed, Vocabulary,
    LONG_BITS, MERGES, PACKED, RANK_BITS, SHORT_BITS, SINGLES, WORD,
};
use std::ops::Range;

/// Each call unpacks so many tokens, by functions of their own: an engine
/// optimises a function after many calls, not while it runs (load 32 -> 27 ms),
/// and small ones sooner than a large one.
const BATCH: usize = 512;

impl Vocabulary {
    pub(in crate::tokenizer) fn load() -> Self {
        let mut vocabulary = Self {
            bytes: zeroed(0),
            starts: zeroed(0),
            short: zeroed([0; 3]),
            long: zeroed(0),
            singles: [0; SINGLES],
            pairs: zeroed(0),
            filter: zeroed(0),
        };
        for (rank, &byte) in PACKED[..SINGLES].iter().enumerate() {
            vocabulary.singles[usize::from(byte)] = rank as u8;
            vocabulary.bytes[rank] = byte;
            vocabulary.starts[rank + 1] = rank as u32 + 1;
            vocabulary.add_short(rank, byte.into());
        }
        for first in (0..MERGES).step_by(BATCH) {
            vocabulary.unpack(first);
        }
        vocabulary
    }

    #[inline(never)]
    fn unpack(&mut self, first: usize) {
        let count = BATCH.min(MERGES - first);
        let [left, right] = [0, 3].map(|plane| ranks_of_planes(plane, first, count));
        let (mut short, mut long) = (Entries::default(), Entries::default());
        for (index, (left, right)) in left.into_iter().zip(right).take(count).enumerate() {
            let rank = SINGLES + first + index;
            let (left, right) = (self.range(left as usize), self.range(right as usize));
            if left.len() + right.len() <= WORD {
                short.add(rank, self.write_short(rank, left, right));
            } else {
                long.add(rank, self.write_long(rank, left, right));
            }
        }
        self.insert_short(&short);
        self.insert_long(&long);
    }

    /// Writes the bytes of the token that `left` and `right` make; its key.
    #[inline]
    fn write_short(&mut self, rank: usize, left: Range<usize>, right: Range<usize>) -> u64 {
        let tail = word_at(&self.bytes[..], right.start) & mask(right.len());
        let head = word_at(&self.bytes[..], left.start) & mask(left.len());
        let key = head | tail << (8 * left.len());
        let start = self.starts[rank] as usize;
        self.write(start, key);
        self.starts[rank + 1] = (start + left.len() + right.len()) as u32;
        key
    }

    /// [`Self::write_short`] for one of more than 8 bytes; its hash.
    #[inline]
    fn write_long(&mut self, rank: usize, left: Range<usize>, right: Range<usize>) -> u64 {
        let start = self.starts[rank] as usize;
        let middle = self.copy(left, start);
        let end = self.copy(right, middle);
        self.starts[rank + 1] = end as u32;
        hash(&self.bytes[..], start, end)
    }

    /// All slots are read before the first is filled: then their lines come from
    /// memory at the same time, not one after the other.
    #[inline(never)]
    fn insert_short(&mut self, entries: &Entries) {
        let looked = entries.iter().fold(0, |all, (_, key)| all | self.short[short_slot(key)][2]);
        std::hint::black_box(looked);
        for (rank, key) in entries.iter() {
            self.add_short(rank, key);
        }
    }

    #[inline(never)]
    fn insert_long(&mut self, entries: &Entries) {
        let looked = entries.iter().fold(0, |all, (_, hash)| all | self.long[long_slot(hash)]);
        std::hint::black_box(looked);
        for (rank, hash) in entries.iter() {
            self.add_long(rank, hash);
        }
    }

    /// Copies bytes to `to` by words; returns where they end. The next token
    /// overwrites what the last word writes beyond that.
    fn copy(&mut self, from: Range<usize>, to: usize) -> usize {
        for offset in (0..from.len()).step_by(WORD) {
            self.write(to + offset, word_at(&self.bytes[..], from.start + offset));
        }
        to + from.len()
    }

    #[inline]
    fn write(&mut self, at: usize, word: u64) {
        self.bytes[at..at + WORD].copy_from_slice(&word.to_le_bytes());
    }

    #[inline]
    fn add_long(&mut self, rank: usize, hash: u64) {
        self.note(hash);
        let mut slot = long_slot(hash);
        while self.long[slot] != 0 {
            slot = (slot + 1) % (1 << LONG_BITS);
        }
        self.long[slot] = rank as u32 | long_tag(hash);
    }

    /// Adds a token of up to 8 bytes, which `key` holds.
    #[inline]
    fn add_short(&mut self, rank: usize, key: u64) {
        let length = self.range(rank).len();
        if length == 2 {
            self.pairs[key as usize & 0xffff] = rank as u32;
        }
        self.note(key);
        let mut slot = short_slot(key);
        while self.short[slot][2] != 0 {
            slot = (slot + 1) % (1 << SHORT_BITS);
        }
        self.short[slot] =
            [key as u32, (key >> 32) as u32, rank as u32 | (length as u32) << RANK_BITS];
    }

    #[inline]
    fn note(&mut self, key: u64) {
        let (cell, bit) = filter_bit(key);
        self.filter[cell] |= bit;
    }
}

/// Tokens of one batch with their keys or hashes.
struct Entries {
    ranks: [u32; BATCH],
    keys: [u64; BATCH],
    count: usize,
}

impl Default for Entries {
    fn default() -> Self {
        Self { ranks: [0; BATCH], keys: [0; BATCH], count: 0 }
    }
}

impl Entries {
    #[inline]
    fn add(&mut self, rank: usize, key: u64) {
        self.ranks[self.count] = rank as u32;
        self.keys[self.count] = key;
        self.count += 1;
    }

    #[inline]
    fn iter(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        let keys = self.ranks.iter().zip(&self.keys).take(self.count);
        keys.map(|(&rank, &key)| (rank as usize, key))
    }
}

/// The left (from plane 0) or right (from plane 3) parts of some merges.
#[inline]
fn ranks_of_planes(plane: usize, first: usize, count: usize) -> [u32; BATCH] {
    let bytes = |plane: usize| &PACKED[SINGLES + plane * MERGES + first..][..count];
    let (low, middle, high) = (bytes(plane), bytes(plane + 1), bytes(plane + 2));
    let mut ranks = [0; BATCH];
    for (index, rank) in ranks[..count].iter_mut().enumerate() {
        *rank =
            u32::from(low[index]) | u32::from(middle[index]) << 8 | u32::from(high[index]) << 16;
    }
    ranks
}
