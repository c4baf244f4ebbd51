//! The special tokens of o200k_harmony and its split pattern, both cut out of
//! upstream's `public_encodings.rs` by the build.

use crate::tiktoken::Rank;

include!(concat!(env!("OUT_DIR"), "/upstream_constants.rs"));

/// Every special token with its id: the named ones, then the reserved.
pub(crate) fn tokens() -> impl Iterator<Item = (String, Rank)> {
    let named = NAMED.iter().map(|&(token, id)| (token.to_owned(), id));
    named.chain(RESERVED.map(|id| (format!("<|reserved_{id}|>"), id)))
}

/// The texts of special tokens in `text`, in order and without overlap. They
/// all have the form `<|…|>` with no `<|` inside, so each `<|` decides alone.
pub(crate) fn occurrences(text: &str) -> impl Iterator<Item = &str> {
    let candidates = text.match_indices("<|").filter_map(|(start, _)| {
        let rest = &text.as_bytes()[start..];
        let window = &rest[..rest.len().min(LONGEST)];
        let end = window.windows(2).position(|pair| pair == b"|>")? + 2;
        text.get(start..start + end)
    });
    candidates.filter(|token| is_special(token))
}

/// No special token is longer: checked by the test below.
const LONGEST: usize = 32;

fn is_special(token: &str) -> bool {
    let reserved = || {
        let id: Rank = token.strip_prefix("<|reserved_")?.strip_suffix("|>")?.parse().ok()?;
        (RESERVED.contains(&id) && token == format!("<|reserved_{id}|>")).then_some(())
    };
    NAMED.iter().any(|&(named, _)| named == token) || reserved().is_some()
}

#[cfg(test)]
mod tests {
    use super::{is_special, occurrences, tokens, LONGEST};

    #[test]
    fn every_special_token_has_the_form_that_the_search_assumes() {
        for (token, _) in tokens() {
            let inner = token.strip_prefix("<|").and_then(|rest| rest.strip_suffix("|>"));
            let inner = inner.expect("<|…|>");
            assert!(!inner.contains("<|") && !inner.contains("|>"), "{token}");
            assert!(token.len() <= LONGEST && is_special(&token), "{token}");
        }
    }

    #[test]
    fn finds_tokens_among_what_looks_like_them() {
        let text = "<|<|start|>|> <|nothing|> <|reserved_0200014|><|reserved_200014|>é<|end|>";
        let found: Vec<_> = occurrences(text).collect();
        assert_eq!(found, ["<|start|>", "<|reserved_200014|>", "<|end|>"]);
    }
}
