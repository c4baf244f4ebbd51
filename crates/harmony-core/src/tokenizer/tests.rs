//! The tokenizer against upstream's own `tiktoken.rs`, with the split pattern
//! that upstream compiles. The seed is printed, and `TOKENIZER_SEED` repeats
//! it; `TOKENIZER_CHARACTERS` makes the run of random texts longer, and
//! `TOKENIZER_CONTEXTS` that of every scalar value (32 are all).

use super::{special, vocabulary::Vocabulary, CoreBPE};
use crate::reference::tiktoken::CoreBPE as Reference;
use std::{
    collections::HashSet,
    env,
    time::{SystemTime, UNIX_EPOCH},
};

fn reference() -> Reference {
    let vocabulary = Vocabulary::load();
    let ordinary = (0..).map_while(|rank| Some((vocabulary.token(rank)?.to_vec(), rank)));
    let pattern = special::SPLIT_ALTERNATIVES.join("|");
    Reference::new(ordinary, special::tokens(), &pattern).expect("upstream's pattern compiles")
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

fn seed() -> u64 {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let seed = number("TOKENIZER_SEED").unwrap_or_else(now);
    eprintln!("TOKENIZER_SEED={seed}");
    seed
}

/// SplitMix64: enough to draw texts with, and the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((number ^ number >> 31) % limit as u64) as usize
    }

    fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    fn character(&mut self, (first, last): (u32, u32)) -> char {
        let code_point = first + self.below((last - first) as usize + 1) as u32;
        char::from_u32(code_point).unwrap_or('\u{fffd}')
    }
}

const CLASSES: [(u32, u32); 24] = [
    (0x61, 0x7a),
    (0x41, 0x5a),
    (0x30, 0x39),
    (0x20, 0x2f),
    (0x00, 0x20),
    (0x80, 0xff),
    (0x100, 0x24f),
    (0x1c4, 0x1cc),
    (0x2b0, 0x2ff),
    (0x300, 0x36f),
    (0x370, 0x3ff),
    (0x400, 0x52f),
    (0x591, 0x6ff),
    (0x900, 0x97f),
    (0xe00, 0xe5b),
    (0x10a0, 0x11ff),
    (0x1f88, 0x1faf),
    (0x2000, 0x218b),
    (0x2460, 0x24ff),
    (0x3000, 0x30ff),
    (0x4e00, 0x9fff),
    (0xac00, 0xd7a3),
    (0x1d400, 0x1faff),
    (0x0, 0x10ffff),
];
const SPACES: [&str; 12] =
    [" ", "  ", "\t", "\n", "\r\n", "\r", "\u{a0}", "\u{2003}", "\u{3000}", "\u{85}", "a", "!"];
const CONTRACTIONS: [&str; 16] =
    ["'", "'", "s", "S", "ſ", "t", "re", "VE", "m", "Ll", "D", "x", "É", " ", "\u{301}", "ʰ"];

/// What the split of ASCII turns on; now and then a character beyond it.
const ASCII: [&str; 32] = [
    " ", " ", "  ", "\n", "\n", "\r\n", "\t", "\x0b", "/", "/", "!", "!", "'", "'", "'s", "'Re",
    "'ll", "'VE", "a", "b", "s", "Lower", "UPPER", "A", "1", "12", "34567", "_", "\0", "\x7f",
    "\x1c", "é",
];

/// A random text of one of six makes.
fn text(random: &mut Random, vocabulary: &Vocabulary, make: u64) -> String {
    let run = |random: &mut Random, longest: usize| -> String {
        let class = *random.of(&CLASSES);
        let length = 1 + random.below(longest);
        (0..length).map(|_| random.character(class)).collect()
    };
    let piece = |random: &mut Random| match make % 6 {
        0 => {
            let rank = random.below(199_998) as u32;
            String::from_utf8_lossy(vocabulary.token(rank).unwrap_or_default()).into_owned()
        }
        1 => run(random, 8),
        2 => run(random, 400),
        3 => (*random.of(&SPACES)).to_owned(),
        4 => (*random.of(&CONTRACTIONS)).to_owned(),
        _ => match random.below(ASCII.len() * 8) {
            0 => {
                let class = *random.of(&CLASSES);
                random.character(class).to_string()
            }
            drawn => ASCII[drawn % (ASCII.len() - 1)].to_owned(),
        },
    };
    let mut text = String::new();
    while text.len() < 2_000 {
        text += &piece(random);
    }
    text
}

#[test]
fn random_texts() {
    let (ours, reference) = (CoreBPE::load(), reference());
    let mut random = Random(seed());
    let (mut characters, mut make) = (0, 0);
    while characters < number("TOKENIZER_CHARACTERS").unwrap_or(2_000_000) {
        let text = text(&mut random, &ours.vocabulary, make);
        let expected = reference.encode_ordinary(&text);
        assert!(ours.encode_ordinary(&text) == expected, "{text:?}");
        assert!(ours.encode_ordinary(&text) == expected, "from the caches: {text:?}");
        characters += text.chars().count() as u64;
        make += 1;
    }
    eprintln!("{characters} characters of random text");
}

