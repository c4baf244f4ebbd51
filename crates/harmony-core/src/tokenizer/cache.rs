//! Pieces that were merged, with their tokens: names and inflected words come
//! again in a text. Exact, because the whole piece is compared; bounded,
//! because a newer piece takes the place of an older one.

use super::vocabulary::hash;
use crate::tiktoken::Rank;

const LONGEST_PIECE: usize = 32;
const MOST_TOKENS: usize = 7;
const ENTRY_BITS: u32 = 15;

/// 64 bytes: one line of the processor's cache.
#[derive(Clone, Copy)]
struct Entry {
    piece: [u8; LONGEST_PIECE],
    tokens: [Rank; MOST_TOKENS],
    piece_length: u8,
    token_count: u8,
}

const EMPTY: Entry =
    Entry { piece: [0; LONGEST_PIECE], tokens: [0; MOST_TOKENS], piece_length: 0, token_count: 0 };

/// No entries until the first piece is remembered: a megabyte is not for those
/// who only load.
#[derive(Default)]
pub(super) struct Cache {
    entries: Vec<Entry>,
}

impl Cache {
    /// Appends the tokens of a piece that is remembered; false where it is not.
    #[inline]
    pub(super) fn append(&self, piece: &[u8], tokens: &mut Vec<Rank>) -> bool {
        if piece.len() > LONGEST_PIECE {
            return false;
        }
        let Some(entry) = self.entries.get(slot(piece)) else {
            return false;
        };
        if entry.piece[..usize::from(entry.piece_length)] != *piece {
            return false;
        }
        tokens.extend_from_slice(&entry.tokens[..usize::from(entry.token_count)]);
        true
    }

    /// Remembers a piece, unless it or its tokens are too long.
    #[inline]
    pub(super) fn remember(&mut self, piece: &[u8], tokens: &[Rank]) {
        if piece.len() > LONGEST_PIECE || tokens.len() > MOST_TOKENS {
            return;
        }
        if self.entries.is_empty() {
            self.entries = vec![EMPTY; 1 << ENTRY_BITS];
        }
        let entry = &mut self.entries[slot(piece)];
        entry.piece[..piece.len()].copy_from_slice(piece);
        entry.tokens[..tokens.len()].copy_from_slice(tokens);
        entry.piece_length = piece.len() as u8;
        entry.token_count = tokens.len() as u8;
    }
}

fn slot(piece: &[u8]) -> usize {
    (hash(piece, 0, piece.len()) >> (64 - ENTRY_BITS)) as usize
}
