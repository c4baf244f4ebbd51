//! A header without `<|message|>`: a stop token, the start of another message
//! or the end of the input cuts it off (one answer in five of some deployments:
//! frontend-crates#236, vllm#45736). Words at its beginning that can be fields
//! are fields; all text after them is content. The caller splits the content
//! where further headers begin.

use super::{
    super::format::Format,
    super::words::{
        after_role, author_of, channel_prefix, is_channel, is_content_type, is_known,
        name_and_rest, repeats_role, unmarked_channel, CHANNELS, CONTENT_TYPES, RECIPIENT,
    },
    fields::Fields,
    header_text::{HeaderText, Item, What},
};
use crate::{
    chat::Role,
    events::{Header, Repair},
};

/// Why a channel's name that text is glued to, or that text follows, may be a
/// header: alone it may be a word of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::recover) enum Evidence {
    /// Nothing: the completion is text, which has no header.
    None,
    /// The completion has special tokens: text glued to the name has a header.
    Markup,
    /// Headers in plain words follow: so is this one.
    Headers,
}

/// Reads a header; `prompted` is the role if the prompt wrote it. Returns its
/// fields and the offset at which the content begins.
pub(in crate::recover) fn read(
    format: &Format,
    text: &HeaderText,
    prompted: Option<Role>,
    evidence: Evidence,
    repairs: &mut Vec<Repair>,
) -> (Header, usize) {
    let items: Vec<Item<'_>> = text.items(format).collect();
    let is_prompted = prompted.is_some();
    let fields = Fields::of(format, text, prompted, repairs);
    let mut reader = Reader { fields, items: &items, read: 0, evidence };
    let is_done = if is_prompted { reader.read_prompted() } else { reader.read_role() };
    if !is_done {
        while reader.read_item() {}
    }
    let content = reader.content_start();
    reader.fields.split_channel(|_, bare| bare.ends_with(char::is_alphanumeric));
    reader.fields.drop_answers_recipient();
    reader.fields.settle_author();
    reader.fields.split_recipient();
    reader.fields.note_damage("bytes that are not text are replaced by U+FFFD");
    (reader.fields.header, content)
}

struct Reader<'a, 'r> {
    fields: Fields<'a, 'r>,
    /// The items that have not been read.
    items: &'a [Item<'a>],
    /// How much of the text has been read.
    read: usize,
    evidence: Evidence,
}

impl Reader<'_, '_> {
    /// Reads the next item up to `end`. Returns whether that is all of it.
    fn take(&mut self, end: usize) -> bool {
        self.read = end;
        let Some((first, rest)) = self.items.split_first() else { return false };
        self.items = rest;
        end == first.end()
    }

    /// Where the content begins. One space separates it from the fields.
    fn content_start(&self) -> usize {
        let (read, rest) = self.fields.text.text.split_at(self.read);
        let is_parted = !read.is_empty() && !read.ends_with(&self.fields.format.message);
        let space = rest.chars().next().filter(|first| is_parted && first.is_whitespace());
        self.read + space.map_or(0, char::len_utf8)
    }

    /// What may follow a role that the prompt has written. Returns whether the
    /// fields end there.
    fn read_prompted(&mut self) -> bool {
        let Some(&first) = self.items.first().filter(|first| first.what == What::Word) else {
            return false;
        };
        if let Some(name) = first.name.strip_prefix(':').filter(|_| first.start == 0) {
            self.fields.header.name = Some(name.to_owned()).filter(|name| !name.is_empty());
            self.take(first.end());
        } else if repeats_role(first.name, &self.fields.header.role) {
            self.take(first.end());
            self.read_channel_after_role();
        } else if self.fields.header.role == Role::Assistant {
            let rest = after_role(first.name, &Role::Assistant);
            let glued = match rest {
                Some(rest) => self.read_glued_channel(first, rest),
                None => self.read_unmarked_channel(first),
            };
            return glued.unwrap_or(false);
        }
        false
    }

