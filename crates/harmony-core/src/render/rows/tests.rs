//! Rows together against each of them alone.

use super::{keys::Keys, render, Analysis, RowOptions, Shape};
use crate::{
    encoding::{HarmonyEncoding, RenderConversationConfig},
    json::read_conversation,
    render::{spans, spans::FlatSpans, Purpose},
};

const THOUGHTFUL: &str = r#"{"messages": [
    {"role": "user", "content": "a"},
    {"role": "assistant", "channel": "analysis", "content": "t"},
    {"role": "assistant", "channel": "final", "content": "b"},
    {"role": "user", "content": "c"},
    {"role": "assistant", "channel": "analysis", "content": "u"},
    {"role": "assistant", "channel": "final", "content": "d"}
]}"#;

fn encoding() -> HarmonyEncoding {
    crate::load_harmony_encoding("HarmonyGptOss").expect("it loads")
}

fn options(analysis: Analysis) -> RowOptions {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    RowOptions {
        shape: Shape::Harmony,
        preface: Vec::new(),
        purpose: Purpose::Training,
        analysis,
        most_tokens: 1000,
        fields: names(&["thinking", "train"]),
        row_fields: names(&["tools"]),
    }
}

/// Which of the rows are rendered.
fn usual(rows: &[&[u8]], options: &RowOptions) -> Vec<bool> {
    let ends: Vec<u32> = rows
        .iter()
        .scan(0, |end, row| {
            *end += row.len() as u32;
            Some(*end)
        })
        .collect();
    let rendered = render(&encoding(), &rows.concat(), &ends, options);
    let spans: Vec<u32> = rendered.ends.iter().skip(1).step_by(2).copied().collect();
    let starts = std::iter::once(0).chain(spans.iter().copied());
    starts.zip(&spans).map(|(start, &end)| end > start).collect()
}

#[test]
fn rows_are_those_of_each_alone() {
    let encoding = encoding();
    let bare = r#"[{"role": "user", "content": "bare: \":\u00e9"}]"#;
    let rows = [THOUGHTFUL, bare, "nothing", THOUGHTFUL];
    let ends: Vec<u32> = (1..=4).map(|at| rows[..at].concat().len() as u32).collect();
    for (analysis, only, drops) in [
        (Analysis::Upstream, None, true),
        (Analysis::Keep, None, false),
        (Analysis::DropHistory, Some(vec![0, 2, 3, 4, 5]), false),
    ] {
        let together = render(&encoding, rows.concat().as_bytes(), &ends, &options(analysis));
        let (mut tokens, mut spans) = (Vec::new(), FlatSpans::default());
        for row in rows {
            let Ok(given) = read_conversation(row) else { continue };
            let only = only.as_deref().filter(|_| given.messages.len() == 6);
            let config = RenderConversationConfig { auto_drop_analysis: drops };
            let alone = spans::render(&encoding, given, only, Purpose::Training, &config);
            let (ids, places) = alone.expect("it renders");
            tokens.extend(ids);
            places.iter().for_each(|span| spans.push(span));
        }
        assert_eq!(together.tokens, tokens);
        assert_eq!(together.spans.into_parts(), spans.into_parts());
        assert_eq!(
            together.ends[4..6],
            together.ends[2..4],
            "a row that cannot be read has no ids"
        );
    }
}

/// Only the thought before the first answer: a call on analysis needs its result, and the second
/// turn has no answer yet.
#[test]
fn history_loses_thoughts_before_its_last_answer() {
    let encoding = encoding();
    let row = r#"[
        {"role": "user", "content": "a"},
        {"role": "assistant", "channel": "analysis", "content": "t"},
        {"role": "assistant", "channel": "analysis", "recipient": "python", "content": "1"},
        {"role": "tool", "name": "python", "channel": "analysis", "content": "1"},
        {"role": "assistant", "channel": "final", "content": "b"},
        {"role": "user", "content": "c"},
        {"role": "assistant", "channel": "analysis", "content": "u"},
        {"role": "user", "content": "d"},
        {"role": "assistant", "channel": "analysis", "content": "v"},
        {"role": "assistant", "channel": "final", "content": "e"}]"#;
    let drops = options(Analysis::DropHistory);
    let rendered = render(&encoding, row.as_bytes(), &[row.len() as u32], &drops);
    let kept = read_conversation(row).expect("a conversation").messages.into_iter().enumerate();
    let kept = kept.filter_map(|(at, message)| (at != 1).then_some(message)).collect();
    let config = RenderConversationConfig { auto_drop_analysis: false };
    let conversation = crate::chat::Conversation { messages: kept };
    let expected = encoding.render_conversation_for_training(&conversation, Some(&config));
    assert_eq!(rendered.tokens, expected.expect("it renders"));
}

