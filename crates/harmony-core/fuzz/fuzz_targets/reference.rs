//! What both targets do with a text.

use std::sync::LazyLock;

static UPSTREAM: LazyLock<openai_harmony::HarmonyEncoding> = LazyLock::new(|| {
    let name = openai_harmony::HarmonyEncodingName::HarmonyGptOss;
    openai_harmony::load_harmony_encoding(name).expect("TIKTOKEN_ENCODINGS_BASE names a folder")
});
thread_local! {
    static OURS: harmony_core::HarmonyEncoding =
        harmony_core::load_harmony_encoding("HarmonyGptOss").expect("it loads");
}

/// Fails where our ids are not those of native upstream.
pub fn compare(text: &str) {
    let found = OURS.with(|ours| ours.tokenizer().encode_ordinary(text));
    assert_eq!(found, UPSTREAM.tokenizer().encode_ordinary(text), "{text:?}");
}
