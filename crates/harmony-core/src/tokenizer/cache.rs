//! The larger cache, behind the front cache: merged pieces of 17 to 255 bytes
//! with their tokens. Names, inflected words and set phrases recur, and merging them
//! again costs ten times as much as this look-up.
//!
//! It is exact because the whole piece is compared, and bounded because it is
//! emptied when there is no room for a piece.

use crate::tokenizer::Rank;

/// Longer pieces are not remembered.
const LONGEST_PIECE: usize = 255;

const BUCKET_BITS: u32 = 14;
const MOST_BYTES: usize = 1 << 20;
const MOST_TOKENS: usize = 1 << 18;

/// Where a piece and its tokens are stored. An empty entry has no bytes.
#[derive(Clone, Copy, Default)]
struct Entry {
    tag: u32,
    bytes: u32,
    tokens: u32,
    length: u16,
    token_count: u16,
}

/// Entries whose hashes share the high bits: one line of the processor's cache.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Bucket([Entry; 4]);

/// Empty until the first piece is stored: who only loads does not pay for three
/// megabytes.
#[derive(Default)]
pub(super) struct Cache {
    buckets: Vec<Bucket>,
    bytes: Vec<u8>,
    tokens: Vec<Rank>,
}

impl Cache {
    /// Appends the tokens of a piece with this hash; returns false if it is not here.
    #[inline]
    pub(super) fn append(&self, hash: u64, piece: &[u8], tokens: &mut Vec<Rank>) -> bool {
        let (bucket, tag) = place(hash);
        let Some(Bucket(entries)) = self.buckets.get(bucket) else {
            return false;
        };
        let Some(entry) = entries.iter().find(|entry| entry.tag == tag && self.is(entry, piece))
        else {
            return false;
        };
        let start = entry.tokens as usize;
        tokens.extend_from_slice(&self.tokens[start..start + usize::from(entry.token_count)]);
        true
    }

    #[inline]
    fn is(&self, entry: &Entry, piece: &[u8]) -> bool {
        let start = entry.bytes as usize;
        self.bytes[start..start + usize::from(entry.length)] == *piece
    }

    /// Remembers a piece of up to [`LONGEST_PIECE`] bytes; forgets longer ones.
    pub(super) fn remember(&mut self, hash: u64, piece: &[u8], tokens: &[Rank]) {
        if piece.len() > LONGEST_PIECE {
            return;
        }
        let (bucket, tag) = place(hash);
        let is_full = self.bytes.len() + piece.len() > MOST_BYTES
            || self.tokens.len() + tokens.len() > MOST_TOKENS;
        if self.buckets.is_empty() || is_full {
            self.forget();
        }
        let Bucket(entries) = &mut self.buckets[bucket];
        let free = entries.iter().position(|entry| entry.length == 0);
        entries[free.unwrap_or(tag as usize % 4)] = Entry {
            tag,
            bytes: self.bytes.len() as u32,
            tokens: self.tokens.len() as u32,
            length: piece.len() as u16,
            token_count: tokens.len() as u16,
        };
        self.bytes.extend_from_slice(piece);
        self.tokens.extend_from_slice(tokens);
    }

    fn forget(&mut self) {
        self.buckets.clear();
        self.buckets.resize(1 << BUCKET_BITS, Bucket::default());
        self.bytes.clear();
        self.bytes.reserve_exact(MOST_BYTES);
        self.tokens.clear();
        self.tokens.reserve_exact(MOST_TOKENS);
    }
}

#[inline]
fn place(hash: u64) -> (usize, u32) {
    ((hash >> (64 - BUCKET_BITS)) as usize, hash as u32)
}
