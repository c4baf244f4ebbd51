//! Text where a start is expected: whitespace, the beginning of a header whose
//! `<|start|>` is missing, or a message of its own. It is decided as early as
//! it can be, so that a message of its own is not kept back.

use super::{
    decoder::Decoder,
    words::{after_role, is_glued, is_known, is_name_character, unmarked_channel, RECIPIENT},
};
use crate::{chat::Role, tokenizer::Rank};

/// Markers that begin a message, as ordinary tokens spell them.
const MARKERS: [&str; 3] = ["<|start|>", "<|channel|>", "<|message|>"];
/// No name of a header is longer.
const LONGEST_NAME: usize = 128;

/// What the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing but whitespace so far.
    Blank,
    /// It may be a header: what comes next decides.
    Open,
    /// A header without `<|start|>`.
    Header,
    /// A message of its own.
    Text,
}

/// The tokens that are not decided yet.
#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) tokens: Vec<Rank>,
    pub(super) text: String,
    pub(super) decoder: Decoder,
    /// How long the whitespace is that the text begins with.
    indent: usize,
    /// Where the first word starts that was not complete when last looked at.
    at: usize,
    /// How many words are complete.
    words: usize,
    /// Whether the first word is a tool's name if `to=` follows, else prose.
    is_named: bool,
}

impl Pending {
    /// Adds a token's text; what is known now.
    pub(super) fn push(&mut self, token: Rank, bytes: &[u8]) -> Verdict {
        self.tokens.push(token);
        self.decoder.push(bytes, &mut self.text);
        if let Some(verdict) = self.begins_message() {
            return verdict;
        }
        loop {
            let rest = &self.text[self.at..];
            let word = rest.trim_start();
            self.at += rest.len() - word.len();
            let Some(length) = word.find(char::is_whitespace) else { break };
            let verdict = read(self.words, &mut self.is_named, &word[..length]);
            self.words += 1;
            self.at += length;
            if verdict != Verdict::Open {
                return verdict;
            }
        }
        let unfinished = &self.text[self.at..];
        match (unfinished.is_empty() && self.words == 0, self.may_go_on(unfinished)) {
            (true, _) => Verdict::Blank,
            (false, true) => Verdict::Open,
            (false, false) => Verdict::Text,
        }
    }

    /// What the text is, now that nothing of it follows.
    pub(super) fn decide(&mut self) -> Verdict {
        self.decoder.finish(&mut self.text);
        if self.begins_message() == Some(Verdict::Header) {
            return Verdict::Header;
        }
        let mut words = self.text.split_whitespace();
        let Some(first) = words.next() else { return Verdict::Blank };
        let mut tool = || words.next().is_some_and(|word| word.starts_with(RECIPIENT));
        match (is_known(first) || tool()) && words.all(is_known) {
            true => Verdict::Header,
            false => Verdict::Text,
        }
    }

    /// Whether the text begins with a marker in ordinary tokens, or with the
    /// role and an unmarked channel (`assistantfinalFour`).
    fn begins_message(&mut self) -> Option<Verdict> {
        let rest = &self.text[self.indent..];
        let text = rest.trim_start();
        self.indent += rest.len() - text.len();
        if text.len() > LONGEST_NAME {
            return None;
        }
        if MARKERS.iter().any(|marker| text.starts_with(marker)) {
            return Some(Verdict::Header);
        }
        if !text.is_empty() && MARKERS.iter().any(|marker| marker.starts_with(text)) {
            return Some(Verdict::Open);
        }
        let rest = after_role(text, &Role::Assistant).unwrap_or_default();
        let (_, after) = unmarked_channel(rest)?;
        after.contains(|found: char| !found.is_lowercase()).then_some(Verdict::Header)
    }

    /// Whether a word that is not complete may become one of a header's.
    fn may_go_on(&self, word: &str) -> bool {
        let is_recipient = RECIPIENT.starts_with(word) || word.starts_with(RECIPIENT);
        let fits = |found: char| found.is_ascii() && (is_name_character(found) || found == '=');
        (is_recipient || !self.is_named || self.words != 1)
            && word.len() <= LONGEST_NAME
            && word.chars().all(fits)
    }
}

/// What the text is by its `number`-th word, which is complete.
fn read(number: usize, is_named: &mut bool, word: &str) -> Verdict {
    let is_first = number == 0;
    // Models play this role alone: the word begins no prose.
    if is_first && after_role(word, &Role::Assistant).as_ref().is_some_and(is_glued) {
        return Verdict::Header;
    }
    let known = if *is_named && number == 1 { word.starts_with(RECIPIENT) } else { is_known(word) };
    *is_named |= is_first && !known;
    match known || is_first {
        true => Verdict::Open,
        false => Verdict::Text,
    }
}
