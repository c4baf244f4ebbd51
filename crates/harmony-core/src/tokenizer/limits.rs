//! What bounds the speed of encoding: its steps alone, each over a whole text.
//!
//! The sum of the steps is less than encoding takes where they wait for each
//! other, and encoding also looks up new pieces elsewhere and merges them.

use super::{
    encode::{Encoder, Text},
    front::MOST_TOKENS,
    output::Output,
    pieces::{Pieces, BEHIND},
    CoreBPE,
};
use std::{hint::black_box, time::Instant};

/// Seconds for one pass over a text whose pieces the caches have seen, the best of several.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many pieces the text has.
    pub pieces: usize,
    /// How many of them the front cache has.
    pub found: usize,
    /// Finding where each piece ends.
    pub split: f64,
    /// Looking up each piece in the front cache.
    pub look_up: f64,
    /// Copying the tokens.
    pub copy: f64,
    /// Encoding.
    pub whole: f64,
}

impl CoreBPE {
    /// Measures the steps of encoding a text, in `passes` passes each.
    pub fn limits(&self, text: &str, passes: usize) -> Limits {
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(text.len() + BEHIND, 0);
        let padded = Text { bytes: &bytes, length: text.len() };
        let tokens = self.encode_ordinary(text);
        let whole = best(passes, || drop(black_box(self.encode_ordinary(text))));
        let bounds: Vec<_> = Pieces::of(padded).collect();
        let split = best(passes, || {
            Pieces::of(padded).for_each(|piece| {
                black_box(piece);
            });
        });
        let workspace = &mut *self.workspace.borrow_mut();
        let encoder = Encoder { vocabulary: &self.vocabulary, workspace };
        let mut found = 0;
        let look_up = best(passes, || {
            let mut room = [0; MOST_TOKENS];
            found = bounds
                .iter()
                .filter(|&&(start, end)| encoder.is_in_front(padded, start, end, &mut room))
                .count();
        });
        let copy = best(passes, || {
            let mut output = Output::of_text(text.len());
            output.append_piece(&tokens);
            drop(black_box(output.into_tokens()));
        });
        Limits { pieces: bounds.len(), found, split, look_up, copy, whole }
    }
}

/// The shortest of several runs, in seconds.
fn best(passes: usize, mut run: impl FnMut()) -> f64 {
    (0..passes)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}
