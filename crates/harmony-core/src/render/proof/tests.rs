//! Rows that are proved, and rows that are not.

use super::{Proved, RowProofs};
use crate::{encoding::HarmonyEncoding, tokenizer::Rank};

fn encoding() -> HarmonyEncoding {
    crate::load_harmony_encoding("HarmonyGptOss").expect("it loads")
}

/// The proof of the ids of a text, after a change of them.
fn proved(text: &str, change: impl Fn(&mut Vec<Rank>)) -> Option<Proved> {
    let encoding = encoding();
    let mut ids = encoding.tokenizer().encode_with_special_tokens(text);
    change(&mut ids);
    let ends = [ids.len() as u32];
    RowProofs::default().rows(&encoding, &ids, &ends)[0]
}

fn messages(messages: u32) -> Option<Proved> {
    Some(Proved { messages, unparsed: 0 })
}

const TEXT: &str = "<|start|>user<|message|>hello world, 東京!\n\n  unforgettablely<|end|>\
    <|start|>assistant<|channel|>analysis<|message|><|end|>\
    <|start|>assistant<|channel|>final<|message|>yes<|return|>";

#[test]
fn proves_whole_messages_of_any_text() {
    assert_eq!(proved(TEXT, |_| {}), messages(3));
    assert_eq!(proved("", |_| {}), messages(0));
    let unparsed = proved("<|start|>functions.f<|message|>1<|end|>", |_| {});
    assert_eq!(unparsed, Some(Proved { messages: 1, unparsed: 1 }));
}

#[test]
fn does_not_prove_other_ids_of_the_same_text() {
    let encoding = encoding();
    let ids = encoding.tokenizer().encode_with_special_tokens(TEXT);
    for (at, &id) in ids.iter().enumerate() {
        let bytes = encoding.tokenizer().decode_bytes([id]).expect("a token");
        let singles: Vec<Rank> =
            bytes.iter().map(|&byte| encoding.tokenizer().encode_utf8(&[byte])[0]).collect();
        if singles != [id] {
            let split = |ids: &mut Vec<Rank>| drop(ids.splice(at..=at, singles.clone()));
            assert_eq!(proved(TEXT, split), None, "token {at} in bytes");
        }
        // In a header, the author is then one that upstream's parser does not know.
        assert_ne!(proved(TEXT, |ids| ids[at] = 199_998), messages(3), "token {at} is special");
        assert_eq!(proved(TEXT, |ids| ids[at] = 999_999), None, "token {at} is unknown");
    }
}

#[test]
fn does_not_prove_what_is_no_row_of_messages() {
    for text in [
        "hello",
        "<|start|>user<|message|>hello",
        "<|start|>user<|message|>a<|start|>b<|end|>",
        "<|start|>user<|end|>",
        "<|start|>assistant<|message|>a<|channel|>b<|end|>",
        "<|start|>user  to=x<|message|>a<|end|>",
    ] {
        assert_eq!(proved(text, |_| {}), None, "{text}");
    }
    let spelled = |ids: &mut Vec<Rank>| {
        let end = encoding().tokenizer().encode_ordinary("<|end|>");
        drop(ids.splice(3..4, end));
    };
    assert_eq!(proved("<|start|>user<|message|>a<|end|>", spelled), None);
}
