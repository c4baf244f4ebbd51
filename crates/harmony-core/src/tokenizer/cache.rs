//! Pieces that were merged, with their tokens: names and inflected words come
//! again in a text. Exact, because the whole piece is compared; bounded,
//! because all is forgotten when there is no room for a piece.

use super::vocabulary::hash;
use crate::tokenizer::Rank;
use std::ops::Range;

const BUCKET_BITS: u32 = 14;
const MOST_BYTES: usize = 1 << 20;
const MOST_TOKENS: usize = 1 << 18;

/// Where a piece and its tokens are kept. One that is empty has no bytes.
#[derive(Clone, Copy, Default)]
struct Entry {
    tag: u32,
    bytes: u32,
    tokens: u32,
    length: u16,
    token_count: u16,
}

/// Entries whose pieces have the same hash: one line of the processor's cache.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Bucket([Entry; 4]);

/// Nothing until the first piece is remembered: three megabytes are not for
/// those who only load.
#[derive(Default)]
pub(super) struct Cache {
    buckets: Vec<Bucket>,
    bytes: Vec<u8>,
    tokens: Vec<Rank>,
}

impl Cache {
    /// Appends the tokens of a piece that is remembered; false where it is not.
    #[inline]
    pub(super) fn append(&self, text: &[u8], piece: Range<usize>, tokens: &mut Vec<Rank>) -> bool {
        let (bucket, tag) = place(text, &piece);
        let piece = &text[piece];
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

    /// Remembers a piece of up to 65,535 bytes.
    pub(super) fn remember(&mut self, text: &[u8], piece: Range<usize>, tokens: &[Rank]) {
        let (bucket, tag) = place(text, &piece);
        let piece = &text[piece];
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

/// The hash reads whole words of the text, which a slice of the piece alone
/// would not have.
#[inline]
fn place(text: &[u8], piece: &Range<usize>) -> (usize, u32) {
    let hash = hash(text, piece.start, piece.end);
    ((hash >> (64 - BUCKET_BITS)) as usize, hash as u32)
}
