//! Our registry against the native half of upstream's, which is compiled here
//! unmodified. All it needs is a `tiktoken_ext` to load the tokenizer from,
//! and `crate::` paths to upstream's own modules.

#[test]
fn every_field_is_upstreams() {
    let upstream = crate::reference::registry::load_harmony_encoding(
        crate::reference::registry::HarmonyEncodingName::HarmonyGptOss,
    )
    .expect("upstream's registry loads");
    let ours = super::load_harmony_encoding(super::HARMONY_GPT_OSS).expect("ours loads");
    assert_eq!(ours.name, upstream.name);
    assert_eq!(ours.n_ctx, upstream.n_ctx);
    assert_eq!(ours.max_message_tokens, upstream.max_message_tokens);
    assert_eq!(ours.max_action_length, upstream.max_action_length);
    assert_eq!(ours.tokenizer_name, upstream.tokenizer_name);
    assert_eq!(ours.format_token_mapping, upstream.format_token_mapping);
    assert_eq!(ours.stop_formatting_tokens, upstream.stop_formatting_tokens);
    assert_eq!(
        ours.stop_formatting_tokens_for_assistant_actions,
        upstream.stop_formatting_tokens_for_assistant_actions
    );
}
