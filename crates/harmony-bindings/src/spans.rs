//! Rendering that tells where the messages lie: the ids are returned, the
//! spans kept until they are fetched, as numbers and the texts they name.

use crate::{purpose, thrown, to_json, Encoding};
use harmony_core::{
    encoding::RenderConversationConfig,
    json::read_conversation,
    render::spans::{flattened, render},
};
use js_sys::Error;
use wasm_bindgen::prelude::*;

/// The last spans, as [`flattened`] has them, and whether the names are new.
#[derive(Default)]
pub(crate) struct Spans {
    numbers: Vec<u32>,
    names: Vec<String>,
    are_new: bool,
}

#[wasm_bindgen]
impl Encoding {
    /// [`Self::render_conversation`], of the messages that `only` names or of all.
    pub fn render_with_spans(
        &mut self,
        length: usize,
        only: Option<Vec<u32>>,
        next_turn_role: Option<String>,
        training: bool,
        auto_drop_analysis: bool,
    ) -> Result<Vec<u32>, Error> {
        let purpose = purpose(next_turn_role, training)?;
        let config = RenderConversationConfig { auto_drop_analysis };
        let given = read_conversation(self.text(length)?).map_err(thrown)?;
        let rendered = render(&self.harmony, given, only.as_deref(), purpose, &config);
        let (tokens, spans) = rendered.map_err(thrown)?;
        let (numbers, names) = flattened(&spans);
        self.spans.numbers = numbers;
        if self.spans.names != names {
            self.spans.names = names.into_iter().map(str::to_owned).collect();
            self.spans.are_new = true;
        }
        Ok(tokens)
    }

    /// The numbers of the spans that were rendered last; to be fetched once.
    pub fn take_span_numbers(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.spans.numbers)
    }

    /// The texts that the numbers name, as JSON; nothing where they are those of
    /// the last time, as in most data: a text costs as much as ten spans.
    pub fn take_span_names(&mut self) -> Result<Option<String>, Error> {
        let are_new = std::mem::take(&mut self.spans.are_new);
        are_new.then(|| to_json(&self.spans.names)).transpose()
    }
}
