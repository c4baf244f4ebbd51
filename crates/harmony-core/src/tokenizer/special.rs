//! The special tokens of o200k_harmony and its split pattern. The build cuts
//! both out of upstream's `public_encodings.rs`.

use crate::tokenizer::Rank;

include!(concat!(env!("OUT_DIR"), "/upstream_constants.rs"));

/// Every special token with its id: the named ones, then the reserved.
pub(crate) fn tokens() -> impl Iterator<Item = (String, Rank)> {
    let named = NAMED.iter().map(|&(token, id)| (token.to_owned(), id));
    named.chain(RESERVED.map(|id| (format!("<|reserved_{id}|>"), id)))
}

/// The first special id; the others follow it without a gap.
pub(crate) const FIRST: Rank = NAMED[0].1;

/// A special token's text within another text.
pub(crate) struct Occurrence<'a> {
    pub(crate) start: usize,
    pub(crate) text: &'a str,
    pub(crate) id: Rank,
}

/// The special tokens that `text` spells, in order and without overlap. All of
/// them have the form `<|…|>` with no `<|` inside, so each `<|` is decided alone.
pub(crate) fn occurrences(text: &str) -> impl Iterator<Item = Occurrence<'_>> {
    text.match_indices("<|").filter_map(|(start, _)| {
        let rest = &text.as_bytes()[start..];
        let window = &rest[..rest.len().min(LONGEST)];
        let end = window.windows(2).position(|pair| pair == b"|>")? + 2;
        let token = text.get(start..start + end)?;
        Some(Occurrence { start, text: token, id: id_of(token)? })
    })
}

/// No special token is longer: checked by the test below.
const LONGEST: usize = 32;

/// The id of a special token's text.
pub(crate) fn id_of(token: &str) -> Option<Rank> {
    let named = NAMED.iter().find(|&&(named, _)| named == token);
    named.map(|&(_, id)| id).or_else(|| {
        let id = token.strip_prefix("<|reserved_")?.strip_suffix("|>")?.parse().ok()?;
        (RESERVED.contains(&id) && token == format!("<|reserved_{id}|>")).then_some(id)
    })
}

#[cfg(test)]
mod tests {
    use super::{id_of, occurrences, tokens, FIRST, LONGEST};

    #[test]
    fn every_special_token_has_the_form_that_the_search_assumes() {
        for ((token, id), due) in tokens().zip(FIRST..) {
            let inner = token.strip_prefix("<|").and_then(|rest| rest.strip_suffix("|>"));
            let inner = inner.expect("<|…|>");
            assert!(!inner.contains("<|") && !inner.contains("|>"), "{token}");
            assert!(token.len() <= LONGEST && id_of(&token) == Some(id), "{token}");
            assert_eq!(id, due, "a gap before {token}");
        }
    }

    #[test]
    fn finds_tokens_among_what_looks_like_them() {
        let text = "<|<|start|>|> <|nothing|> <|reserved_0200014|><|reserved_200014|>é<|end|>";
        let found: Vec<_> = occurrences(text).map(|found| found.text).collect();
        assert_eq!(found, ["<|start|>", "<|reserved_200014|>", "<|end|>"]);
        assert!(occurrences(text).all(|found| text[found.start..].starts_with(found.text)));
    }
}
