//! Any text, against native upstream: mostly a test of the split.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static REFERENCE: LazyLock<openai_harmony::HarmonyEncoding> = LazyLock::new(|| {
    let name = openai_harmony::HarmonyEncodingName::HarmonyGptOss;
    openai_harmony::load_harmony_encoding(name).expect("TIKTOKEN_ENCODINGS_BASE names a folder")
});
thread_local! {
    static OURS: harmony_core::HarmonyEncoding =
        harmony_core::load_harmony_encoding("HarmonyGptOss").expect("it loads");
}

fuzz_target!(|text: &str| {
    let found = OURS.with(|ours| ours.tokenizer().encode_ordinary(text));
    assert_eq!(found, REFERENCE.tokenizer().encode_ordinary(text), "{text:?}");
});
