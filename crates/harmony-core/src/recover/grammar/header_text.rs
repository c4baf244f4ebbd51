//! A header's tokens as text, cut into items, with the way back from the text to
//! the tokens. Headers are read as text because upstream does: a marker that
//! ordinary tokens spell counts as one. What an item means is decided elsewhere.

use super::{
    super::words::MARKUP,
    super::{decoder::Decoder, format::Format},
};
use crate::{
    chat::Role,
    tokenizer::{special, Rank},
};
use std::ops::Range;

/// The text of a header, with the offset at which each of its tokens starts.
pub(in crate::recover) struct HeaderText {
    pub(in crate::recover) text: String,
    /// The position of the first token.
    first: usize,
    starts: Vec<usize>,
    /// The offsets of special tokens, spelled ones excluded.
    specials: Vec<Range<usize>>,
    /// The position of the first token that is not text.
    pub(in crate::recover) damage: Option<usize>,
}

/// The kind of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::recover) enum What {
    /// A word between whitespace or markers.
    Word,
    /// `<|channel|>` with the word glued to it.
    Channel,
    /// `<|constrain|>` with the word glued to it.
    Constrain,
    /// `<|message|>`, spelled.
    Message,
    /// Any other marker.
    Markup,
}

/// A part of a header. A marker's `name` is the word glued to it.
#[derive(Debug, Clone, Copy)]
pub(in crate::recover) struct Item<'a> {
    pub(in crate::recover) what: What,
    pub(in crate::recover) name: &'a str,
    /// Where the name starts in the text; it ends the item.
    pub(in crate::recover) at: usize,
    /// Where the item starts.
    pub(in crate::recover) start: usize,
}

impl Item<'_> {
    pub(in crate::recover) fn end(&self) -> usize {
        self.at + self.name.len()
    }
}

impl HeaderText {
    /// Decodes tokens, the first of which is at position `first`. Bytes that are
    /// not text are U+FFFD.
    pub(in crate::recover) fn of(format: &Format, tokens: &[Rank], first: usize) -> Self {
        Self::decoded(format, tokens, first, Decoder::default())
    }

    /// Decodes tokens and leaves out bytes that are not text.
    pub(in crate::recover) fn clean_of(format: &Format, tokens: &[Rank], first: usize) -> Self {
        Self::decoded(format, tokens, first, Decoder::leaving_out())
    }