#[test]
fn unusual_rows_are_left_out() {
    let cases: [(&[u8], bool); 16] = [
        (br#"[{"role": "user", "content": "a"}]"#, true),
        (br#"{"messages": [{"role": "user", "content": "a"}], "id": {"tools": 1}}"#, true),
        (br#"{"messages": [{"role": "user", "content": "\"train\": thinking:"}]}"#, true),
        (br#"{"id": "thinking", "messages": [{"role": "user", "content": "a"}]}"#, true),
        (br#"{"messages": [{"role": "user", "content": "a"}], "tools": null}"#, false),
        (br#"{"t\u006fols": 1, "messages": [{"role": "user", "content": "a"}]}"#, false),
        (br#"[{"role": "user", "content": "a", "train" : false}]"#, false),
        (br#"[{"role": "user", "content": "a", "tr\u0061in": false}]"#, false),
        (br#"[{"role": "user", "content": "a", "thinking": ""}]"#, false),
        (br#"{"messages": [{"role": "user", "content": "a"}], "messages": []}"#, false),
        (br#"{"messages": []}"#, false),
        (br#"{"messages": [{"role": "user", "content": "a"}]} {}"#, false),
        (br#"{}"#, false),
        (br#""#, false),
        (b"[{\"role\": \"user\", \"content\": \"\xff\"}]", false),
        (br#"[{"role": "user", "content": "\ud800"}]"#, false),
    ];
    let rows: Vec<&[u8]> = cases.iter().map(|(row, _)| *row).collect();
    let expected: Vec<bool> = cases.iter().map(|(_, is_usual)| *is_usual).collect();
    assert_eq!(usual(&rows, &options(Analysis::Keep)), expected);
}

#[test]
fn plain_chat_rows_become_messages_after_the_preface() {
    let encoding = encoding();
    let row = r#"{"id": 1, "messages": [
        {"role": "system", "content": "s", "name": null},
        {"role": "user", "content": "u"},
        {"role": "assistant", "thinking": "t", "content": "a", "tool_calls": null},
        {"role": "assistant", "reasoning": "r", "content": null}
    ]}"#;
    let begins = r#"[{"role": "system", "content": [{"type": "system_content"}]}]"#;
    let preface = read_conversation(begins).expect("a conversation").messages;
    let fields = Vec::new();
    let chat = RowOptions { shape: Shape::Chat, preface, fields, ..options(Analysis::Keep) };
    let rendered = render(&encoding, row.as_bytes(), &[row.len() as u32], &chat);
    let same = r#"[{"role": "system", "content": [{"type": "system_content"}]},
        {"role": "developer", "content": [{"type": "developer_content", "instructions": "s"}]},
        {"role": "user", "content": "u"},
        {"role": "assistant", "channel": "analysis", "content": "t"},
        {"role": "assistant", "channel": "final", "content": "a"},
        {"role": "assistant", "channel": "analysis", "content": "r"}]"#;
    let harmony = options(Analysis::Keep);
    let expected = render(&encoding, same.as_bytes(), &[same.len() as u32], &harmony);
    assert!(!expected.tokens.is_empty());
    assert_eq!(rendered.tokens, expected.tokens);
    assert_eq!(rendered.spans.into_parts(), expected.spans.into_parts());
}

#[test]
fn longer_rows_are_left_out() {
    let row = br#"[{"role": "user", "content": "a"}]"#;
    let with = |most_tokens| RowOptions { most_tokens, ..options(Analysis::Keep) };
    assert_eq!(usual(&[row], &with(4)), [false]);
    assert_eq!(usual(&[row], &with(5)), [true]);
}

#[test]
fn keys_are_found_and_texts_are_not() {
    let names = ["train".to_owned()];
    let keys = Keys::new(&names);
    for row in [r#"{"train":1}"#, "{\"a\": {\"train\"\n\t :1}}", r#"{"a\\":1,"train":1}"#] {
        assert!(keys.are_in(row.as_bytes()), "{row}");
    }
    for row in [r#"{"a":"train"}"#, r#"{"a":"\"train\":"}"#, r#"{"trains":1}"#, "train:", ":"] {
        assert!(!keys.are_in(row.as_bytes()), "{row}");
    }
    let long = format!(r#"{{"{}train":1}}"#, "x".repeat(100));
    assert!(!keys.are_in(long.as_bytes()));
}

#[test]
fn long_keys_are_found_however_they_are_escaped() {
    let names = ["f".repeat(50)];
    let keys = Keys::new(&names);
    for letter in ["f", "\\u0066"] {
        for place in [0, 20, 49] {
            let name = format!("{}{letter}{}", "f".repeat(place), "f".repeat(49 - place));
            assert!(keys.are_in(format!(r#"{{"{name}":1}}"#).as_bytes()), "{name}");
        }
    }
    for name in ["f".repeat(49), "f".repeat(51)] {
        assert!(!keys.are_in(format!(r#"{{"{name}":1}}"#).as_bytes()), "{name}");
    }
}
