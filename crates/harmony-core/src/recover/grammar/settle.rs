//! The words of a header whose field is clear only when all words are known:
//! content types, and words that nothing marks.

use super::{finished::Reader, header_text::Item, words::is_tool};
use crate::events::{Header, RepairCode};

/// A word that nothing marks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bare<'a> {
    pub(super) item: Item<'a>,
    /// Whether it stands right after `to=…`, but for words like itself.
    pub(super) follows_recipient: bool,
}

/// A content type that the header may mean.
#[derive(Debug)]
pub(super) struct ContentType<'a> {
    pub(super) name: String,
    pub(super) item: Item<'a>,
    /// Whether it stands after `<|constrain|>`.
    pub(super) is_constrained: bool,
    pub(super) is_known: bool,
}

impl<'a> ContentType<'a> {
    /// A known type without `<|constrain|>`.
    pub(super) fn bare(name: &str, item: Item<'a>) -> Self {
        Self { name: name.to_owned(), item, is_constrained: false, is_known: true }
    }
}

impl<'a> Reader<'a, '_> {
    /// Decides about the words whose field was not clear.
    pub(super) fn settle(mut self) -> Header {
        let chosen = self.choose_content_type();
        let bare = std::mem::take(&mut self.bare);
        let unread = match self.recipient_at {
            Some(at) => self.settle_beside_recipient(bare, at, chosen),
            None => self.settle_without_recipient(bare, chosen.is_some()),
        };
        if let Some(first) = unread.first() {
            let words: Vec<&str> = unread.iter().map(|bare| bare.item.name).collect();
            let note = format!("\"{}\" is no field", words.join(" "));
            self.repair(RepairCode::UnreadWords, first.item, note);
        }
        self.header
    }

    /// A known type counts before an unknown one, a constrained one before
    /// another, a later one before an earlier.
    fn choose_content_type(&mut self) -> Option<ContentType<'a>> {
        let mut types = std::mem::take(&mut self.types);
        let worth = |&number: &usize| (types[number].is_known, types[number].is_constrained);
        let chosen = types.remove((0..types.len()).max_by_key(worth)?);
        for other in types {
            let note = format!("\"{}\" is not the content type", other.name);
            self.repair(RepairCode::MisplacedContentType, other.item, note);
        }
        if self.recipient_at.is_some_and(|at| chosen.item.start < at) {
            let note = "the content type stands before the recipient";
            self.repair(RepairCode::MisplacedContentType, chosen.item, note);
        }
        self.header.content_type = Some(chosen.name.clone());
        Some(chosen)
    }

    /// Words after `to=…` are more of the name where `<|constrain|>` shows its
    /// end; one word after it is the content type, as to upstream. Returns the
    /// words that are left.
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
            [only] if self.header.content_type.is_none() && only.item.start > at => {
                self.header.content_type = Some(only.item.name.to_owned());
                Vec::new()
            }
            _ => bare,
        }
    }

    fn lengthen_recipient(&mut self, bare: Vec<Bare<'a>>) -> Vec<Bare<'a>> {
        let (more, unread): (Vec<_>, _) = bare.into_iter().partition(|bare| bare.follows_recipient);
        if let Some(first) = more.first() {
            let recipient = self.header.recipient.get_or_insert_default();
            for bare in &more {
                recipient.push(' ');
                recipient.push_str(bare.item.name);
            }
            let note = format!("the recipient's name is read as \"{recipient}\"");
            self.repair(RepairCode::SpacedRecipient, first.item, note);
        }
        unread
    }

    /// Upstream takes a single word for the recipient, and a second one for the
    /// content type. Among more words only the name of a tool is taken. Returns
    /// the words that are left.
    fn settle_without_recipient(&mut self, bare: Vec<Bare<'a>>, has_type: bool) -> Vec<Bare<'a>> {
        let name = |bare: &Bare<'_>| Some(bare.item.name.to_owned());
        match bare[..] {
            [] => {}
            [only] => self.header.recipient = name(&only),
            [first, second] if !has_type => {
                self.header.recipient = name(&first);
                self.header.content_type = name(&second);
            }
            _ => {
                let tool = bare.iter().find(|bare| is_tool(bare.item.name)).copied();
                self.header.recipient = tool.as_ref().and_then(name);
                let at = tool.map(|tool| tool.item.start);
                return bare.into_iter().filter(|bare| Some(bare.item.start) != at).collect();
            }
        }
        Vec::new()
    }
}
