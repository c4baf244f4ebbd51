//! The pieces of a text one by one, as encoding finds them: by windows, and what these
//! leave by the split itself. Encoding has a loop of its own: with this one it took 1.03
//! times as long in wasm.

use super::{encode::Text, split};

/// How many zeros a text has behind it, for what looks ahead.
pub(super) const BEHIND: usize = 128;

/// Iterates over the start and end of each piece. The text has [`BEHIND`] zeros behind it.
pub(super) struct Pieces<'a> {
    text: Text<'a>,
    /// Where the last window begins.
    window: usize,
    /// Where pieces end in it: a bit for each byte behind an end.
    ends: u64,
    start: usize,
}

impl<'a> Pieces<'a> {
    pub(super) fn of(text: Text<'a>) -> Self {
        Self { text, window: 0, ends: 0, start: 0 }
    }
}

impl Iterator for Pieces<'_> {
    type Item = (usize, usize);

    #[inline(always)]
    fn next(&mut self) -> Option<(usize, usize)> {
        let start = self.start;
        if self.ends == 0 {
            if start >= self.text.length {
                return None;
            }
            self.window = start;
            self.ends = self.text.piece_ends(start);
        }
        self.start = if self.ends == 0 {
            split::piece_end(&self.text.bytes[..self.text.length], start)
        } else {
            let end = self.window + self.ends.trailing_zeros() as usize;
            self.ends &= self.ends - 1;
            end
        };
        Some((start, self.start))
    }
}
