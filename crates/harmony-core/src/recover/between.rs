//! Text between messages: whitespace, the beginning of a header whose
//! `<|start|>` is missing, or a message of its own. It is classified as early as
//! possible, so that the text of a message is not held back. What a header has
//! in it is read elsewhere.

use super::{
    decoder::Decoder,
    words::{after_role, is_glued, is_known, is_name_character, unmarked_channel, RECIPIENT},
};
use crate::{chat::Role, tokenizer::Rank};

/// Markers that begin or end a message, as ordinary tokens spell them.
const MARKERS: [&str; 6] =
    ["<|start|>", "<|channel|>", "<|message|>", "<|end|>", "<|return|>", "<|call|>"];
/// No name of a header is longer.
const LONGEST_NAME: usize = 128;

/// What the text turns out to be.
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

/// The tokens that are not classified yet.
#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) tokens: Vec<Rank>,
    pub(super) text: String,
    pub(super) decoder: Decoder,
    /// The length of the text's leading whitespace.
    indent: usize,
    /// Where the first word starts that was incomplete at the last check.
    at: usize,
    /// The number of complete words.
    words: usize,
    /// Whether the first word is a tool's name if `to=` follows, else prose.
    is_named: bool,
    /// Whether the completion has special tokens. Without them it is text.
    is_among_markup: bool,
}

impl Pending {
    /// Adds a token's text. Returns the verdict so far. `is_among_markup` says
    /// whether the completion has special tokens.
    pub(super) fn push(&mut self, token: Rank, bytes: &[u8], is_among_markup: bool) -> Verdict {
        self.tokens.push(token);
        self.is_among_markup = is_among_markup;
        self.decoder.push(bytes, &mut self.text);
        if let Some(verdict) = self.begins_message() {
            return verdict;
        }
        loop {
            let rest = &self.text[self.at..];
            let word = rest.trim_start();
            self.at += rest.len() - word.len();
            let Some(length) = word.find(char::is_whitespace) else { break };
            let verdict = self.read(&word[..length]);
            self.is_named |= self.words == 0 && !is_known(&word[..length]);
            self.words += 1;
            self.at += length;
            if verdict != Verdict::Open {
                return verdict;
            }
        }
        let unfinished = &self.text[self.at..];
        match (unfinished.is_empty() && self.words == 0, self.may_continue(unfinished)) {
            (true, _) => Verdict::Blank,
            (false, true) => Verdict::Open,
            (false, false) if self.is_recipient(unfinished) => Verdict::Header,
            (false, false) => Verdict::Text,
        }
    }

    /// What the text is, now that it is complete.
    pub(super) fn decide(&mut self) -> Verdict {
        self.decoder.finish(&mut self.text);
        let is_unmarked = self.is_among_markup && unmarked_channel(self.text.trim()).is_some();
        if is_unmarked || self.begins_message() == Some(Verdict::Header) {
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

    /// Whether the text begins with a marker in ordinary tokens, or with an
    /// unmarked channel (`assistantfinalFour`, or `finalFour` among markup).
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
        let rest = after_role(text, &Role::Assistant);
        let rest = rest.or_else(|| self.is_among_markup.then_some(text)).unwrap_or_default();
        let (_, after) = unmarked_channel(rest)?;
        after.contains(|found: char| !found.is_lowercase()).then_some(Verdict::Header)
    }

    /// Whether a first or second word, perhaps with content glued to it, names a
    /// recipient: alone or after a word of a header, or `assistant` after the
    /// name of a tool, which answers.
    fn is_recipient(&self, word: &str) -> bool {
        let named = word.strip_prefix(RECIPIENT).filter(|_| self.words < 2);
        named.is_some_and(|named| match self.is_named {
            true => named.starts_with(Role::Assistant.as_str()),
            false => named.starts_with(|first: char| first.is_alphabetic() || first == '_'),
        })
    }

    /// What the text is by its next word, which is complete.
    fn read(&self, word: &str) -> Verdict {
        let is_first = self.words == 0;
        // Models play this role alone: the word begins no prose.
        let begins = is_first && after_role(word, &Role::Assistant).as_ref().is_some_and(is_glued);
        if begins || self.is_recipient(word) {
            return Verdict::Header;
        }
        let known = match self.is_named && self.words == 1 {
            true => word.starts_with(RECIPIENT),
            false => is_known(word),
        };
        match known || is_first {
            true => Verdict::Open,
            false => Verdict::Text,
        }
    }

    /// Whether a word that is not complete may become one of a header's.
    fn may_continue(&self, word: &str) -> bool {
        let is_recipient = RECIPIENT.starts_with(word) || word.starts_with(RECIPIENT);
        let fits = |found: char| found.is_ascii() && (is_name_character(found) || found == '=');
        (is_recipient || !self.is_named || self.words != 1)
            && word.len() <= LONGEST_NAME
            && word.chars().all(fits)
    }
}