    /// Text without tokens: every character counts as one.
    pub(in crate::recover) fn of_text(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            first: 0,
            starts: text.char_indices().map(|(at, _)| at).collect(),
            specials: Vec::new(),
            damage: None,
        }
    }

    fn decoded(format: &Format, tokens: &[Rank], first: usize, mut decoder: Decoder) -> Self {
        let mut header = Self {
            text: String::new(),
            first,
            starts: Vec::with_capacity(tokens.len()),
            specials: Vec::new(),
            damage: None,
        };
        for (number, &token) in tokens.iter().enumerate() {
            header.push(format, &mut decoder, token, number);
        }
        decoder.finish(&mut header.text);
        if decoder.is_broken {
            header.damage.get_or_insert(first + tokens.len().saturating_sub(1));
        }
        header
    }

    fn push(&mut self, format: &Format, decoder: &mut Decoder, token: Rank, number: usize) {
        let start = self.text.len();
        self.starts.push(start);
        decoder.push_token(format, token, &mut self.text);
        if token >= special::FIRST {
            self.specials.push(start..self.text.len());
        }
        if decoder.is_broken {
            self.damage.get_or_insert(self.first + number);
        }
    }

    /// The position of the token that holds the byte at `offset`.
    pub(in crate::recover) fn index(&self, offset: usize) -> usize {
        let after = self.starts.partition_point(|&start| start <= offset);
        self.first + after.saturating_sub(1)
    }

    /// Whether a special token starts at `offset`, not its spelling.
    pub(in crate::recover) fn is_special(&self, offset: usize) -> bool {
        self.specials.binary_search_by_key(&offset, |special| special.start).is_ok()
    }

    /// Whether a token starts at `offset`.
    pub(in crate::recover) fn begins_token(&self, offset: usize) -> bool {
        self.starts.binary_search(&offset).is_ok()
    }

    /// The first token that starts at or after `offset`.
    pub(in crate::recover) fn boundary(&self, offset: usize) -> usize {
        self.first + self.starts.partition_point(|&start| start < offset)
    }

    /// Where the text ends without a role at its end, which begins the next header.
    pub(in crate::recover) fn end_before_role(&self) -> usize {
        self.text.strip_suffix(Role::Assistant.as_str()).unwrap_or(&self.text).len()
    }

    /// A part of the text, with the tokens that start in it.
    pub(in crate::recover) fn part(&self, part: Range<usize>) -> Self {
        let within = |offset: usize| self.starts.partition_point(|&start| start < offset);
        let moved = |offset: &usize| offset - part.start;
        let (first, end) = (within(part.start), within(part.end));
        let specials = self.specials_within(&part);
        Self {
            text: self.text[part.clone()].to_owned(),
            first: self.first + first,
            starts: self.starts[first..end].iter().map(moved).collect(),
            specials: specials.iter().map(|s| moved(&s.start)..moved(&s.end)).collect(),
            damage: self.damage.filter(|index| (first..end).contains(&(index - self.first))),
        }
    }

    fn specials_within(&self, part: &Range<usize>) -> &[Range<usize>] {
        let first = self.specials.partition_point(|special| special.start < part.start);
        let end = self.specials.partition_point(|special| special.end <= part.end);
        &self.specials[first..end.max(first)]
    }

    /// The text from `from` on, without special tokens.
    pub(in crate::recover) fn plain_from(&self, mut from: usize) -> String {
        let mut plain = String::new();
        for special in self.specials_within(&(from..self.text.len())) {
            plain.push_str(&self.text[from..special.start]);
            // An unknown id is kept as U+FFFD.
            let kept = self.text[special.clone()].trim_start_matches(|c| c != '\u{fffd}');
            plain.push_str(kept);
            from = special.end;
        }
        plain + &self.text[from..]
    }

    /// The items in order.
    pub(in crate::recover) fn items<'a>(
        &'a self,
        format: &'a Format,
    ) -> impl Iterator<Item = Item<'a>> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let rest = &self.text[at..];
            at += rest.len() - rest.trim_start().len();
            let item = item_at(&self.text, at, format)?;
            at = item.end();
            Some(item)
        })
    }
}

/// The item that starts at `start`, which is not whitespace.
fn item_at<'a>(text: &'a str, start: usize, format: &Format) -> Option<Item<'a>> {
    let rest = &text[start..];
    if rest.is_empty() {
        return None;
    }
    let glued = |what, marker: &str, ends: fn(&str) -> usize| {
        let at = start + marker.len();
        Item { what, name: &text[at..at + ends(&text[at..])], at, start }
    };
    let none = |_: &str| 0;
    Some(if rest.starts_with(&format.channel) {
        glued(What::Channel, &format.channel, word_end)
    } else if rest.starts_with(&format.constrain) {
        glued(What::Constrain, &format.constrain, word_end)
    } else if rest.starts_with(&format.message) {
        glued(What::Message, &format.message, none)
    } else if rest.starts_with(MARKUP) {
        glued(What::Markup, markup(rest), none)
    } else {
        glued(What::Word, "", word_end)
    })
}

/// A word ends at whitespace or at a marker: no name holds `<|`.
fn word_end(text: &str) -> usize {
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        if character.is_whitespace() {
            return at;
        }
        if before == '<' && character == '|' {
            return at - 1;
        }
        before = character;
    }
    text.len()
}

/// `<|…|>`, or `<|` alone if nothing closes it.
fn markup(text: &str) -> &str {
    let end = word_end(&text[MARKUP.len()..]) + MARKUP.len();
    match text[..end].find("|>") {
        Some(close) => &text[..close + 2],
        None => MARKUP,
    }
}
