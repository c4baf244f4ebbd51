//! Whether tokens are those that encoding their own text gives, in less time than
//! encoding takes.
//!
//! The text is split as encoding splits it. Where the next token ends with the
//! piece, it is the whole piece; a piece that is a token becomes that token, so
//! nothing has to be looked up. Only the other pieces are encoded.

use super::{
    encode::{Encoder, Text},
    pieces::{Pieces, BEHIND},
    special,
    vocabulary::{Vocabulary, LONGEST_TOKEN},
    CoreBPE, Rank,
};

/// Room for the text of tokens, kept from call to call.
#[derive(Default)]
pub(crate) struct Proof {
    /// The text, with [`BEHIND`] zeros behind it.
    bytes: Vec<u8>,
    /// Where each token ends.
    ends: Vec<u32>,
}

/// Tokens beside the pieces of their text.
struct Beside<'a> {
    encoder: Encoder<'a>,
    text: Text<'a>,
    tokens: &'a [Rank],
    ends: &'a [u32],
    /// How many tokens are proved.
    proved: usize,
}

impl Proof {
    /// Whether ordinary tokens are what their own text becomes. False for ids that are
    /// not ordinary tokens, bytes that are not UTF-8, and text that spells a special token.
    pub(crate) fn holds(&mut self, tokenizer: &CoreBPE, tokens: &[Rank]) -> bool {
        let Some(length) = self.decode(&tokenizer.vocabulary, tokens) else { return false };
        let Ok(text) = std::str::from_utf8(&self.bytes[..length]) else { return false };
        if special::occurrences(text).next().is_some() {
            return false;
        }
        let text = Text { bytes: &self.bytes, length };
        let workspace = &mut *tokenizer.workspace.borrow_mut();
        let encoder = Encoder { vocabulary: &tokenizer.vocabulary, workspace };
        Beside { encoder, text, tokens, ends: &self.ends, proved: 0 }.are_equal()
    }

    /// Writes the text; returns its length.
    fn decode(&mut self, vocabulary: &Vocabulary, tokens: &[Rank]) -> Option<usize> {
        self.ends.clear();
        let mut at = 0;
        for &token in tokens {
            if self.bytes.len() < at + LONGEST_TOKEN + BEHIND {
                self.bytes.resize(2 * at + 16 * (LONGEST_TOKEN + BEHIND), 0);
            }
            at = vocabulary.write(token, &mut self.bytes, at)?;
            self.ends.push(at as u32);
        }
        if let Some(behind) = self.bytes.get_mut(at..at + BEHIND) {
            behind.fill(0);
        }
        Some(at)
    }
}

impl Beside<'_> {
    fn are_equal(&mut self) -> bool {
        for (start, end) in Pieces::of(self.text) {
            if !self.is_equal(start, end) {
                return false;
            }
        }
        self.proved == self.tokens.len()
    }

    /// Whether a piece becomes the next tokens, the first of which starts with it.
    #[inline(always)]
    fn is_equal(&mut self, start: usize, end: usize) -> bool {
        if self.ends[self.proved] as usize == end {
            self.proved += 1;
            return true;
        }
        let count = self.encoder.count_same(self.text, start, end, &self.tokens[self.proved..]);
        self.proved += count;
        count > 0
    }
}
