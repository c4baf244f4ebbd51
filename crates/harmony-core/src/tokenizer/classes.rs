//! Classes of characters. `build/classes.rs` takes the tables from regex-syntax,
//! so they agree with the regular expression that upstream compiles.

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

// A class for every code point, in two levels: `BLOCK_OF` and `BLOCKS`. A block is
// what the last byte of a character in UTF-8 chooses from, so the bytes before it
// are the index of the block.
include!(concat!(env!("OUT_DIR"), "/classes.rs"));

const BLOCK: usize = 64;

/// The class and length of the character of `text` that starts at `at`.
#[inline]
pub(super) fn at(text: &[u8], at: usize) -> (Class, usize) {
    match text.get(at) {
        None => (Class::End, 0),
        Some(&byte) if byte < 0x80 => (of_ascii(byte), 1),
        Some(_) => beyond_ascii(text, at),
    }
}

/// The class of an ASCII character.
#[inline]
fn of_ascii(byte: u8) -> Class {
    ASCII[usize::from(byte & 0x7f)]
}

#[inline]
fn beyond_ascii(text: &[u8], at: usize) -> (Class, usize) {
    of_first(match text[at..].first_chunk() {
        Some(four) => *four,
        None => at_the_end(&text[at..]),
    })
}

/// The class and length of the character beyond ASCII with which four bytes begin.
/// They are well-formed UTF-8, so the bytes that the first one announces follow.
#[inline]
pub(super) fn of_first(bytes: [u8; 4]) -> (Class, usize) {
    let [first, second, third, fourth] = bytes.map(usize::from);
    let [second, third, fourth] = [second, third, fourth].map(|byte| byte & 0x3f);
    let (block, last, length) = match first {
        ..0xe0 => (first & 0x1f, second, 2),
        0xe0..0xf0 => ((first & 0x0f) << 6 | second, third, 3),
        _ => ((first & 0x07) << 12 | second << 6 | third, fourth, 4),
    };
    let block = usize::from(BLOCK_OF[block]);
    (BLOCKS[block * BLOCK + last], length)
}

#[cold]
fn at_the_end(bytes: &[u8]) -> [u8; 4] {
    std::array::from_fn(|index| bytes.get(index).copied().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::Class;
    use fancy_regex::Regex;

    /// Every scalar value, against the regex crate that upstream's pattern is
    /// compiled with.
    #[test]
    fn agree_with_the_regular_expressions() {
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
            assert_eq!(found, [super::at(text.as_bytes(), 0).0], "{character:?}");
        }
    }
}
