//! What must hold of every input. The seed is printed, and `RECOVERY_SEED`
//! repeats it; `RECOVERY_SEQUENCES` makes the run longer.

use super::{
    assert_sound, encoding, events_in_chunks, push,
    random::{Pieces, Random, COMPLETIONS},
    recover, tokens_of, Event, Recovered,
};
use crate::{chat::Role, encoding::HarmonyEncoding, tokenizer::Rank};
use std::{
    env,
    time::{SystemTime, UNIX_EPOCH},
};

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

fn seed() -> u64 {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    let seed = number("RECOVERY_SEED").unwrap_or_else(now);
    eprintln!("RECOVERY_SEED={seed}");
    seed
}

const ROLES: [Option<Role>; 4] =
    [None, Some(Role::Assistant), Some(Role::Assistant), Some(Role::Tool)];

/// Whole and in chunks: the same messages and strays; everything is sound.
fn check(encoding: &HarmonyEncoding, tokens: &[Rank], role: Option<Role>, random: &mut Random) {
    let whole = events_in_chunks(encoding, tokens, role.clone(), || usize::MAX);
    let recovered = Recovered::of(whole.clone());
    assert_sound(tokens, &whole, &recovered);
    let longest = 1 + random.below(5);
    let cut = events_in_chunks(encoding, tokens, role, || 1 + random.below(longest));
    assert_sound(tokens, &cut, &Recovered::of(cut.clone()));
    assert!(Recovered::of(cut) == recovered, "chunks of up to {longest} make a difference");
}

/// Runs `check` so that a failure shows the tokens.
fn checked(encoding: &HarmonyEncoding, tokens: &[Rank], role: Option<Role>, random: &mut Random) {
    struct Shown<'a>(&'a [Rank], &'a Option<Role>);
    impl Drop for Shown<'_> {
        fn drop(&mut self) {
            if std::thread::panicking() {
                eprintln!("role {:?}, tokens {:?}", self.1, self.0);
            }
        }
    }
    let _shown = Shown(tokens, &role);
    check(encoding, tokens, role.clone(), random);
}

#[test]
fn random_sequences() {
    let encoding = encoding();
    let pieces = Pieces::of(&encoding);
    let mut random = Random(seed());
    for _ in 0..number("RECOVERY_SEQUENCES").unwrap_or(100_000) {
        let tokens = pieces.sequence(&mut random);
        let role = random.of(&ROLES).clone();
        checked(&encoding, &tokens, role, &mut random);
    }
}

/// Every truncation, and every token left out, doubled, or swapped with
/// another.
#[test]
fn every_single_damage_of_well_formed_completions() {
    let encoding = encoding();
    let mut random = Random(1);
    for completion in COMPLETIONS {
        let tokens = tokens_of(&encoding, completion);
        let role = (!completion.starts_with("<|start|>")).then_some(Role::Assistant);
        for at in 0..tokens.len() {
            let mut damaged = vec![tokens[..at].to_vec(), tokens.clone(), tokens.clone()];
            damaged[1].remove(at);
            damaged[2].insert(at, tokens[at]);
            for other in at + 1..tokens.len() {
                let mut swapped = tokens.clone();
                swapped.swap(at, other);
                damaged.push(swapped);
            }
            for tokens in damaged {
                checked(&encoding, &tokens, role.clone(), &mut random);
            }
        }
    }
}

/// Only the bytes of a character that is not complete are withheld.
#[test]
fn content_is_withheld_only_while_its_bytes_are_incomplete() {
    let encoding = encoding();
    let content = "Grüße 🧑🏽‍🚀 日本語 ½ 𝔘𝔫𝔦 ok";
    let header = "<|channel|>final<|message|>";
    let tokens = tokens_of(&encoding, &format!("{header}{content}<|return|>"));
    let begun = tokens_of(&encoding, header).len();
    let mut recovery = super::Parser::new(&encoding, Some(Role::Assistant));
    push(&mut recovery, &tokens[..begun]);
    let mut given = String::new();
    for at in begun..tokens.len() - 1 {
        for event in push(&mut recovery, &tokens[at..=at]) {
            let Event::ContentDelta { delta, .. } = event else { panic!("{event:?}") };
            given += &delta;
        }
        let bytes = encoding.tokenizer().decode_bytes(&tokens[begun..=at]).expect("tokens");
        let whole = match std::str::from_utf8(&bytes) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        assert_eq!(given.as_bytes(), &bytes[..whole]);
    }
    assert_eq!(given, content);
}

/// Between messages, text is withheld only while it may be a header.
#[test]
fn prose_between_messages_is_withheld_for_a_word_or_two() {
    let encoding = encoding();
    for prose in ["Hello there, how are you", "我们需要回答这个问题", "final answers are here now"]
    {
        let mut recovery = super::Parser::new(&encoding, None);
        let tokens = tokens_of(&encoding, prose);
        let given = |events: Vec<Event>| events.len();
        let first = tokens.iter().position(|&token| given(push(&mut recovery, &[token])) > 0);
        assert!(first.is_some_and(|first| first <= 2), "{prose}: {first:?}");
    }
}

#[test]
fn the_whole_is_what_its_events_tell() {
    let encoding = encoding();
    let tokens = tokens_of(&encoding, COMPLETIONS[0]);
    let whole = recover(&encoding, &tokens, Some(Role::Assistant));
    let events = events_in_chunks(&encoding, &tokens, Some(Role::Assistant), || 1);
    assert_eq!(Recovered::of(events), whole);
}