/// Before and after what the split pattern turns on, `·` being the character.
const CONTEXTS: [&str; 32] = [
    "·",
    "a·",
    "·a",
    "a·a",
    "A·",
    "·A",
    "A·A",
    "A·a",
    "a·A",
    "·s",
    "'·",
    "a'·",
    "1·",
    "·1",
    "1·1",
    "12·3",
    " ·",
    "· ",
    "  ·",
    "·  ",
    " ·a",
    "!·",
    "·!",
    " !·",
    "·\n",
    "\n·",
    "·/",
    "!·/\n",
    "\u{301}·",
    "·\u{301}A",
    "ʰ·A",
    "··",
];

/// Every scalar value in some of the contexts, many to a text: a line end that
/// is followed by neither space nor slash ends a piece.
#[test]
fn every_scalar_value_in_context() {
    let (ours, reference) = (CoreBPE::load(), reference());
    let all: Vec<char> = ('\0'..=char::MAX).collect();
    let drawn = number("TOKENIZER_CONTEXTS").unwrap_or(4) as usize;
    let first = Random(seed()).below(CONTEXTS.len());
    for context in CONTEXTS.iter().cycle().skip(first).take(drawn) {
        for characters in all.chunks(4_096) {
            let text: String = characters
                .iter()
                .flat_map(|character| {
                    [context.replace('·', &character.to_string()), ".\n".to_owned()]
                })
                .collect();
            let expected = reference.encode_ordinary(&text);
            let first = characters[0];
            assert!(ours.encode_ordinary(&text) == expected, "{context:?} from {first:?} on");
        }
    }
}

/// The end of a text is encoded in a copy, and known to be the end: texts that
/// end at every place around the length of a window.
#[test]
fn every_ending() {
    let (ours, reference) = (CoreBPE::load(), reference());
    let mut random = Random(seed());
    for make in 0..60 {
        let text = text(&mut random, &ours.vocabulary, make);
        for end in (0..220).filter(|&end| text.is_char_boundary(end)) {
            let text = &text[..end];
            assert!(ours.encode_ordinary(text) == reference.encode_ordinary(text), "{text:?}");
        }
    }
}

/// Pieces of every length that the front cache has a table for, with bytes that
/// an empty entry or a tag could be taken for.
#[test]
fn pieces_that_look_like_keys() {
    let (ours, reference) = (CoreBPE::load(), reference());
    for length in 1..40 {
        for last in ["\0", "\u{1}", "\u{7f}", "\u{80}", "!", "\u{fffd}", "\u{10ffff}"] {
            for fill in ["\0", "!"] {
                let text = fill.repeat(length - 1) + last;
                let expected = reference.encode_ordinary(&text);
                assert_eq!(ours.encode_ordinary(&text), expected, "{text:?}");
                assert_eq!(ours.encode_ordinary(&text), expected, "from the caches: {text:?}");
            }
        }
    }
}

/// Around the length at which the linear encoder takes over, and far above it.
#[test]
fn long_pieces() {
    let (ours, reference) = (CoreBPE::load(), reference());
    let mut random = Random(7);
    for length in (250..262).chain([1_000, 5_000]) {
        for class in [
            CLASSES[0],
            CLASSES[1],
            CLASSES[9],
            CLASSES[14],
            CLASSES[20],
            (0x61, 0x61),
            (0x61, 0x62),
        ] {
            let text: String = (0..length).map(|_| random.character(class)).collect();
            assert!(ours.encode_ordinary(&text) == reference.encode_ordinary(&text), "{text}");
        }
        for unit in ["\t", " ", "\n ", "=", "ab", "的", "\u{301}", "A\u{301}", "-=", "\0"] {
            let text = unit.repeat(length);
            assert!(
                ours.encode_ordinary(&text) == reference.encode_ordinary(&text),
                "{unit:?} x {length}"
            );
        }
    }
}

/// Specials allowed or not, and how many tokens the last piece has.
#[test]
fn special_tokens() {
    let (ours, reference) = (CoreBPE::load(), reference());
    assert_eq!(ours.special_tokens(), reference.special_tokens());
    let parts =
        ["<|start|>", "<|end|>", "<|reserved_200500|>", "<|", "|>", "<", "start", " ", "é", "xqzj"];
    let allowed: [HashSet<&str>; 3] =
        [HashSet::new(), HashSet::from(["<|start|>", "nothing"]), reference.special_tokens()];
    let mut random = Random(11);
    for _ in 0..300 {
        let text: String = (0..random.below(12)).map(|_| *random.of(&parts)).collect();
        for allowed in &allowed {
            assert_eq!(ours.encode(&text, allowed), reference.encode(&text, allowed), "{text}");
        }
    }
}

/// Every id there is, and some ids of no token.
#[test]
fn decoding() {
    let (ours, reference) = (CoreBPE::load(), reference());
    for id in (0..201_200).chain([u32::MAX]) {
        assert_eq!(ours.decode_bytes([id]).ok(), reference.decode_bytes([id]).ok(), "{id}");
        assert_eq!(ours.is_special_token(id), reference.is_special_token(id), "{id}");
    }
    for ids in [&[24912, 9552][..], &[24912, 201_089], &[200_006, 24912]] {
        let (found, expected) = (ours.decode_utf8(ids), reference.decode_utf8(ids));
        let message = |error: &dyn std::error::Error| error.to_string();
        assert_eq!(found.as_ref().ok(), expected.as_ref().ok());
        assert_eq!(found.err().map(|e| message(&e)), expected.err().map(|e| message(&e)));
    }
}
