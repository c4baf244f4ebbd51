//! Bytes to text, as they arrive. Bytes that may still become a character are
//! held back, at most three of them; bytes that cannot are U+FFFD at once. The
//! pieces, joined, are `String::from_utf8_lossy` of all bytes.

use super::format::Format;
use crate::tokenizer::Rank;
use std::str::from_utf8;

const REPLACEMENT: char = '\u{fffd}';

/// Holds the beginning of an incomplete character.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    pending: Vec<u8>,
    /// Whether some bytes were not text.
    pub(super) is_broken: bool,
    /// Whether such bytes are left out instead of replaced by U+FFFD.
    leaves_out: bool,
}

impl Decoder {
    /// A decoder that writes nothing for bytes that are not text.
    pub(super) fn leaving_out() -> Self {
        Self { leaves_out: true, ..Self::default() }
    }

    /// Appends the characters that `bytes` complete to `text`.
    pub(super) fn push(&mut self, bytes: &[u8], text: &mut String) {
        if self.pending.is_empty() {
            self.decode(bytes, text);
        } else {
            let mut joined = std::mem::take(&mut self.pending);
            joined.extend_from_slice(bytes);
            self.decode(&joined, text);
        }
    }

    fn decode(&mut self, mut bytes: &[u8], text: &mut String) {
        loop {
            let Err(error) = from_utf8(bytes).map(|whole| text.push_str(whole)) else { return };
            let (valid, rest) = bytes.split_at(error.valid_up_to());
            text.push_str(from_utf8(valid).unwrap_or_default());
            let Some(broken) = error.error_len() else {
                self.pending.extend_from_slice(rest);
                return;
            };
            self.replace(text);
            bytes = &rest[broken..];
        }
    }

    /// Appends U+FFFD for a character that will not be completed.
    pub(super) fn finish(&mut self, text: &mut String) {
        if !self.pending.is_empty() {
            self.pending.clear();
            self.replace(text);
        }
    }

    fn replace(&mut self, text: &mut String) {
        self.is_broken = true;
        if !self.leaves_out {
            text.push(REPLACEMENT);
        }
    }

    /// Appends the text of any token, or U+FFFD for an unknown id.
    pub(super) fn push_token(&mut self, format: &Format, token: Rank, text: &mut String) {
        let Some(bytes) = format.bytes(token) else {
            self.finish(text);
            return self.replace(text);
        };
        self.push(bytes, text);
    }
}
