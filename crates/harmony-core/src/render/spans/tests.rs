//! Spans against parts that are rendered alone.

use super::{render, FlatSpans, MessageSpan};
use crate::{
    chat::{Conversation, Role},
    encoding::{HarmonyEncoding, RenderConversationConfig, RenderOptions},
    render::Purpose,
    Error,
};

const GIVEN: &str = r#"{"messages": [
    {"role": "system", "content": "<|start|>s<|message|>"},
    {"role": "user", "content": ""},
    {"role": "assistant", "content": "thought", "channel": "analysis"},
    {"role": "assistant", "content": "{}", "channel": "commentary",
        "recipient": "functions.f", "content_type": "<|constrain|>json"},
    {"role": "tool", "name": "functions.f", "content": "<|end|>", "recipient": "assistant"},
    {"role": "assistant", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
        "channel": "final"}
]}"#;

fn encoding() -> HarmonyEncoding {
    crate::load_harmony_encoding("HarmonyGptOss").expect("it loads")
}

fn given() -> Conversation {
    serde_json::from_str(GIVEN).expect("a conversation")
}

fn keeping() -> RenderConversationConfig {
    RenderConversationConfig { auto_drop_analysis: false }
}

#[test]
fn every_span_holds_its_message_alone() {
    let encoding = encoding();
    let rendered = render(&encoding, given(), None, Purpose::Conversation, &keeping());
    let (tokens, spans) = rendered.expect("it renders");
    let options = RenderOptions { conversation_has_function_tools: false };
    assert_eq!(spans.len(), 6);
    for (span, message) in spans.iter().zip(&given().messages) {
        let alone = encoding.render(message, Some(&options)).expect("it renders");
        assert_eq!(tokens[span.start..span.end], alone);
    }
    let contents = spans.iter().map(|span| {
        encoding
            .tokenizer()
            .decode_utf8(&tokens[span.content_start..span.content_end])
            .expect("text")
    });
    let texts = ["<|start|>s<|message|>", "", "thought", "{}", "<|end|>", "ab"];
    assert_eq!(contents.collect::<Vec<_>>(), texts);
}

#[test]
fn what_is_left_out_has_no_span_and_what_is_added_belongs_to_none() {
    let encoding = encoding();
    let dropping = RenderConversationConfig { auto_drop_analysis: true };
    let purpose = Purpose::Completion(Role::Assistant);
    let (tokens, spans) = render(&encoding, given(), None, purpose, &dropping).expect("it renders");
    let indices = |spans: &[MessageSpan]| spans.iter().map(|span| span.message).collect::<Vec<_>>();
    assert_eq!(indices(&spans), [0, 1, 3, 4, 5]);
    assert_eq!(spans.last().map(|span| span.end), Some(tokens.len() - 2));
    let (_, spans) = render(&encoding, given(), Some(&[4, 2, 4]), Purpose::Training, &dropping)
        .expect("it renders");
    assert_eq!(indices(&spans), [2, 4]);
    let (tokens, spans) =
        render(&encoding, given(), Some(&[]), Purpose::Training, &dropping).expect("it renders");
    assert!(tokens.is_empty() && spans.is_empty());
}

#[test]
fn a_message_that_is_not_there_and_one_that_is_refused_are_named() {
    let encoding = encoding();
    let failure = |text: &str, only: &[u32]| {
        let given = serde_json::from_str(text).expect("a conversation");
        let rendered = render(&encoding, given, Some(only), Purpose::Conversation, &keeping());
        rendered.expect_err("it is refused")
    };
    let missing = Error::NoSuchMessage { index: 6, path: "messages[6]".to_owned() };
    assert_eq!(failure(GIVEN, &[0, 6]), missing);
    let refused =
        r#"{"messages": [{"role": "user", "content": ""}, {"role": "tool", "content": ""}]}"#;
    assert_eq!(failure(refused, &[1]).path(), Some("messages[1]"));
}

#[test]
fn flattened_spans_name_each_text_once() {
    let encoding = encoding();
    let rendered = render(&encoding, given(), Some(&[3, 5]), Purpose::Conversation, &keeping());
    let (_, spans) = rendered.expect("it renders");
    let (numbers, names) = spans.iter().collect::<FlatSpans>().into_parts();
    assert_eq!(names, ["commentary", "functions.f", "final"]);
    assert_eq!((&numbers[..4], &numbers[8..12]), (&[3, 1, 1, 2][..], &[5, 1, 3, 0][..]));
    let last = &spans[1];
    let places = [last.start, last.content_start, last.content_end, last.end];
    assert_eq!(numbers[12..], places.map(|place| place as u32));
}
