//! Unpacking: from the merge pairs in the wasm to the tables, in rank order.
//! This is most of the time of loading, and it runs once, so its speed before an
//! engine has optimised it counts.
//!
//! The work is cut into small functions that are called once for each batch of
//! tokens: an engine optimises a function after some calls, not while it runs, and
//! compiles a small one in less than a millisecond, a large one in five. What is
//! left is memory: the first touch of 7 MB, and slots far from each other.

use super::{
    filter_bit, hash, long_slot, long_tag,
    packed::{MERGES, PACKED, SINGLES},
    short_slot,
    tokens::{Tokens, TOKENS},
    words::{key, zeroed, WORD},
    Vocabulary, LONG_BITS, RANK_BITS, RANK_MASK, SHORT_BITS,
};

const BATCH: usize = 512;

impl Vocabulary {
    pub(in crate::tokenizer) fn load() -> Self {
        let mut tokens = Tokens::of_single_bytes();
        for first in (0..MERGES).step_by(BATCH) {
            tokens.join(first, BATCH);
        }
        let mut vocabulary = Self::empty(tokens);
        for first in (0..TOKENS).step_by(BATCH) {
            vocabulary.insert(first);
        }
        vocabulary
    }

    fn empty(tokens: Tokens) -> Self {
        let mut singles = [0; SINGLES];
        for (rank, &byte) in (0..=u8::MAX).zip(&PACKED[..SINGLES]) {
            singles[usize::from(byte)] = rank;
        }
        Self {
            tokens,
            short: zeroed([0; 3]),
            long: zeroed(0),
            singles,
            pairs: zeroed(0),
            filter: zeroed(0),
        }
    }

    /// Inserts a batch of tokens into the tables.
    fn insert(&mut self, first: usize) {
        let (mut short, mut long) = (Entries::default(), Entries::default());
        self.read(first, &mut short, &mut long);
        self.insert_short(&short);
        self.insert_long(&long);
    }

    /// The keys of short tokens and the hashes of long ones.
    #[inline(never)]
    fn read(&self, first: usize, short: &mut Entries, long: &mut Entries) {
        for rank in first..TOKENS.min(first + BATCH) {
            let range = self.tokens.range(rank);
            let bytes = &self.tokens.bytes[..];
            if range.len() <= WORD {
                let value = rank as u32 | (range.len() as u32) << RANK_BITS;
                short.add(key(bytes, range.start, range.len()), value);
            } else {
                long.add(hash(bytes, range.start, range.end), rank as u32);
            }
        }
    }

    /// All slots are read before the first is filled: then their lines come from
    /// memory at the same time, not one after the other.
    #[inline(never)]
    fn insert_short(&mut self, entries: &Entries) {
        let looked = entries.iter().fold(0, |all, &(key, _)| all | self.short[short_slot(key)][2]);
        std::hint::black_box(looked);
        for &(key, value) in entries.iter() {
            if value >> RANK_BITS == 2 {
                self.pairs[key as usize & 0xffff] = value & RANK_MASK;
            }
            self.note(key);
            let mut slot = short_slot(key);
            while self.short[slot][2] != 0 {
                slot = (slot + 1) % (1 << SHORT_BITS);
            }
            self.short[slot] = [key as u32, (key >> 32) as u32, value];
        }
    }

    #[inline(never)]
    fn insert_long(&mut self, entries: &Entries) {
        let looked = entries.iter().fold(0, |all, &(hash, _)| all | self.long[long_slot(hash)]);
        std::hint::black_box(looked);
        for &(hash, rank) in entries.iter() {
            self.note(hash);
            let mut slot = long_slot(hash);
            while self.long[slot] != 0 {
                slot = (slot + 1) % (1 << LONG_BITS);
            }
            self.long[slot] = rank | long_tag(hash);
        }
    }

    #[inline]
    fn note(&mut self, key: u64) {
        let (cell, bit) = filter_bit(key);
        self.filter[cell] |= bit;
    }
}

/// The keys or hashes of some tokens of one batch, with what the slots hold.
struct Entries {
    entries: [(u64, u32); BATCH],
    count: usize,
}

impl Default for Entries {
    fn default() -> Self {
        Self { entries: [(0, 0); BATCH], count: 0 }
    }
}

impl Entries {
    #[inline]
    fn add(&mut self, key: u64, value: u32) {
        self.entries[self.count] = (key, value);
        self.count += 1;
    }

    #[inline]
    fn iter(&self) -> impl Iterator<Item = &(u64, u32)> {
        self.entries.iter().take(self.count)
    }
}
