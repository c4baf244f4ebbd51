//! The split of text, 64 bytes at a time.
//!
//! Every byte of a window gets its class as a bit in a mask per class, all bytes
//! of a character that of the character, and the starts of the pieces follow from
//! the masks by arithmetic on 64-bit words. This gives the split of
//! [`super::split`] for these reasons, with that file's numbers of the alternatives
//! and its `X`, `A`, `B` and `C`:
//!
//! - The first byte of the window starts a piece, so nothing before it matters.
//! - An upper-case letter is in `A`, a lower-case one in `B`, others and marks are
//!   in both. A word (1 and 2) therefore ends before an upper-case letter that
//!   follows a lower-case one, and nowhere else within a run of letters, if no
//!   upper-case letter follows a letter without case: there the word may have to
//!   give characters back.
//! - `X` is a blank or a sign that starts a piece and precedes a letter. A
//!   blank before a letter always starts one: 5 and 6 leave the last blank of
//!   a run. A sign does if it follows neither a sign nor a plain space.
//! - Signs (4) take the plain space before them, and behind them the run of
//!   line ends and slashes that starts with a line end.
//! - Any other run of space ends behind its last line end (5); of the blanks
//!   that follow, the last one starts a piece of its own (6).
//! - Numbers (3) come in threes from the start of their run.
//! - A contraction (`C`) is looked at byte by byte: they are rare.
//!
//! Some characters are left to [`super::split`] ([`Classes::add_beyond_ascii`]). They
//! and what follows them are unknown, and so is what follows the window.
//! Three of these rules look ahead: one to three bytes for a contraction, one
//! character for `X`, and a whole run of space for 5 and 6. So a start is certain up
//! to four bytes before the unknown, and no further than the start of a run of space
//! that touches it. Only certain starts are returned.

use super::{
    classes::{self, Class},
    lanes::{self, Mask, LANES},
};

/// How many bytes the masks are of.
const BYTES: u32 = LANES as u32;

/// A window with more bytes beyond ASCII is left to [`super::split`] from the first of
/// them on: it has few spaces, so few pieces end in it, and masks do not pay off (without
/// this limit new Japanese takes 1.5 times as long to split).
const MOST_BEYOND_ASCII: u32 = 60;

/// The last character of a window may end behind it.
pub(super) const WINDOW: usize = LANES + 4;

/// Which bytes of a window have which class, up to the first unknown one.
struct Classes {
    letters: Mask,
    upper: Mask,
    numbers: Mask,
    plain_spaces: Mask,
    space: Mask,
    line_ends: Mask,
    slashes: Mask,
    apostrophes: Mask,
    /// All bytes of characters but the first ones.
    inner: Mask,
    /// How many bytes at the start of the window are known.
    known: u32,
}

/// Where pieces end in `window`, as far as that is certain: a bit for each byte
/// behind an end. The first byte starts a piece. The text has `length` bytes
/// from there; those behind them in the window do not matter.
#[inline]
pub(super) fn piece_ends(window: &[u8; WINDOW], length: usize) -> Mask {
    let length = length.min(LANES + 1) as u32;
    let classes = Classes::of(window, length);
    let Classes { letters, upper, numbers, plain_spaces, inner, known, .. } = classes;
    let is_all = known == length && known < BYTES;
    if known < 5 && !is_all {
        return 0;
    }
    let tail = tail_of_signs(&classes);
    let signs = below(known) & !(letters | numbers | classes.space | tail);
    let space = classes.space & !tail;
    let line_ends = classes.line_ends & !tail;
    let blanks = space & !line_ends;

    let sign_starts = signs & !(signs << 1 | plain_spaces << 1);
    let word_starts = letters & !(letters << 1 | blanks << 1 | behind(sign_starts, inner));
    let humps = upper & (letters & !upper) << 1;
    let last_blanks = blanks & !(space >> 1) & if is_all { below(known - 1) } else { Mask::MAX };
    let starts = word_starts
        | humps
        | number_starts(numbers, inner)
        | sign_starts
        | space & !(space << 1)
        | blanks_after_line_ends(blanks, line_ends)
        | last_blanks;

    let last_certain = if is_all {
        known
    } else {
        let run_of_space = (space << (BYTES - known)).leading_ones();
        (known - 4).min(known - run_of_space)
    };
    let apostrophes = classes.apostrophes & letters << 1 & letters >> 1 & below(last_certain + 1);
    let starts = with_contractions(starts, apostrophes, window);
    let end = if is_all { below(known + 1) & !below(known) } else { 0 };
    (starts & below(last_certain + 1) & !1) | end
}

/// The lowest `count` bits.
#[inline]
fn below(count: u32) -> Mask {
    if count >= BYTES {
        Mask::MAX
    } else {
        (1 << count) - 1
    }
}

/// The runs of line ends and slashes that start with a line end behind a sign.
/// Adding a bit to a run of ones carries over the rest of the run, so the bits
/// that the sum loses are that rest; a second such place in one run is kept by
/// the last `|`.
#[inline]
fn tail_of_signs(classes: &Classes) -> Mask {
    let Classes { letters, numbers, space, line_ends, slashes, known, .. } = *classes;
    let signs = below(known) & !(letters | numbers | space);
    let first = line_ends & signs << 1;
    let runs = line_ends | slashes;
    runs & !runs.wrapping_add(first) | first
}

