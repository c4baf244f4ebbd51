//! The split pattern of o200k by hand: finds the end of the piece that starts at
//! a given byte.
//!
//! The pattern's alternatives, tried in this order at every place, are
//!
//! 1. a word that ends in lower case: `X? A* B+ C?`
//! 2. a word that ends in upper case: `X? A+ B* C?`
//! 3. one to three numbers
//! 4. signs: ` ?[^\s\p{L}\p{N}]+[\r\n/]*`
//! 5. space up to the last line end of its run: `\s*[\r\n]+`
//! 6. space except its last character, or up to the end: `\s+(?!\S)`
//! 7. space
//!
//! where `X` is any character but a line end, letter or number; `A` is an
//! upper-case letter, a letter without case or a mark; `B` is a lower-case
//! letter, a letter without case or a mark; and `C` is a contraction
//! (`'s 't 're 've 'm 'll 'd` in any case, `s` being also U+017F).
//!
//! `A` and `B` overlap, so a regular-expression engine backtracks over them. From
//! a given start it finds:
//!
//! - After the greedy `A*`, the next character decides. If it is lower case,
//!   `B+` takes everything of its class from there.
//! - Otherwise `A*` gives characters back until one of them is also in `B`: the
//!   word ends behind the last caseless letter or mark of the run.
//! - If there is none, the run is all upper case: alternative 2 takes it whole.
//!
//! The optional `X` is taken if a word follows it. Only a mark can be both `X`
//! and the start of a word; it is tried as `X` first, and as a word of its own
//! if no caseless or lower-case letter follows.
//!
//! The facade's `text-chunks.ts` cuts long text by properties of this pattern.
//!
//! To find a piece, each of its characters, and of those behind it that belong
//! to the next piece, is read at most twice, so the split is linear.

use super::classes::{self, Class};

/// How a run of letters ends.
enum Word {
    /// By alternative 1.
    Lower(usize),
    /// All upper case: alternative 2, once 1 has been tried everywhere.
    Upper(usize),
    None,
}

/// The end of the piece of `text` that starts at `start`, which is before the
/// end of the text.
pub(super) fn piece_end(text: &[u8], start: usize) -> usize {
    let (class, length) = classes::at(text, start);
    let next = start + length;
    match class {
        Class::Lower => contraction_end(text, lower_end(text, next)),
        Class::Upper | Class::Letter => match word(text, start) {
            Word::Lower(end) | Word::Upper(end) => contraction_end(text, end),
            Word::None => next,
        },
        Class::Mark => match word(text, next) {
            Word::Lower(end) => contraction_end(text, end),
            Word::Upper(_) | Word::None => contraction_end(text, next),
        },
        Class::Other | Class::Space => match word(text, next) {
            Word::Lower(end) | Word::Upper(end) => contraction_end(text, end),
            Word::None if class == Class::Other => signs_end(text, next),
            Word::None if text[start] == b' ' && classes::at(text, next).0 == Class::Other => {
                signs_end(text, next)
            }
            Word::None => space_end(text, start),
        },
        Class::Number => numbers_end(text, next),
        Class::LineEnd => space_end(text, start),
        Class::End => start,
    }
}

/// The word whose first letter is at `start`, if there is a letter.
#[inline]
fn word(text: &[u8], start: usize) -> Word {
    let mut at = start;
    let mut behind_caseless = None;
    loop {
        let (class, length) = classes::at(text, at);
        match class {
            Class::Lower => return Word::Lower(lower_end(text, at + length)),
            Class::Upper => {}
            Class::Letter | Class::Mark => behind_caseless = Some(at + length),
            _ => break,
        }
        at += length;
    }
    match behind_caseless {
        Some(end) => Word::Lower(end),
        None if at > start => Word::Upper(at),
        None => Word::None,
    }
}

/// The end of a run of `B`.
#[inline]
fn lower_end(text: &[u8], mut at: usize) -> usize {
    loop {
        match classes::at(text, at) {
            (Class::Lower | Class::Letter | Class::Mark, length) => at += length,
            _ => return at,
        }
    }
}

/// The end of the contraction at `at`, or `at`.
#[inline]
fn contraction_end(text: &[u8], at: usize) -> usize {
    if text.get(at) != Some(&b'\'') {
        return at;
    }
    let letter = |offset: usize| text.get(at + offset).map_or(0, |byte| byte | 0x20);
    match (letter(1), letter(2)) {
        (b's' | b't' | b'm' | b'd', _) => at + 2,
        (b'r' | b'v', b'e') | (b'l', b'l') => at + 3,
        _ if text[at + 1..].starts_with("ſ".as_bytes()) => at + 3,
        _ => at,
    }
}

/// At most two more numbers.
fn numbers_end(text: &[u8], mut at: usize) -> usize {
    for _ in 0..2 {
        match classes::at(text, at) {
            (Class::Number, length) => at += length,
            _ => break,
        }
    }
    at
}

/// Signs and marks, then line ends and slashes.
fn signs_end(text: &[u8], mut at: usize) -> usize {
    while let (Class::Other | Class::Mark, length) = classes::at(text, at) {
        at += length;
    }
    while let Some(b'\r' | b'\n' | b'/') = text.get(at) {
        at += 1;
    }
    at
}

/// Alternatives 5 to 7, for the run of space that starts at `start`.
fn space_end(text: &[u8], start: usize) -> usize {
    let (mut at, mut last, mut behind_line_end) = (start, start, None);
    loop {
        let (class, length) = classes::at(text, at);
        match class {
            Class::LineEnd => behind_line_end = Some(at + 1),
            Class::Space => {}
            Class::End => return behind_line_end.unwrap_or(at),
            _ => break,
        }
        last = at;
        at += length;
    }
    match behind_line_end {
        Some(end) => end,
        None if last > start => last,
        None => at,
    }
}
