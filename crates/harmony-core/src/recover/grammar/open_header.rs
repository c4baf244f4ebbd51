//! The tokens of a header until something ends it, and whether what ended it
//! ended a header at all. Its fields are read elsewhere, as a whole.

use super::{
    super::format::{Format, Kind},
    super::words::{is_known, may_be_name, misspelt_recipient, repeats_role, role_of, RECIPIENT},
    fields::names_tool,
    header_text::{HeaderText, Item, What},
};
use crate::{chat::Role, tokenizer::Rank};
use std::mem::take;

/// Upstream reads at most three unmarked words as fields: a tool's name, a
/// recipient and a content type. More are prose.
const MOST_BARE_WORDS: usize = 3;

/// The tokens of a header so far.
#[derive(Debug)]
pub(in crate::recover) struct OpenHeader {
    /// Where the message's span starts.
    pub(in crate::recover) start: usize,
    /// The role, if the prompt wrote it.
    pub(in crate::recover) prompted: Option<Role>,
    /// Whether the completion began the header, not the prompt.
    pub(in crate::recover) is_own: bool,
    /// How many of the tokens belong to the prompt.
    given: usize,
    /// The tokens of the span before the first: `<|start|>`, or several of them
    /// with roles in between.
    lead: Vec<Rank>,
    /// The position of the first token.
    pub(in crate::recover) first: usize,
    pub(in crate::recover) tokens: Vec<Rank>,
    /// Whether `<|channel|>` ends it: a role at its end belongs to the next header.
    pub(in crate::recover) precedes_channel: bool,
    /// Which token is the last `<|channel|>`, or 0.
    section: usize,
}

impl OpenHeader {
    /// A header that the completion begins at `start`, with `tokens` from
    /// position `first` on.
    pub(in crate::recover) fn of(start: usize, first: usize, tokens: Vec<Rank>) -> Self {
        let lead = Vec::new();
        Self {
            start,
            prompted: None,
            is_own: true,
            given: 0,
            lead,
            first,
            tokens,
            precedes_channel: false,
            section: 0,
        }
    }

    /// A header that the completion begins at `start` with `lead`.
    pub(in crate::recover) fn led(start: usize, first: usize, lead: Vec<Rank>) -> Self {
        Self { lead, ..Self::of(start, first, Vec::new()) }
    }

    /// A header whose role the prompt has written.
    pub(in crate::recover) fn prompted(role: Role) -> Self {
        Self { prompted: Some(role), is_own: false, ..Self::of(0, 0, Vec::new()) }
    }

    /// Makes the prompt's what there is of the header.
    pub(in crate::recover) fn give(&mut self) {
        self.is_own = false;
        self.given = self.tokens.len();
    }

    pub(in crate::recover) fn push(&mut self, token: Rank, kind: Kind) {
        if kind == Kind::Channel {
            self.section = self.tokens.len();
        }
        self.tokens.push(token);
    }

    pub(in crate::recover) fn text(&self, format: &Format) -> HeaderText {
        HeaderText::of(format, &self.tokens, self.first)
    }

    /// The completion's own tokens of the header.
    pub(in crate::recover) fn own_tokens(&self) -> &[Rank] {
        self.tokens.get(self.given..).unwrap_or_default()
    }

    /// Takes the tokens of the span.
    pub(in crate::recover) fn take_all(&mut self) -> Vec<Rank> {
        let mut all = take(&mut self.lead);
        all.append(&mut self.tokens);
        all
    }

    /// Whether the completion added only whitespace to the header.
    pub(in crate::recover) fn is_blank(&self, format: &Format) -> bool {
        let is_space = |&token| {
            let text = format.text_bytes(token).map(String::from_utf8_lossy);
            text.is_some_and(|text| text.trim().is_empty())
        };
        !self.is_own && self.own_tokens().iter().all(is_space)
    }

    /// Whether the header has at most a role, so that a second `<|start|>` begins
    /// it again.
    pub(in crate::recover) fn is_empty(&self, format: &Format) -> bool {
        self.text(format).items(format).all(|item| match item.what {
            What::Word => role_of(item.name).is_some() || repeats_role(item.name, &Role::Assistant),
            What::Channel => item.name.is_empty(),
            _ => false,
        })
    }

    /// Whether a completion that ends here has not begun a message: it has a role,
    /// or a tool that answers.
    pub(in crate::recover) fn says_nothing(&self, format: &Format) -> bool {
        let text = self.text(format);
        let words: Vec<_> = text.items(format).collect();
        let is_role = |word: &str| role_of(word).is_some() || repeats_role(word, &Role::Assistant);
        let answers = |word: &str| {
            word.strip_prefix(RECIPIENT).is_some_and(|name| repeats_role(name, &Role::Assistant))
        };
        let is_tool = matches!(words[..], [tool, to] if !is_known(tool.name) && answers(to.name));
        words.iter().all(|word| word.what == What::Word)
            && (is_tool || words.iter().all(|word| is_role(word.name)))
    }

    /// Whether the text after the last `<|channel|>` is prose. No token is read
    /// twice, however many channels there are.
    ///
    /// A word is doubtful if neither a header nor a tool's name has it. Before the
    /// first `<|channel|>` of the assistant's header, one is enough; after it, two,
    /// or one that no name can be, since upstream reads a single word as the
    /// recipient. Other roles have names of several words.
    pub(in crate::recover) fn is_prose(&self, format: &Format) -> bool {
        let text = HeaderText::of(format, &self.tokens[self.section..], 0);
        let words: Vec<Item<'_>> =
            text.items(format).filter(|item| item.what == What::Word).collect();
        if words.iter().any(|word| word.name.starts_with(RECIPIENT)) {
            return false;
        }
        let is_field = |word: &str| {
            is_known(word) || misspelt_recipient(word).is_some() || names_tool(format, word)
        };
        let mut doubtful = words.iter().map(|word| word.name).filter(|word| !is_field(word));
        let Some(first) = doubtful.next() else { return false };
        if self.section > 0 || text.text.starts_with(&format.channel) {
            return doubtful.next().is_some() || !may_be_name(first);
        }
        let begins_with_role =
            words.first().is_some_and(|first| repeats_role(first.name, &Role::Assistant));
        let is_name = text.text.starts_with(':');
        let is_assistants = self.prompted == Some(Role::Assistant) || begins_with_role;
        is_assistants && !is_name || words.len() > MOST_BARE_WORDS
    }
}
