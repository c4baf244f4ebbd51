//! Classes of characters. The table is unpacked from runs that
//! `build/classes.rs` takes from regex-syntax, so that it agrees with the
//! regular expression that upstream compiles.

/// What the split pattern sees in a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Class {
    /// Neither letter, mark, number nor space: `[^\s\p{L}\p{N}\p{M}]`.
    Other = 0,
    /// `[\r\n]`.
    LineEnd = 1,
    /// `\s` without line ends.
    Space = 2,
    /// `[\p{Lu}\p{Lt}]`: in the pattern's first run of letters only.
    Upper = 3,
    /// `\p{Ll}`: in its second run only.
    Lower = 4,
    /// `[\p{Lm}\p{Lo}]`: in both runs.
    Letter = 5,
    /// `\p{M}`: in both runs, and also what may stand before or outside them.
    Mark = 6,
    /// `\p{N}`.
    Number = 7,
    /// There is no character: the text has ended.
    End = 8,
}

const CLASSES: [Class; 8] = [
    Class::Other,
    Class::LineEnd,
    Class::Space,
    Class::Upper,
    Class::Lower,
    Class::Letter,
    Class::Mark,
    Class::Number,
];

static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/classes.bin"));

const CODE_POINTS: usize = 0x11_0000;
const BLOCK: usize = 128;

/// A class for every code point, in two levels: most blocks of 128 are equal
/// to another one.
pub(super) struct Classes {
    ascii: [Class; 128],
    block_of: Vec<u16>,
    blocks: Vec<Class>,
}

impl Classes {
    pub(super) fn load() -> Self {
        let mut classes = Self {
            ascii: [Class::Other; 128],
            block_of: Vec::with_capacity(CODE_POINTS / BLOCK),
            blocks: Vec::new(),
        };
        let mut block = Vec::with_capacity(BLOCK);
        for (class, mut length) in runs() {
            while length > 0 {
                let taken = length.min(BLOCK - block.len());
                block.resize(block.len() + taken, class);
                length -= taken;
                if block.len() < BLOCK {
                    break;
                }
                classes.push(&block);
                if taken == BLOCK {
                    classes.repeat(&mut length);
                }
                block.clear();
            }
        }
        classes.ascii.copy_from_slice(&classes.blocks[..BLOCK]);
        classes
    }

    /// Equal blocks come in rows, so only the last one is looked at.
    fn push(&mut self, block: &[Class]) {
        if !self.blocks.ends_with(block) {
            self.blocks.extend_from_slice(block);
        }
        self.block_of.push((self.blocks.len() / BLOCK - 1) as u16);
    }

    /// A run that has filled a whole block may fill many more: Han, Hangul, the
    /// planes without characters.
    fn repeat(&mut self, length: &mut usize) {
        let last = self.block_of.last().copied().unwrap_or(0);
        self.block_of.resize(self.block_of.len() + *length / BLOCK, last);
        *length %= BLOCK;
    }

    /// The class and length of the character of `text` that starts at `at`.
    #[inline]
    pub(super) fn at(&self, text: &[u8], at: usize) -> (Class, usize) {
        match text.get(at) {
            None => (Class::End, 0),
            Some(&byte) if byte < 0x80 => (self.ascii[usize::from(byte)], 1),
            Some(&first) => self.beyond_ascii(text, at, first),
        }
    }

    /// The class of an ASCII character.
    #[inline]
    pub(super) fn of_ascii(&self, byte: u8) -> Class {
        self.ascii[usize::from(byte & 0x7f)]
    }

    /// `text` is well-formed UTF-8, so the bytes that `first` announces follow.
    #[inline]
    fn beyond_ascii(&self, text: &[u8], at: usize, first: u8) -> (Class, usize) {
        let follower =
            |offset: usize| usize::from(text.get(at + offset).copied().unwrap_or(0) & 0x3f);
        let (code_point, length) = match first {
            ..0xe0 => (usize::from(first & 0x1f) << 6 | follower(1), 2),
            0xe0..0xf0 => (usize::from(first & 0x0f) << 12 | follower(1) << 6 | follower(2), 3),
            _ => {
                let high = usize::from(first & 0x07) << 18 | follower(1) << 12;
                (high | follower(2) << 6 | follower(3), 4)
            }
        };
        let block = usize::from(self.block_of[code_point / BLOCK]);
        (self.blocks[block * BLOCK + code_point % BLOCK], length)
    }
}

fn runs() -> impl Iterator<Item = (Class, usize)> {
    let mut packed = PACKED.iter();
    std::iter::from_fn(move || {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = *packed.next()?;
            number |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return Some((CLASSES[number % 8], number / 8));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{Class, Classes, CODE_POINTS};
    use fancy_regex::Regex;

    /// Every scalar value, against the regex crate that upstream's pattern is
    /// compiled with.
    #[test]
    fn agree_with_the_regular_expressions() {
        let classes = Classes::load();
        assert_eq!(classes.block_of.len() * super::BLOCK, CODE_POINTS);
        let regex = |pattern: &str| Regex::new(pattern).expect("a pattern");
        let expected = [
            (regex(r"\A[\r\n]\z"), Class::LineEnd),
            (regex(r"\A[\s--\r\n]\z"), Class::Space),
            (regex(r"\A[\p{Lu}\p{Lt}]\z"), Class::Upper),
            (regex(r"\A\p{Ll}\z"), Class::Lower),
            (regex(r"\A[\p{Lm}\p{Lo}]\z"), Class::Letter),
            (regex(r"\A\p{M}\z"), Class::Mark),
            (regex(r"\A\p{N}\z"), Class::Number),
            (regex(r"\A[^\s\p{L}\p{M}\p{N}]\z"), Class::Other),
        ];
        for character in '\0'..=char::MAX {
            let text = character.to_string();
            let matching =
                expected.iter().filter(|(regex, _)| matches!(regex.is_match(&text), Ok(true)));
            let found: Vec<_> = matching.map(|(_, class)| *class).collect();
            assert_eq!(found, [classes.at(text.as_bytes(), 0).0], "{character:?}");
        }
    }
}
