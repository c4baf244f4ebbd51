//! Every case of `test-vectors/malformed`: whole, token by token, and cut in
//! two at every position.

use super::{assert_sound, encoding, events_in_chunks, tokens_of, Recovered};
use crate::{chat::Role, encoding::HarmonyEncoding, tokenizer::Rank};
use serde::Deserialize;
use serde_json::{json, Value};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    #[serde(rename = "about")]
    _about: String,
    count: usize,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    #[serde(rename = "about")]
    _about: Option<String>,
    #[serde(rename = "seen")]
    _seen: Option<String>,
    role: Option<Role>,
    tokens: Vec<Tokens>,
    /// What the tokens spell, for those who read the file.
    text: Option<String>,
    wanted: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Tokens {
    Id(Rank),
    Text(String),
}

impl Case {
    fn tokens(&self, encoding: &HarmonyEncoding) -> Vec<Rank> {
        let tokens = self.tokens.iter();
        tokens
            .flat_map(|part| match part {
                Tokens::Id(id) => vec![*id],
                Tokens::Text(text) => tokens_of(encoding, text),
            })
            .collect()
    }
}

/// The messages in the form of the file: with the codes of their repairs.
fn shown(recovered: &Recovered) -> Vec<Value> {
    let messages = recovered.messages.iter();
    messages
        .map(|found| {
            let mut message = json!(found.message);
            let codes: Vec<_> = found.repairs.iter().map(|repair| repair.code.as_str()).collect();
            if !codes.is_empty() {
                message["repairs"] = json!(codes);
            }
            message
        })
        .collect()
}

#[test]
fn every_case_has_the_wanted_answer() {
    let text = include_str!("../../../../../test-vectors/malformed/cases.json");
    let file: Cases = serde_json::from_str(text).expect("well-formed cases");
    let encoding = encoding();
    let mut names: Vec<_> = file.cases.iter().map(|case| &case.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), file.count, "cases, each with a name of its own");
    let mut wrong = Vec::new();
    for case in &file.cases {
        let tokens = case.tokens(&encoding);
        if let Some(text) = &case.text {
            let bytes =
                encoding.tokenizer().decode_bytes(tokens.iter().filter(|&&id| id < 250_000));
            let decoded = String::from_utf8_lossy(&bytes.expect("tokens")).into_owned();
            assert_eq!(&decoded, text, "{}", case.name);
        }
        for cut in 1..=tokens.len().max(1) {
            let mut next = Some(cut);
            let in_two = || next.take().unwrap_or(usize::MAX);
            let events = events_in_chunks(&encoding, &tokens, case.role.clone(), in_two);
            let recovered = Recovered::of(events.clone());
            assert_sound(&tokens, &events, &recovered);
            if shown(&recovered) != case.wanted {
                wrong.push(format!("{} cut at {cut}: {}", case.name, json!(shown(&recovered))));
                break;
            }
        }
        let events = events_in_chunks(&encoding, &tokens, case.role.clone(), || 1);
        assert_sound(&tokens, &events, &Recovered::of(events.clone()));
        assert_eq!(shown(&Recovered::of(events)), case.wanted, "{} token by token", case.name);
    }
    assert!(wrong.is_empty(), "{} of {}: {wrong:#?}", wrong.len(), file.count);
}
