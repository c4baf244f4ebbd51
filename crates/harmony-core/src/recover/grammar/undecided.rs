//! The words of a whole header whose field is known only after all words are
//! read: content types, of which one counts, and words without a marker.
//! [`super::finished`] reads them.

use super::{
    super::words::{channel_prefix, may_be_name, role_of},
    fields::{names_tool, Fields},
    header_text::Item,
};
use crate::{
    chat::Role,
    events::{Header, RepairCode},
};

/// The fields that are read, and the words that are not decided.
pub(super) struct Undecided<'a, 'r> {
    pub(super) fields: Fields<'a, 'r>,
    pub(super) bare: Vec<Bare<'a>>,
    pub(super) types: Vec<ContentType<'a>>,
}

/// A word without a marker or `to=`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bare<'a> {
    pub(super) item: Item<'a>,
    /// Whether only words like itself separate it from `to=…` before it.
    pub(super) follows_recipient: bool,
}

/// A content type that the header may have.
#[derive(Debug)]
pub(super) struct ContentType<'a> {
    pub(super) name: String,
    pub(super) item: Item<'a>,
    /// Whether `<|constrain|>` precedes it.
    pub(super) is_constrained: bool,
    pub(super) is_known: bool,
}

impl<'a> ContentType<'a> {
    /// A known type without `<|constrain|>`.
    pub(super) fn bare(name: &str, item: Item<'a>) -> Self {
        Self { name: name.to_owned(), item, is_constrained: false, is_known: true }
    }
}

