//! Strict events against upstream's messages, and against recovery's events.

use super::{Before, EventParser};
use crate::{
    chat::Role, encoding::HarmonyEncoding, events::Event, load_harmony_encoding,
    recover::Recovered, strict, tokenizer::Rank,
};

const COMPLETIONS: [&str; 3] = [
    "<|channel|>analysis<|message|>We greet 🧑🏽‍🚀.<|end|><|start|>assistant<|channel|>final<|message|>Hello 東京!<|return|>",
    "<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}<|call|><|start|>functions.f to=assistant<|channel|>commentary<|message|>1<|end|><|start|>assistant<|channel|>final<|message|>cut",
    "<|message|>broken \u{fffd} text<|end|>",
];

fn events(stream: &mut EventParser, tokens: &[Rank], chunk: usize) -> Vec<Event> {
    let (mut events, mut more) = (Vec::new(), Vec::new());
    for chunk in tokens.chunks(chunk) {
        stream.push(chunk, &mut more).expect("well formed");
        events.append(&mut more);
    }
    stream.end(&mut more).expect("well formed");
    events.append(&mut more);
    events
}

fn assistant(encoding: &HarmonyEncoding, recovers: bool) -> EventParser {
    EventParser::new(
        encoding,
        recovers,
        Before { role: Some(Role::Assistant), ..Before::default() },
    )
    .expect("a parser")
}

#[test]
fn strict_events_are_those_of_recovery_and_give_upstreams_messages() {
    let encoding = load_harmony_encoding("HarmonyGptOss").expect("it loads");
    for completion in COMPLETIONS {
        let tokens = encoding.tokenizer().encode_with_special_tokens(completion);
        for chunk in [1, 3, usize::MAX] {
            let strict = events(&mut assistant(&encoding, false), &tokens, chunk);
            let recovered = events(&mut assistant(&encoding, true), &tokens, chunk);
            assert_eq!(strict, recovered);
            let role = Some(Role::Assistant);
            let messages = strict::parse(&encoding, &tokens, role, true).expect("accepted");
            let found: Vec<_> =
                Recovered::of(strict).messages.into_iter().map(|found| found.message).collect();
            assert_eq!(found, messages);
        }
    }
}

#[test]
fn what_upstream_keeps_back_comes_with_the_end() {
    let encoding = load_harmony_encoding("HarmonyGptOss").expect("it loads");
    for tail in [vec![172], vec![187, 186], vec![250_000, 24912], vec![172, 253]] {
        let mut tokens = encoding.tokenizer().encode_with_special_tokens("<|message|>ab");
        tokens.extend(tail);
        let strict = events(&mut assistant(&encoding, false), &tokens, 1);
        let messages = strict::parse(&encoding, &tokens, Some(Role::Assistant), true);
        let found = Recovered::of(strict).messages.remove(0).message;
        assert_eq!(vec![found], messages.expect("accepted"));
    }
}

#[test]
fn a_refused_token_comes_after_the_events_before_it() {
    let encoding = load_harmony_encoding("HarmonyGptOss").expect("it loads");
    let good = encoding.tokenizer().encode_with_special_tokens("<|message|>hi<|end|>");
    let mut stream = assistant(&encoding, false);
    let mut events = Vec::new();
    assert!(stream.push(&good[..1], &mut events).is_ok());
    let result = stream.push(&[&good[1..], &[24912]].concat(), &mut events);
    assert_eq!(events.len(), 2);
    assert_eq!(result.expect_err("refused").index(), Some(good.len()));
}

#[test]
fn a_prefix_is_the_prompts() {
    let encoding = load_harmony_encoding("HarmonyGptOss").expect("it loads");
    let tokens_of = |text: &str| encoding.tokenizer().encode_with_special_tokens(text);
    let prompt = "<|start|>user<|message|>U<|end|><|start|>assistant";
    for (more, completion) in [
        ("", "<|channel|>final<|message|>It is 4<|return|>"),
        ("<|channel|>final<|message|>", "It is 4<|return|>"),
        ("<|channel|>final<|message|>It is", " 4<|return|>"),
    ] {
        let all = [true, false].map(|recovers| {
            let prefix = tokens_of(&format!("{prompt}{more}"));
            let whole = Before { prefix, ..Before::default() };
            let mut stream = EventParser::new(&encoding, recovers, whole).expect("a parser");
            let rest = Before {
                role: Some(Role::Assistant),
                prefix: tokens_of(more),
                ..Before::default()
            };
            let mut other = EventParser::new(&encoding, recovers, rest).expect("a parser");
            let tokens = tokens_of(completion);
            assert_eq!(
                events(&mut other, &tokens, 1).last(),
                events(&mut stream, &tokens, 2).last()
            );
            let prefix = tokens_of(&format!("{prompt}{more}"));
            let whole = Before { prefix, ..Before::default() };
            let mut stream = EventParser::new(&encoding, recovers, whole).expect("a parser");
            events(&mut stream, &tokens_of(completion), 2)
        });
        assert_eq!(all[0], all[1], "{more}");
        let recovered = Recovered::of(all[0].clone());
        assert_eq!(recovered.messages.len(), 1);
        assert_eq!(recovered.messages[0].end, tokens_of(completion).len());
        assert_eq!(serde_json::json!(recovered.messages[0].message)["content"], "It is 4");
    }
    let refused =
        EventParser::new(&encoding, false, Before { prefix: vec![24912], ..Before::default() });
    assert_eq!(refused.err().map(|error| error.code()), Some("parse_failed"));
}