    /// The role of a header that is entirely in the completion. Returns whether
    /// the fields end there.
    fn read_role(&mut self) -> bool {
        let Some(&first) = self.items.first().filter(|first| first.what == What::Word) else {
            return false;
        };
        let word = first.name;
        if let Some((role, name)) = author_of(word) {
            (self.fields.header.role, self.fields.header.name) = (role, name);
        } else if let Some(rest) = after_role(word, &Role::Assistant) {
            let glued = self.read_glued_channel(first, rest);
            return glued.unwrap_or_else(|| !self.take(first.end() - rest.len()));
        } else if !is_known(word) && self.is_recipient(1) {
            self.fields.header.role = Role::Tool;
            self.fields.header.name = Some(word.to_owned());
        } else {
            return self.read_unmarked_channel(first).unwrap_or(false);
        }
        let is_all = self.take(first.end());
        self.read_channel_after_role();
        !is_all
    }

    /// A role with the name of a channel glued to it, and what follows the name
    /// unless it continues as another word (`assistantfinally`). Returns whether the fields end
    /// there, if it is that.
    fn read_glued_channel(&mut self, item: Item<'_>, rest: &str) -> Option<bool> {
        let is_whole = |channel: &&str| *channel == rest;
        let whole = CHANNELS.into_iter().find(is_whole).map(|channel| (channel, ""));
        let (channel, after) = whole.or_else(|| unmarked_channel(rest))?;
        Some(self.take_glued_channel(channel, after, item))
    }

    /// Takes a channel and the colon that may follow it. Returns whether the fields
    /// end there.
    fn take_glued_channel(&mut self, channel: &str, after: &str, item: Item<'_>) -> bool {
        self.name_misplaced_channel(channel, item);
        let text = after.strip_prefix(':').unwrap_or(after);
        !self.take(item.end() - text.len()) || text.len() < after.len()
    }

    /// A channel glued to the text after it (`analysisWe need`), or a channel
    /// before text that has further headers.
    fn read_unmarked_channel(&mut self, item: Item<'_>) -> Option<bool> {
        let (channel, after) = match self.evidence {
            Evidence::None => None,
            Evidence::Headers if is_channel(item.name) && self.is_followed_by_content() => {
                channel_prefix(item.name)
            }
            Evidence::Markup | Evidence::Headers => {
                let line = &self.fields.text.text[item.start..];
                unmarked_channel(item.name)
                    .or_else(|| unmarked_channel(line).map(|(channel, _)| (channel, "")))
            }
        }?;
        if is_content_type(after) || after.starts_with(RECIPIENT) {
            return None;
        }
        Some(self.take_glued_channel(channel, after, item))
    }

    /// The name of a channel after the role, with the answer after it.
    fn read_channel_after_role(&mut self) {
        let Some(&item) = self.items.first() else { return };
        if self.fields.header.role == Role::Assistant && self.is_followed_by_content() {
            self.name_misplaced_channel(item.name, item);
            self.take(item.end());
        }
    }

    fn name_misplaced_channel(&mut self, channel: &str, item: Item<'_>) {
        self.fields.header.channel = Some(channel.to_owned());
        self.fields.note_misplaced_channel(channel, item);
    }

    /// Whether the next item is a channel's name, and the word after it is not a
    /// recipient.
    fn is_followed_by_content(&self) -> bool {
        let is_name = |item: &Item<'_>| item.what == What::Word && is_channel(item.name);
        self.items.first().is_some_and(is_name)
            && self.items.get(1).is_some_and(|next| next.what == What::Word)
            && !self.is_recipient(1)
    }

    fn is_recipient(&self, number: usize) -> bool {
        let item = self.items.get(number);
        item.is_some_and(|item| item.what == What::Word && item.name.starts_with(RECIPIENT))
    }

    /// Reads one item, if it is a field. Returns whether more fields may follow.
    fn read_item(&mut self) -> bool {
        let Some(&item) = self.items.first() else { return false };
        match item.what {
            What::Channel => self.read_channel(item),
            What::Constrain => self.read_constraint(item),
            What::Word if item.name.starts_with(RECIPIENT) => self.read_recipient(item),
            What::Word if repeats_role(item.name, &self.fields.header.role) => {
                self.take(item.end())
            }
            What::Word => self.read_word(item),
            What::Message => {
                self.take(item.end());
                false
            }
            What::Markup => {
                let is_start =
                    item.start == 0 && self.fields.text.text.starts_with(&self.fields.format.start);
                (is_start || self.fields.text.is_special(item.start)) && self.take(item.end())
            }
        }
    }

