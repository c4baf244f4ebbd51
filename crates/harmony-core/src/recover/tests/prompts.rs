//! What a prompt has begun, and parsers that are used again.

use super::{encoding, end, push, tokens_of, Parser, Recovered};
use crate::{chat::Role, encoding::HarmonyEncoding};
use serde_json::{json, Value};

const PROMPT: &str = "<|start|>system<|message|>S<|end|><|start|>user<|message|>U<|end|>";

/// What follows `prompt`: role, channel, recipient, content, span of each.
fn after(encoding: &HarmonyEncoding, prompt: &str, completion: &str) -> Value {
    let mut recovery = Parser::new(encoding, None);
    recovery.begin(None, &tokens_of(encoding, prompt));
    let mut events = push(&mut recovery, &tokens_of(encoding, completion));
    events.extend(end(&mut recovery));
    let recovered = Recovered::of(events);
    let shown = recovered.messages.iter().map(|found| {
        let message = &found.message;
        let content = json!(message)["content"].clone();
        json!([message.author.role, message.channel, content, found.start, found.end])
    });
    shown.collect()
}

#[test]
fn a_message_goes_on_from_where_the_prompt_left_it() {
    let encoding = encoding();
    let rows = [
        ("<|start|>assistant", "<|channel|>final<|message|>4<|return|>", "4", 0, 5),
        ("<|start|>assistant<|channel|>", "final<|message|>4<|return|>", "4", 0, 4),
        ("<|start|>assistant<|channel|>final", "<|message|>4<|return|>", "4", 0, 3),
        ("<|start|>assistant<|channel|>final<|message|>", "4<|return|>", "4", 0, 2),
        ("<|start|>assistant<|channel|>final<|message|>It is", " 4<|return|>", "It is 4", 0, 3),
    ];
    for (begun, completion, content, start, end) in rows {
        let wanted = json!([["assistant", "final", content, start, end]]);
        assert_eq!(after(&encoding, begun, completion), wanted, "{begun}");
        let whole = format!("{PROMPT}{begun}");
        assert_eq!(after(&encoding, &whole, completion), wanted, "{whole}");
    }
}

#[test]
fn a_prompt_that_began_nothing_changes_nothing() {
    let encoding = encoding();
    let wanted = json!([["user", null, "hi", 0, 4]]);
    for prompt in ["", PROMPT, "<|end|>", "some text", "<|end|>\n"] {
        let completion = "<|start|>user<|message|>hi<|end|>";
        assert_eq!(after(&encoding, prompt, completion)[0][2], wanted[0][2], "{prompt}");
    }
    assert_eq!(after(&encoding, "<|start|>assistant", "<|return|>"), json!([]));
}

#[test]
fn a_parser_that_is_reset_is_as_a_new_one() {
    let encoding = encoding();
    let tokens = tokens_of(&encoding, "<|channel|>final<|message|>4<|return|>\n");
    let mut recovery = Parser::new(&encoding, Some(Role::Assistant));
    let once = [push(&mut recovery, &tokens), end(&mut recovery)].concat();
    for cut in 0..tokens.len() {
        recovery.begin(Some(Role::Assistant), &[]);
        push(&mut recovery, &tokens[..cut]);
        recovery.begin(Some(Role::Assistant), &[]);
        assert_eq!([push(&mut recovery, &tokens), end(&mut recovery)].concat(), once);
    }
}

#[test]
fn after_the_end_a_start_is_expected_and_positions_go_on() {
    let encoding = encoding();
    let mut recovery = Parser::new(&encoding, Some(Role::Assistant));
    let mut events = push(&mut recovery, &tokens_of(&encoding, "<|channel|>final<|message|>4"));
    events.extend(end(&mut recovery));
    events.extend(push(&mut recovery, &tokens_of(&encoding, "<|channel|>final<|message|>5")));
    events.extend(end(&mut recovery));
    let spans: Vec<_> =
        Recovered::of(events).messages.iter().map(|found| (found.start, found.end)).collect();
    assert_eq!(spans, [(0, 4), (4, 8)]);
}
