//! Classes of characters. The table is unpacked from runs that
//! `build/classes.rs` takes from regex-syntax, so it agrees with the regular
//! expression that upstream compiles.

/// What the split pattern distinguishes in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Class {
    /// Signs, anything but letters, marks, numbers and space: `[^\s\p{L}\p{N}\p{M}]`.
    Other = 0,
    /// `[\r\n]`.
    LineEnd = 1,
    /// `\s` without line ends.
    Space = 2,
    /// `[\p{Lu}\p{Lt}]`: only in the pattern's first run of letters.
    Upper = 3,
    /// `\p{Ll}`: only in its second run.
    Lower = 4,
    /// `[\p{Lm}\p{Lo}]`: in both runs.
    Letter = 5,
    /// `\p{M}`: in both runs, and also allowed before or outside them.
    Mark = 6,
    /// `\p{N}`.
    Number = 7,
    /// The end of the text.
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
const BLOCK: usize = 64;

/// A class for every code point, in two levels, because most blocks of 64 equal
/// another one. A block is what the last byte of a character in UTF-8 chooses
/// from, so the bytes before it are the index of the block.
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
        for (byte, class) in classes.ascii.iter_mut().enumerate() {
            let block = usize::from(classes.block_of[byte / BLOCK]);
            *class = classes.blocks[block * BLOCK + byte % BLOCK];
        }
        classes
    }

    /// Equal blocks follow each other, so comparing with the last one is enough.
    fn push(&mut self, block: &[Class]) {
        if !self.blocks.ends_with(block) {
            self.blocks.extend_from_slice(block);
        }
        self.block_of.push((self.blocks.len() / BLOCK - 1) as u16);
    }

    /// A run that fills a whole block may fill many more: Han, Hangul, the planes
    /// without characters.
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
        let four = match text[at..].first_chunk() {
            Some(four) => *four,
            None => at_the_end(&text[at..]),
        };
        let [second, third, fourth] = [1, 2, 3].map(|index: usize| usize::from(four[index] & 0x3f));
        let first_bits = usize::from(first);
        let (block, last, length) = match first {
            ..0xe0 => (first_bits & 0x1f, second, 2),
            0xe0..0xf0 => ((first_bits & 0x0f) << 6 | second, third, 3),
            _ => ((first_bits & 0x07) << 12 | second << 6 | third, fourth, 4),
        };
        let block = usize::from(self.block_of[block]);
        (self.blocks[block * BLOCK + last], length)
    }
}

#[cold]
fn at_the_end(bytes: &[u8]) -> [u8; 4] {
    std::array::from_fn(|index| bytes.get(index).copied().unwrap_or(0))
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