impl<'a> Undecided<'a, '_> {
    /// Decides them, and gives the header.
    pub(super) fn decide(mut self) -> Header {
        let first_type = self.types.iter().map(|found| found.item.start).min();
        let chosen = self.choose_content_type();
        let bare = std::mem::take(&mut self.bare);
        let unread = match self.fields.recipient_at {
            Some(at) => self.settle_beside_recipient(bare, at, chosen),
            None => self.settle_without_recipient(bare, chosen.is_some(), first_type),
        };
        // The renderer's header without its `<|channel|>`; a tool may be called `sentimentanalysis`.
        self.fields.split_channel(|channel, bare| {
            let is_call = channel == "commentary" && bare.ends_with(char::is_alphanumeric);
            is_call || role_of(bare).is_some()
        });
        self.fields.drop_answers_recipient();
        self.fields.settle_author();
        self.fields.split_recipient();
        if let Some(first) = unread.first() {
            let words: Vec<&str> = unread.iter().map(|bare| bare.item.name).collect();
            let note = format!("\"{}\" is not a field", words.join(" "));
            self.fields.repair(RepairCode::UnreadWords, first.item, note);
        }
        self.fields.note_damage("bytes that are not text are left out of the header");
        self.fields.header
    }

    /// A known type counts before an unknown one, a constrained one before
    /// another, a later one before an earlier.
    fn choose_content_type(&mut self) -> Option<ContentType<'a>> {
        let mut types = std::mem::take(&mut self.types);
        let worth = |&number: &usize| (types[number].is_known, types[number].is_constrained);
        let chosen = types.remove((0..types.len()).max_by_key(worth)?);
        for other in types {
            let note = format!("\"{}\" is not the content type", other.name);
            self.fields.repair(RepairCode::MisplacedContentType, other.item, note);
        }
        if self.fields.recipient_at.is_some_and(|at| chosen.item.start < at) {
            let note = "the content type precedes the recipient";
            self.fields.repair(RepairCode::MisplacedContentType, chosen.item, note);
        }
        self.fields.header.content_type = Some(chosen.name.clone());
        Some(chosen)
    }

    /// Words after `to=…` belong to the name if `<|constrain|>` marks its end;
    /// one word after it is the content type, as in upstream. Returns the
    /// other words.
    fn settle_beside_recipient(
        &mut self,
        bare: Vec<Bare<'a>>,
        at: usize,
        chosen: Option<ContentType<'a>>,
    ) -> Vec<Bare<'a>> {
        if chosen.is_some_and(|chosen| chosen.is_constrained && chosen.item.start > at) {
            return self.lengthen_recipient(bare);
        }
        match bare[..] {
            [only] if self.fields.header.content_type.is_none() && only.item.start > at => {
                self.fields.header.content_type = Some(only.item.name.to_owned());
                Vec::new()
            }
            _ => bare,
        }
    }

    fn lengthen_recipient(&mut self, bare: Vec<Bare<'a>>) -> Vec<Bare<'a>> {
        let (more, unread): (Vec<_>, _) = bare.into_iter().partition(|bare| bare.follows_recipient);
        if let Some(first) = more.first() {
            let recipient = self.fields.header.recipient.get_or_insert_default();
            for bare in &more {
                recipient.push(' ');
                recipient.push_str(bare.item.name);
            }
            let note = format!("words after `to=`: the recipient is read as \"{recipient}\"");
            self.fields.repair(RepairCode::SpacedRecipient, first.item, note);
        }
        unread
    }

    /// Without `to=`, upstream reads one word as the recipient and a second as
    /// the content type. Among more words only a tool's name counts, and after
    /// a content type too. Returns the other words.
    fn settle_without_recipient(
        &mut self,
        bare: Vec<Bare<'a>>,
        has_type: bool,
        first_type: Option<usize>,
    ) -> Vec<Bare<'a>> {
        let format = self.fields.format;
        let is_tool = |bare: &&Bare<'_>| names_tool(format, bare.item.name);
        let recipient = bare.iter().find(is_tool).copied().or_else(|| {
            let is_before =
                |bare: &&Bare<'_>| first_type.is_none_or(|first| bare.item.start < first);
            bare.first().filter(is_before).filter(|_| bare.len() < 3).copied()
        });
        let Some(recipient) = recipient.filter(|bare| self.may_be_recipient(bare)) else {
            return bare;
        };
        self.name_bare_recipient(recipient);
        let is_type = |bare: &Bare<'_>| bare.item.start > recipient.item.start && !has_type;
        let content_type = match bare[..] {
            [_, second] if is_type(&second) => Some(second),
            _ => None,
        };
        self.fields.header.content_type = content_type
            .map(|bare| bare.item.name.to_owned())
            .or(self.fields.header.content_type.take());
        let read = [Some(recipient), content_type].map(|bare| bare.map(|bare| bare.item.start));
        bare.into_iter().filter(|bare| !read.contains(&Some(bare.item.start))).collect()
    }

    /// An agent would call the recipient, so it is neither a sentence's word nor a
    /// role, and an answer has none (`final answer`).
    fn may_be_recipient(&self, bare: &Bare<'_>) -> bool {
        let name = bare.item.name;
        let Header { role, channel, .. } = &self.fields.header;
        let is_answer = channel.as_deref() == Some("final");
        *role != Role::Assistant
            || names_tool(self.fields.format, name)
            || !is_answer && may_be_name(name) && role_of(name).is_none()
    }

    fn name_bare_recipient(&mut self, bare: Bare<'a>) {
        let name = bare.item.name;
        let Header { role, channel, .. } = &self.fields.header;
        // A channel's name may have more words, but a known one has none
        // (`analysisWe need`).
        let has_known_channel =
            channel.as_deref().is_none_or(|channel| channel_prefix(channel).is_some());
        let is_guess =
            *role == Role::Assistant && has_known_channel && !names_tool(self.fields.format, name);
        if !is_guess {
            return self.fields.name_recipient(name, bare.item);
        }
        let note = format!("\"{name}\" has no `to=`: it is read as the recipient");
        self.fields.repair(RepairCode::GuessedRecipient, bare.item, note);
        self.fields.header.recipient = Some(name.to_owned());
    }
}
