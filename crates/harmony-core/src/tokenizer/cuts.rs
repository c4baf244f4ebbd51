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

const CHARACTER_BITS: u32 = 13;

/// The borders in tokens, noted on first use: 34 KB.
pub(super) struct Cuts {
    /// The pairs that are adjacent in some token, by hash.
    pairs: Vec<u64>,
    /// The characters that some token has whole, before a part of another one
    /// or behind it, by hash: few are, and only their borders need more than
    /// two looks.
    beside_parts: Vec<u64>,
    /// By the last byte of the character before the border, a bit for the first
    /// byte of the one after it, where some token has a part of both.
    parts: [u64; 64],
}

/// A character: its bytes as a number, the first lowest, and how many they are.
#[derive(Clone, Copy)]
pub(super) struct Character {
    bytes: u32,
    pub(super) length: usize,
}

impl Cuts {
    pub(super) fn load(vocabulary: &Vocabulary) -> Self {
        let mut cuts = Self {
            pairs: vec![0; 1 << (BITS - 6)],
            beside_parts: vec![0; 1 << (CHARACTER_BITS - 6)],
            parts: [0; 64],
        };
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
                self.note_border(left, if is_whole { right.bytes } else { PARTIAL | right.bytes });
            }
            left = Some(right.bytes);
            at += right.length;
        }
    }

    fn note_border(&mut self, left: u32, right: u32) {
        let (cell, bit) = place(left, right);
        self.pairs[cell] |= bit;
        match (left & PARTIAL != 0, right & PARTIAL != 0) {
            (false, false) => {}
            (true, true) => self.parts[(left & 0x3f) as usize] |= 1 << (right & 0x3f),
            (is_partial, _) => {
                let (cell, bit) = character_place(if is_partial { right } else { left });
                self.beside_parts[cell] |= bit;
            }
        }
    }

    /// The end of the part of `text[start..end]` that starts at `start`: the
    /// next cut, or `end`.
    #[inline]
    pub(super) fn part_end(&self, text: &[u8], start: usize, end: usize) -> usize {
        let mut left = character(text, start);
        let mut at = start + left.length;
        while at < end {
            let right = character(text, at);
            let is_ascii = left.length == 1 && right.length == 1;
            if !is_ascii && !self.is_crossed(left, right) {
                return at;
            }
            at += right.length;
            left = right;
        }
        end
    }

    /// Whether a token may reach over the border between two characters.
    #[inline]
    fn is_crossed(&self, left: Character, right: Character) -> bool {
        self.has(left.bytes, right.bytes) || !self.keeps_whole(left, right)
    }

    /// Whether no token that reaches over the border between two characters has
    /// a part of either beside it.
    #[inline]
    pub(super) fn keeps_whole(&self, left: Character, right: Character) -> bool {
        let is_in_part = left.length > 1 && right.length > 1 && self.parts_meet(left, right)
            || (self.is_beside_part(left) || self.is_beside_part(right))
                && self.is_crossed_in_part(left, right);
        !is_in_part
    }

    /// Whether a token may hold the end of one character and the beginning of the other.
    #[inline]
    fn parts_meet(&self, left: Character, right: Character) -> bool {
        let last_byte = left.bytes >> (8 * (left.length - 1)) & 0x3f;
        self.parts[last_byte as usize] >> (right.bytes & 0x3f) & 1 == 1
    }

    #[cold]
    fn is_crossed_in_part(&self, left: Character, right: Character) -> bool {
        let mut beginnings =
            (1..right.length).map(|length| PARTIAL | right.bytes & low_bytes(length));
        let end = PARTIAL | left.bytes >> (8 * (left.length - 1)) & 0xff;
        beginnings.any(|beginning| self.has(left.bytes, beginning))
            || left.length > 1 && self.has(end, right.bytes)
    }

    #[inline]
    fn is_beside_part(&self, character: Character) -> bool {
        let (cell, bit) = character_place(character.bytes);
        self.beside_parts[cell] & bit != 0
    }

    #[inline]
    fn has(&self, left: u32, right: u32) -> bool {
        let (cell, bit) = place(left, right);
        self.pairs[cell] & bit != 0
    }
}

/// The character at `at`, of which bytes that are not there count as zero.
#[inline]
pub(super) fn character(bytes: &[u8], at: usize) -> Character {
    let four = bytes[at..].first_chunk().copied();
    let all = u32::from_le_bytes(four.unwrap_or_else(|| at_the_end(&bytes[at..])));
    let length = match all as u8 {
        ..0xc0 => 1,
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    };
    Character { bytes: all & low_bytes(length), length }
}

#[cold]
fn at_the_end(bytes: &[u8]) -> [u8; 4] {
    std::array::from_fn(|index| bytes.get(index).copied().unwrap_or(0))
}

#[inline]
fn low_bytes(count: usize) -> u32 {
    u32::MAX >> (32 - 8 * count)
}

#[inline]
fn place(left: u32, right: u32) -> (usize, u64) {
    let bit = spread(u64::from(left) << 32 | u64::from(right)) >> (64 - BITS);
    ((bit >> 6) as usize, 1 << (bit & 63))
}

#[inline]
fn character_place(character: u32) -> (usize, u64) {
    let bit = spread(character.into()) >> (64 - CHARACTER_BITS);
    ((bit >> 6) as usize, 1 << (bit & 63))
}
