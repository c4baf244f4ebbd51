//! Random numbers, completions and damage, the same from the same seed.

use super::tokens_of;
use crate::{encoding::HarmonyEncoding, tokenizer::Rank};

/// SplitMix64: enough to draw with, and the same everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ number >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ number >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ number >> 31
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.number() % limit as u64) as usize
    }

    pub(crate) fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// What headers are made of, and what breaks them.
const HEADER: [&str; 44] = [
    "<|start|>",
    "<|start|>",
    "<|start|>assistant",
    "<|channel|>",
    "<|channel|>",
    "<|channel|>final",
    "<|channel|>analysis",
    "<|channel|>commentary",
    "<|message|>",
    "<|message|>",
    "<|message|>",
    "<|constrain|>",
    "<|constrain|>json",
    " <|constrain|>json",
    "assistant",
    "user",
    "tool",
    "system",
    ":bob",
    "final",
    "analysis",
    "commentary",
    " to=functions.f",
    " to=",
    "to=",
    " json",
    "code",
    " ",
    "\n",
    "\u{202f}",
    "functions.f",
    " a",
    "We need to",
    " (an aside)",
    "<",
    "<|",
    "|>",
    "<|channel|",
    "assistant to=functions.f<|channel|>commentary <|constrain|>json<|message|>",
    "assistant<|channel|>analysis<|message|>",
    "<|reserved_200017|>",
    "<|endoftext|>",
    "é",
    "日本",
];
const STOPS: [&str; 5] = ["<|end|>", "<|end|>", "<|return|>", "<|call|>", "<|endoftext|>"];
const CONTENT: [&str; 8] =
    ["Hello", " world", ".\n", "{\"a\": 1}", " 東京", "🧑🏽‍🚀", " to=x", "final"];
/// Bare continuation and leading bytes, and unknown ids.
const DAMAGE: [Rank; 8] = [172, 253, 246, 187, 2203, 201_089, 250_000, Rank::MAX];

/// The pieces that completions are drawn from, as tokens.
pub(crate) struct Pieces {
    header: Vec<Vec<Rank>>,
    stops: Vec<Vec<Rank>>,
    content: Vec<Vec<Rank>>,
    completions: Vec<Vec<Rank>>,
}

/// Well-formed completions, which are damaged.
pub(crate) const COMPLETIONS: [&str; 4] = [
    "<|channel|>analysis<|message|>We need to greet 🧑🏽‍🚀.<|end|><|start|>assistant<|channel|>final<|message|>Hello 東京!<|return|>",
    "<|channel|>commentary<|message|>I will look.<|end|><|start|>assistant<|channel|>commentary to=functions.get_weather <|constrain|>json<|message|>{\"city\": \"Oslo\"}<|call|>",
    "<|channel|>analysis to=python code<|message|>1 + 1<|call|><|start|>python to=assistant<|channel|>analysis<|message|>2<|end|><|start|>assistant<|channel|>final<|message|>2<|return|>",
    "<|start|>assistant to=functions.f<|channel|>commentary json<|message|>{}<|call|><|start|>user:bob<|message|>hi<|end|>",
];

impl Pieces {
    pub(crate) fn of(encoding: &HarmonyEncoding) -> Self {
        let all = |texts: &[&str]| texts.iter().map(|text| tokens_of(encoding, text)).collect();
        Self {
            header: all(&HEADER),
            stops: all(&STOPS),
            content: all(&CONTENT),
            completions: all(&COMPLETIONS),
        }
    }

    /// One of four kinds: ids of any number, the pieces of headers, whole
    /// messages of such pieces, and well-formed completions with damage.
    pub(crate) fn sequence(&self, random: &mut Random) -> Vec<Rank> {
        match random.below(8) {
            0 => {
                let any = |random: &mut Random| match random.below(3) {
                    0 => random.number() as Rank,
                    1 => random.below(201_100) as Rank,
                    _ => 199_990 + random.below(40) as Rank,
                };
                (0..random.below(24)).map(|_| any(random)).collect()
            }
            1..=3 => (0..random.below(14)).flat_map(|_| self.header_piece(random)).collect(),
            4..=5 => (0..1 + random.below(3)).flat_map(|_| self.message(random)).collect(),
            _ => {
                let mut tokens = random.of(&self.completions[..]).clone();
                for _ in 0..1 + random.below(4) {
                    self.damage(&mut tokens, random);
                }
                tokens
            }
        }
    }

    fn header_piece(&self, random: &mut Random) -> Vec<Rank> {
        match random.below(20) {
            0 => vec![*random.of(&DAMAGE)],
            1 => random.of(&self.stops).clone(),
            2 => random.of(&self.content).clone(),
            _ => random.of(&self.header).clone(),
        }
    }

    fn message(&self, random: &mut Random) -> Vec<Rank> {
        let mut tokens = Vec::new();
        for _ in 0..random.below(6) {
            tokens.extend(self.header_piece(random));
        }
        for _ in 0..random.below(4) {
            tokens.extend(random.of(&self.content).iter());
            if random.chance(15) {
                tokens.push(*random.of(&DAMAGE));
            }
        }
        tokens.extend(random.of(&self.stops).iter());
        tokens
    }

    fn damage(&self, tokens: &mut Vec<Rank>, random: &mut Random) {
        let [at, other] = [0; 2].map(|_| random.below(tokens.len().max(1)));
        match random.below(6) {
            _ if tokens.is_empty() => {}
            0 => tokens.truncate(at),
            1 => drop(tokens.remove(at)),
            2 => tokens.insert(other, tokens[at]),
            3 => tokens.swap(at, other),
            4 => tokens[at] = *random.of(&DAMAGE),
            _ => {
                let piece = self.header_piece(random);
                tokens.splice(at..at, piece);
            }
        }
    }
}
