//! The tokens between messages, gathered until a message starts or the
//! completion ends.

use super::{decoder::Decoder, format::Format};
use crate::{events::Stray, tokenizer::Rank};

/// The stray that is being gathered.
#[derive(Debug, Default)]
pub(super) struct Strays {
    start: usize,
    tokens: Vec<Rank>,
}

impl Strays {
    /// Adds tokens, the first of which is at `position`.
    pub(super) fn add(&mut self, position: usize, tokens: impl IntoIterator<Item = Rank>) {
        if self.tokens.is_empty() {
            self.start = position;
        }
        self.tokens.extend(tokens);
    }

    /// The gathered stray, if there is one.
    pub(super) fn take(&mut self, format: &Format) -> Option<Stray> {
        let tokens = std::mem::take(&mut self.tokens);
        let (start, end) = (self.start, self.start + tokens.len());
        let mut text = String::new();
        let mut decoder = Decoder::default();
        for &token in &tokens {
            decoder.push_token(format, token, &mut text);
        }
        decoder.finish(&mut text);
        (!tokens.is_empty()).then_some(Stray { start, end, tokens, text })
    }
}
