//! The next prompt: by examples, and for random completions cut at random places.

use super::{continue_conversation, Return};
use crate::{
    chat::Role,
    encoding::HarmonyEncoding,
    json::read_conversation,
    load_harmony_encoding,
    recover::{
        recover,
        tests::random::{Pieces, Random},
    },
    tokenizer::Rank,
};

/// What lies between the prompt and the next message.
fn kept(prompt: &str, completion: &str, policy: Return) -> String {
    let encoding = load_harmony_encoding("HarmonyGptOss").expect("it loads");
    let tokens_of = |text: &str| encoding.tokenizer().encode_with_special_tokens(text);
    let next = read_conversation(r#"[{"role": "user", "content": "next"}]"#).expect("JSON");
    let (prompt, completion) = (tokens_of(prompt), tokens_of(completion));
    let role = Role::Assistant;
    let tokens = continue_conversation(&encoding, &prompt, &completion, &next, role, policy);
    let tokens = tokens.expect("it renders");
    assert_eq!(tokens[..prompt.len()], prompt);
    let text = encoding.tokenizer().decode_utf8(&tokens[prompt.len()..]).expect("text");
    let next = "<|start|>user<|message|>next<|end|><|start|>assistant";
    text.strip_suffix(next).expect("the next turn").to_owned()
}

#[test]
fn the_completion_keeps_its_ids_and_gets_what_ends_it() {
    let call = "<|channel|>commentary to=functions.f <|constrain|>json<|message|>{}";
    let answer = "<|channel|>final<|message|>4";
    let rows = [
        (format!("{call}<|call|>"), format!("{call}<|call|>")),
        (call.to_owned(), format!("{call}<|call|>")),
        (format!("{call}<|end|>"), format!("{call}<|end|>")),
        (format!("{call}<|return|>"), format!("{call}<|call|>")),
        (format!("{answer}<|return|>"), format!("{answer}<|end|>")),
        (format!("{answer}<|end|>"), format!("{answer}<|end|>")),
        (answer.to_owned(), format!("{answer}<|end|>")),
        (format!("{answer}<|return|>\n"), format!("{answer}<|end|>\n")),
        (format!("{answer}<|end|><|return|>"), format!("{answer}<|end|>")),
        (format!("{answer}<|return|><|return|>"), format!("{answer}<|end|>")),
        (format!("{answer}<|end|><|start|>"), format!("{answer}<|end|>")),
        (format!("{answer}<|return|> assistant"), format!("{answer}<|end|>")),
        (format!("{answer}<|return|><|start|>assistant"), format!("{answer}<|end|>")),
        (format!("{answer}<|start|>assistant"), format!("{answer}<|end|>")),
        (
            format!("{answer}<|start|>assistant<|channel|>final<|start|>assistant<|channel|>"),
            format!("{answer}<|end|>"),
        ),
        (format!("{answer}<|end|><|start|>assistant"), format!("{answer}<|end|>")),
        (format!("{answer}<|end|><|start|>assistant<|channel|>final"), format!("{answer}<|end|>")),
    ];
    for (completion, wanted) in rows {
        let prompt = "<|start|>user<|message|>hi<|end|><|start|>assistant";
        assert_eq!(kept(prompt, &completion, Return::Ended), wanted, "{completion}");
    }
}

#[test]
fn a_header_without_content_is_cut() {
    let header = "<|channel|>commentary to=functions.f <|constrain|>json";
    let ended = ["<|return|>", "<|end|>", "<|channel|>final<|end|>", "<|channel|>final<|return|>"];
    for completion in ["", "<|channel|>", "<|channel|>final", header].into_iter().chain(ended) {
        let encoding = load_harmony_encoding("HarmonyGptOss").expect("it loads");
        let tokens_of = |text: &str| encoding.tokenizer().encode_with_special_tokens(text);
        let next = read_conversation(r#"[{"role": "user", "content": "next"}]"#).expect("JSON");
        let tokens = continue_conversation(
            &encoding,
            &tokens_of("<|start|>user<|message|>hi<|end|><|start|>assistant"),
            &tokens_of(completion),
            &next,
            Role::Assistant,
            Return::Ended,
        );
        let wanted = "<|start|>user<|message|>hi<|end|><|start|>user<|message|>next<|end|><|start|>assistant";
        assert_eq!(tokens.expect("it renders"), tokens_of(wanted), "{completion}");
    }
}

#[test]
fn the_return_can_be_kept() {
    let completion = "<|channel|>final<|message|>4<|return|>";
    assert_eq!(kept("<|start|>assistant", completion, Return::Kept), completion);
}

#[test]
fn what_the_prompt_has_begun_is_ended() {
    let prompt = "<|start|>assistant<|channel|>final<|message|>It is";
    assert_eq!(kept(prompt, " 4", Return::Ended), " 4<|end|>");
    assert_eq!(kept(prompt, "", Return::Ended), "<|end|>");
    assert_eq!(kept("<|start|>user<|message|>hi<|end|>", "", Return::Ended), "");
}

const NEXT: &str = "<|start|>user<|message|>next<|end|><|start|>assistant";

/// What `continue_conversation` keeps of `prompt` and `completion`, and what it adds.
fn kept_ids(encoding: &HarmonyEncoding, ids: &[Rank], prompt: usize, policy: Return) -> Vec<Rank> {
    let next = read_conversation(r#"[{"role": "user", "content": "next"}]"#).expect("JSON");
    let (prompt, completion) = ids.split_at(prompt);
    let role = Role::Assistant;
    let tokens = continue_conversation(encoding, prompt, completion, &next, role, policy);
    let next = encoding.tokenizer().encode_with_special_tokens(NEXT);
    tokens.expect("it renders").strip_suffix(&next[..]).expect("the next turn").to_vec()
}

/// Sampled ids keep their places. What changes is at their end: one terminator
/// is added, a header without content is cut, or `<|return|>` becomes `<|end|>` or
/// `<|call|>`.
#[test]
fn the_sampled_ids_change_at_their_end_only() {
    let encoding = load_harmony_encoding("HarmonyGptOss").expect("it loads");
    let id = |text: &str| encoding.tokenizer().encode_with_special_tokens(text)[0];
    let (end, call, returned) = (id("<|end|>"), id("<|call|>"), id("<|return|>"));
    let prompt = "<|start|>user<|message|>hi<|end|><|start|>assistant";
    let prompt = encoding.tokenizer().encode_with_special_tokens(prompt);
    let pieces = Pieces::of(&encoding);
    let mut random = Random(15);
    let [mut added, mut cut, mut replaced] = [0; 3];
    for _ in 0..20_000 {
        let mut ids = [&prompt[..], &pieces.sequence(&mut random)].concat();
        ids.truncate(prompt.len() + random.below(ids.len() - prompt.len() + 1));
        let policy = if random.chance(20) { Return::Kept } else { Return::Ended };
        let kept = kept_ids(&encoding, &ids, prompt.len(), policy);
        let same = kept.iter().zip(&ids).take_while(|(kept, id)| kept == id).count();
        match (&kept[same..], &ids[same..]) {
            ([], []) => {}
            ([], rest) => {
                cut += 1;
                let is_return = rest.iter().all(|&id| id == returned);
                assert!(is_return || has_no_content(&encoding, &ids, same), "{ids:?}: {kept:?}");
            }
            (more, []) => {
                added += 1;
                assert!(more == [end] || more == [call], "{ids:?}: {kept:?}");
            }
            // A header without content is cut, and the message before it is ended.
            ([last], rest) if rest.len() > 1 || rest[0] != returned => {
                assert!([end, call].contains(last), "{ids:?}: {kept:?}");
                assert!(has_no_content(&encoding, &ids, same), "{ids:?}: {kept:?}");
            }
            ([changed, after @ ..], [sampled, rest @ ..]) => {
                replaced += 1;
                assert!([end, call].contains(changed), "{ids:?}: {kept:?}");
                assert_eq!(*sampled, returned, "{ids:?}: {kept:?}");
                assert!(rest.starts_with(after), "{ids:?}: {kept:?}");
                let later = same + 1 + after.len();
                assert!(has_no_content(&encoding, &ids, later), "{ids:?}: {kept:?}");
            }
        }
        assert_next_turn_begins(&encoding, &kept);
    }
    assert!(added > 1_000 && cut > 500 && replaced > 100, "{added} {cut} {replaced}");
}

/// Whether the messages from `cut` on have no content.
fn has_no_content(encoding: &HarmonyEncoding, ids: &[Rank], cut: usize) -> bool {
    let found = recover(encoding, ids, None, &[]).messages;
    let mut rest = found.into_iter().filter(|found| found.start >= cut);
    rest.all(|found| serde_json::json!(found.message)["content"] == "")
}

/// The messages of the next turn begin where the kept ids end.
fn assert_next_turn_begins(encoding: &HarmonyEncoding, kept: &[Rank]) {
    let next = encoding.tokenizer().encode_with_special_tokens(NEXT);
    let found = recover(encoding, &[kept, &next].concat(), None, &[]);
    let begins = |start: usize| start == kept.len();
    let message = found.messages.iter().find(|found| begins(found.start));
    assert!(message.is_some_and(|found| found.repairs.is_empty()), "{kept:?}");
}