    fn read_channel(&mut self, item: Item<'_>) -> bool {
        self.fields.read_channel_marker(item);
        let name = item.name;
        let is_cut_off = |channel: &&str| self.items.len() == 1 && channel.starts_with(name);
        if name.is_empty() {
            return self.read_empty_channel(item);
        }
        if name.starts_with(RECIPIENT) {
            return self.read_recipient(Item { what: What::Word, start: item.at, ..item });
        }
        if is_channel(name) || CHANNELS.iter().any(is_cut_off) {
            self.fields.header.channel = Some(name.to_owned());
            self.take(item.end())
        } else if let Some((channel, rest)) = channel_prefix(name) {
            self.fields.header.channel = Some(channel.to_owned());
            self.take(item.end() - rest.len())
        } else {
            self.take(item.at);
            false
        }
    }

    fn read_empty_channel(&mut self, item: Item<'_>) -> bool {
        self.take(item.end());
        let next = self.items.first().copied();
        if let Some(next) = next.filter(|next| next.what == What::Word && is_channel(next.name)) {
            self.fields.header.channel = Some(next.name.to_owned());
            return self.take(next.end());
        }
        true
    }

    fn read_constraint(&mut self, item: Item<'_>) -> bool {
        let next = self.items.get(1).copied();
        let is_type = |next: &Item<'_>| is_content_type(name_and_rest(next.name).0);
        let next =
            next.filter(|next| item.name.is_empty() && next.what == What::Word && is_type(next));
        if next.is_some() {
            self.take(item.end());
        }
        let named = next.unwrap_or(item);
        let (name, rest) = name_and_rest(named.name);
        if !name.is_empty() {
            self.fields.header.content_type =
                Some(format!("{}{name}", self.fields.format.constrain));
        }
        self.take(named.end() - rest.len())
    }

    fn read_recipient(&mut self, item: Item<'_>) -> bool {
        let is_apart = item.name == RECIPIENT;
        let next = self.items.get(1).copied().filter(|next| is_apart && next.what == What::Word);
        if next.is_some() {
            self.take(item.end());
        }
        let named = next.map_or(&item.name[RECIPIENT.len()..], |next| next.name);
        let (name, rest) = name_and_rest(named);
        self.fields.name_recipient(name, item);
        self.take(next.unwrap_or(item).end() - rest.len())
    }

    /// A content type of a call or before data, or a channel's name with nothing
    /// but fields after it; any other word is content.
    fn read_word(&mut self, item: Item<'_>) -> bool {
        if let Some(name) = self.content_type_in(item) {
            self.fields.header.content_type = Some(name.to_owned());
            return self.take(item.start + name.len());
        }
        // The end of the input cuts `to=` in two tokens.
        if item.name == "to" && self.items.len() == 1 && self.read > 0 {
            return self.take(item.end());
        }
        let is_field = |next: &Item<'_>| {
            next.what != What::Word
                || next.name.starts_with(RECIPIENT)
                || self.fields.header.recipient.is_some()
                    && is_content_type(name_and_rest(next.name).0)
        };
        if !is_channel(item.name) || !self.items.get(1).is_none_or(is_field) {
            return false;
        }
        if self.fields.header.channel.is_none() {
            self.fields.header.channel = Some(item.name.to_owned());
        }
        self.take(item.end())
    }

    /// The content type that a word is, or begins with: before a sign, or before
    /// a call's content that is glued to it (`codeimport`) as a token of its own.
    fn content_type_in(&self, item: Item<'_>) -> Option<&'static str> {
        let text = &self.fields.text;
        let is_call = self.fields.header.recipient.is_some();
        CONTENT_TYPES.into_iter().find(|name| {
            let end = item.start + name.len();
            let is_whole = name_and_rest(item.name).0 == *name;
            let is_glued = item.name.starts_with(name) && text.begins_token(end);
            let is_data = *name == "json"
                && is_whole
                && text.text[end..].trim_start().starts_with(['{', '[']);
            is_data || is_call && (is_whole || is_glued)
        })
    }
}
