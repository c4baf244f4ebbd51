//! The content of the open message, with its doubtful tokens. What ends content
//! is decided by the parser.

use super::{decoder::Decoder, format::Format};
use crate::{
    events::{Repair, RepairCode},
    tokenizer::Rank,
};

/// The content of the message that is open.
pub(super) struct OpenContent {
    /// Where the message's span starts.
    pub(super) start: usize,
    pub(super) decoder: Decoder,
    /// Text without a header: any structural token ends it.
    pub(super) is_headless: bool,
    /// Whether no token has followed `<|message|>`.
    pub(super) is_empty: bool,
    /// Why the last token was doubtful: a run of such tokens is one repair.
    doubt: Option<RepairCode>,
    pub(super) repairs: Vec<Repair>,
    /// The trailing `<|endoftext|>`s: the next token decides whether they end the
    /// content or are its text.
    pub(super) ends: Vec<Rank>,
}

impl OpenContent {
    pub(super) fn of(start: usize, repairs: Vec<Repair>) -> Self {
        Self {
            start,
            decoder: Decoder::default(),
            is_headless: false,
            is_empty: true,
            doubt: None,
            repairs,
            ends: Vec::new(),
        }
    }

    /// Appends text, which ends a run of doubts.
    #[inline]
    pub(super) fn push_text(&mut self, format: &Format, bytes: &[u8], content: &mut String) {
        (self.is_empty, self.doubt) = (false, None);
        self.release_ends(format, content);
        self.decoder.push(bytes, content);
    }

    /// Appends the text of a special token.
    pub(super) fn push_special(&mut self, format: &Format, token: Rank, content: &mut String) {
        self.release_ends(format, content);
        self.decoder.push_token(format, token, content);
    }

    /// Holds an `<|endoftext|>` until the next token.
    pub(super) fn hold_end(&mut self, token: Rank) {
        (self.is_empty, self.doubt) = (false, None);
        self.ends.push(token);
    }

    /// Writes the held tokens as text, because content follows.
    pub(super) fn release_ends(&mut self, format: &Format, content: &mut String) {
        for token in self.ends.drain(..) {
            self.decoder.push_token(format, token, content);
        }
    }

    /// A second `<|message|>` right after the first belongs to the header.
    pub(super) fn absorb_message(&mut self, position: usize) {
        let note = "`<|message|>` is repeated";
        self.repairs.push(Repair::new(RepairCode::MarkupInHeader, position, note));
    }

    /// Notes a token that is not text.
    pub(super) fn note_special(&mut self, format: &Format, token: Rank, position: usize) {
        let (code, note) = match format.bytes(token) {
            None => (
                RepairCode::UnknownToken,
                format!("{token} is not a token: it is replaced by U+FFFD"),
            ),
            Some(bytes) => {
                let spelled = String::from_utf8_lossy(bytes);
                (RepairCode::MarkupInContent, format!("\"{spelled}\" is text of the content"))
            }
        };
        if self.doubt != Some(code) {
            self.repairs.push(Repair::new(code, position, note));
        }
        (self.is_empty, self.doubt) = (false, Some(code));
    }
}