/// Every third number of each run, from its first.
#[inline]
fn number_starts(numbers: Mask, inner: Mask) -> Mask {
    let next = |firsts: Mask| behind(firsts, inner) & numbers;
    let mut starts = numbers & !(numbers << 1);
    let mut found = starts;
    while starts != 0 {
        starts = next(next(next(starts)));
        found |= starts;
    }
    found
}

/// The bytes behind characters that are given by their first bytes. Adding a bit to
/// the run of a character's other bytes carries over them.
#[inline]
fn behind(firsts: Mask, inner: Mask) -> Mask {
    inner.wrapping_add(firsts << 1) & !inner
}

/// Blanks directly behind a line end, where no further line end follows in the
/// same run of space.
#[inline]
fn blanks_after_line_ends(blanks: Mask, line_ends: Mask) -> Mask {
    let mut found = blanks & line_ends << 1;
    let mut left = found;
    while left != 0 {
        let at = left.trailing_zeros();
        left &= left - 1;
        let end = at + (!(blanks >> at)).trailing_zeros();
        if end < BYTES && line_ends >> end & 1 == 1 {
            found &= !(1 << at);
        }
    }
    found
}

/// Moves the start from each apostrophe of a contraction to behind it. Directly
/// behind a contraction there is no second one.
#[inline]
fn with_contractions(mut starts: Mask, mut apostrophes: Mask, window: &[u8; WINDOW]) -> Mask {
    let mut behind_last = u32::MAX;
    while apostrophes != 0 {
        let at = apostrophes.trailing_zeros();
        apostrophes &= apostrophes - 1;
        let letter = |offset: u32| window[(at + offset) as usize % LANES] | 0x20;
        let length = match (letter(1), letter(2)) {
            (b's' | b't' | b'm' | b'd', _) => 2,
            (b'r' | b'v', b'e') | (b'l', b'l') => 3,
            _ => continue,
        };
        if at != behind_last {
            behind_last = at + length;
            starts = starts & !(below(length) << at) | 1 << behind_last;
        }
    }
    starts
}

impl Classes {
    #[inline]
    fn of(window: &[u8; WINDOW], length: u32) -> Self {
        let masks = lanes::masks(window);
        let mut classes = Self {
            letters: masks.letters,
            upper: masks.upper,
            numbers: masks.digits,
            plain_spaces: masks.plain_spaces,
            space: masks.controls | masks.plain_spaces,
            line_ends: masks.line_ends,
            slashes: masks.slashes,
            apostrophes: masks.apostrophes,
            inner: 0,
            known: length.min(BYTES),
        };
        let beyond = masks.beyond_ascii;
        if beyond != 0 {
            if beyond.count_ones() > MOST_BEYOND_ASCII {
                classes.known = classes.known.min(beyond.trailing_zeros());
            } else {
                classes.add_beyond_ascii(window, beyond);
            }
        }
        classes.known()
    }

    /// Adds the characters beyond ASCII, whose bytes are `beyond`, up to the first one
    /// for which the rules above do not hold: space of more than one byte, a mark that
    /// is not in a word (it may belong to signs), upper case behind a letter without
    /// case, and a letter behind an apostrophe (U+017F may be a contraction).
    fn add_beyond_ascii(&mut self, window: &[u8; WINDOW], beyond: Mask) {
        let firsts = lanes::first_bytes(window);
        let mut of_class = [0; Class::End as usize + 1];
        let mut left = firsts;
        while left != 0 {
            let at = left.trailing_zeros() as usize % LANES;
            let (class, _) = classes::of_first([0, 1, 2, 3].map(|offset| window[at + offset]));
            of_class[class as usize] |= left & left.wrapping_neg();
            left &= left - 1;
        }
        let of = |class: Class| of_class[class as usize];
        self.inner = beyond & !firsts;
        let whole = |firsts: Mask| firsts | self.inner & !self.inner.wrapping_add(firsts << 1);
        let caseless = of(Class::Letter) | of(Class::Mark);
        self.letters |= whole(of(Class::Lower) | of(Class::Upper) | caseless);
        self.upper |= whole(of(Class::Upper));
        self.numbers |= whole(of(Class::Number));
        let unknown = of(Class::Space)
            | of(Class::Mark) & !(self.letters << 1)
            | self.upper & whole(caseless) << 1
            | beyond & self.apostrophes << 1;
        self.known = self.known.min(unknown.trailing_zeros());
    }

    /// Without what is unknown.
    #[inline]
    fn known(self) -> Self {
        let known = below(self.known);
        Self {
            letters: self.letters & known,
            upper: self.upper & known,
            numbers: self.numbers & known,
            plain_spaces: self.plain_spaces & known,
            space: self.space & known,
            line_ends: self.line_ends & known,
            slashes: self.slashes & known,
            apostrophes: self.apostrophes & known,
            inner: self.inner & known,
            known: self.known,
        }
    }
}
