//! The split of ASCII text, 64 bytes at a time.
//!
//! Every byte of a window gets its class as a bit in a mask per class, and the
//! starts of the pieces follow from the masks by arithmetic on 64-bit words.
//! This gives the split of [`super::split`] for these reasons, with that
//! file's numbers of the alternatives and its `X`, `A`, `B` and `C`:
//!
//! - The first byte of the window starts a piece, so nothing before it matters.
//! - In ASCII, `A` is an upper-case letter and `B` a lower-case one. A word
//!   (1 and 2) therefore ends before an upper-case letter that follows a
//!   lower-case one, and nowhere else within a run of letters.
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
//! What follows the window is unknown, and so is a byte beyond ASCII. Three of
//! these rules look ahead: one to three bytes for a contraction, one byte for
//! `X`, and a whole run of space for 5 and 6. So a start is certain up to four
//! bytes before the unknown, and no further than the start of a run of space
//! that touches it. Only certain starts are returned.

use super::lanes::{self, Mask};

pub(super) use super::lanes::WINDOW;

/// Which bytes of a window have which class, up to the first beyond ASCII.
struct Classes {
    letters: Mask,
    upper: Mask,
    digits: Mask,
    plain_spaces: Mask,
    space: Mask,
    line_ends: Mask,
    slashes: Mask,
    apostrophes: Mask,
    /// How many bytes at the start of the window are ASCII.
    known: u32,
}

/// Where pieces end in `window`, as far as that is certain: a bit for each byte
/// behind an end. The first byte starts a piece. The text has `length` bytes
/// from there; those behind them in the window do not matter.
#[inline]
pub(super) fn piece_ends(window: &[u8; WINDOW], length: usize) -> Mask {
    let length = length.min(WINDOW + 1) as u32;
    let classes = Classes::of(window, length);
    let Classes { letters, upper, digits, plain_spaces, known, .. } = classes;
    let is_all = known == length && known < 64;
    if known < 5 && !is_all {
        return 0;
    }
    let tail = tail_of_signs(&classes);
    let signs = below(known) & !(letters | digits | classes.space | tail);
    let space = classes.space & !tail;
    let line_ends = classes.line_ends & !tail;
    let blanks = space & !line_ends;

    let sign_starts = signs & !(signs << 1 | plain_spaces << 1);
    let before_words = blanks | sign_starts;
    let word_starts = letters & !(letters << 1 | before_words << 1);
    let humps = upper & (letters & !upper) << 1;
    let last_blanks = blanks & !(space >> 1) & if is_all { below(known - 1) } else { Mask::MAX };
    let starts = word_starts
        | humps
        | number_starts(digits)
        | sign_starts
        | space & !(space << 1)
        | blanks_after_line_ends(blanks, line_ends)
        | last_blanks;

    let last_certain = if is_all {
        known
    } else {
        let run_of_space = (space << (64 - known)).leading_ones();
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
    if count >= 64 {
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
    let Classes { letters, digits, space, line_ends, slashes, known, .. } = *classes;
    let signs = below(known) & !(letters | digits | space);
    let first = line_ends & signs << 1;
    if first == 0 {
        return 0;
    }
    let runs = line_ends | slashes;
    runs & !runs.wrapping_add(first) | first
}

/// Every third digit of each run, from its first.
#[inline]
fn number_starts(digits: Mask) -> Mask {
    let fourth = digits & digits << 1 & digits << 2;
    let mut starts = digits & !(digits << 1);
    let mut found = starts;
    while starts != 0 {
        starts = starts << 3 & fourth;
        found |= starts;
    }
    found
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
        if end < 64 && line_ends >> end & 1 == 1 {
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
        let letter = |offset: u32| window[(at + offset) as usize % WINDOW] | 0x20;
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
        let known = masks.beyond_ascii.trailing_zeros().min(length);
        let ascii = below(known);
        Self {
            letters: masks.letters & ascii,
            upper: masks.upper & ascii,
            digits: masks.digits & ascii,
            plain_spaces: masks.plain_spaces & ascii,
            space: (masks.controls | masks.plain_spaces) & ascii,
            line_ends: masks.line_ends & ascii,
            slashes: masks.slashes & ascii,
            apostrophes: masks.apostrophes & ascii,
            known,
        }
    }
}
