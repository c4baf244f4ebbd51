//! Where a piece can be cut before it is merged: between two characters that
//! no token reaches over.
//!
//! A merge joins neighbours whose joined bytes are a token. If no token holds
//! the border between two characters, no merge crosses it, so the parts on
//! either side merge as if they were alone. And a part that is a token merges
//! to that token, because the vocabulary is closed (the build checks it).
//!
//! A token over a border holds, of the character before it, the whole or only
//! its end; of the one after it, the whole or only its beginning. Every border
//! inside every token is noted as such a pair, an end by its last byte alone.
//! A border of a piece that matches none of the pairs it could be part of is a
//! cut. The pairs are bits by hash: two that collide cost a cut, never an id.
//!
//! Han text has a cut at 89 % of its borders, Hangul and Katakana at 71 to 75 %;
//! ASCII has few, and is not looked at.

use super::vocabulary::{spread, Vocabulary};

const BITS: u32 = 18;

/// Marks a number as some bytes of a character: no UTF-8 character has 1 as its
/// fourth byte.
const PARTIAL: u32 = 0x0100_0000;

/// The pairs that are adjacent in some token: 32 KB, noted on first
/// use.
pub(super) struct Cuts(Vec<u64>);

/// A character: its bytes as a number, the first lowest, and how many they are.
#[derive(Clone, Copy)]
struct Character {
    bytes: u32,
    length: usize,
}

impl Cuts {
    pub(super) fn load(vocabulary: &Vocabulary) -> Self {
        let mut cuts = Self(vec![0; 1 << (BITS - 6)]);
        let tokens = (0..).map_while(|rank| vocabulary.token(rank));
        for token in tokens.filter(|token| !token.is_ascii()) {
            cuts.note(token);
        }
        cuts
    }

    /// Notes every border in a token.
    fn note(&mut self, token: &[u8]) {
        let mut at = token.iter().take_while(|&byte| byte & 0xc0 == 0x80).count();
        let mut left = at.checked_sub(1).map(|last| PARTIAL | u32::from(token[last]));
        while at < token.len() {
            let right = character(token, at);
            let is_whole = at + right.length <= token.len();
            if let Some(left) = left {
                let right = if is_whole { right.bytes } else { PARTIAL | right.bytes };
                let (cell, bit) = place(left, right);
                self.0[cell] |= bit;
            }
            left = Some(right.bytes);
            at += right.length;
        }
    }

    /// The end of the part of `piece` that starts at `start`: the next cut, or
    /// the end of the piece.
    #[inline]
    pub(super) fn part_end(&self, piece: &[u8], start: usize) -> usize {
        let mut left = character(piece, start);
        let mut at = start + left.length;
        while at < piece.len() {
            let right = character(piece, at);
            let is_ascii = left.length == 1 && right.length == 1;
            if !is_ascii && !self.is_crossed(left, right) {
                return at;
            }
            at += right.length;
            left = right;
        }
        piece.len()
    }

    /// Whether a token may reach over the border between two characters.
    #[inline]
    fn is_crossed(&self, left: Character, right: Character) -> bool {
        let beginnings = (1..right.length).map(|length| PARTIAL | right.bytes & low_bytes(length));
        let crosses = |left: u32| {
            self.has(left, right.bytes)
                || beginnings.clone().any(|beginning| self.has(left, beginning))
        };
        let end = PARTIAL | left.bytes >> (8 * (left.length - 1)) & 0xff;
        crosses(left.bytes) || left.length > 1 && crosses(end)
    }

    #[inline]
    fn has(&self, left: u32, right: u32) -> bool {
        let (cell, bit) = place(left, right);
        self.0[cell] & bit != 0
    }
}

/// The character at `at`, of which bytes that are not there count as zero.
#[inline]
fn character(bytes: &[u8], at: usize) -> Character {
    let byte = |offset: usize| u32::from(bytes.get(at + offset).copied().unwrap_or(0));
    let length = match bytes[at] {
        ..0xc0 => 1,
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    };
    let all = byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
    Character { bytes: all & low_bytes(length), length }
}

#[inline]
fn low_bytes(count: usize) -> u32 {
    u32::MAX >> (32 - 8 * count)
}

#[inline]
fn place(left: u32, right: u32) -> (usize, u64) {
    let hash = spread(spread(u64::from(left) << 32 | u64::from(right)) ^ u64::from(right) << 7);
    let bit = hash >> (64 - BITS);
    ((bit >> 6) as usize, 1 << (bit & 63))
}
